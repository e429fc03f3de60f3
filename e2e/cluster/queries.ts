/** Questions to the Prometheus and the Loki of the cluster. */
import { type Questions, questionsTo } from '../prometheus.ts';
import type { Cluster, ServiceAddress } from './cluster.ts';

export interface LogLine {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
}

export interface Loki {
  /** Newest first. */
  query(logql: string, seconds: number): Promise<readonly LogLine[]>;
}

interface LokiAnswer {
  readonly data: {
    readonly result: readonly { stream: Record<string, string>; values: readonly [string, string][] }[];
  };
}

export function prometheusOf(cluster: Cluster, address: ServiceAddress): Questions {
  return questionsTo((path) => cluster.service(address, path));
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
