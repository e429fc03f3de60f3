/**
 * Looks at each event as it is applied, and keeps of it what the API answers: the latest figures of each node, and their short
 * past. Pure: time is an argument.
 */
import { keyOf, type NodeEvent } from '#contract/event.ts';
import type { Judge } from '../rules/judge.ts';
import type { NodeName, NodeView, State } from '../state.ts';
import { FigureMaker, type Figures } from './figures.ts';
import { fleetPoint } from './fleet.ts';
import { HistoryRoom, type Points, Series } from './history.ts';
import {
  FLEET_COLUMNS,
  type FleetColumn,
  type FleetPoint,
  NODE_COLUMNS,
  type NodeColumn,
  type NodeRow,
} from './shapes.ts';

export const NODE_COLUMN_NAMES = Object.keys(NODE_COLUMNS) as readonly NodeColumn[];
export const FLEET_COLUMN_NAMES = Object.keys(FLEET_COLUMNS) as readonly FleetColumn[];

export interface ObserverOptions {
  readonly state: Pick<State, 'nodes'>;
  readonly judge: Pick<Judge, 'lives'>;
  /** What the past of all nodes may take in memory; 0: none is kept. */
  readonly historyBytes: number;
}

export interface Observer {
  /** An event was applied and judged. */
  take(event: NodeEvent): void;
  forget(node: NodeName): void;
  /** Adds a point to the series of all nodes. */
  sample(now: number): FleetPoint;
  /** All nodes as they are shown. */
  rows(now: number): NodeRow[];
  /** `undefined` for a node that is not known. */
  nodeSeries(node: NodeName, since: number, columns: readonly NodeColumn[]): Points | undefined;
  fleetSeries(since: number, columns: readonly FleetColumn[]): Points;
  /** What the past takes in memory. */
  readonly historyBytes: number;
}

/** So many points a series has in an answer at most: more than a screen has columns for. */
const MOST_POINTS = 1500;
const GAP_INTERVALS = 3;
export const FLEET_EVERY_MS = 5000;

interface Observed {
  readonly maker: FigureMaker;
  readonly series: Series<NodeColumn>;
  figures: Figures;
  intervalMs: number;
}

interface Alerts {
  readonly firing: number;
  readonly pending: number;
  readonly worst: string | undefined;
}

const NO_ALERTS: Alerts = { firing: 0, pending: 0, worst: undefined };

export function createObserver({ state, judge, historyBytes }: ObserverOptions): Observer {
  const room = new HistoryRoom(historyBytes);
  const observed = new Map<string, Observed>();
  const fleet = new Series(room, FLEET_COLUMN_NAMES);

  function rowOf(view: NodeView, alerts: Alerts, now: number): NodeRow {
    const { cluster, node, event, arrived, up } = view;
    return {
      cluster,
      node,
      up,
      timeMs: event.time,
      ageSeconds: Math.max(0, now - arrived) / 1000,
      intervalSeconds: event.interval / 1000,
      ...(up ? observed.get(keyOf(view))?.figures : undefined),
      alertsFiring: alerts.firing,
      alertsPending: alerts.pending,
      worstSeverity: alerts.worst,
    };
  }

  function rows(now: number): NodeRow[] {
    const alerts = new Map<string, Alerts>();
    for (const life of judge.lives()) {
      const key = keyOf(life);
      alerts.set(key, withLife(alerts.get(key) ?? NO_ALERTS, life));
    }
    return state.nodes().map((view) => rowOf(view, alerts.get(keyOf(view)) ?? NO_ALERTS, now));
  }

  return {
    take(event) {
      const key = keyOf(event);
      let of = observed.get(key);
      if (of === undefined) {
        of = { maker: new FigureMaker(), series: new Series(room, NODE_COLUMN_NAMES), figures: {}, intervalMs: 0 };
        observed.set(key, of);
      }
      of.figures = of.maker.take(event);
      of.intervalMs = event.interval;
      let alerts = NO_ALERTS;
      for (const life of judge.lives(event)) alerts = withLife(alerts, life);
      of.series.add(event.time, { ...of.figures, alertsFiring: alerts.firing, alertsPending: alerts.pending });
    },
    forget(node) {
      const key = keyOf(node);
      observed.get(key)?.series.clear();
      observed.delete(key);
    },
    sample(now) {
      const point = fleetPoint(rows(now), judge.lives(), now);
      fleet.add(now, point);
      return point;
    },
    rows,
    nodeSeries(node, since, columns) {
      const of = observed.get(keyOf(node));
      return of?.series.read(since, columns, MOST_POINTS, GAP_INTERVALS * of.intervalMs);
    },
    fleetSeries: (since, columns) => fleet.read(since, columns, MOST_POINTS, GAP_INTERVALS * FLEET_EVERY_MS),
    get historyBytes() {
      return room.bytes;
    },
  };
}

/** The worst first. */
const SEVERITIES = ['critical', 'warning'];

function withLife(alerts: Alerts, { state, severity }: { readonly state: string; readonly severity: string }): Alerts {
  if (severity === 'none') return alerts;
  if (state === 'pending') return { ...alerts, pending: alerts.pending + 1 };
  return { ...alerts, firing: alerts.firing + 1, worst: worse(alerts.worst, severity) };
}

function worse(a: string | undefined, b: string): string {
  return a === undefined ? b : (SEVERITIES.find((severity) => severity === a || severity === b) ?? a);
}
