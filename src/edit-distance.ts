/** How many letters must be added, dropped, changed or swapped with their neighbour to get from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const at = (line: readonly number[], place: number): number => line[place] ?? Number.POSITIVE_INFINITY;
      const change = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(at(last, j) + 1, at(row, j - 1) + 1, change, swapped ? at(before, j - 2) + 1 : change),
      );
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
