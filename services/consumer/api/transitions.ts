/** The latest transitions, numbered, so that whoever was away for a moment can be told what was missed. Pure. */

import type { Transition } from '../alerts/transition.ts';
import type { ActiveAlert } from '../rules/judge.ts';
import type { NodeName } from '../state.ts';
import type { AlertRow, TransitionRow } from './shapes.ts';

/** Some kilobytes each at most. */
const KEPT = 1000;

export interface Numbered {
  readonly number: number;
  readonly row: TransitionRow;
}

export class RecentTransitions {
  #kept: Numbered[] = [];
  #last = 0;
  /** The highest number of those that made room. */
  #dropped = 0;

  /** The number of the latest; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  add(transition: Transition): void {
    this.#kept.push({ number: ++this.#last, row: rowOf(transition) });
    if (this.#kept.length > KEPT) this.#dropped = this.#kept.shift()?.number ?? 0;
  }

  rows(): TransitionRow[] {
    return this.#kept.map(({ row }) => row);
  }

  /** Those after a number; `undefined` if some of them are not kept any more, or if there never was such a number. */
  after(number: number): readonly Numbered[] | undefined {
    if (number < this.#dropped || number > this.#last) return undefined;
    return this.#kept.filter((kept) => kept.number > number);
  }

  /** What is said of the node from now on, another replica says. */
  forget({ cluster, node }: NodeName): void {
    this.#kept = this.#kept.filter(({ row }) => row.node !== node || row.cluster !== cluster);
  }
}

function rowOf(transition: Transition): TransitionRow {
  const { time: timeMs, wasFiring, state, reason } = transition;
  return { ...alertRow({ ...transition, firedAt: undefined }), state, timeMs, wasFiring, reason };
}

export function alertRow(alert: Omit<ActiveAlert, 'state'> & { readonly state: AlertRow['state'] }): AlertRow {
  const { alertId, alertname, state, severity, cluster, node, since: sinceMs, value, late } = alert;
  const { firedAt: firedMs, labels, annotations } = alert;
  const shown = Number.isFinite(value) ? value : String(value);
  const identity = { alertId, alertname, state, severity, cluster, node };
  return { ...identity, sinceMs, firedMs, value: shown, late, labels, annotations };
}
