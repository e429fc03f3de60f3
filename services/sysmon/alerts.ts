/** `sysmon alerts`: what is pending and firing now, as the consumers say. */
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { type HttpServer, httpServers } from '#runtime/settings.ts';
import type { AlertRow, AlertsAnswer } from '../consumer/api/shapes.ts';
import type { Call, Command } from './command.ts';
import { type Column, jsonOf, printable, spanOf, tableOf } from './text.ts';

export const alerts: Command = {
  summary: 'What is pending and firing now',
  details: `Asks the consumers' /api/alerts. Each replica knows its own nodes alone: where there are several, name them all.

Exit code 0: all of them answered, whatever fires; 1: one did not, or is not certain which nodes are its own; 2: no such option.`,
  options: {
    url: {
      type: 'string',
      value: 'URL,…',
      multiple: true,
      help: 'of the consumers; http://127.0.0.1:8080, if not given',
    },
    all: { type: 'boolean', help: 'those of severity none, too: Watchdog' },
    json: { type: 'boolean', help: 'one JSON document' },
  },
  run,
};

const DEFAULT_URL = 'http://127.0.0.1:8080';
const ANSWER_WITHIN_MS = 10_000;
/** The worst first; what nobody has heard of stands before what nobody is told. */
const SEVERITIES = ['critical', 'warning', 'info'];

const COLUMNS: readonly Column[] = [
  { title: 'SEVERITY', atLeast: 8 },
  { title: 'STATE' },
  { title: 'ALERT', atLeast: 12 },
  { title: 'NODE', atLeast: 12 },
  { title: 'SINCE' },
  { title: 'VALUE' },
  { title: 'SUMMARY', atLeast: 20 },
];

type Row = AlertRow & {
  /** How long it has been pending or firing, by the consumer's clock. */
  readonly seconds: number;
};

async function run({ options, terminal }: Call): Promise<number> {
  const url = String(options.url ?? DEFAULT_URL);
  const servers = httpServers.parse(url);
  if (servers === undefined) throw new PipelineError('CONFIG', `alerts: --url: expected ${httpServers.expected}`);
  const answers = await Promise.all(servers.map(ask));
  const problems = answers.flatMap((answer) => ('problem' in answer ? [printable(answer.problem)] : []));
  for (const problem of problems) terminal.complain(`sysmon: ${problem}`);
  const active = new Map(
    answers.flatMap((answer) => ('rows' in answer ? answer.rows : [])).map((row) => [row.alertId, row]),
  );
  const rows = [...active.values()]
    .filter(({ severity }) => options.all === true || severity !== 'none')
    .sort(worstFirst);
  if (options.json === true) terminal.say(jsonOf({ problems, alerts: rows }));
  else if (rows.length > 0) for (const line of linesOf(rows)) terminal.say(line);
  else if (problems.length < servers.length) terminal.say('Nothing is pending or firing');
  return problems.length > 0 ? 1 : 0;
}

async function ask({
  url,
  authorization,
}: HttpServer): Promise<{ readonly rows: Row[] } | { readonly problem: string }> {
  try {
    const response = await fetch(`${url}/api/alerts`, {
      headers: authorization === undefined ? {} : { authorization },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const answer = (await response.json().catch(() => ({}))) as Partial<AlertsAnswer> & { readonly error?: string };
    const { timeMs, active, error } = answer;
    if (!response.ok) return { problem: `${url}: ${response.status} ${error ?? response.statusText}` };
    if (timeMs === undefined || active === undefined) return { problem: `${url}: expected a consumer's answer` };
    return { rows: active.map((row) => ({ ...row, seconds: (timeMs - (row.firedMs ?? row.sinceMs)) / 1000 })) };
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    return { problem: `${url}: ${messageOf(cause ?? error)}` };
  }
}

function worstFirst(a: Row, b: Row): number {
  return (
    rankOf(a) - rankOf(b) ||
    Number(a.state === 'pending') - Number(b.state === 'pending') ||
    b.seconds - a.seconds ||
    (a.alertId < b.alertId ? -1 : 1)
  );
}

function rankOf({ severity }: Row): number {
  if (severity === 'none') return SEVERITIES.length + 1;
  const rank = SEVERITIES.indexOf(severity);
  return rank < 0 ? SEVERITIES.length : rank;
}

function linesOf(rows: readonly Row[]): string[] {
  const several = new Set(rows.map(({ cluster }) => cluster)).size > 1;
  return tableOf(
    COLUMNS,
    rows.map(({ severity, state, alertname, cluster, node, seconds, value, annotations }) => [
      severity,
      state,
      alertname,
      several ? `${cluster}/${node}` : node,
      spanOf(seconds * 1000),
      typeof value === 'number' ? String(Number(value.toPrecision(4))) : value,
      annotations.summary ?? '',
    ]),
  );
}
