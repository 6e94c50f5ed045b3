import type { Asked } from "./asked.ts";
import { bornConflict, bornLevel, type BornAsked } from "./birth.ts";
import { createBounds, type Bounds, type BoundsOfQuestion } from "./bounds.ts";
import type { LaneLookUp } from "./feed.ts";
import { leastPair } from "./judgement.ts";
import { LEVELS } from "./likeness.ts";
import { likelyOf, particleTrait } from "./scale.ts";
import type { Vocabulary } from "./vocabulary.ts";

// What SQL looks up in place of the index: the same candidates, as numbers of the database.

/** Parts that stand for one asked part and are all equally alike to it: a row of the bounds. */
interface Group {
  readonly row: number;
  readonly level: number;
  readonly tokens: readonly number[];
}

/** Whatever may be shown, and hardly any other; of names with one part alone no more than the index in memory weighs. */
export function lookUpOf(asked: Asked, vocabulary: Vocabulary): LaneLookUp {
  const bounds = createBounds();
  bounds.start(asked, false);
  const groups = asked.slots.map((_slot, place) => alikeIn(asked, place, { vocabulary, bounds }));
  const looking: Looking = { asked, groups, bounds, idOf: vocabulary.idOf };
  const { single, anyDate } = singleOf(looking);
  return {
    pairs: pairsOf(looking),
    single,
    anyDate,
    limit: asked.mostAlone,
    dates: asked.dates,
    parts: idsOf(looking, asked.paired | asked.alone),
  };
}

/** Whether a birth date may be that of whoever is asked about. */
export function mayBeBorn(born: BornAsked): (date: number) => boolean {
  return (date) => bornLevel(born, date) !== bornConflict;
}

interface Looking {
  readonly asked: Asked;
  /** By slot. */
  readonly groups: readonly (readonly Group[])[];
  readonly bounds: Bounds;
  readonly idOf: (token: number) => number;
}

function alikeIn(
  { slots }: Asked,
  place: number,
  { vocabulary, bounds }: { readonly vocabulary: Vocabulary; readonly bounds: BoundsOfQuestion },
): readonly Group[] {
  const slot = slots[place];
  if (slot === undefined) return [];
  const { tokens, levels, chances } = slot;
  const traits = vocabulary.traits();
  const found = new Map<number, Group & { readonly tokens: number[] }>();
  for (const [at, token] of tokens.entries()) {
    const level = levels[at] ?? 0;
    const trait = traits[token] ?? 0;
    const row = 1 + 2 * (place * LEVELS.length + level) + Number((trait & particleTrait) !== 0);
    const group = found.get(row) ?? { row, level, tokens: [] };
    if (!found.has(row)) bounds.note(row, { trait, level, chances, isNew: true });
    group.tokens.push(token);
    found.set(row, group);
  }
  return [...found.values()];
}

type Pairs = LaneLookUp["pairs"][number];

/** Parts that stand for one asked part, and those of all others that may make a pair with them. */
function pairsOf(looking: Looking): readonly Pairs[] {
  const { asked, groups, idOf } = looking;
  return groups.flatMap((own, place) => {
    const companions = asked.companions[place] ?? 0;
    if (companions === 0) return [];
    const others = groups.flatMap((group, at) => ((companions & (1 << at)) === 0 ? [] : group));
    return own.flatMap((group) => {
      const a = group.tokens.map(idOf);
      const partners = partnersOf(group, others, looking);
      return [true, false].flatMap((dated) => {
        const b = partners.filter((one) => one.dated === dated).flatMap(({ tokens }) => tokens);
        return b.length === 0 ? [] : [{ a, b: [...new Set(b)].map(idOf), dated }];
      });
    });
  });
}

interface Partners {
  readonly tokens: readonly number[];
  readonly dated: boolean;
}

function partnersOf(group: Group, others: readonly Group[], { asked, bounds }: Looking): readonly Partners[] {
  const partners: Partners[] = [];
  const add = (row: number, tokens: readonly number[]): void => {
    if (asked.born !== undefined) partners.push({ tokens, dated: !bounds.contradicted(group.row, row) });
    else if (bounds.undated(group.row, row)) partners.push({ tokens, dated: false });
  };
  // The pair of a name of one part.
  add(0, group.tokens);
  for (const { row, level, tokens } of others) {
    if ((likelyOf[group.level] ?? 0) + (likelyOf[level] ?? 0) >= leastPair) add(row, tokens);
  }
  return partners;
}

/** Those that are shown whatever the birth date says come first, then the likeliest. */
function singleOf({ asked, groups, bounds, idOf }: Looking): Pick<LaneLookUp, "single" | "anyDate"> {
  const isDated = asked.born !== undefined;
  const wanted = groups
    .flatMap((group, place) => ((asked.alone & (1 << place)) === 0 ? [] : group))
    .filter(({ row }) => isDated || bounds.undated(row, 0))
    .map((group) => ({ ...group, anyDate: !isDated || bounds.contradicted(group.row, 0) }))
    .toSorted((one, other) => Number(other.anyDate) - Number(one.anyDate) || one.level - other.level);
  const ids = (some: typeof wanted) => [...new Set(some.flatMap(({ tokens }) => tokens.map(idOf)))];
  return { single: ids(wanted), anyDate: ids(wanted.filter(({ anyDate }) => anyDate)).length };
}

function idsOf({ groups, idOf }: Looking, wanted: number): readonly number[] {
  const tokens = groups.flatMap((group, place) =>
    (wanted & (1 << place)) === 0 ? [] : group.flatMap((one) => one.tokens),
  );
  return [...new Set(tokens)].map(idOf);
}
