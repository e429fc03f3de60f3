/**
 * The index of the pages about alerts (docs/alerts): every alert that this project defines has one, and no page is about
 * an alert that is no more. The default rules and those about the pipeline tell what they are; the built-in alerts, which no
 * expression could say, are told of here.
 */
import { parse } from 'yaml';
import type { pipelineRules } from '../cdk8s/monitoring/rules.ts';

type PipelineGroups = ReturnType<typeof pipelineRules>;

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertingRule[] }[];
}

interface AlertingRule {
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What the consumer tells without a rule: name, severity, when. */
const BUILT_IN = [
  ['NodeSilent', 'critical', 'a node has published nothing for three of its intervals, while somebody listened'],
  ['NodeNeverHeard', 'warning', 'the cluster has a node of which no event ever came'],
  ['EventsLost', 'warning', 'sequence numbers of a node are missing'],
  ['EventsLate', 'info', 'the events of a node that are judged now are a backlog'],
  ['Watchdog', 'none', 'always; if it stops, alerts no longer get out'],
] as const;

const HEAD = `| alert | severity | fires when | for |
| --- | --- | --- | --- |`;

/** @param rules the text of the default rule file. */
export function alertsPage(rules: string, pipeline: PipelineGroups): string {
  const { groups } = parse(rules) as RuleFile;
  const own = groups.map(({ name, rules }) => `### ${name}\n\n${HEAD}\n${rules.map(rowOf).join('\n')}`);
  const alerts = pipeline.flatMap(({ rules }) => rules.filter(({ alert }) => alert !== undefined));
  return `# Alerts

A page for each: what it means, what it costs, what to look at, what to do. The annotation \`runbook_url\` of an alert leads to it.

In the pages \`$NODE\` is the node of the alert and \`$NS\` the namespace of the release; capitals such as \`DEVICE\`, \`MOUNTPOINT\`, \`PID\` stand for
what the alert or the step before names. Commands without \`kubectl\` are run on the node, as root:

\`\`\`sh
ssh $NODE      # or, in a cluster:
kubectl debug node/$NODE -it --image=debian:stable --profile=sysadmin -- chroot /host
\`\`\`

What has fired before is in Loki (\`{event="alert"} | json | state="firing"\`), what does now on the consumer's \`/metrics\` (\`sysmon_alerts\`).

## Nodes

The [default rules](../../services/consumer/rules/default.rules.yaml), judged on the stream. Their comments say why thresholds are as they are; the
matchers of devices and kinds of file systems are left out here.

${own.join('\n\n')}

## Built in

What no rule about a node could say.

| alert | severity | fires when |
| --- | --- | --- |
${BUILT_IN.map(([name, severity, when]) => `| ${linkTo(name)} | ${severity} | ${when} |`).join('\n')}

## The pipeline

Rules for Prometheus, in the chart: does what watches the nodes still watch?

${HEAD}
${alerts.map(rowOf).join('\n')}
`;
}

/** The names of the pages that there have to be, each once. */
export function alertNames(rules: string, pipeline: PipelineGroups): string[] {
  const defined = [...(parse(rules) as RuleFile).groups, ...pipeline].flatMap((group) => group.rules);
  const names = defined.flatMap(({ alert }) => alert ?? []);
  return [...new Set([...names, ...BUILT_IN.map(([name]) => name)])];
}

function rowOf({ alert = '', expr, for: forDuration = '', labels }: AlertingRule): string {
  const shown = expr
    .replaceAll(/\{(?:device!~|fstype=~)"[^"]*"\}/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|');
  return `| ${linkTo(alert)} | ${labels?.severity ?? ''} | \`${shown}\` | ${forDuration} |`;
}

function linkTo(alert: string): string {
  return `[${alert}](${alert}.md)`;
}
