/** `sysmon backtest`: which alerts rules would have raised on what is on the topic, next to which did fire. */
import type { Bus } from '#bus/bus.ts';
import { createKafkaBus } from '#bus/kafka.ts';
import { KAFKA_SETTINGS, kafkaOptions } from '#bus/settings.ts';
import { type Config, type Environment, helpText, loadConfig } from '#runtime/config.ts';
import { PipelineError } from '#runtime/errors.ts';
import { alertsTopicOf } from '../consumer/alerts/topic.ts';
import { RuleFiles } from '../consumer/rule-files.ts';
import { DURATION_EXPECTED, parseDuration } from '../consumer/rules/duration.ts';
import type { Rule } from '../consumer/rules/rule.ts';
import type { RuleFile } from '../consumer/rules/rule-file.ts';
import { CONSUMER_SETTINGS } from '../consumer/settings.ts';
import { compare, type Range } from './backtest/compare.ts';
import { replay } from './backtest/replay.ts';
import { documentOf, linesOf, type Report } from './backtest/report.ts';
import { readTold } from './backtest/told.ts';
import type { Call, Command, Terminal } from './command.ts';
import { JOB_OPTION, jobOf } from './rule-files.ts';
import { jsonOf, printable } from './text.ts';

const SETTINGS = {
  ...KAFKA_SETTINGS,
  KAFKA_GROUP: { ...CONSUMER_SETTINGS.KAFKA_GROUP, help: 'The group that told what did fire.' },
  JOB_LABEL: CONSUMER_SETTINGS.JOB_LABEL,
};
const USAGE = 'npm run sysmon -- backtest --rules FILE[,FILE…] --since DURATION';

const DETAILS = `Reads the events' topic again, judges it by the rules in event time, and prints what would have fired, when and for how long,
next to what did. It joins no group, moves no group's offsets and writes nothing.

--since and --until are by when the broker got the events; moments in the table are those of the events, in UTC. Rules look back:
what they need before --since is read, too. What fired before that is said to have fired "before".

What did fire is read from the alerts' topic, which is compacted: of each alert it has the last life, until a day after its
end. Of a life before that it is "not known" whether it fired. Alerts of other names than the rules' are left out, and so are the
built-in ones (NodeSilent, NodeNeverHeard, EventsLost, EventsLate, Watchdog), which need somebody who listens.

Exit code 0: done; 1: the rules have mistakes, or Kafka did not answer; 2: no such file or option.`;

export interface BacktestOptions {
  readonly env: Environment;
  readonly now: () => number;
  readonly connect?: (config: Config<typeof SETTINGS>) => Pick<Bus, 'readAll' | 'openReader' | 'close'>;
}

interface Order {
  readonly config: Config<typeof SETTINGS>;
  readonly job: string;
  readonly rules: readonly Rule[];
  readonly range: Range;
  readonly progress: Terminal['progress'];
}

export function backtestCommand({ env, now, connect = connectToKafka }: BacktestOptions): Command {
  return {
    summary: 'What would have fired: judges what is on the topic by other rules, and compares it with what did',
    details: helpText(DETAILS, SETTINGS).trimEnd(),
    options: {
      rules: {
        type: 'string',
        value: 'FILE,…',
        multiple: true,
        help: 'rule files, or directories of them; "default": those that come with the consumer',
      },
      since: { type: 'string', value: 'DURATION', help: 'how long ago it begins: 6h' },
      until: { type: 'string', value: 'DURATION', help: 'how long ago it ends; now, if not given' },
      job: { ...JOB_OPTION, help: 'in the place of JOB_LABEL' },
      json: { type: 'boolean', help: 'one JSON document' },
    },
    run,
  };

  async function run({ options, terminal }: Call): Promise<number> {
    const { rules: paths, since, until = '0', json } = options;
    if (typeof paths !== 'string' || typeof since !== 'string') {
      throw new PipelineError('CONFIG', `backtest: expected --rules and --since: ${USAGE}`);
    }
    const asOf = now();
    const range: Range = {
      since: asOf - millisecondsOf('since', since),
      until: asOf - millisecondsOf('until', String(until)),
    };
    if (range.since >= range.until) throw new PipelineError('CONFIG', 'backtest: expected --since before --until');
    const config = loadConfig(SETTINGS, env);
    const job = jobOf(options) ?? config.JOB_LABEL;
    const loaded = load(paths, job, terminal);
    if (loaded === undefined) return 1;
    const report = await judgeAgain({
      config,
      job,
      ...loaded,
      range,
      progress: json === true ? undefined : terminal.progress,
    });
    if (json === true) terminal.say(jsonOf(documentOf(report)));
    else for (const line of linesOf(report)) terminal.say(line);
    return 0;
  }

  async function judgeAgain({ config, job, rules, range, progress }: Order): Promise<Report> {
    const bus = connect(config);
    try {
      const told = await readTold(bus, alertsTopicOf(config.KAFKA_TOPIC), config.KAFKA_GROUP);
      const reader = await bus.openReader(config.KAFKA_TOPIC);
      try {
        const replayed = await replay({ reader, rules, job, ...range, progress: (done) => progress?.(barOf(done)) });
        const names = new Set(rules.map(({ alert }) => alert));
        const comparable = told.filter(({ alertname }) => names.has(alertname));
        return { ...range, ...replayed, rules, pairs: compare(replayed.lives, comparable, range, now()) };
      } finally {
        progress?.(undefined);
        await reader.close();
      }
    } finally {
      await bus.close();
    }
  }
}

/** @returns nothing if no rule can be judged; why is said then, and of each that is not. */
function load(paths: string, job: string, terminal: Terminal): RuleFile | undefined {
  const files = new RuleFiles(paths.split(','), job);
  const problems: string[] = [];
  let loaded: RuleFile | undefined;
  try {
    loaded = files.load();
    problems.push(...(loaded?.refused ?? []));
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    if (error.code === 'CONFIG') {
      throw new PipelineError('CONFIG', error.message.replace(/^RULES=/, '--rules '), { cause: error });
    }
    problems.push(...error.message.split('\n'));
  }
  const { rules = [], written = 0 } = loaded ?? {};
  const head = loaded === undefined ? 'refused, all of it' : `${rules.length} of ${written} rules`;
  if (problems.length > 0 || rules.length === 0) terminal.complain(printable(`${paths}: ${head}`));
  for (const problem of problems) terminal.complain(printable(`  ${problem}`));
  return rules.length === 0 ? undefined : loaded;
}

function millisecondsOf(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new PipelineError('CONFIG', `backtest: --${option} ${text}: expected ${DURATION_EXPECTED}`);
  return ms;
}

const BAR = 40;

function barOf(done: number): string {
  const filled = Math.round(done * BAR);
  return `judging  [${'█'.repeat(filled)}${'·'.repeat(BAR - filled)}] ${Math.floor(done * 100)} %`;
}

/** What fails comes as an error; nobody reads a log here. */
function connectToKafka(config: Config<typeof SETTINGS>): Bus {
  const ignore = () => undefined;
  return createKafkaBus(kafkaOptions(config, 'sysmon', { debug: ignore, info: ignore, warn: ignore, error: ignore }));
}
