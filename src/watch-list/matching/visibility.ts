// Who may match an entry, as a small number: a list has few different owners and audiences.

export interface Visibility {
  /** The class of all entries with this owner and this audience (undefined: all agencies), kept or not. */
  readonly classOf: (owner: string, audience: readonly string[] | undefined, kept?: boolean) => number;
  /** By class: 1 where this agency may match. Longer than asked for later, never wrong: classes do not change. */
  readonly mayMatch: (agency: string) => Uint8Array;
  readonly ownerOf: (visibilityClass: number) => string;
  /** Whether this agency may be told how many of them there are: its own, and those whose owner keeps no secret of it. */
  readonly isTold: (visibilityClass: number, agency: string) => boolean;
}

interface Class {
  readonly owner: string;
  readonly kept: boolean;
  readonly audience: ReadonlySet<string> | undefined;
}

/** Agencies whose answers are kept. */
const MOST_KEPT = 1000;

export function createVisibility(): Visibility {
  const classes: Class[] = [];
  const numbers = new Map<string, number>();
  const kept = new Map<string, Uint8Array>();

  function classOf(owner: string, audience: readonly string[] | undefined, kept = false): number {
    const named = audience === undefined ? owner : [owner, "", ...audience.toSorted()].join(" ");
    const key = kept ? `kept ${named}` : named;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, classes.length);
    classes.push({ owner, kept, audience: audience && new Set(audience) });
    return classes.length - 1;
  }

  function mayMatch(agency: string): Uint8Array {
    const known = kept.get(agency);
    if (known?.length === classes.length) return known;
    if (kept.size >= MOST_KEPT) kept.clear();
    const may = Uint8Array.from(classes, ({ owner, audience }) =>
      Number(owner === agency || audience === undefined || audience.has(agency)),
    );
    kept.set(agency, may);
    return may;
  }

  function isTold(visibilityClass: number, agency: string): boolean {
    const known = classes[visibilityClass];
    return known !== undefined && (!known.kept || known.owner === agency);
  }

  return { classOf, mayMatch, isTold, ownerOf: (visibilityClass) => classes[visibilityClass]?.owner ?? "" };
}
