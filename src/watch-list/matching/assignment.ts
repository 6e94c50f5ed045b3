import { MOST_PARTS } from "./name-reader.ts";

// Which asked part stands for which listed part, so that the evidence is greatest. Exact, and without allocating: once
// for every listed name that is weighed.

const masks = 1 << MOST_PARTS;
const best = new Float64Array((MOST_PARTS + 1) * masks);
const choice = new Int8Array((MOST_PARTS + 1) * masks);

/**
 * Fills `matches[asked place]` with the listed place, or -1. `worth[asked * 8 + listed]` is what a match is worth in
 * bits; 0 or less is no match.
 */
export function assign(
  asked: number,
  listed: number,
  tables: { worth: Float64Array; matches: Int8Array },
): void {
  const { worth, matches } = tables;
  if (assignAlone(asked, listed, tables)) return;
  best.fill(0, asked * masks, asked * masks + (1 << listed));
  for (let one = asked - 1; one >= 0; one -= 1)
    for (let used = 0; used < 1 << listed; used += 1) choose(one, used, { worth, listed });
  for (let one = 0, used = 0; one < asked; one += 1) {
    const chosen = choice[one * masks + used] ?? -1;
    matches[one] = chosen;
    if (chosen >= 0) used |= 1 << chosen;
  }
}

/** For this part and all that follow, when the listed parts in `used` are taken already. */
function choose(one: number, used: number, { worth, listed }: { worth: Float64Array; listed: number }): void {
  const rest = (one + 1) * masks;
  let top = best[rest + used] ?? 0;
  let chosen = -1;
  for (let other = 0; other < listed; other += 1) {
    const bits = worth[one * MOST_PARTS + other] ?? 0;
    if (bits <= 0 || (used & (1 << other)) !== 0) continue;
    const sum = bits + (best[rest + (used | (1 << other))] ?? 0);
    if (sum <= top) continue;
    top = sum;
    chosen = other;
  }
  best[one * masks + used] = top;
  choice[one * masks + used] = chosen;
}

/** The usual case: each part is like one other at most, and nobody else wants that one. */
function assignAlone(
  asked: number,
  listed: number,
  { worth, matches }: { worth: Float64Array; matches: Int8Array },
): boolean {
  let used = 0;
  for (let one = 0; one < asked; one += 1) {
    matches[one] = -1;
    for (let other = 0; other < listed; other += 1) {
      if ((worth[one * MOST_PARTS + other] ?? 0) <= 0) continue;
      if (matches[one] !== -1 || (used & (1 << other)) !== 0) return false;
      matches[one] = other;
      used |= 1 << other;
    }
  }
  return true;
}
