/** Debian's Prometheus on a port of loopback, and what it answers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type Running, run } from './programs.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Time in seconds since the Unix epoch. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

export interface Prometheus extends Running {
  /** An instant query, or of a range selector, now. */
  query(expr: string): Promise<readonly Series[]>;
  /** From so many seconds ago until now, once a second. */
  range(expr: string, seconds: number): Promise<readonly Series[]>;
  readonly url: string;
}

interface Answer {
  readonly status: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
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

  async function ask(path: string, parameters: Record<string, string>): Promise<readonly Series[]> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data } = (await response.json()) as Answer;
    assert.equal(status, 'success');
    return data.result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      metric,
      points: values.map(([time, text]) => [time, Number(text)] as const),
    }));
  }

  return {
    ...program,
    url,
    query: (query) => ask('query', { query }),
    range(query, seconds) {
      const end = Date.now() / 1000;
      return ask('query_range', { query, start: String(end - seconds), end: String(end), step: '1' });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
