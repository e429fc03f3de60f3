/** The φ-quantile, between two values by their distance. NaN counts as the smallest, as in Prometheus. */
export function quantileOf(phi: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  values.sort(nanFirst);
  const rank = phi * (values.length - 1);
  const lower = Math.floor(rank);
  const weight = rank - lower;
  const upper = Math.min(values.length - 1, lower + 1);
  return (values[lower] as number) * (1 - weight) + (values[upper] as number) * weight;
}

function nanFirst(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
