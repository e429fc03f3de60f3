/**
 * Files below /sys that hold one value each. A driver may have none to give at the moment, and says so by any error it
 * likes (EIO of a sensor, EAGAIN of a chip that is busy, ETIMEDOUT of a bus): that value is left out, and no other suffers.
 * https://www.kernel.org/doc/html/latest/filesystems/sysfs.html#attributes
 */
import { PipelineError } from '#runtime/errors.ts';
import { decimal } from '../kernel/text.ts';
import type { Host } from './proc.ts';

/** The text of a file, `undefined` if there is none or none now. */
export function textIn(host: Host, path: string): string | undefined {
  try {
    return host.peek(path);
  } catch (error) {
    if (error instanceof PipelineError) return undefined;
    throw error;
  }
}

/** The number in a file, times that of what it counts; NaN if the file holds something else. */
export function numberIn(host: Host, path: string, times = 1): number | undefined {
  const text = textIn(host, path);
  return text === undefined ? undefined : decimal(text) * times;
}

/** In the unit of the metric; `undefined` stays what it is. To divide by 1000 is exact where to multiply by 0.001 is not. */
export function divided(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by;
}
