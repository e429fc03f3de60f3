/** A wait between two attempts, which ends early and without a word when it is not to be waited any longer. */
import { setTimeout } from 'node:timers/promises';

export async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal: stopping }).catch(() => undefined);
}
