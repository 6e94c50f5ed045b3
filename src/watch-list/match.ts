import type { Identifier } from "./identifier.ts";

// Whether what was asked and what the index found are about the same person, and why. This is the boundary behind
// which exact comparison may become fuzzy scoring. Its contract:
//
// - Pure: the same question and the same rows give the same answer, in the same order, whatever the order of the rows.
// - An entry is judged by its own rows alone. How many others there are, and whether there are any, changes nothing
//   about it; the two lanes (open, restricted) can be matched apart, and are.
// - Only names, birth dates and identifiers come in. Nothing else about a person can: there is no field for it.
// - What comes out is a band and sentences, never a number: STRONG, POSSIBLE, or not there at all.

/** What was asked, as far as comparing needs it. */
export interface Question {
  /** How many parts the name has; 0: no name was given. */
  readonly tokens: number;
  /** Left out: no birth date was given. `id` undefined: nobody in the index was born then. */
  readonly born?: { readonly id: string | undefined };
  /** The identifiers looked up, in the order of the rows' keys (the first is 1). */
  readonly keys: readonly Key[];
}
export interface Key {
  readonly kind: Identifier["kind"];
  /** The whole identifier fits, issuer and all. Otherwise one side does not know the state or the platform. */
  readonly exact: boolean;
}

/** One row of what the index found: a name of an entry that shares parts with the one asked, or an identifier. */
export interface Candidate {
  readonly entryId: string;
  readonly ref: string;
  /** Which of the question's keys; null in the row of a name. */
  readonly key: number | null;
  /** How many parts this name has, and how many pairs of parts it shares with the one asked; null with a key. */
  readonly tokens: number | null;
  readonly pairs: number | null;
  /** Every birth date that the entry gives. */
  readonly dateIds: readonly string[];
}

export type Band = "STRONG" | "POSSIBLE";

export interface Ranked<One extends Candidate> {
  readonly candidate: One;
  readonly band: Band;
  /** Why, one stable sentence part each: "same plate and state", "birth date not given". */
  readonly why: readonly string[];
}

/** The entries that fit, the strongest first. */
export function match<One extends Candidate>(
  question: Question,
  candidates: readonly One[],
): readonly Ranked<One>[] {
  const entries = Map.groupBy(candidates, ({ entryId }) => entryId);
  return [...entries.values()]
    .flatMap((rows) => judge(question, rows) ?? [])
    .toSorted((one, other) => other.weight - one.weight || compare(one.candidate.ref, other.candidate.ref))
    .map(({ candidate, band, why }) => ({ candidate, band, why }));
}

type Name = "same" | "other" | "not asked";
type Born = "same" | "other" | "not asked" | "not known";

interface Judged<One extends Candidate> extends Ranked<One> {
  /** For the order only: a strong match before any possible one, then by what agrees. */
  readonly weight: number;
}

function judge<One extends Candidate>(question: Question, rows: readonly One[]): Judged<One> | undefined {
  const [candidate] = rows;
  if (candidate === undefined) return undefined;
  const keys = matchedKeys(question, rows);
  const whole = keys.some(({ exact }) => exact);
  const name = judgeName(question, rows);
  const born = judgeBorn(question, candidate);
  if (name !== "same" && keys.length === 0) return undefined;
  // Somebody else with the same name. Only an identifier that is nobody else's outweighs the date.
  if (born === "other" && !whole) return undefined;
  const strong = born === "same" ? name === "same" || whole : whole && born !== "other";
  return {
    candidate,
    band: strong ? "STRONG" : "POSSIBLE",
    why: [...keySentences(keys), nameSentences[name], bornSentences[born]],
    weight: weigh([strong, whole, born === "same", name === "same", keys.length > 0]),
  };
}

/** What comes first counts more than all that follows. */
function weigh(agreeing: readonly boolean[]): number {
  return agreeing.reduce((weight, agrees) => 2 * weight + Number(agrees), 0);
}

/** Spelled alike: the same parts, all of them and no others, in any order. */
function judgeName({ tokens }: Question, rows: readonly Candidate[]): Name {
  if (tokens === 0) return "not asked";
  const pairs = tokens === 1 ? 1 : (tokens * (tokens - 1)) / 2;
  return rows.some((row) => row.tokens === tokens && row.pairs === pairs) ? "same" : "other";
}

function judgeBorn({ born }: Question, { dateIds }: Candidate): Born {
  if (born === undefined) return "not asked";
  if (dateIds.length === 0) return "not known";
  return born.id !== undefined && dateIds.includes(born.id) ? "same" : "other";
}

function matchedKeys({ keys }: Question, rows: readonly Candidate[]): readonly Key[] {
  const places = new Set(rows.flatMap(({ key }) => (key === null ? [] : [key - 1])));
  return keys.filter((_key, place) => places.has(place));
}

const keyWords: Readonly<Record<Identifier["kind"], readonly [exact: string, loose: string]>> = {
  plate: ["same plate and state", "same plate, state not known on one side"],
  vin: ["same VIN", "same VIN"],
  phone: ["same phone number", "same phone number"],
  email: ["same e-mail address", "same e-mail address"],
  handle: ["same handle on the same platform", "same handle, platform not known on one side"],
};
function keySentences(keys: readonly Key[]): readonly string[] {
  const said = new Set(keys.map(({ kind, exact }) => keyWords[kind][exact ? 0 : 1]));
  return Object.values(keyWords)
    .flat()
    .filter((words, place, all) => said.has(words) && all.indexOf(words) === place);
}

const nameSentences: Readonly<Record<Name, string>> = {
  same: "same name",
  other: "another name, or spelled differently",
  "not asked": "name not given",
};
const bornSentences: Readonly<Record<Born, string>> = {
  same: "same birth date",
  other: "CONFLICT: another birth date",
  "not asked": "birth date not given",
  "not known": "birth date not on record",
};

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
