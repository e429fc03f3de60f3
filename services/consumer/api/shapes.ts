/**
 * What `/api` answers, for whoever reads it: the live page, `sysmon alerts`, programs of others. Types and their help stand
 * beside each other; docs/API.md is written from them, and a field without help does not compile.
 *
 * Units are in the names, times are milliseconds since the Unix epoch, and what is not known is absent, never 0. A number that
 * JSON does not have is its name: "Infinity", "-Infinity", "NaN".
 */

/** Of each of a type's fields a sentence. */
export type Help<Shape> = { readonly [Field in keyof Required<Shape>]: string };

/** What is kept of a node over time. */
export const NODE_COLUMNS = {
  cpuPercent: 'Time in which the CPUs worked, of all their time (not idle, not waiting for a disk).',
  memoryPercent: 'Memory that programs could not be given, of all memory.',
  diskPercent: 'Space that is not available on the fullest file system that can be written to, of its size.',
  networkReceiveBytesPerSecond:
    'Bytes received on the hardware interfaces: no loopback, bridges, bonds, tunnels and pods.',
  networkTransmitBytesPerSecond: 'Bytes sent on the same.',
  load1: 'Tasks that ran or waited to, on average over a minute.',
  cpuPressurePercent: 'Time in which at least one task waited for a CPU.',
  memoryPressurePercent: 'Time in which at least one task waited for memory.',
  ioPressurePercent: 'Time in which at least one task waited for a disk.',
  alertsFiring: 'Alerts that fire, without those of severity `none`.',
  alertsPending: 'Alerts whose condition holds, not yet for as long as the rule asks for.',
} as const;
export type NodeColumn = keyof typeof NODE_COLUMNS;

/** What is kept of all nodes together over time. "High" is exceeded by a tenth of the nodes. */
export const FLEET_COLUMNS = {
  cpuPercentMedian: 'CPU of the node in the middle.',
  cpuPercentHigh: 'CPU that a tenth of the nodes exceed.',
  cpuPercentMax: 'CPU of the busiest node.',
  memoryPercentMedian: 'Memory of the node in the middle.',
  memoryPercentHigh: 'Memory that a tenth of the nodes exceed.',
  memoryPercentMax: 'Memory of the node with the least to give.',
  diskPercentMedian: 'Fullest file system of the node in the middle.',
  diskPercentHigh: 'Fullest file system that a tenth of the nodes exceed.',
  diskPercentMax: 'Fullest file system of all.',
  networkReceiveBytesPerSecond: 'Bytes received by all nodes.',
  networkTransmitBytesPerSecond: 'Bytes sent by all nodes.',
  nodes: 'Nodes known.',
  nodesUp: 'Nodes that are heard.',
  alertsCritical: 'Alerts of severity `critical` that fire.',
  alertsWarning: 'Alerts of severity `warning` that fire.',
  alertsInfo: 'Alerts of any other severity but `none` that fire.',
  alertsPending: 'Alerts whose condition holds, not yet for as long as the rule asks for.',
} as const;
export type FleetColumn = keyof typeof FLEET_COLUMNS;

export type NodeFigures = { readonly [Column in NodeColumn]?: number | undefined };
export type FleetFigures = { readonly [Column in FleetColumn]?: number | undefined };

/** A node as it was at its last event. Figures are absent while it is not up. */
export interface NodeRow extends NodeFigures {
  readonly cluster: string;
  readonly node: string;
  readonly up: boolean;
  readonly timeMs: number;
  readonly ageSeconds: number;
  readonly intervalSeconds: number;
  readonly diskMountpoint?: string | undefined;
  readonly alertsFiring: number;
  readonly alertsPending: number;
  readonly worstSeverity?: string | undefined;
}

export const NODE_HELP: Help<NodeRow> = {
  cluster: 'Its cluster.',
  node: 'Its name.',
  up: 'Whether it is heard: false after three of its own intervals without an event.',
  timeMs: "Time of its last event, by the node's clock.",
  ageSeconds: "How long ago that event arrived, by the consumer's clock.",
  intervalSeconds: 'How often it is measured.',
  ...NODE_COLUMNS,
  diskMountpoint: 'Where the fullest file system is mounted.',
  worstSeverity: '`critical`, `warning`, or what else the worst of its firing alerts has.',
};

export interface FleetPoint extends FleetFigures {
  readonly timeMs: number;
}

export interface NodesAnswer {
  readonly timeMs: number;
  readonly nodes: readonly NodeRow[];
}

export const NODES_HELP: Help<NodesAnswer> = {
  timeMs: "Now, by the consumer's clock.",
  nodes: 'The nodes of this replica, see below.',
};

