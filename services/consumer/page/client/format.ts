/** Numbers and times as people read them, in SI units. */

export type Format = (value: number | null | undefined) => string;

export const UNKNOWN = '–';

export const percent: Format = (value) => (value == null ? UNKNOWN : `${value.toFixed(1)} %`);

export const count: Format = (value) => (value == null ? UNKNOWN : String(Math.round(value)));

export const load: Format = (value) => (value == null ? UNKNOWN : value.toFixed(2));

const UNITS = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'];

export const bytesPerSecond: Format = (value) => {
  if (value == null) return UNKNOWN;
  let [scaled, unit] = [value, 0];
  while (scaled >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const digits = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${UNITS[unit]}`;
};

export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

const two = (part: number) => String(part).padStart(2, '0');

/** Of the day, by the clock of whoever looks. */
export function clock(ms: number, seconds = true): string {
  const date = new Date(ms);
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return seconds ? `${minutes}:${two(date.getSeconds())}` : minutes;
}

export function day(ms: number): string {
  return new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}
