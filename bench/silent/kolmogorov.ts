/** The farthest that the distributions of two samples are apart: 0 the same, 1 nothing in common. */
export function distance(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [ascending(one), ascending(other)];
  let [atA, atB, farthest] = [0, 0, 0];
  while (atA < a.length && atB < b.length) {
    const value = Math.min(a[atA] ?? 0, b[atB] ?? 0);
    while (atA < a.length && (a[atA] ?? 0) <= value) atA += 1;
    while (atB < b.length && (b[atB] ?? 0) <= value) atB += 1;
    farthest = Math.max(farthest, Math.abs(atA / a.length - atB / b.length));
  }
  return farthest;
}

/** Two samples of the same distribution, of these sizes, are farther apart than this in one of twenty cases. */
export function farthestByChance(one: number, other: number): number {
  return 1.358 * Math.sqrt((one + other) / (one * other));
}

function ascending(values: readonly number[]): readonly number[] {
  return values.toSorted((one, other) => one - other);
}