export interface SeriesAnswer {
  readonly timeMs: number;
  readonly cluster?: string;
  readonly node?: string;
  readonly stepSeconds: number;
  readonly times: readonly number[];
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

export const SERIES_HELP: Help<SeriesAnswer> = {
  timeMs: "Now, by the consumer's clock.",
  cluster: 'Of the node, if one was asked for.',
  node: 'The node, if one was asked for.',
  stepSeconds: '0 if each event is a point; else the length of the steps of which each point shows the highest value.',
  times: 'Of the points, milliseconds since the Unix epoch, ascending.',
  series: 'By name, a value for each time. `null` is unknown; a point of which all are stands in a gap.',
};

export interface AlertRow {
  readonly alertId: string;
  readonly alertname: string;
  readonly state: 'pending' | 'firing' | 'resolved';
  readonly severity: string;
  readonly cluster: string;
  readonly node: string;
  readonly sinceMs: number;
  readonly firedMs?: number | undefined;
  readonly value: number | string;
  readonly late: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface TransitionRow extends AlertRow {
  readonly timeMs: number;
  readonly wasFiring: boolean;
  readonly reason?: string | undefined;
}

export const ALERT_HELP: Help<AlertRow> = {
  alertId: 'Names this life of the alert, the same wherever it is told.',
  alertname: 'The name of its rule.',
  state: '`pending`, `firing` or `resolved`.',
  severity: 'Its label `severity`; `warning` if it has none.',
  cluster: 'Of the node that it is about.',
  node: 'The node that it is about; empty if it is about none.',
  sinceMs: "When its condition began to hold, by the node's clock.",
  firedMs: "When it fired, by the node's clock; absent while it is pending, and of a transition.",
  value: 'What the expression gave last.',
  late: 'Whether it was judged last from a backlog: it is past.',
  labels: 'All of its labels.',
  annotations: "The rule's, filled in.",
};

export const TRANSITION_HELP: Help<TransitionRow> = {
  ...ALERT_HELP,
  timeMs: "When it became so, by the node's clock.",
  wasFiring: 'Whether this life has fired.',
  reason:
    'Why it ended otherwise than by its condition: `stale` (the node fell silent), `deleted`, `forgotten`, `rule` (that is another now).',
};

export interface AlertsAnswer {
  readonly timeMs: number;
  readonly active: readonly AlertRow[];
  readonly recent: readonly TransitionRow[];
}

export const ALERTS_HELP: Help<AlertsAnswer> = {
  timeMs: "Now, by the consumer's clock.",
  active: 'All that are pending or firing.',
  recent: 'What has changed of late, the newest last: as much as is kept in memory, since the start of this replica.',
};

export interface RuleRow {
  readonly group: string;
  readonly alertname: string;
  readonly expr: string;
  readonly forSeconds: number;
  readonly keepFiringForSeconds: number;
  readonly severity?: string | undefined;
  readonly pending: number;
  readonly firing: number;
}

export const RULE_HELP: Help<RuleRow> = {
  group: 'The group that it stands in.',
  alertname: 'Its name. Rules of several severities may share one.',
  expr: 'Its expression, as written.',
  forSeconds: 'How long it must hold before the alert fires.',
  keepFiringForSeconds: 'How long the alert stays after it no longer holds.',
  severity: 'Its label `severity`, unless that is a template; `warning` if it has none.',
  pending: 'Its alerts that are pending (of this name and severity).',
  firing: 'Its alerts that fire (of this name and severity).',
};

export interface RulesAnswer {
  readonly timeMs: number;
  readonly rules: readonly RuleRow[];
  readonly refused: readonly string[];
}

export const RULES_HELP: Help<RulesAnswer> = {
  timeMs: "Now, by the consumer's clock.",
  rules: 'The rules that events are judged by, in the order of the files, see below.',
  refused: 'Why others of the files are not, as `file:line:column: …`.',
};

/** The stream's messages by event name. */
export interface StreamMessages {
  readonly hello: Hello;
  readonly nodes: Tick;
  readonly tick: Tick;
  readonly transition: TransitionRow;
  readonly reset: { readonly reason: string };
}

export interface Hello {
  readonly timeMs: number;
  readonly replica: string;
  readonly version: string;
  readonly run: string;
  readonly resumed: boolean;
  readonly historyBytes: number;
}

export const HELLO_HELP: Help<Hello> = {
  timeMs: "Now, by the consumer's clock.",
  replica: 'The name of the machine or pod.',
  version: 'Of the consumer.',
  run: 'Another in each run of the consumer.',
  resumed: 'Whether every transition since `Last-Event-ID` follows. If not, ask `/api/alerts`.',
  historyBytes: 'What may be kept for `/api/series`; 0: nothing is.',
};

export interface Tick {
  readonly timeMs: number;
  readonly fresh: boolean;
  readonly nodes: readonly NodeRow[];
  readonly gone: readonly { readonly cluster: string; readonly node: string }[];
  readonly fleet?: FleetPoint | undefined;
}

export const TICK_HELP: Help<Tick> = {
  timeMs: "Now, by the consumer's clock.",
  fresh:
    "Whether it is certain which nodes are this replica's. If not, `nodes` is empty, and what was told before may be another replica's.",
  nodes: 'Those of which something has changed, as in `/api/nodes`; all of them in the message `nodes`.',
  gone: "Nodes that are not this replica's any more, or left their cluster.",
  fleet: 'A new point of the series of all nodes, with its `timeMs`.',
};
