/** Questions to the Prometheus and the Loki of the cluster. */
import type { Cluster, ServiceAddress } from './cluster.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since the Unix epoch, and what it was. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

export interface Prometheus {
  /** An instant query; a range selector gives the samples as they were scraped. */
  query(promql: string): Promise<readonly Series[]>;
  /** Every `step` seconds of the last `seconds`. */
  range(promql: string, seconds: number, step: number): Promise<readonly Series[]>;
}

export interface LogLine {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
}

export interface Loki {
  /** Newest first. */
  query(logql: string, seconds: number): Promise<readonly LogLine[]>;
}

type Sample = readonly [number, string];
interface PrometheusAnswer {
  readonly data: {
    readonly result: readonly { metric: Record<string, string>; value?: Sample; values?: readonly Sample[] }[];
  };
}
interface LokiAnswer {
  readonly data: {
    readonly result: readonly { stream: Record<string, string>; values: readonly [string, string][] }[];
  };
}

export function prometheusOf(cluster: Cluster, address: ServiceAddress): Prometheus {
  async function ask(path: string, parameters: Record<string, string>): Promise<readonly Series[]> {
    const answer = await cluster.service(address, `/api/v1/${path}?${new URLSearchParams(parameters)}`);
    return (JSON.parse(answer) as PrometheusAnswer).data.result.map(({ metric, value, values }) => ({
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

export function lokiOf(cluster: Cluster, address: ServiceAddress): Loki {
  return {
    async query(query, seconds) {
      const end = Date.now();
      const nanoseconds = (ms: number) => `${Math.round(ms)}000000`;
      const parameters = { query, start: nanoseconds(end - seconds * 1000), end: nanoseconds(end), limit: '1000' };
      const path = `/loki/api/v1/query_range?${new URLSearchParams(parameters)}`;
      const { data } = JSON.parse(await cluster.service(address, path)) as LokiAnswer;
      return data.result.flatMap(({ stream, values }) => values.map(([, line]) => ({ labels: stream, line })));
    },
  };
}
