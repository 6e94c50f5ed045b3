/** Draws that are a pure function of what they were begun with. */
export interface Random {
  /** 0 up to, not including, 1. */
  readonly next: () => number;
  /** A whole number from 0 up to, not including, `below`. */
  readonly below: (below: number) => number;
  readonly chance: (percent: number) => boolean;
  readonly pick: <Item>(items: readonly Item[]) => Item;
}

/** "entity 17 with seed 3": the same in every process. (sfc32, seeded by a mixer.) */
export function randomOf(...seeds: readonly number[]): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let counter = 1;
  const step = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (const seed of seeds) {
    a ^= seed;
    c = (c + Math.imul(seed, 0x85ebca6b)) | 0;
    for (let round = 0; round < 8; round += 1) step();
  }
  const next = (): number => step() / 2 ** 32;
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (percent) => next() * 100 < percent,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
  };
}

/** Items that are as usual as their weights say. */
export interface Weighted<Item> {
  readonly items: readonly Item[];
  readonly sums: Float64Array;
}

export function weighted<Item>(entries: readonly (readonly [item: Item, weight: number])[]): Weighted<Item> {
  let sum = 0;
  const sums = Float64Array.from(entries, ([, weight]) => (sum += weight));
  return { items: entries.map(([item]) => item), sums };
}

export function draw<Item>({ items, sums }: Weighted<Item>, random: Random): Item {
  const wanted = random.next() * (sums.at(-1) ?? 0);
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  const item = items[low];
  if (item === undefined) throw new Error("nothing to draw from");
  return item;
}
