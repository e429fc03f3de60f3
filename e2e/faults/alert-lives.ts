/**
 * What should have been told of alerts, and what was: one judge that is given the events as the topic has them says which
 * transitions there are, and the alert logs of all replicas and the topic of alerts must have these, and no others.
 */
import assert from 'node:assert/strict';
import type { BusRecord } from '#bus/bus.ts';
import { decodeRecord } from '#contract/codec.ts';
import { ALERTS_TOPIC } from '#contract/topic.ts';
import { createLog } from '#runtime/log.ts';
import { decodeAlert } from '../../services/consumer/alerts/record.ts';
import { AlertStore } from '../../services/consumer/alerts/store.ts';
import type { Transition } from '../../services/consumer/alerts/transition.ts';
import { BUILT_IN_RULES } from '../../services/consumer/rules/built-in.ts';
import { createJudge } from '../../services/consumer/rules/judge.ts';
import { parseRuleFile } from '../../services/consumer/rules/rule-file.ts';
import { eventually } from '../programs.ts';
import type { AlertReplica, Told } from './alert-replica.ts';
import { seconds } from './outage.ts';
import type { Rig } from './rig.ts';
import { placeOf } from './witnesses.ts';

/** What an alert became, by its id and that. */
type Lives = ReadonlyMap<string, Pick<Transition, 'alertname' | 'since' | 'time'>>;

interface Oracle {
  readonly lives: Lives;
  /** What is pending or fires at the end, as `sysmon_alerts` has it: by its labels, how many. */
  readonly active: ReadonlyMap<string, number>;
  /** By the place of a record, when the broker had it. */
  readonly appended: ReadonlyMap<string, number>;
  readonly events: number;
}

const BUILT_IN = new Set(BUILT_IN_RULES.map(({ rule }) => rule.alert));

/** Of the rules alone: what is built in tells of more than events. */
async function askOracle(rig: Rig, rules: string): Promise<Oracle> {
  const judge = createJudge(parseRuleFile(rules, 'oracle.yaml').rules);
  const lives = new Map<string, Transition>();
  const appended = new Map<string, number>();
  let events = 0;
  await rig.bus.readAll(rig.topic, (record) => {
    const decoded = decodeRecord(record);
    if (!('event' in decoded)) return;
    events++;
    appended.set(placeOf(record), record.timestamp);
    for (const { transition, news } of judge.hear(decoded.event, { partition: record.partition })) {
      if (news && !BUILT_IN.has(transition.alertname)) lives.set(idOf(transition), transition);
    }
  });
  const ours = judge.active().filter(({ alertname }) => !BUILT_IN.has(alertname));
  return { lives, active: counted(ours.map(keyOfActive)), appended, events };
}

/** All that stands on the topic of alerts, in its order. */
export async function keptAlerts(rig: Rig): Promise<Transition[]> {
  const kept: Transition[] = [];
  await rig.bus.readAll(rig.alertsTopic, (record) => {
    if (record.value !== null) kept.push(transitionOf(rig, record));
  });
  return kept;
}

/** What is pending or fires, by what the next owner of all partitions would find. */
export async function keptActive(rig: Rig): Promise<Map<string, number>> {
  const store = new AlertStore({
    ...{ bus: rig.bus, topic: rig.alertsTopic, group: rig.topic },
    log: createLog('judge', 'error'),
  });
  const partitions = Array.from({ length: ALERTS_TOPIC.partitions }, (_, n) => n);
  const restored = await store.restore(partitions, Date.now(), new AbortController().signal);
  const transitions = [...(restored?.values() ?? [])].flatMap(({ alerts }) =>
    alerts.map(({ change }) => change.transition),
  );
  return counted(transitions.filter(({ state }) => state !== 'resolved').map(keyOfActive));
}

/** The same by what replicas show together. */
export async function shownActive(replicas: readonly AlertReplica[]): Promise<Map<string, number>> {
  const all = await Promise.all(replicas.map(({ service }) => service.figures()));
  const shown = all.flatMap(({ series }) => series.filter(({ name }) => name === 'sysmon_alerts'));
  return counted(shown.flatMap(({ labels, value }) => new Array<string>(value).fill(keyOfActive(labels as Active))));
}

interface Replicas {
  /** Those that own all partitions now. */
  readonly replicas: readonly AlertReplica[];
  /** These and those that are not any more. */
  readonly all: readonly AlertReplica[];
  /** How many were killed, frozen or stopped meanwhile. */
  readonly faults: number;
}

interface Proof extends Oracle {
  readonly told: readonly Told[];
  /** Lines beyond the first about a transition. */
  readonly repeated: number;
  readonly delays: Delays;
}

/**
 * That what was told, what is kept and what is shown have all that the oracle says, under its ids and at its times, and nothing
 * besides. To be asked when nothing is published any more, and where no storm is told in a group.
 */
