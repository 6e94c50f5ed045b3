// Many small lists of numbers in two arrays: where each list starts, and all lists one after the other. Made in two
// rounds over the same input: first how many each list gets, then what.

export interface Lists {
  /** List `n` is `items` from `starts[n]` up to `starts[n + 1]`. */
  readonly starts: Uint32Array;
  readonly items: Uint32Array;
}

export interface ListsBuilder {
  readonly count: (list: number) => void;
  /** Between the rounds. */
  readonly counted: () => void;
  readonly add: (list: number, item: number) => number;
  readonly lists: () => Lists;
}

export function buildLists(lists: number): ListsBuilder {
  // One longer than needed: while adding, starts[n + 1] is where list n goes on.
  const starts = new Uint32Array(lists + 2);
  let items = new Uint32Array(0);
  return {
    count: (list) => {
      starts[list + 2] = (starts[list + 2] ?? 0) + 1;
    },
    counted: () => {
      let sum = 0;
      for (let list = 0; list < starts.length; list += 1) {
        sum += starts[list] ?? 0;
        starts[list] = sum;
      }
      items = new Uint32Array(sum);
    },
    add: (list, item) => {
      const at = starts[list + 1] ?? 0;
      items[at] = item;
      starts[list + 1] = at + 1;
      return at;
    },
    lists: () => ({ starts, items }),
  };
}
