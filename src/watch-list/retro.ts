import { askKeys, indexKeys, type Identifier } from "./identifier.ts";
import { bornAsked } from "./matching/birth.ts";
import { datesToLookUp } from "./matching/date-block.ts";
import { codesOf } from "./matching/likeness.ts";
import { readName } from "./matching/name-reader.ts";
import type { Band } from "./matching/question.ts";
import type { Asked } from "./query.ts";

// Under which coarse forms a question and an entry that comes after it can meet. Pure; what is kept are keyed hashes of
// these, and the matcher judges whoever meets.

/** Kept of every question, whatever was asked. */
export const RETRO_KEYS = 64;
/** Whoever asked is told of so many entries that came later, the first ones, and of more where they fit well. */
export const MOST_LATE: Readonly<Record<Band, number>> = { POSSIBLE: 5, STRONG: 10 };
const MOST_IDENTIFIER_KEYS = 16;
const MOST_DATE_KEYS = 12;

/**
 * The forms of a question, the most telling first, at most RETRO_KEYS: its identifiers, parts of its name with its birth
 * date, and pairs of parts as they sound and as their nicknames go.
 */
export function formsOfQuestion({ tokens, born, identifiers }: Asked): readonly string[] {
  const keys = identifiers.flatMap((one) => askKeys(one).map(({ key }) => identifierForm(one, key)));
  const parts = tokens.map(toldForms).filter((forms) => forms.length > 0);
  const dates = [...(bornAsked(born)?.readings ?? [])];
  const dated = dates.flatMap((date) =>
    parts.flatMap((forms) => forms.slice(0, 2).map((form) => dateForm(date, form))),
  );
  return [
    ...new Set([
      ...keys.slice(0, MOST_IDENTIFIER_KEYS),
      ...dated.slice(0, MOST_DATE_KEYS),
      ...pairForms(parts),
    ]),
  ].slice(0, RETRO_KEYS);
}

export interface FindablePerson {
  readonly names: readonly string[];
  /** "1984-03-02", "1984-03", "1984" */
  readonly birthDates: readonly string[];
  readonly identifiers: readonly Identifier[];
}

/** So many of a question's forms at most are looked for, so that an entry of many names holds no other one up. */
export const MOST_FORMS = 2_000;

/** The forms under which a question about this person may be kept, as many of each name, the most telling first. */
export function formsOfPerson({ names, birthDates, identifiers }: FindablePerson): readonly string[] {
  const dates = birthDates.flatMap((date) => datesToLookUp({ readings: [date], years: 0 }));
  const keys = identifiers.flatMap((one) => indexKeys(one).map((key) => identifierForm(one, key)));
  const each = Math.floor(MOST_FORMS / Math.max(1, names.length));
  const forms = names.flatMap((name) => {
    const parts = readName(name).parts.map((part) => codesOf(part));
    const ranks = Math.max(0, ...parts.map((codes) => codes.length));
    const dated = Array.from({ length: ranks }, (_none, rank) =>
      dates.flatMap((date) =>
        parts.flatMap((codes) => codes.slice(rank, rank + 1).map((code) => dateForm(date, code))),
      ),
    ).flat();
    return [...dated.slice(0, each / 2), ...pairForms(parts)].slice(0, each);
  });
  return [...new Set([...keys, ...forms])].slice(0, MOST_FORMS);
}

function identifierForm({ kind }: Identifier, key: string): string {
  return `id ${kind} ${key}`;
}
function dateForm(date: number, form: number): string {
  return `born ${date} ${form}`;
}

/** The kinds of codes (their low four bits) by which a question is kept, in this order; see likeness.ts. */
const told = [0, 2, 3, 2, 4, 0] as const;

/** How a part sounds, its first nicknames, its other spellings: a few of its codes, the most telling first. */
function toldForms(part: string): readonly number[] {
  const left = new Map<number, number[]>();
  for (const code of codesOf(part)) left.set(code & 15, [...(left.get(code & 15) ?? []), code]);
  return told.flatMap((kind) => left.get(kind)?.shift() ?? []);
}

/** A form of one part with a form of another: those that are both far in front come first. */
function pairForms(parts: readonly (readonly number[])[]): readonly string[] {
  const pairs: { readonly form: string; readonly rank: number }[] = [];
  for (const [at, one] of parts.entries()) {
    for (const other of parts.slice(at + 1)) {
      for (const [first, a] of one.entries()) {
        for (const [second, b] of other.entries()) {
          pairs.push({ form: `pair ${Math.min(a, b)} ${Math.max(a, b)}`, rank: first + second });
        }
      }
    }
  }
  return pairs.toSorted((one, other) => one.rank - other.rank).map(({ form }) => form);
}
