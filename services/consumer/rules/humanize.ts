/**
 * The functions of Prometheus' templates that make a number easy to read, digit for digit.
 * https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
 */
import { formatSignificant } from './go-format.ts';
import { dateOf } from './promql/math.ts';

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];

export const HUMANIZERS: Readonly<Record<string, (value: number) => string>> = {
  /** 1234567 → 1.235M */
  humanize(value) {
    if (value === 0 || !Number.isFinite(value)) return digits(value);
    return Math.abs(value) >= 1 ? scaleDown(value, 1000, LARGE) : scaleUp(value);
  },
  /** 1048576 → 1Mi */
  humanize1024(value) {
    return Math.abs(value) <= 1 || !Number.isFinite(value) ? digits(value) : scaleDown(value, 1024, BINARY);
  },
  /** 3725 → 1h 2m 5s */
  humanizeDuration(value) {
    if (!Number.isFinite(value)) return digits(value);
    if (value === 0) return `${digits(value)}s`;
    if (Math.abs(value) < 1) return `${scaleUp(value)}s`;
    const sign = value < 0 ? '-' : '';
    const seconds = Math.trunc(Math.abs(value));
    const [s, m, h] = [seconds % 60, Math.trunc(seconds / 60) % 60, Math.trunc(seconds / 3600) % 24];
    const d = Math.trunc(seconds / 86_400);
    if (d > 0) return `${sign}${d}d ${h}h ${m}m ${s}s`;
    if (h > 0) return `${sign}${h}h ${m}m ${s}s`;
    if (m > 0) return `${sign}${m}m ${s}s`;
    return `${sign}${digits(Math.abs(value))}s`;
  },
  /** 1435065584.128 → 2015-06-23 13:19:44.128 +0000 UTC */
  humanizeTimestamp(value) {
    if (!Number.isFinite(value)) return digits(value);
    const ms = Math.floor(value * 1000);
    const { year, month, day } = dateOf(Math.floor(ms / 1000));
    const two = (number: number) => String(number).padStart(2, '0');
    const ofDay = ((ms % 86_400_000) + 86_400_000) % 86_400_000;
    const clock = [ofDay / 3_600_000, (ofDay / 60_000) % 60, (ofDay / 1000) % 60].map((part) => two(Math.floor(part)));
    const fraction =
      ofDay % 1000 === 0
        ? ''
        : `.${String(ofDay % 1000)
            .padStart(3, '0')
            .replace(/0+$/, '')}`;
    return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${clock.join(':')}${fraction} +0000 UTC`;
  },
  /** 0.1234 → 12.34% */
  humanizePercentage(value) {
    return `${digits(value * 100)}%`;
  },
};

function digits(value: number): string {
  return formatSignificant(value, 4);
}

function scaleDown(value: number, step: number, prefixes: readonly string[]): string {
  let [scaled, prefix] = [value, ''];
  for (const next of prefixes) {
    if (Math.abs(scaled) < step) break;
    [scaled, prefix] = [scaled / step, next];
  }
  return `${digits(scaled)}${prefix}`;
}

function scaleUp(value: number): string {
  let [scaled, prefix] = [value, ''];
  for (const next of SMALL) {
    if (Math.abs(scaled) >= 1) break;
    [scaled, prefix] = [scaled * 1000, next];
  }
  return `${digits(scaled)}${prefix}`;
}
