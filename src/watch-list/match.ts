import type { Fit, IdentifierKind } from "./identifier.ts";
import { fits } from "./identifier.ts";
import type { Band, Judgement, LaneFound } from "./matching/question.ts";

// Evidence of identifiers, which are looked up, and of names and birth dates, which are compared, put together: who is
// shown, how sure, and why. One lane at a time: what the other one holds changes nothing here.
//
// - Pure: the same findings give the same answer, in the same order.
// - An identifier never becomes a search for names: each stands for itself, and both are told apart in the reasons.
// - What comes out is a band and sentences, never a number.

/** What was asked beside the identifiers. */
export interface AskedBeside {
  readonly name: boolean;
  readonly born: boolean;
}

/** An entry that an identifier was found on, and how the two agree. */
export interface Identified {
  readonly number: number;
  readonly kind: IdentifierKind;
  readonly fit: Fit;
}

/** An entry that fits: by its number, which nobody is shown. */
export interface Fitting {
  readonly number: number;
  readonly band: Band;
  /** One stable sentence for each part of the evidence, what speaks against it first. */
  readonly why: readonly string[];
  readonly conflict: boolean;
}

/** So many who fit alike that showing five of them would be picking at random. */
export interface Crowd {
  /** Of those whose number may be told. */
  readonly entries: number;
  readonly agencies: number;
  /** Some of all. */
  readonly numbers: readonly number[];
  readonly band: Band;
}

export interface Matched {
  /** The best first. */
  readonly fitting: readonly Fitting[];
  readonly crowds: readonly Crowd[];
}

interface Weighed extends Fitting {
  /** For the order alone, the first that differs: strong, an identifier that is nobody else's, bits. */
  readonly weight: readonly number[];
}

export interface Matching {
  readonly identified: readonly Identified[];
  /** A group of more than so many is counted, not shown: but for the owners of those whose number is theirs to tell. */
  readonly most: number;
  /** By number: what was shown before, and how sure. Shown again if it fits at all, whatever else fits by now. */
  readonly before?: ReadonlyMap<number, Band> | undefined;
}

export function match(
  asked: AskedBeside,
  { groups, judged }: LaneFound,
  { identified, most, before = new Map() }: Matching,
): Matched {
  const found = Map.groupBy(identified, ({ number }) => number);
  const byKey = [...found].flatMap(
    ([number, keys]) => byIdentifier(asked, { number, keys, name: judged.get(number) }) ?? [],
  );
  const byName = groups
    .flatMap((group) =>
      (group.entries <= most ? group.numbers : group.kept).map((number) => byNameAlone(asked, number, group)),
    )
    .filter(({ number }) => !found.has(number));
  const shown = new Set([...found.keys(), ...byName.map(({ number }) => number)]);
  const again = [...before]
    .filter(([number]) => !shown.has(number))
    .flatMap(([number, band]) => {
      const judgement = judged.get(number);
      return judgement?.band === undefined ? [] : [byNameAlone(asked, number, { ...judgement, band })];
    });
  return {
    fitting: [...byKey, ...byName, ...again]
      .toSorted(byWeight)
      .map(({ number, band, why, conflict }) => ({ number, band, why, conflict })),
    crowds: groups
      .filter(({ entries }) => entries > most)
      .map(({ entries, agencies, numbers, band }) => ({ entries, agencies, numbers, band })),
  };
}

function byNameAlone(
  asked: AskedBeside,
  number: number,
  group: Judgement & { readonly band: Band },
): Weighed {
  const { band, bits, conflict } = group;
  const why = against(besideSentences(asked, group));
  return { number, band, why, conflict, weight: [Number(band === "STRONG"), 0, bits] };
}

interface Evidence {
  readonly number: number;
  readonly keys: readonly Identified[];
  /** Left out where neither a name nor a birth date was asked, or the entry is over. */
  readonly name: Judgement | undefined;
}

function byIdentifier(asked: AskedBeside, { number, keys, name }: Evidence): Weighed | undefined {
  const whole = keys.some(({ fit }) => fit === "whole");
  const conflict = name?.conflict ?? false;
  const byName = name?.band;
  // Somebody else of whom we know half a plate. Only an identifier that is nobody else's outweighs a birth date.
  if (conflict && !whole && byName === undefined) return undefined;
  const strong = !conflict && (whole || byName === "STRONG");
  return {
    number,
    band: strong ? "STRONG" : "POSSIBLE",
    why: against([...keySentences(keys), ...besideSentences(asked, name)]),
    conflict,
    weight: [Number(strong), Number(whole), name?.bits ?? 0],
  };
}

/** What speaks against it is read first. */
function against(why: readonly string[]): readonly string[] {
  const conflicts = why.filter((sentence) => sentence.startsWith("CONFLICT"));
  return [...conflicts, ...why.filter((sentence) => !sentence.startsWith("CONFLICT"))];
}

const keyWords: Readonly<Record<IdentifierKind, Readonly<Partial<Record<Fit, string>>>>> = {
  plate: {
    whole: "same plate and state",
    issuer_unknown: "same plate, state not known on one side",
    look_alike: "a plate that looks alike: check the plate by eye",
    partial: "a plate that fits the part you gave: check the plate by eye",
  },
  vin: { whole: "same VIN" },
  phone: {
    whole: "same phone number",
    last_seven: "same last seven digits of the phone number, area code not the same or not known",
  },
  email: {
    whole: "same e-mail address",
    same_mailbox: "an e-mail address of the same mailbox, written differently",
  },
  handle: {
    whole: "same handle on the same platform",
    issuer_unknown: "same handle, platform not known on one side",
    other_issuer: "same handle on another platform",
    look_alike: "a handle that looks alike: check it sign by sign",
  },
};

/** One sentence for each kind, of what fits best. */
function keySentences(keys: readonly Identified[]): readonly string[] {
  const best = Map.groupBy(keys, ({ kind }) => kind);
  const kinds: readonly IdentifierKind[] = ["plate", "vin", "phone", "email", "handle"];
  return kinds.flatMap((kind) => {
    const [fit] = (best.get(kind) ?? [])
      .map((one) => one.fit)
      .toSorted((one, other) => fits.indexOf(one) - fits.indexOf(other));
    return fit === undefined ? [] : [keyWords[kind][fit] ?? "same identifier"];
  });
}

/** Of a name that does not fit no more is quoted than was asked: whoever has half a plate would read whose it is. */
function nameApart({ why, band }: Judgement): readonly string[] {
  if (band !== undefined) return why;
  const quoted = why.filter((sentence) => !sentence.startsWith("the listed name has an extra"));
  const fits = quoted.filter((sentence) => !sentence.endsWith('" is not in the listed name'));
  const some = fits.some((sentence) => !/^(?:born|birth date|CONFLICT)/.test(sentence));
  return some || fits.length === why.length
    ? quoted
    : ["another name, or written quite differently", ...fits];
}

function besideSentences(asked: AskedBeside, name: Judgement | undefined): readonly string[] {
  const said = name === undefined ? [] : nameApart(name);
  return [
    ...said,
    ...(asked.name ? [] : ["name not given"]),
    ...(asked.born ? [] : ["birth date not given"]),
  ].filter((sentence, place, all) => all.indexOf(sentence) === place);
}

function byWeight(one: Weighed, other: Weighed): number {
  for (const [place, weight] of one.weight.entries()) {
    const difference = (other.weight[place] ?? 0) - weight;
    if (difference !== 0) return difference;
  }
  return one.number - other.number;
}
