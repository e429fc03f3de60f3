/**
 * A replica by what it prints: its alert log and what the group gave to it, in one stream and so in the order in which it
 * happened. That says of each line whether the partition was its own by then, and since when.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { eventually } from '../programs.ts';
import type { Rig, Service } from './rig.ts';
import type { AlertLog } from './witnesses.ts';

/** A line of the alert log. */
export interface Told {
  readonly alert: string;
  readonly state: string;
  readonly severity: string;
  readonly count: number;
  readonly grouped: boolean;
  readonly late: boolean;
  readonly reason: string | undefined;
  readonly cluster: string;
  readonly node: string | undefined;
  /** Of the alert, and what it became; of a grouped line none. */
  readonly id: string;
  /** Event times, ISO. */
  readonly since: string;
  readonly eventTime: string;
  /** The event that it was told at. */
  readonly partition: number;
  readonly offset: number | undefined;
  readonly by: AlertReplica;
  /** When it was written, milliseconds. */
  readonly at: number;
  /** When the group gave out partitions last before that; `undefined` if this one's was not among them. */
  readonly ownedSince: number | undefined;
}

const GIVEN_OUT = 'The group has given out its partitions';

export class AlertReplica {
  readonly service: Service;
  /** When it was frozen, from and to; milliseconds. */
  readonly frosts: { readonly from: number; readonly to: number }[] = [];
  readonly #log: AlertLog;
  readonly #told: Told[] = [];
  #read = 0;
  #given: { readonly at: number; readonly partitions: ReadonlySet<number> } | undefined;

  private constructor(service: Service, log: AlertLog) {
    this.service = service;
    this.#log = log;
  }

  static async start(rig: Rig, name: string): Promise<AlertReplica> {
    const log = rig.alertLog(name);
    return new AlertReplica(await rig.consumer(log), log);
  }

  /** All that it has told so far. */
  told(): readonly Told[] {
    const added = this.service.stdout().slice(this.#read);
    const whole = added.slice(0, added.lastIndexOf('\n') + 1);
    this.#read += whole.length;
    for (const line of whole.split('\n').filter((each) => each.startsWith('{'))) this.#take(JSON.parse(line));
    return this.#told;
  }

  /** Until it tells something more: it has not kept it then, nor said that it has handled the event. */
  telling(): Promise<void> {
    return this.#log.grown(this.#log.size);
  }

  /** Frozen for as long as that takes. */
  async freeze(meanwhile: () => Promise<unknown>): Promise<void> {
    const from = Date.now();
    this.service.signal('SIGSTOP');
    await meanwhile();
    this.frosts.push({ from, to: Date.now() });
    this.service.signal('SIGCONT');
  }

  /** That its file has the same lines. Only for one that nobody has killed. */
  assertFile(): void {
    const lines = readFileSync(this.#log.file, 'utf8');
    const told = this.service.stdout().replaceAll(/^(?!.*"event":"alert").*\n/gm, '');
    assert.equal(lines, told);
  }

  /** That its counters of transitions count what its lines stand for. */
  async assertCounters(): Promise<void> {
    await eventually(async () => {
      const { series } = await this.service.figures();
      const counted = series.filter(({ name, value }) => name === 'sysmon_alert_transitions_total' && value > 0);
      const expected = new Map<string, number>();
      for (const { alert, severity, state, count } of this.told()) {
        const key = `${alert} ${severity} ${state}`;
        expected.set(key, (expected.get(key) ?? 0) + count);
      }
      const shown = counted.map(
        ({ labels: { alertname, severity, state }, value }) => [`${alertname} ${severity} ${state}`, value] as const,
      );
      assert.deepEqual(new Map([...shown].sort()), new Map([...expected].sort()));
    });
  }

  #take(line: Line): void {
    const at = Date.parse(line.time);
    if (line.msg === GIVEN_OUT) {
      this.#given = { at, partitions: new Set(line.partitions) };
    }
    if (line.event !== 'alert') return;
    const { alert, state, severity, count, grouped = false, late = false, reason, cluster, node, alertId } = line;
    const { partition = -1, offset } = line.evidence ?? {};
    this.#told.push({
      ...{ alert, state, severity, count, grouped, late, reason, cluster, node, id: `${alertId} ${state}` },
      ...{ since: line.since, eventTime: line.eventTime, partition, offset, by: this, at },
      ownedSince: this.#given?.partitions.has(partition) ? this.#given.at : undefined,
    });
  }
}

/** As it is printed: of the alert log, or of what the replica says of itself. */
interface Line extends Omit<Told, 'grouped' | 'late' | 'partition' | 'offset'> {
  readonly time: string;
  readonly msg: string;
  readonly event: string | undefined;
  readonly partitions: readonly number[];
  readonly grouped: boolean | undefined;
  readonly late: boolean | undefined;
  readonly alertId: string | undefined;
  readonly evidence: { readonly partition: number; readonly offset: number | undefined } | undefined;
}
