/**
 * The whole pipeline as processes on a real Kafka, for faults to be done to: producers on hosts that are folders, simulated
 * fleets, consumers, and the topic between them, which a judge reads raw. Each rig has a topic and a group of its own, so
 * several can share a broker.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, BusRecord } from '#bus/bus.ts';
import { createKafkaBus } from '#bus/kafka.ts';
import { decodeRecord } from '#contract/codec.ts';
import { DEAD_LETTER_TOPIC, METRICS_TOPIC } from '#contract/topic.ts';
import { createLog } from '#runtime/log.ts';
import { judge, type Sighting, type Verdict } from '../judge.ts';
import { eventually, type Running, run, textOf } from '../programs.ts';
import { type Figures, figuresOf } from './figures.ts';
import { AlertLog } from './witnesses.ts';

export interface Service extends Running {
  readonly url: string;
  figures(): Promise<Figures>;
}

/** What the topic has, each record once. */
export interface Contents extends Verdict {
  /** Different events. */
  readonly events: number;
  readonly gaps: readonly {
    readonly node: string;
    readonly epoch: string;
    readonly from: number;
    readonly to: number;
  }[];
  /** Of gaps, how many events they stand for. */
  readonly missed: number;
  /** From the time of an event to when the broker had it, the longest; milliseconds. */
  readonly latestMs: number;
  readonly all: readonly BusRecord[];
}

/** One alert for each event: what is applied leaves a line, with its place, in the alert log. */
const RULES = `
groups:
  - name: faults
    rules:
      - alert: Applied
        expr: node_load1 > 1000
        annotations: { summary: "applied" }
`;

export class Rig {
  readonly bus: Bus;
  readonly topic: string;
  readonly directory = mkdtempSync(join(tmpdir(), 'faults-'));
  readonly #brokers: string;
  readonly #rules: string;
  readonly #stormNodes: number;
  readonly #running = new Set<Service>();

