/**
 * Durations as Prometheus writes them: `1h30m`, `90s`, `1d`, units from large to small, each at most once.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/ (`<duration>`)
 */

const DAY_MS = 24 * 60 * 60 * 1000;
const UNITS_MS = [365 * DAY_MS, 7 * DAY_MS, DAY_MS, 60 * 60 * 1000, 60_000, 1000, 1];
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** What Go's time.Duration can hold, which is what Prometheus can. */
const MAX_MS = 2 ** 63 / 1e6;

export const DURATION_EXPECTED = 'a duration such as 30s, 5m or 1h30m';

/** Milliseconds, or `undefined` if the text is not a duration. Only zero may stand without a unit. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const amounts = DURATION.exec(text);
  if (text === '' || amounts === null) return undefined;
  const ms = UNITS_MS.reduce((sum, unit, i) => sum + Number(amounts[i + 1] ?? 0) * unit, 0);
  return ms < MAX_MS ? ms : undefined;
}
