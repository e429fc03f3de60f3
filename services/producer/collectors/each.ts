/**
 * Does something for each of many, none of which shall suffer from another's failure.
 *
 * @throws the first failure, after all have had their turn.
 */
export function each<T>(items: Iterable<T>, work: (item: T) => void): void {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      work(item);
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}
