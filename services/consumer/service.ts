/** The consumer put together on a bus: bus → state → /metrics, alerts and the live page. */
import type { Bus } from '#bus/bus.ts';
import { ALERTS_TOPIC, DEAD_LETTER_TOPIC, METRICS_TOPIC } from '#contract/topic.ts';
import type { Config } from '#runtime/config.ts';
import { messageOf } from '#runtime/errors.ts';
import { serve } from '#runtime/http.ts';
import type { Log } from '#runtime/log.ts';
import { pause } from '#runtime/pause.ts';
import type { Step } from '#runtime/shutdown.ts';
import { Alerting } from './alerts/alerting.ts';
import { createAlertmanager } from './alerts/alertmanager.ts';
import { createAlertLog } from './alerts/log.ts';
import { Refill, WHOLE_MS } from './alerts/refill.ts';
import { AlertStore } from './alerts/store.ts';
import { alertsTopicOf } from './alerts/topic.ts';
import { createApi } from './api/service.ts';
import { apiServerOf, watchClusterNodes } from './cluster-nodes.ts';
import { tellConflicts } from './conflicts.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createConsumerMetrics } from './metrics.ts';
import { tellOverflows } from './overflow.ts';
import { pageRoutes } from './page/assets.ts';
import { Progress } from './progress.ts';
import { RuleFiles } from './rule-files.ts';
import { RuleLoader } from './rule-loader.ts';
import { createJudge, type Judge } from './rules/judge.ts';
import { scrapeRoute } from './scrape.ts';
import type { CONSUMER_SETTINGS } from './settings.ts';
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
  /** Reads the rule files again, changed or not. */
  readonly reloadRules: () => void;
}

/** Six events of a usual node: one that was heard by the last owner is shown by the next at once. */
const RECALL_AT_LEAST_MS = 30_000;
/** Longer than the group takes to share out its partitions, and a part of what Prometheus waits for an answer. */
const SCRAPE_PATIENCE_MS = 2_000;
const JOIN_AGAIN_MS = 2_000;
const LISTEN_EVERY_MS = 1_000;
const LOOK_AT_RULES_EVERY_MS = 5_000;

