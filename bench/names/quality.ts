// How well a score tells pairs of the same person from others.

export interface Scored {
  readonly score: number;
  readonly match: boolean;
}

export interface Quality {
  /** At the best threshold. */
  readonly f1: number;
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  /** How often a pair of one person scores above a pair of two, ties counting half. */
  readonly auc: number;
}

export function qualityOf(scored: readonly Scored[]): Quality {
  const sorted = scored.toSorted((one, other) => other.score - one.score);
  const positive = sorted.filter(({ match }) => match).length;
  let best = { f1: 0, threshold: 0, precision: 0, recall: 0 };
  let hits = 0;
  for (const [place, { score, match }] of sorted.entries()) {
    if (match) hits += 1;
    // Equal scores fall on the same side.
    if (sorted[place + 1]?.score === score) continue;
    const precision = hits / (place + 1);
    const recall = hits / Math.max(1, positive);
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    if (f1 > best.f1) best = { f1, threshold: score, precision, recall };
  }
  return { ...best, auc: areaOf(scored, positive) };
}

function areaOf(scored: readonly Scored[], positive: number): number {
  const negative = scored.length - positive;
  if (positive === 0 || negative === 0) return 0;
  const rising = scored.toSorted((one, other) => one.score - other.score);
  let ranks = 0;
  for (let from = 0; from < rising.length;) {
    let to = from;
    while (to < rising.length && rising[to]?.score === rising[from]?.score) to += 1;
    const middle = (from + 1 + to) / 2;
    for (let place = from; place < to; place += 1) if (rising[place]?.match === true) ranks += middle;
    from = to;
  }
  return (ranks - (positive * (positive + 1)) / 2) / (positive * negative);
}
