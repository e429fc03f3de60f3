/**
 * Something that goes wrong for a while: told when it begins and when it ends, with how long it was, and not each time
 * in between. A broker that is away for a night is two lines, not seventeen thousand.
 */
import type { Log } from '#runtime/log.ts';
import type { Clock } from './clock.ts';

export interface Episode {
  /** It goes wrong, perhaps again. */
  begin(fields: Readonly<Record<string, unknown>>): void;
  /** It goes well, perhaps still. */
  end(): void;
}

export interface EpisodeOptions {
  readonly log: Log;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** `error` if data is lost meanwhile. */
  readonly level: 'warn' | 'error';
  readonly begins: string;
  readonly ends: string;
  /** Stand in both lines. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export function createEpisode({ log, clock, level, begins, ends, fields: both }: EpisodeOptions): Episode {
  let since: number | undefined;
  return {
    begin(fields) {
      if (since !== undefined) return;
      since = clock.monotonic();
      log[level]({ ...both, ...fields }, begins);
    },
    end() {
      if (since === undefined) return;
      const seconds = Math.round(clock.monotonic() - since) / 1000;
      since = undefined;
      log.info({ ...both, seconds }, ends);
    },
  };
}
