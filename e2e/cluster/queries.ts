/** Questions to the Prometheus and the Loki of the cluster. */
import type { Query } from '../../grafana-dashboards/checks/model.ts';
import { type Questions, questionsTo } from '../prometheus.ts';
import type { Cluster, ServiceAddress } from './cluster.ts';

export interface LogLine {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
}

export interface Loki {
  /** Newest first. */
  query(logql: string, seconds: number): Promise<readonly LogLine[]>;
  /** How many series or streams a query of a dashboard has. */
  count(query: Query, seconds: number): Promise<number>;
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
  const nanoseconds = (ms: number) => `${Math.round(ms)}000000`;
  async function ask(path: string, parameters: Record<string, string>): Promise<LokiAnswer['data']['result']> {
    const text = await cluster.service(address, `/loki/api/v1/${path}?${new URLSearchParams(parameters)}`);
    return (JSON.parse(text) as LokiAnswer).data.result;
  }
  function range(query: string, seconds: number, limit: number) {
    const end = Date.now();
    const span = { start: nanoseconds(end - seconds * 1000), end: nanoseconds(end) };
    return ask('query_range', { query, ...span, limit: String(limit) });
  }
  return {
    async query(query, seconds) {
      const streams = await range(query, seconds, 1000);
      return streams.flatMap(({ stream, values }) => values.map(([, line]) => ({ labels: stream, line })));
    },
    async count({ text, kind }, seconds) {
      const now = { query: text, time: nanoseconds(Date.now()) };
      return (kind === 'now' ? await ask('query', now) : await range(text, seconds, 100)).length;
    },
  };
}
