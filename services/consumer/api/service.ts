/** The API put together: what it looks at, what it keeps, and the paths that it answers. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { NodeEvent } from '#contract/event.ts';
import type { Route } from '#runtime/http.ts';
import { VERSION } from '#runtime/version.ts';
import { ALERT_STATES, type Transition } from '../alerts/transition.ts';
import type { Judge } from '../rules/judge.ts';
import { severityOf } from '../rules/rule.ts';
import type { NodeName, State } from '../state.ts';
import { jsonRoute, type Said, setSafeHeaders } from './answer.ts';
import { createObserver, FLEET_COLUMN_NAMES, FLEET_EVERY_MS, NODE_COLUMN_NAMES } from './observer.ts';
import { BadQuery, choicesOf, momentOf, type Parameters, parametersOf } from './query.ts';
import type { AlertsAnswer, NodesAnswer, RuleRow, RulesAnswer, SeriesAnswer } from './shapes.ts';
import { createStream } from './stream.ts';
import { alertRow, RecentTransitions } from './transitions.ts';

export interface ApiOptions {
  readonly state: Pick<State, 'nodes'>;
  readonly judge: Pick<Judge, 'rules' | 'lives' | 'active'>;
  /** Why rules of the files are not judged. */
  readonly refused: () => readonly string[];
  readonly historyBytes: number;
  /** Whether it is certain which nodes are this replica's: nothing is told of any otherwise. */
  readonly fresh: () => boolean;
  readonly now: () => number;
}

export interface Api {
  readonly routes: Readonly<Record<string, Route>>;
  /** An event was applied and judged. */
  applied(event: NodeEvent): void;
  tell(transition: Transition): void;
  /** The node is not this replica's any more. */
  forget(node: NodeName): void;
  close(): void;
}

const TICK_MS = 1000;
/** What changes at once is told at once. */
const FLUSH_MS = 100;
const DEFAULT_SINCE_MS = 60 * 60_000;
const UNCERTAIN = 'it is not certain now which nodes are of this replica: the group has not confirmed it';

/** Its timers begin at once. */
export function createApi({ state, judge, refused, historyBytes, fresh, now }: ApiOptions): Api {
  const observer = createObserver({ state, judge, historyBytes });
  const transitions = new RecentTransitions();
  const about = { replica: hostname(), version: VERSION, run: randomBytes(6).toString('hex'), historyBytes };
  const { rows } = observer;
  const stream = createStream({ rows, transitions, fresh, now, about, setHeaders: setSafeHeaders });
  const ticking = setInterval(stream.tick, TICK_MS).unref();
  const sampling = setInterval(() => {
    if (fresh()) stream.sampled(observer.sample(now()));
  }, FLEET_EVERY_MS).unref();
  let flushing: NodeJS.Timeout | undefined;

  const whenFresh = (say: (url: string) => Said) =>
    jsonRoute((url) => (fresh() ? say(url) : { unavailable: UNCERTAIN }));

  function nodes(url: string): Said {
    parametersOf(url, []);
    const timeMs = now();
    return { body: { timeMs, nodes: rows(timeMs) } satisfies NodesAnswer };
  }

  function series(url: string): Said {
    const parameters = parametersOf(url, ['cluster', 'node', 'since', 'metric'], ['metric']);
    const timeMs = now();
    const since = momentOf(parameters, 'since') ?? timeMs - DEFAULT_SINCE_MS;
    const name = nodeOf(parameters);
    if (name === undefined) {
      const columns = choicesOf(parameters, 'metric', FLEET_COLUMN_NAMES) ?? FLEET_COLUMN_NAMES;
      const { stepMs, times, values } = observer.fleetSeries(since, columns);
      return { body: { timeMs, stepSeconds: stepMs / 1000, times, series: values } satisfies SeriesAnswer };
    }
    const columns = choicesOf(parameters, 'metric', NODE_COLUMN_NAMES) ?? NODE_COLUMN_NAMES;
    const shown = state.nodes().some(({ cluster, node }) => cluster === name.cluster && node === name.node);
    const found = shown ? observer.nodeSeries(name, since, columns) : undefined;
    if (found === undefined) return { missing: 'this replica has no such node' };
    const { stepMs, times, values } = found;
    return { body: { timeMs, ...name, stepSeconds: stepMs / 1000, times, series: values } satisfies SeriesAnswer };
  }

  function alerts(url: string): Said {
    const parameters = parametersOf(url, ['cluster', 'node', 'severity', 'state']);
    choicesOf(parameters, 'state', ALERT_STATES);
    const asked = (row: Readonly<Record<string, unknown>>) =>
      Object.entries(parameters).every(([name, [value]]) => row[name] === value);
    const active = judge
      .active()
      .map(alertRow)
      .filter((row) => asked({ ...row }));
    const recent = transitions.rows().filter((row) => asked({ ...row }));
    return { body: { timeMs: now(), active, recent } satisfies AlertsAnswer };
  }

  function rules(url: string): Said {
    parametersOf(url, []);
    const counts = new Map<string, { pending: number; firing: number }>();
    for (const life of judge.lives()) {
      const key = JSON.stringify([life.alertname, life.severity]);
      const count = counts.get(key) ?? { pending: 0, firing: 0 };
      count[life.state]++;
      counts.set(key, count);
    }
    const found = judge.rules().map((rule): RuleRow => {
      const severity = severityOf(rule);
      const count = counts.get(JSON.stringify([rule.alert, severity])) ?? { pending: 0, firing: 0 };
      return {
        group: rule.group,
        alertname: rule.alert,
        expr: rule.expr,
        forSeconds: rule.forMs / 1000,
        keepFiringForSeconds: rule.keepFiringForMs / 1000,
        severity,
        ...count,
      };
    });
    return { body: { timeMs: now(), rules: found, refused: refused() } satisfies RulesAnswer };
  }

  return {
    routes: {
      '/api/nodes': whenFresh(nodes),
      '/api/series': whenFresh(series),
      '/api/alerts': whenFresh(alerts),
      '/api/rules': whenFresh(rules),
      '/api/stream': stream.route,
    },
    applied: observer.take,
    tell(transition) {
      transitions.add(transition);
      flushing ??= setTimeout(() => {
        flushing = undefined;
        stream.flush();
      }, FLUSH_MS);
    },
    forget(node) {
      observer.forget(node);
      transitions.forget(node);
    },
    close() {
      clearInterval(ticking);
      clearInterval(sampling);
      clearTimeout(flushing);
      stream.close();
    },
  };
}

function nodeOf({ cluster, node }: Parameters): NodeName | undefined {
  if (cluster === undefined && node === undefined) return undefined;
  if (cluster?.[0] === undefined || node?.[0] === undefined) {
    throw new BadQuery('expected cluster and node together, or neither for all nodes');
  }
  return { cluster: cluster[0], node: node[0] };
}
