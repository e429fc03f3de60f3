/** Debian's Prometheus on a port of loopback, and what it answers. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type Running, run, textOf } from './programs.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since the Unix epoch, and what it was. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

/** What can be asked of a Prometheus, wherever it is. */
export interface Questions {
  /** An instant query; a range selector gives the samples as they were scraped. */
  query(promql: string): Promise<readonly Series[]>;
  /** Every `step` seconds of the last `seconds`. */
  range(promql: string, seconds: number, step: number): Promise<readonly Series[]>;
}

export interface Prometheus extends Running, Questions {
  readonly url: string;
}

type Sample = readonly [number, string];
interface Answer {
  readonly data: {
    readonly result: readonly { metric: Record<string, string>; value?: Sample; values?: readonly Sample[] }[];
  };
}

/** @param get the text at a path of its API. */
export function questionsTo(get: (path: string) => Promise<string>): Questions {
  async function ask(path: string, parameters: Record<string, string>): Promise<readonly Series[]> {
    const answer = JSON.parse(await get(`/api/v1/${path}?${new URLSearchParams(parameters)}`)) as Answer;
    return answer.data.result.map(({ metric, value, values }) => ({
      metric,
      points: (values ?? (value === undefined ? [] : [value])).map(([time, text]) => [time, Number(text)]),
    }));
  }
  return {
    query: (query) => ask('query', { query }),
    range(query, seconds, step) {
      const end = Date.now() / 1000;
      return ask('query_range', { query, start: String(end - seconds), end: String(end), step: String(step) });
    },
  };
}

/** @param config what it scrapes, as JSON, which is YAML as well. */
export async function startPrometheus(directory: string, config: object): Promise<Prometheus> {
  const file = join(directory, 'prometheus.yml');
  writeFileSync(file, JSON.stringify(config));
  const port = await freePort();
  const program = run('prometheus', [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;

  return { ...program, url, ...questionsTo((path) => textOf(`${url}${path}`)) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
