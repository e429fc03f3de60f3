/** The consumer put together on a bus: bus → state → /metrics and alerts. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Bus } from '#bus/bus.ts';
import { ALERTS_TOPIC, DEAD_LETTER_TOPIC, METRICS_TOPIC } from '#contract/topic.ts';
import type { Config } from '#runtime/config.ts';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { serve } from '#runtime/http.ts';
import type { Log } from '#runtime/log.ts';
import type { Step } from '#runtime/shutdown.ts';
import { createAlertLog } from './alerts/log.ts';
import { apiServerOf, watchClusterNodes } from './cluster-nodes.ts';
import { tellConflicts } from './conflicts.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createConsumerMetrics } from './metrics.ts';
import { tellOverflows } from './overflow.ts';
import { Progress } from './progress.ts';
import { createJudge, type Judge } from './rules/judge.ts';
import { parseRuleFile, type RuleFile } from './rules/rule-file.ts';
import { scrapeRoute } from './scrape.ts';
import { type CONSUMER_SETTINGS, DEFAULT_RULES } from './settings.ts';
import { createState, type State } from './state.ts';
import { type Subscriber, subscribe } from './subscriber.ts';

export interface ConsumerOptions {
  readonly config: Config<Omit<typeof CONSUMER_SETTINGS, 'KAFKA_BROKERS'>>;
  readonly bus: Bus;
  readonly log: Log;
  readonly started: (step: Step) => void;
  readonly fail: (error: Error) => void;
  /** How long a scrape waits for the group to confirm what this replica owns. */
  readonly scrapePatienceMs?: number;
  /** Milliseconds by a clock that nobody sets, for spans; a test passes its own. */
  readonly monotonic?: () => number;
}

export interface Consumer {
  readonly url: string;
  readonly state: State;
  readonly judge: Judge;
}

/** Longer than the group takes to share out its partitions, and a part of what Prometheus waits for an answer. */
const SCRAPE_PATIENCE_MS = 2_000;
const JOIN_AGAIN_MS = 2_000;
const LISTEN_EVERY_MS = 1_000;

/** Listens and begins to join the group; a broker that is away is waited for, and told by `/readyz`. */
export async function startConsumer(options: ConsumerOptions): Promise<Consumer> {
  const { config, bus, log, started, fail, scrapePatienceMs = SCRAPE_PATIENCE_MS } = options;
  const { monotonic = () => performance.now() } = options;
  const now = Date.now;
  const progress = new Progress(monotonic);
  let subscriber: Subscriber | undefined;
  const overflow = tellOverflows(() => metrics, log, monotonic);
  const { rules, refused } = readRules(config.RULES ?? DEFAULT_RULES);
  for (const reason of refused) log.warn({ reason }, 'a rule is not judged');
  const judge = createJudge(rules, {
    historyBytes: config.MAX_HISTORY_BYTES,
    silence: (node) => state.silence(node),
    overflow,
    failed: ({ alert }) => metrics.ruleFailures.inc({ alertname: alert }),
  });
  const state = createState({
    limits: { nodes: config.MAX_NODES, seriesPerNode: config.MAX_SERIES_PER_NODE, series: config.MAX_SERIES },
    lost: (reason, count) => metrics.lost.inc({ reason }, count),
    left: ({ cluster, node }) => judge.forget(cluster, node),
    conflict: tellConflicts(log, monotonic),
  });
  const shown = { state, judge, fresh: () => subscriber?.fresh() === true };
  const metrics = createConsumerMetrics(shown, config.KAFKA_TLS_CERT);
  const stdout = (line: string): void => void process.stdout.write(line);
  const alertLog = createAlertLog({ file: config.ALERT_LOG, stdout, log, metrics });
  const topic = { ...METRICS_TOPIC, name: config.KAFKA_TOPIC };
  const deadLetterTopic = { ...DEAD_LETTER_TOPIC, name: `${topic.name}.dlq` };
  const deadLetters = createDeadLetters({ bus, topic: deadLetterTopic.name, metrics, log });

  const server = await serve({
    listen: config.LISTEN,
    routes: { '/metrics': scrapeRoute(shown, metrics, () => subscriber?.current() === true, now, scrapePatienceMs) },
    live: () => progress.trouble(),
    ready: () => (subscriber === undefined ? 'not a member of the group yet' : subscriber.trouble()),
    log,
  });
  started({ name: 'http', stop: server.close });

  const stopping = new AbortController();
  const joined = join();
  const listening = setInterval(() => subscriber?.listen(), LISTEN_EVERY_MS);
  started({
    name: 'subscriber',
    async stop() {
      stopping.abort();
      clearInterval(listening);
      await joined;
      await subscriber?.close();
    },
  });

  async function join(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await bus.ensureTopics([topic, deadLetterTopic, ALERTS_TOPIC]);
        const group = config.KAFKA_GROUP;
        const { name } = topic;
        subscriber = await subscribe({
          bus,
          topic: name,
          group,
          state,
          judge,
          alertLog,
          deadLetters,
          metrics,
          overflow,
          progress,
          log,
          now,
          failed: fail,
        });
        return;
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'cannot join the group yet');
        await setTimeout(JOIN_AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  const apiServer = config.KUBERNETES === 'auto' ? apiServerOf(process.env) : undefined;
  if (apiServer !== undefined) {
    const deleted = (node: string): void => state.forget({ cluster: config.CLUSTER_NAME, node });
    const nodes = watchClusterNodes({ server: apiServer, deleted, log });
    started({ name: 'cluster nodes', stop: nodes.close });
  }

  return { url: server.url, state, judge };
}

function readRules(file: string): RuleFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PipelineError('CONFIG', `RULES=${file}: ${messageOf(cause)}; expected a file that can be read`, {
      cause,
    });
  }
  return parseRuleFile(text, file);
}
