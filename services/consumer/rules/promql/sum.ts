/** Kahan's sum with Neumaier's improvement, as in Prometheus: the same digits from the same values. */

/** What the sum has lost to rounding once `value` is added to it, with what it had lost before. */
export function carryOf(sum: number, value: number, carry: number): number {
  const next = sum + value;
  if (Math.abs(next) === Number.POSITIVE_INFINITY) return 0;
  return Math.abs(sum) >= Math.abs(value) ? carry + (sum - next + value) : carry + (value - next + sum);
}

export function meanOf(values: ArrayLike<number>, count: number): number {
  let sum = 0;
  let carry = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    carry = carryOf(sum, value, carry);
    sum += value;
    if (Math.abs(sum) === Number.POSITIVE_INFINITY) return meanOfLarge(values, count);
  }
  return sum / count + carry / count;
}

/** Slower, and without a sum that could be too large. */
function meanOfLarge(values: ArrayLike<number>, count: number): number {
  let mean = 0;
  for (let i = 0; i < count; i++) mean = (i / (i + 1)) * mean + (values[i] as number) / (i + 1);
  return mean;
}