/** Listens and begins to join the group; a broker that is away is waited for, and told by `/readyz`. */
export async function startConsumer(options: ConsumerOptions): Promise<Consumer> {
  const { config, bus, log, started, fail, scrapePatienceMs = SCRAPE_PATIENCE_MS } = options;
  const { monotonic = () => performance.now() } = options;
  const now = Date.now;
  const progress = new Progress(monotonic);
  let subscriber: Subscriber | undefined;
  const overflow = tellOverflows(() => metrics, log, monotonic);
  const files = new RuleFiles(config.RULES ?? ['default'], config.JOB_LABEL);
  const firstRules = files.load() ?? { rules: [], refused: [], written: 0 };
  const judge = createJudge(firstRules.rules, {
    job: config.JOB_LABEL,
    historyBytes: config.MAX_HISTORY_BYTES,
    silence: (node) => state.silence(node),
    overflow,
    failed: ({ alert }) => metrics.ruleFailures.inc({ alertname: alert }),
  });
  const state = createState({
    limits: { nodes: config.MAX_NODES, seriesPerNode: config.MAX_SERIES_PER_NODE, series: config.MAX_SERIES },
    lost(node, reason, count) {
      metrics.lost.inc({ reason }, count);
      judge.lost(node, node.partition, count);
    },
    forgotten: (node) => alerting.forget(node, node.partition),
    left: (node) => api.forget(node),
    conflict: tellConflicts(log, monotonic),
  });
  const shown = { state, judge, fresh: () => subscriber?.fresh() === true };
  const api = createApi({ ...shown, refused: () => ruleLoader.refused, historyBytes: config.PAGE_HISTORY_BYTES, now });
  const metrics = createConsumerMetrics(shown, config.KAFKA_TLS_CERT);
  const stdout = (line: string): void => void process.stdout.write(line);
  const alertLog = createAlertLog({
    file: config.ALERT_LOG,
    stdout,
    log,
    metrics,
    nodesTold: config.STORM_NODES,
    monotonic,
  });
  const alertmanager =
    config.ALERTMANAGER_URL &&
    createAlertmanager({
      servers: config.ALERTMANAGER_URL,
      fresh: shown.fresh,
      // Nobody is called for what is past; what still fires when the backlog is read is told then.
      *firing() {
        for (const alert of judge.active()) {
          const { firedAt, late } = alert;
          if (firedAt !== undefined && !late) yield { ...alert, firedAt };
        }
      },
      ...{ metrics, log, now, monotonic },
    });
  const topic = { ...METRICS_TOPIC, name: config.KAFKA_TOPIC };
  const alertsTopic = { ...ALERTS_TOPIC, name: alertsTopicOf(topic.name) };
  const deadLetterTopic = { ...DEAD_LETTER_TOPIC, name: `${topic.name}.dlq` };
  const deadLetters = createDeadLetters({ bus, topic: deadLetterTopic.name, metrics, log });

  const apiServer = config.KUBERNETES === 'auto' ? apiServerOf(process.env) : undefined;
  const clusterNodes =
    apiServer &&
    watchClusterNodes({
      server: apiServer,
      selector: config.NODE_SELECTOR,
      deleted(node) {
        const name = { cluster: config.CLUSTER_NAME, node };
        state.forget(name);
        alerting.delete(name);
      },
      log,
      now,
    });
  if (clusterNodes !== undefined) started({ name: 'cluster nodes', stop: () => clusterNodes.close() });

  const store = new AlertStore({ bus, topic: alertsTopic.name, group: config.KAFKA_GROUP, log });
  const refill = new Refill({ bus, topic: topic.name, judge, log, now });
  const alerting = new Alerting({
    judge,
    store,
    refill,
    sinks: [alertLog, api, ...(alertmanager === undefined ? [] : [alertmanager])],
    state,
    topic: topic.name,
    cluster: config.CLUSTER_NAME,
    clusterNodes: () => clusterNodes?.nodes() ?? new Map(),
    log,
    now,
  });

  const ruleLoader = new RuleLoader({ files, follow: (rules) => alerting.follow(rules), metrics, log, now });
  ruleLoader.loaded(firstRules);
  const lookingAtRules = setInterval(() => ruleLoader.look(), LOOK_AT_RULES_EVERY_MS);
  started({ name: 'rule files', stop: async () => clearInterval(lookingAtRules) });

  const server = await serve({
    listen: config.LISTEN,
    routes: {
      ...pageRoutes(),
      '/metrics': scrapeRoute(shown, metrics, () => subscriber?.current() === true, now, scrapePatienceMs),
      ...api.routes,
    },
    live: () => progress.trouble(),
    ready: () => (subscriber === undefined ? 'not a member of the group yet' : subscriber.trouble()),
    log,
  });
  started({ name: 'http', stop: server.close });
  started({ name: 'api', stop: async () => api.close() });

  const stopping = new AbortController();
  const joined = join();
  const listening = setInterval(() => {
    subscriber?.listen();
    alertLog.listen();
    metrics.historyFilling.set(refill.partitions);
  }, LISTEN_EVERY_MS);
  started({
    name: 'subscriber',
    async stop() {
      stopping.abort();
      clearInterval(listening);
      await joined;
      await subscriber?.close();
      alertLog.close();
    },
  });

  async function join(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await bus.ensureTopics([topic, deadLetterTopic, alertsTopic]);
        const group = config.KAFKA_GROUP;
        const { name } = topic;
        subscriber = await subscribe({
          bus,
          topic: name,
          group,
          state,
          alerting,
          lost: (partitions) => alertmanager?.lost(partitions),
          applied: api.applied,
          deadLetters,
          metrics,
          overflow,
          progress,
          log,
          now,
          recallMs: () => Math.min(Math.max(judge.longestMs(), RECALL_AT_LEAST_MS), WHOLE_MS),
          failed: fail,
        });
        return;
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'cannot join the group yet');
        await pause(JOIN_AGAIN_MS, stopping.signal);
      }
    }
  }

  if (alertmanager !== undefined) started({ name: 'alertmanager', stop: alertmanager.close });

  return { url: server.url, state, judge, reloadRules: () => ruleLoader.look(true) };
}
