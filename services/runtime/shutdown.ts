/**
 * The ordered stop: what was started last is stopped first, one deadline for all of it. A step that fails or hangs is
 * named in the log and does not keep the others from their turn.
 */
import { setTimeout } from 'node:timers/promises';
import { messageOf, PipelineError } from './errors.ts';
import type { Log } from './log.ts';

export interface Step {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

/** @returns whether every step ended well before the deadline. */
export async function shutDown(steps: readonly Step[], deadlineMs: number, log: Log): Promise<boolean> {
  const deadline = new AbortController();
  const tooLate = setTimeout(deadlineMs, undefined, { signal: deadline.signal }).then(
    () => {
      throw new PipelineError('SHUTDOWN', `not finished ${deadlineMs} ms after the stop began`);
    },
    () => undefined,
  );
  let clean = true;
  for (const { name, stop } of steps.toReversed()) {
    try {
      await Promise.race([stop(), tooLate]);
    } catch (error) {
      clean = false;
      log.error({ step: name, error: messageOf(error) }, 'stop failed');
    }
  }
  deadline.abort();
  return clean;
}