export async function proveLives(rig: Rig, rules: string, { replicas, all, faults }: Replicas): Promise<Proof> {
  const oracle = await askOracle(rig, rules);
  const { lives } = oracle;
  await eventually(() => assertAll('told', lives, idsTold(all)), PATIENCE_MS);
  await handled(replicas);
  const told = all.flatMap((replica) => replica.told());
  const kept = (await keptAlerts(rig)).filter(({ alertname }) => !BUILT_IN.has(alertname));
  const lines = told.filter(({ alert }) => !BUILT_IN.has(alert));
  assertAll('told', lives, new Set(lines.map(({ id }) => id)));
  assertAll('kept', lives, new Set(kept.map(idOf)));
  for (const { id, since, eventTime } of lines) {
    const expected = lives.get(id);
    assert.deepEqual([since, eventTime].map(Date.parse), [expected?.since, expected?.time], id);
  }
  const byId = Map.groupBy(lines, ({ id }) => id);
  for (const [id, several] of byId) {
    assert.ok(several.length <= 1 + faults, `${id} was told ${several.length} times`);
    assert.equal(new Set(several.map(({ by }) => by)).size, several.length, `${id} was told twice by one replica`);
  }
  const watchdogs = new Set(told.filter(({ alert }) => BUILT_IN.has(alert)).map(({ alert, id }) => `${alert} ${id}`));
  assert.match([...watchdogs].join(), /^Watchdog \w+ firing$/);

  const active = new Map([...oracle.active, ['Watchdog none firing default ', 1] as const].sort());
  assert.deepEqual(await keptActive(rig), active);
  await eventually(async () => assert.deepEqual(await shownActive(replicas), active));
  for (const replica of replicas) await replica.assertCounters();
  return { ...oracle, told, repeated: lines.length - byId.size, delays: delaysOf(oracle, told) };
}

/** A machine may be busy. */
const PATIENCE_MS = 120_000;

function idsTold(replicas: readonly AlertReplica[]): ReadonlySet<string> {
  const told = replicas.flatMap((replica) => replica.told());
  return new Set(told.flatMap(({ alert, id }) => (BUILT_IN.has(alert) ? [] : [id])));
}

function assertAll(what: string, lives: Lives, ids: ReadonlySet<string>): void {
  const missing = [...lives].filter(([id]) => !ids.has(id));
  const others = [...ids].filter((id) => !lives.has(id));
  const first = JSON.stringify([missing[0], others[0]]);
  assert.ok(missing.length + others.length === 0, `${missing.length} not ${what}, ${others.length} others: ${first}`);
}

interface Delays {
  /** From when the broker had an event, or its teller owned the partition if that was later, to when it was told first; milliseconds. */
  readonly sinceOwnedMs: number;
  /** The same from when the broker had it. */
  readonly sinceAppendedMs: number;
}

/** The longest. */
function delaysOf({ appended, lives }: Oracle, told: readonly Told[]): Delays {
  let [sinceOwnedMs, sinceAppendedMs] = [0, 0];
  const lines = told.filter(({ id }) => lives.has(id));
  for (const several of Map.groupBy(lines, ({ id }) => id).values()) {
    const first = several.reduce((a, b) => (b.at < a.at ? b : a));
    const had = appended.get(`${first.partition}/${first.offset}`);
    assert.ok(had !== undefined, `${first.id} was told at ${first.partition}/${first.offset}, which is no event`);
    sinceAppendedMs = Math.max(sinceAppendedMs, first.at - had);
    sinceOwnedMs = Math.max(sinceOwnedMs, first.at - Math.max(had, first.ownedSince ?? 0));
  }
  return { sinceOwnedMs, sinceAppendedMs };
}

export function figuresOfDelays({ sinceOwnedMs, sinceAppendedMs }: Delays): string {
  return `the latest ${seconds(sinceAppendedMs)} after its event, and ${seconds(sinceOwnedMs)} after its teller could have`;
}

/** Until the replicas have handled all that is on the topic; they own all of it. */
export async function handled(replicas: readonly AlertReplica[]): Promise<void> {
  await eventually(async () => {
    const all = await Promise.all(replicas.map(({ service }) => service.figures()));
    const sum = (name: string) => all.reduce((sum, figures) => sum + figures.sum(name), 0);
    assert.equal(sum('sysmon_partitions_owned'), ALERTS_TOPIC.partitions);
    const lags = all.flatMap(({ series }) => series.filter(({ name }) => name === 'sysmon_partition_lag'));
    assert.equal(lags.length, ALERTS_TOPIC.partitions);
    assert.equal(sum('sysmon_partition_lag'), 0);
  });
}

function transitionOf(rig: Rig, record: BusRecord): Transition {
  const kept = decodeAlert(rig.topic, record);
  assert.ok(kept !== undefined && 'change' in kept, `${placeOf(record)} of ${rig.alertsTopic} is no alert`);
  return kept.change.transition;
}

function idOf({ alertId, state }: Pick<Transition, 'alertId' | 'state'>): string {
  return `${alertId} ${state}`;
}

type Active = Pick<Transition, 'alertname' | 'severity' | 'cluster' | 'node'> & { readonly state: string };

function keyOfActive({ alertname, severity, state, cluster, node }: Active): string {
  return [alertname, severity, state, cluster, node].join(' ');
}

function counted(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of [...keys].sort()) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
