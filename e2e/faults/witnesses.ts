/**
 * Events that leave a trace when they are applied: each is of a node of its own and raises one alert, whose line in the log
 * names the node. So it is known of every single one whether, and how often, some consumer applied it,
 * whatever became of that consumer. Records that are no event leave theirs on the dead letter topic.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { BusRecord, NewRecord } from '#bus/bus.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { eventually } from '../programs.ts';
import type { Rig } from './rig.ts';

const MAX_RECORDS = 200;
/** None is heard again, and none is missed. */
const DAY_MS = 24 * 60 * 60 * 1000;
/** Longer than any broker is away here. */
const PATIENCE_MS = 300_000;
const PREFIX = 'witness-';
const GARBAGE = 'no event';

let made = 0;

/** Publishes so many, and one record of garbage after each so many. */
export async function publishWitnesses(
  rig: Rig,
  count: number,
  garbageEvery = Number.POSITIVE_INFINITY,
): Promise<void> {
  const records: NewRecord[] = [];
  for (let i = 0; i < count; i++) {
    records.push(witness(made++));
    if (i % garbageEvery === garbageEvery - 1) records.push({ key: `k${i}`, value: Buffer.from(GARBAGE), headers: {} });
  }
  await publishAll(rig, records);
}

/** In order, each for as long as it takes. */
export async function publishAll(rig: Rig, records: readonly NewRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += MAX_RECORDS) {
    const some = records.slice(from, from + MAX_RECORDS);
    await eventually(() => rig.bus.publish(rig.topic, some), PATIENCE_MS);
  }
}

function witness(n: number): NewRecord {
  const now = Date.now();
  const event: NodeEvent = {
    ...{ v: 1, cluster: 'default', node: `${PREFIX}${n}`, epoch: 'e', seq: 0, time: now, interval: DAY_MS },
    metrics: { node_load1: 5000 },
  };
  return { key: keyOf(event), value: Buffer.from(encodeEvent(event)), headers: headersOf(event, now) };
}

export interface Line {
  readonly node: string;
  /** Of the alert, and what it became. */
  readonly id: string;
}

/** An alert log's lines, each read once however often one looks. */
export class AlertLog {
  readonly file: string;
  /** Lines that were begun and not ended, by a process that was killed meanwhile. */
  torn = 0;
  readonly #lines: Line[] = [];
  #read = 0;

  constructor(file: string) {
    this.file = file;
  }

  get size(): number {
    return statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** In the order in which they were written. */
  lines(): readonly Line[] {
    if (this.size === 0) return [];
    const added = readFileSync(this.file).subarray(this.#read);
    const whole = added.subarray(0, added.lastIndexOf('\n') + 1);
    this.#read += whole.length;
    for (const text of whole.toString().split('\n').filter(Boolean)) this.#parse(text);
    return [...this.#lines];
  }

  #parse(text: string): void {
    try {
      const { alert, alertId, state, node } = JSON.parse(text);
      if (alert === 'Applied') this.#lines.push({ node, id: `${alertId} ${state}` });
    } catch {
      this.torn++;
    }
  }

  /** Until it is larger than that. */
  async grown(size: number): Promise<void> {
    while (this.size <= size) await setTimeout(1);
  }
}

export interface Applied {
  readonly events: number;
  /** Lines beyond the first about an event. */
  readonly repeated: number;
}

/** That every witness of the topic was applied, at most so many times, under one id. */
export function assertApplied(all: readonly BusRecord[], lines: readonly Line[], atMost: number): Applied {
  const keys = all.map(({ key }) => key?.toString() ?? '').filter((key) => key.startsWith(`default/${PREFIX}`));
  const witnesses = [...new Set(keys)].map((key) => key.slice('default/'.length));
  const found = Map.groupBy(lines, ({ node }) => node);
  const missing = witnesses.filter((node) => !found.has(node));
  assert.equal(missing.length, 0, `${missing.length} of ${witnesses.length} not applied, as ${missing.slice(0, 5)}`);
  for (const [node, several] of found) {
    assert.ok(several.length <= atMost, `${node} was applied ${several.length} times`);
    assert.equal(new Set(several.map(({ id }) => id)).size, 1, `${node} has more than one alert`);
  }
  return { events: witnesses.length, repeated: lines.length - found.size };
}

/** That all garbage is kept as a dead letter, at most so many times. */
export function assertKeptAside(all: readonly BusRecord[], letters: readonly BusRecord[], atMost: number): Applied {
  const garbage = all.filter(({ value }) => value?.toString() === GARBAGE).map(placeOf);
  const kept = Map.groupBy(letters, ({ headers }) => `${headers.dlq_partition}/${headers.dlq_offset}`);
  const missing = garbage.filter((place) => !kept.has(place));
  assert.equal(missing.length, 0, `${missing.length} of ${garbage.length} not kept, as ${missing.slice(0, 5)}`);
  assert.equal(kept.size, garbage.length, 'more is kept than there was garbage');
  for (const [place, several] of kept) assert.ok(several.length <= atMost, `${place} was kept ${several.length} times`);
  return { events: garbage.length, repeated: letters.length - kept.size };
}

export function placeOf({ partition, offset }: BusRecord): string {
  return `${partition}/${offset}`;
}
