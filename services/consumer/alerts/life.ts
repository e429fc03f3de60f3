/**
 * The life of an alert as a table: what becomes of each phase when its condition holds at a moment, and when it does
 * not. Meaning is Prometheus' (rules/alerting.go, Eval):
 *
 *   phase      condition holds                        condition does not hold
 *   inactive   pending; firing at once if `for` is 0  inactive
 *   pending    firing once it is `for` old            inactive
 *   firing     firing                                 firing for `keep_firing_for` longer, then inactive
 *
 * Time is an argument; it never goes back (see rules/timeline.ts).
 */

export type Phase = 'inactive' | 'pending' | 'firing';

export interface Life {
  readonly phase: Phase;
  /** Since when the condition has held without a break, until it first fired. Milliseconds. */
  readonly activeAt: number;
  /** Since when a firing alert's condition has no longer held. */
  readonly coolingSince: number | undefined;
}

export interface Timing {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

export const INACTIVE: Life = { phase: 'inactive', activeAt: 0, coolingSince: undefined };

export function step(life: Life, holds: boolean, time: number, timing: Timing): Life {
  return NEXT[life.phase][holds ? 'holds' : 'fails'](life, time, timing);
}

type Step = (life: Life, time: number, timing: Timing) => Life;

const NEXT: Readonly<Record<Phase, { readonly holds: Step; readonly fails: Step }>> = {
  inactive: { holds: begin, fails: end },
  pending: { holds: ripen, fails: end },
  firing: { holds: burn, fails: cool },
};

function begin(_: Life, time: number, timing: Timing): Life {
  return ripen({ phase: 'pending', activeAt: time, coolingSince: undefined }, time, timing);
}

function ripen(life: Life, time: number, { forMs }: Timing): Life {
  return time - life.activeAt >= forMs ? { ...life, phase: 'firing' } : life;
}

function burn(life: Life): Life {
  return life.coolingSince === undefined ? life : { ...life, coolingSince: undefined };
}

function cool(life: Life, time: number, { keepFiringForMs }: Timing): Life {
  const coolingSince = life.coolingSince ?? time;
  return time - coolingSince < keepFiringForMs ? { ...life, coolingSince } : INACTIVE;
}

function end(): Life {
  return INACTIVE;
}
