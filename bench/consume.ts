/**
 * Taking events and answering scrapes, without the bus: our state and exposition, the same with the default rules, and a
 * consumer as it is usually written, which parses and sets prom-client gauges.
 */
import { readFileSync } from 'node:fs';
import { Gauge, Registry } from 'prom-client';
import { decodeEvent } from '#contract/codec.ts';
import type { NodeEvent, Row } from '#contract/event.ts';
import { metricOf } from '#contract/metrics.ts';
import { render } from '../services/consumer/exposition.ts';
import { createJudge } from '../services/consumer/rules/judge.ts';
import { parseRuleFile } from '../services/consumer/rules/rule-file.ts';
import { DEFAULT_RULES } from '../services/consumer/settings.ts';
import { createState } from '../services/consumer/state.ts';
import { type EncodedEvent, eventsAt, SAMPLES, TICKS, WARM_UP } from './fleet.ts';
import type { Figures } from './main.ts';
import { otherSides } from './turn.ts';

const NODES = 1000;
const SCRAPES = 5;

interface Side {
  take(record: Taken): void;
  scrape(): Promise<number>;
}
interface Taken {
  readonly key: Buffer;
  readonly value: Buffer;
}

const SIDES: { readonly [side: string]: () => Side } = {
  state: () => ours(false),
  'state+rules': () => ours(true),
  'prom-client': promClient,
};

function ours(rules: boolean): Side {
  const state = createState();
  const judge = createJudge(rules ? parseRuleFile(readFileSync(DEFAULT_RULES, 'utf8'), DEFAULT_RULES).rules : []);
  return {
    take(record) {
      const decoded = decodeEvent({ ...record, headers: {} });
      if ('error' in decoded) throw new Error(decoded.error.detail);
      if (
        state.take({
          event: decoded.event,
          samples: decoded.samples,
          bytes: record.value.length,
          partition: 0,
          now: decoded.event.time,
        }) === 'applied'
      )
        judge.judge(decoded.event);
    },
    async scrape() {
      let size = 0;
      for (const piece of render(state.nodes(), 0)) size += Buffer.from(piece).length;
      return size;
    },
  };
}

function promClient(): Side {
  const registry = new Registry();
  const gauges = new Map<string, Gauge>();
  return {
    take({ value }) {
      const event = JSON.parse(value.toString()) as NodeEvent;
      for (const [name, series] of Object.entries(event.metrics)) {
        const labels = metricOf(name)?.labels ?? [];
        let gauge = gauges.get(name);
        if (gauge === undefined) {
          gauge = new Gauge({ name, help: name, labelNames: ['cluster', 'node', ...labels], registers: [registry] });
          gauges.set(name, gauge);
        }
        const rows: readonly Row[] = typeof series === 'number' ? [[series]] : series;
        for (const row of rows) {
          const own: { [label: string]: string } = { cluster: event.cluster, node: event.node };
          for (const [i, label] of labels.entries()) own[label] = row[i] as string;
          gauge.set(own, row[labels.length] as number);
        }
      }
    },
    scrape: async () => Buffer.from(await registry.metrics()).length,
  };
}

function taken(tick: number): Taken[] {
  return eventsAt(tick, NODES).map(({ key, value }: EncodedEvent) => ({ key: Buffer.from(key), value }));
}

const side = SIDES[process.argv[2] ?? '']?.();
if (side === undefined) throw new Error(`expected one of ${Object.keys(SIDES).join(', ')}`);
for (let tick = 0; tick < WARM_UP; tick++) for (const record of taken(tick)) side.take(record);
await side.scrape();

let takeUs = 0;
for (let tick = WARM_UP; tick < WARM_UP + TICKS; tick++) {
  await otherSides();
  const records = taken(tick);
  const before = process.cpuUsage();
  for (const record of records) side.take(record);
  const { user, system } = process.cpuUsage(before);
  takeUs += user + system;
}
const before = process.cpuUsage();
let size = 0;
for (let i = 0; i < SCRAPES; i++) size += await side.scrape();
const { user, system } = process.cpuUsage(before);
if (size < SCRAPES * NODES * SAMPLES * 20) throw new Error(`expected a scrape of every series, got ${size} bytes`);
globalThis.gc?.();
const figures: Figures = {
  'CPU µs per event': takeUs / (NODES * TICKS),
  'CPU ms per scrape': (user + system) / 1000 / SCRAPES,
  'resident MiB after': process.memoryUsage().rss / 2 ** 20,
};
process.stdout.write(JSON.stringify(figures));
