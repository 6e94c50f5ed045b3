// The lists of the page (messages, the ledger …) as values: drawn anew from what is, and sent as what is different.

/** A list as it should stand on screen. */
export interface Drawn {
  /** Each item's HTML by its key, in order. */
  readonly items: ReadonlyMap<string, string>;
  /** There is more before the first item, and after the last. */
  readonly earlier: boolean;
  readonly later: boolean;
}

/** What the browser makes of its list: the order is whole, the HTML only that of items it does not have. */
export interface Patch {
  readonly list: string;
  readonly order: readonly string[];
  readonly items: Readonly<Record<string, string>>;
  readonly earlier: boolean;
  readonly later: boolean;
}

/** Undefined when nothing is different. Without `before` everything is sent. */
export function patchOf(list: string, before: Drawn | undefined, after: Drawn): Patch | undefined {
  const order = [...after.items.keys()];
  const items = Object.fromEntries([...after.items].filter(([key, html]) => before?.items.get(key) !== html));
  if (before !== undefined && Object.keys(items).length === 0 && sameFrame(before, after)) return undefined;
  return { list, order, items, earlier: after.earlier, later: after.later };
}

function sameFrame(before: Drawn, after: Drawn): boolean {
  const [one, other] = [[...before.items.keys()], [...after.items.keys()]];
  return (
    before.earlier === after.earlier &&
    before.later === after.later &&
    one.length === other.length &&
    one.every((key, index) => key === other[index])
  );
}