  /**
   * @param rules what its consumers judge by.
   * @param stormNodes so many nodes are told of one by one: all, so that each leaves its lines.
   */
  constructor(brokers: readonly string[], name: string, rules = RULES, stormNodes = 1_000_000) {
    this.topic = `${METRICS_TOPIC.name}.${name}`;
    this.#brokers = brokers.join(',');
    this.#stormNodes = stormNodes;
    this.bus = createKafkaBus({ brokers, clientId: 'judge', log: createLog('judge', 'error') });
    this.#rules = join(this.directory, 'rules.yaml');
    writeFileSync(this.#rules, rules);
    mkdirSync(join(this.directory, 'host/proc'), { recursive: true });
    writeFileSync(join(this.directory, 'host/proc/stat'), 'cpu0 1 2 3 4 5 6 7 8 9 10\n');
    writeFileSync(join(this.directory, 'host/proc/loadavg'), '0.50 1.00 1.00 1/100 1000\n');
  }

  /** @param config of the topic, beside what it has anyway. */
  async createTopics(config: Readonly<Record<string, string>> = {}): Promise<void> {
    const topics = [
      { ...METRICS_TOPIC, name: this.topic, config: { ...METRICS_TOPIC.config, ...config } },
      { ...DEAD_LETTER_TOPIC, name: this.deadLetterTopic },
    ];
    // A broker that has just started may not know yet of a topic that it has just made.
    await eventually(() => this.bus.ensureTopics(topics));
  }

  get deadLetterTopic(): string {
    return `${this.topic}.dlq`;
  }

  /** Where its consumers keep alerts. */
  get alertsTopic(): string {
    return `${this.topic}.alerts`;
  }

  alertLog(name = 'alerts'): AlertLog {
    return new AlertLog(join(this.directory, `${name}.log`));
  }

  /** Measures a host that is a folder, once a second, and spools. One after another may have the same name. */
  producer(node: string, brokers = this.#brokers): Promise<Service> {
    const host = { HOST_ROOT: join(this.directory, 'host'), NODE_NAME: node, SPOOL_DIR: this.#spool(node) };
    const how = { INTERVAL: '1s', COLLECTORS: 'loadavg,stat,time', KAFKA_BROKERS: brokers };
    return this.#start('services/producer/main.ts', { ...host, ...how });
  }

  /** Measures this machine as often as it is told. */
  fastProducer(node: string, env: NodeJS.ProcessEnv): Promise<Service> {
    return this.#start('e2e/faults/fast-producer.ts', { NODE_NAME: node, SPOOL_DIR: this.#spool(node), ...env });
  }

  #spool(node: string): string {
    const spool = join(this.directory, 'spool', node);
    mkdirSync(spool, { recursive: true });
    return spool;
  }

  /** `node-0000`, `node-0001`, …, each measured once a second, which wait in memory. */
  fleet(nodes: number): Promise<Service> {
    const simulated = { SIMULATE: String(nodes), COLLECTORS: 'cpu,loadavg,meminfo,time', INTERVAL: '1s' };
    return this.#start('services/producer/main.ts', simulated);
  }

  /** @param log the alert log, which several may share. */
  consumer(log: AlertLog = this.alertLog(), brokers = this.#brokers): Promise<Service> {
    const own = {
      RULES: this.#rules,
      ALERT_LOG: log.file,
      KAFKA_GROUP: this.topic,
      KUBERNETES: 'off',
      STORM_NODES: String(this.#stormNodes),
    };
    return this.#start('services/consumer/main.ts', { ...own, KAFKA_BROKERS: brokers });
  }

  async #start(main: string, env: NodeJS.ProcessEnv): Promise<Service> {
    const common = { KAFKA_BROKERS: this.#brokers, KAFKA_TOPIC: this.topic, LISTEN: '127.0.0.1:0', LOG_LEVEL: 'info' };
    const program = run(process.execPath, [main], { ...common, ...env });
    const [, url = ''] = await program.printed(/"url":"(http:[^"]+)"/);
    const service: Service = {
      ...program,
      url,
      figures: async () => figuresOf(await textOf(`${url}/metrics`)),
      stop: (signal) => {
        this.#running.delete(service);
        return program.stop(signal);
      },
    };
    this.#running.add(service);
    return service;
  }

  async contents(): Promise<Contents> {
    const all: BusRecord[] = [];
    await this.bus.readAll(this.topic, (record) => all.push(record));
    const sightings: Sighting[] = [];
    const gaps: Contents['gaps'][number][] = [];
    let latestMs = 0;
    for (const record of all) {
      const decoded = record.refused === undefined ? decodeRecord(record) : undefined;
      if (decoded === undefined || 'error' in decoded) continue;
      if ('gap' in decoded) gaps.push(decoded.gap);
      else {
        sightings.push(decoded.event);
        latestMs = Math.max(latestMs, record.timestamp - decoded.event.time);
      }
    }
    const verdict = judge(sightings);
    const missed = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return { ...verdict, events: verdict.records - verdict.duplicated, gaps, missed, latestMs, all };
  }

  async deadLetters(): Promise<BusRecord[]> {
    const letters: BusRecord[] = [];
    await this.bus.readAll(this.deadLetterTopic, (record) => letters.push(record));
    return letters;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((service) => service.stop('SIGKILL')));
    await this.bus.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Fulfilled when the producer publishes, and nothing waits for it any longer than usual: after how many milliseconds. */
export async function drained(producer: Service, withinMs?: number): Promise<number> {
  const began = performance.now();
  await eventually(async () => {
    const figures = await producer.figures();
    assert.ok(figures.sum('sysmon_producer_events_published_total') > 0);
    assert.ok(figures.sum('sysmon_producer_spool_oldest_seconds') < 1);
  }, withinMs);
  return performance.now() - began;
}

/** Ends services in order, and says how long it took at most: a producer publishes what it has first, a consumer hands over. */
export async function finish(...services: readonly Service[]): Promise<number> {
  const ends = await Promise.all(
    services.map(async (service) => {
      const { code, ms } = await service.stop('SIGTERM');
      assert.equal(code, 0, `ended with ${code}:\n${service.stdout().slice(-5_000)}\n${service.stderr()}`);
      return ms;
    }),
  );
  return Math.max(...ends);
}

/**
 * That the consumer, by its own account, has made of the topic what the judge found in it. Only for one that has read it
 * from its beginning, alone, and when nothing writes to it any more.
 */
export async function assertAccount(rig: Rig, consumer: Service): Promise<Contents> {
  const contents = await rig.contents();
  const expected = {
    events: contents.events - contents.reordered,
    duplicates: contents.duplicated,
    reordered: contents.reordered,
    lost: contents.lost.length,
    gaps: contents.gaps.length,
  };
  await eventually(async () => {
    const figures = await consumer.figures();
    const told = {
      events: figures.sum('sysmon_events_total'),
      duplicates: figures.sum('sysmon_events_duplicate_total'),
      reordered: figures.sum('sysmon_events_reordered_total'),
      lost: figures.sum('sysmon_events_lost_total'),
      gaps: figures.sum('sysmon_gaps_total'),
    };
    assert.deepEqual(told, expected);
    for (const [node, epochs] of contents.epochs) {
      const numbers = [...epochs.values()].reduce((sum, last) => sum + last + 1, 0);
      const received = figures.of('sysmon_node_events_received_total', { node });
      const lost = figures.of('sysmon_node_events_lost_total', { node });
      assert.equal((received ?? 0) + (lost ?? 0), numbers, node);
    }
  });
  return contents;
}

/** That the topic has, of each epoch that was seen at work, at least as many events as it had made by then, and all before. */
export function assertKept(contents: Contents, made: ReadonlyMap<string, number>): void {
  const last = new Map([...contents.epochs.values()].flatMap((epochs) => [...epochs]));
  assert.deepEqual(contents.lost, []);
  for (const [epoch, events] of made) assert.ok((last.get(epoch) ?? -1) + 1 >= events, `${epoch} had made ${events}`);
}

/** The run that the producer is, as it says itself, and how many events it has made so far. */
export async function madeBy(producer: Service): Promise<readonly [epoch: string, events: number]> {
  const [, epoch = ''] = await producer.printed(/"epoch":"([0-9a-f]+)"/);
  const figures = await producer.figures();
  return [epoch, figures.sum('sysmon_producer_ticks_total')];
}
