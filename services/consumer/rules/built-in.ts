/**
 * Alerts that no expression about a node's own series can raise: that it is not heard, that some of its events are missing,
 * that they come late, and one that always fires. They live as the others do, and are told and kept like them.
 */
import type { Evidence } from '../alerts/transition.ts';
import type { Labels } from './labels.ts';
import type { JudgedRule } from './node-alerts.ts';
import type { NodeName } from './node-name.ts';
import { type RuleText, ruleIdOf, type Templates } from './rule.ts';
import { parseTemplate } from './template.ts';

export const BUILT_IN_GROUP = 'built-in';

const RUNBOOKS = 'https://github.com/system-monitoring/system-monitoring/blob/main/docs/alerts';
/** How long it is told that events were lost, or came late, after the last that was. */
const LINGER_MS = 5 * 60_000;

/** A node that was heard and is not any more; its other alerts have ended as `stale`. */
export const NODE_SILENT = builtIn('NodeSilent', 'critical', 'no event for three intervals', 0, {
  summary: '{{ $labels.node }}: no event for {{ $value | humanizeDuration }}',
  description:
    'The node has not been heard for three of its intervals, while its partition was read. It is down, cannot reach Kafka, or its agent does not run.',
});

/** A node of the cluster that nobody has heard. */
export const NODE_NEVER_HEARD = builtIn('NodeNeverHeard', 'warning', 'in the cluster, and no event', 0, {
  summary: '{{ $labels.node }}: in the cluster for {{ $value | humanizeDuration }}, and never heard',
  description:
    'The API server lists the node, and no event of it has come. Its agent does not run, or cannot reach Kafka.',
});

export const EVENTS_LOST = builtIn('EventsLost', 'warning', 'events missing from the sequence', LINGER_MS, {
  summary: '{{ $labels.node }}: {{ $value }} events lost',
  description:
    'Numbers are missing in the sequence of the node’s events. Its figures have a gap, and what happened in it was not judged.',
});

export const EVENTS_LATE = builtIn('EventsLate', 'info', 'events sent long after they were measured', LINGER_MS, {
  summary: '{{ $labels.node }}: events come {{ $value | humanizeDuration }} late',
  description:
    'The agent sends what has waited on its disk while it could not reach Kafka. Alerts of that time are told as late.',
});

/** Whoever waits for it knows that alerts get through when it is there, and that they do not when it is not. */
export const WATCHDOG = builtIn('Watchdog', 'none', 'always', 0, {
  summary: 'Alerts are judged and told',
  description: 'It always fires. Where it is missing, no alert of this pipeline gets through.',
});

/** Those that are judged with each event. */
export const BUILT_IN_RULES: readonly JudgedRule[] = [
  NODE_SILENT,
  NODE_NEVER_HEARD,
  EVENTS_LOST,
  EVENTS_LATE,
  WATCHDOG,
];

/** The labels of an alert about a node as a whole. */
export function nodeLabels({ cluster, node }: NodeName, job: string): Labels {
  return ['cluster', cluster, 'instance', node, 'job', job, 'node', node];
}

function builtIn(
  alert: string,
  severity: string,
  expr: string,
  keepFiringForMs: number,
  annotations: Readonly<Record<string, string>>,
): JudgedRule {
  const group = BUILT_IN_GROUP;
  const texts = { ...annotations, runbook_url: `${RUNBOOKS}/${alert}.md` };
  const templates = { labels: templatesOf({ severity }), annotations: templatesOf(texts) };
  const rule: RuleText = { group, alert, expr, forMs: 0, keepFiringForMs, ...templates };
  const evidence: Evidence = { group, expr, forMs: 0, keepFiringForMs, windowMs: undefined, threshold: undefined };
  return { id: ruleIdOf(rule), rule, evidence };
}

function templatesOf(texts: Readonly<Record<string, string>>): Templates {
  return Object.entries(texts).map(([name, text]) => {
    const parsed = parseTemplate(text);
    if ('problem' in parsed) throw new Error(`${text}: ${parsed.problem.message}`);
    return [name, parsed.template];
  });
}
