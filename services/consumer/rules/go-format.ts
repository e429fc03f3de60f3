/**
 * Numbers as Go's fmt prints them, because that is what Prometheus prints in labels and annotations. Go rounds the exact
 * decimal value half to even where JavaScript rounds half away from zero: 2.5 is "2" in one and "3" in the other.
 * https://pkg.go.dev/fmt
 */

/** `%v`: the fewest digits that tell the number from its neighbours, with an exponent from 1e+06 up and below 0.0001. */
export function formatShortest(value: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  const [mantissa = '', exponent] = Math.abs(value).toExponential().split('e');
  return signOf(value) + general({ digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }, 6);
}

/** `%.Ng`: that many significant digits, without the zeros at the end. */
export function formatSignificant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  return signOf(value) + general(round(exactly(value), digits), digits);
}

/** `%.Nf`: that many digits after the point. */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  const exact = exactly(value);
  const { digits, point } = round(exact, exact.point + decimals);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = `${'0'.repeat(Math.max(0, -point))}${digits.slice(Math.max(0, point))}`;
  return `${signOf(value)}${whole}${decimals > 0 ? `.${fraction.slice(0, decimals).padEnd(decimals, '0')}` : ''}`;
}

/** `%.Ne`: one digit before the point, that many after it, and an exponent of at least two digits. */
export function formatExponent(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  const { digits, point } = round(exactly(value), decimals + 1);
  const fraction = digits.slice(1, decimals + 1).padEnd(decimals, '0');
  return `${signOf(value)}${digits[0]}${decimals > 0 ? `.${fraction}` : ''}${exponentOf(value === 0 ? 0 : point - 1)}`;
}

/** 0.DIGITS × 10^point. Zero has one digit, 0, before the point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

function formatSpecial(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}

/** Plain if the exponent is from −4 to below the limit, else with an exponent of at least two digits. */
function general({ digits, point }: Decimal, limit: number): string {
  const significant = digits.replace(/(?<=.)0+$/, '');
  const exponent = point - 1;
  if (exponent >= -4 && exponent < limit) {
    if (point <= 0) return `0.${'0'.repeat(-point)}${significant}`;
    const whole = significant.slice(0, point).padEnd(point, '0');
    return significant.length > point ? `${whole}.${significant.slice(point)}` : whole;
  }
  const [first = '', rest] = [significant[0], significant.slice(1)];
  return `${first}${rest === '' ? '' : `.${rest}`}${exponentOf(exponent)}`;
}

function exponentOf(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Every finite double is a whole number times a power of two, so it has an exact decimal form. */
function exactly(value: number): Decimal {
  if (value === 0) return { digits: '0', point: 1 };
  const bits = new BigUint64Array(new Float64Array([Math.abs(value)]).buffer)[0] as bigint;
  const biased = Number(bits >> 52n);
  const mantissa = biased === 0 ? bits : (bits & ((1n << 52n) - 1n)) | (1n << 52n);
  const exponent = Math.max(biased, 1) - 1075;
  const whole = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const digits = String(whole);
  return { digits, point: digits.length + Math.min(exponent, 0) };
}

/** The first `count` digits, rounded half to even by those that follow. */
function round({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '0', point: 1 };
  const [kept, rest] = [digits.slice(0, count), digits.slice(count)];
  const half = `5${'0'.repeat(rest.length - 1)}`;
  const odd = Number(kept.at(-1) ?? 0) % 2 === 1;
  if (rest < half || (rest === half && !odd)) return kept === '' ? { digits: '0', point: 1 } : { digits: kept, point };
  const up = String(BigInt(kept || '0') + 1n);
  return { digits: up, point: point + up.length - count };
}
