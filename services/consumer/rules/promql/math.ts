/** PromQL's functions of one value, with the digits of Go. Time is in seconds since the Unix epoch, UTC. */

export const MATH_FUNCTIONS = {
  abs: (v: number) => Math.abs(v),
  ceil: (v: number) => Math.ceil(v),
  floor: (v: number) => Math.floor(v),
  exp: (v: number) => Math.exp(v),
  ln: (v: number) => Math.log(v),
  log2: (v: number) => Math.log2(v),
  log10: (v: number) => Math.log10(v),
  sqrt: (v: number) => Math.sqrt(v),
  sgn: (v: number) => (v < 0 ? -1 : v > 0 ? 1 : v),
  /** Ties are rounded up. */
  round: (v: number, to: number) => Math.floor(v * (1 / to) + 0.5) / (1 / to),
  /** `undefined` for every series if there is nothing between the two. */
  clamp: (v: number, min: number, max: number) => (max < min ? undefined : atLeast(min, atMost(max, v))),
  clamp_min: (v: number, min: number) => atLeast(min, v),
  clamp_max: (v: number, max: number) => atMost(max, v),
  minute: (v: number) => modulo(Math.floor(Math.trunc(v) / 60), 60),
  hour: (v: number) => modulo(Math.floor(Math.trunc(v) / 3600), 24),
  // The epoch began on a Thursday.
  day_of_week: (v: number) => modulo(daysOf(v) + 4, 7),
  day_of_month: (v: number) => dateOf(v).day,
  day_of_year: (v: number) => daysOf(v) - daysBefore(dateOf(v).year, 1) + 1,
  days_in_month: (v: number) => daysInMonth(dateOf(v)),
  month: (v: number) => dateOf(v).month,
  year: (v: number) => dateOf(v).year,
} as const satisfies Readonly<Record<string, (v: number, a: number, b: number) => number | undefined>>;

export type MathFunction = keyof typeof MATH_FUNCTIONS;

/** Those that take the present time if they are given nothing. */
export const DATE_FUNCTIONS = [
  'minute',
  'hour',
  'day_of_week',
  'day_of_month',
  'day_of_year',
  'days_in_month',
  'month',
  'year',
] as const satisfies readonly MathFunction[];

/** Go's max and min: not a number if either is none. */
function atLeast(min: number, v: number): number {
  return Math.max(min, v);
}

function atMost(max: number, v: number): number {
  return Math.min(max, v);
}

/** Days since the Unix epoch. */
function daysOf(seconds: number): number {
  return Math.floor(Math.trunc(seconds) / 86_400);
}

interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The date in UTC. Gregorian, by years that begin in March: then the day that comes and goes is the last one. */
export function dateOf(seconds: number): CalendarDate {
  const days = daysOf(seconds) + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const dayOfYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Days from the Unix epoch to the first of a month. */
function daysBefore(year: number, month: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function daysInMonth({ year, month }: CalendarDate): number {
  const next = month === 12 ? daysBefore(year + 1, 1) : daysBefore(year, month + 1);
  return next - daysBefore(year, month);
}

function modulo(a: number, b: number): number {
  return ((a % b) + b) % b;
}
