/** What is known of alerts: each life with its times, and the stream of what has changed, the newest first. */
import type { AlertRow, TransitionRow } from '../../api/shapes.ts';

export interface Life {
  readonly row: AlertRow;
  /** When it began to fire, and when it was over, if that was seen. */
  readonly firedMs: number | undefined;
  readonly endedMs: number | undefined;
}

const KEPT = 1000;
/** A Watchdog always fires: it is for machines. */
const FOR_MACHINES = 'none';

export class Lives {
  #stream: TransitionRow[] = [];
  #lives = new Map<string, Life>();

  get stream(): readonly TransitionRow[] {
    return this.#stream;
  }

  get(alertId: string): Life | undefined {
    return this.#lives.get(alertId);
  }

  values(): Iterable<Life> {
    return this.#lives.values();
  }

  /** The worst first, then the latest. */
  active(): Life[] {
    const active = [...this.#lives.values()].filter(({ row }) => row.state !== 'resolved');
    return active.sort((a, b) => rankOf(b.row) - rankOf(a.row) || b.row.sinceMs - a.row.sinceMs);
  }

  /** Everything anew, as `/api/alerts` tells it. What was told meanwhile is in it, too. */
  load(active: readonly AlertRow[], recent: readonly TransitionRow[]): void {
    this.#stream = [];
    this.#lives.clear();
    for (const row of recent) this.take(row);
    const still = new Set(active.map(({ alertId }) => alertId));
    for (const row of active) if (row.severity !== FOR_MACHINES) this.#note(row, undefined);
    for (const [alertId, { row }] of this.#lives) {
      if (row.state !== 'resolved' && !still.has(alertId)) this.#lives.delete(alertId);
    }
  }

  /** @returns whether it is news. */
  take(row: TransitionRow): boolean {
    if (row.severity === FOR_MACHINES) return false;
    if (this.#stream.some((known) => known.alertId === row.alertId && known.state === row.state)) return false;
    this.#stream.unshift(row);
    this.#note(row, row.timeMs);
    if (this.#stream.length > KEPT) this.#stream.pop();
    if (this.#lives.size > 2 * KEPT) this.#forgetOldest();
    return true;
  }

  forget(cluster: string, node: string): void {
    for (const [alertId, { row }] of this.#lives) {
      if (row.node === node && row.cluster === cluster && row.state !== 'resolved') this.#lives.delete(alertId);
    }
  }

  #note(row: AlertRow, timeMs: number | undefined): void {
    const known = this.#lives.get(row.alertId);
    const fired = row.state === 'firing' ? (known?.firedMs ?? timeMs ?? row.sinceMs) : known?.firedMs;
    this.#lives.set(row.alertId, {
      row,
      firedMs: fired,
      endedMs: row.state === 'resolved' ? timeMs : undefined,
    });
  }

  #forgetOldest(): void {
    for (const [alertId, { row }] of this.#lives) {
      if (row.state !== 'resolved') continue;
      this.#lives.delete(alertId);
      return;
    }
  }
}

const RANKS: Readonly<Record<string, number>> = { critical: 3, warning: 2 };

export function rankOf({ severity, state }: Pick<AlertRow, 'severity' | 'state'>): number {
  return (state === 'firing' ? 10 : 0) + (RANKS[severity] ?? 1);
}

/** The three that have a colour and a sign of their own. */
export function severityClass(severity: string | undefined): 'critical' | 'warning' | 'info' {
  return severity === 'critical' || severity === 'warning' ? severity : 'info';
}

export const SIGNS = { critical: '◆', warning: '▲', info: '●' } as const;
