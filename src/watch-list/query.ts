import type { Role } from "../bot/policy.ts";
import { readBorn, type ReadBorn } from "./born-reader.ts";
import type { Sensitivity } from "./entry.ts";
import { isUnique, readIdentifiers, type Identifier, type IdentifierKind } from "./identifier.ts";
import { readName } from "./matching/name-reader.ts";
import type { Band } from "./matching/question.ts";

/** Why somebody asks. */
export const purposes = {
  traffic_stop: "Traffic stop",
  call_for_service: "Call for service",
  field_contact: "Field contact",
  warrant_service: "Warrant service",
  investigation: "Investigation",
  event_security: "Event security",
  supervision_check: "Supervision check",
  audit: "Audit of the watch-list",
} as const;
export type Purpose = keyof typeof purposes;

/** Somebody stands beside the person: the owner is told first. */
export function isUrgent(purpose: Purpose): boolean {
  return purpose === "traffic_stop" || purpose === "field_contact" || purpose === "warrant_service";
}

// ------------------------------------------------------------------------------------------------ what is asked

/** What the officer entered, sealed together. There is no field for anything else about a person. */
export interface QueryInputs {
  /** A CAD or case number, or "NONE". */
  readonly caseRef: string;
  /** For whom a dispatcher asks, or who has no number yet. */
  readonly unit?: string | undefined;
  readonly name?: string | undefined;
  readonly born?: string | undefined;
  readonly identifiers?: string | undefined;
}

export const inputLimits = { name: 120, born: 30, identifiers: 250, caseRef: 32, unit: 20 } as const;

/** How the inputs are understood. */
export interface Asked {
  /** The name as the matcher is asked it; undefined: none was given. */
  readonly name: string | undefined;
  /** Its parts as they are compared, and "jr" or the like. */
  readonly tokens: readonly string[];
  readonly suffix: string | undefined;
  readonly born: ReadBorn | undefined;
  readonly identifiers: readonly Identifier[];
  readonly unread: readonly string[];
  /** What cannot be searched as it stands: a sentence at the field. */
  readonly problems: Readonly<Partial<Record<"name" | "born" | "identifiers", string>>>;
}

/** `now`: when it is asked. Without it nothing is found to be in the future. */
export function readInputs(
  { name, born, identifiers }: Omit<QueryInputs, "caseRef" | "unit">,
  now?: Date,
): Asked {
  const named = readAskedName(name ?? "");
  const date = born === undefined ? undefined : readBorn(born, now);
  const { wrong, ...read } = readIdentifiers(identifiers ?? "", { asking: true });
  const problem = nameProblem(name, named.tokens);
  return {
    ...named,
    born: date === undefined || "problem" in date ? undefined : date,
    ...read,
    problems: {
      ...(problem !== undefined && { name: problem }),
      ...(date !== undefined && "problem" in date && { born: date.problem }),
      ...(wrong.length > 0 && { identifiers: wrong.join(" ") }),
    },
  };
}

/** Pictures are no part of a name, though they could be spelled out. */
function readAskedName(text: string): Pick<Asked, "name" | "tokens" | "suffix"> {
  const words = text.replaceAll(/[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]/gu, " ");
  const { parts, suffix } = /\p{L}/u.test(words) ? readName(words) : { parts: [], suffix: undefined };
  return { name: parts.length === 0 ? undefined : words.trim(), tokens: parts, suffix };
}

function nameProblem(text: string | undefined, tokens: readonly string[]): string | undefined {
  if (text === undefined) return undefined;
  if (/[*?]/.test(text)) {
    return "A name is searched without * and ?: write what you know of it. Similar spellings are searched too.";
  }
  if (tokens.length === 0) return "I find no name in this. Write it in letters, of any alphabet.";
  // One sign of Chinese or Korean is a whole part of a name.
  const oneSign = /[\p{Script=Han}\p{Script=Hangul}]/u.test(text);
  if (tokens.some((part) => part.length > 1) || oneSign) return undefined;
  return "A letter is no name. Write as much of the name as you know.";
}

/** For the audit: which kinds of input there were, never what they said. */
export function inputKinds({
  tokens,
  born,
  identifiers,
}: Asked): readonly (IdentifierKind | "name" | "born")[] {
  return [
    ...(tokens.length > 0 ? (["name"] as const) : []),
    ...(born === undefined ? [] : (["born"] as const)),
    ...new Set(identifiers.map(({ kind }) => kind)),
  ];
}

/**
 * What was searched for, in one spelling however it was written: a keyed hash of it outlives the words, so that
 * whoever knows a question can still prove that it was asked; of a date that means two days, by the more usual one.
 * Each agency's own, because nobody may compare.
 */
export function askedBytes(agency: string, { tokens, suffix = "", born, identifiers }: Asked): string {
  const keys = identifiers.map(({ kind, issuer = "", value }) => `${kind} ${issuer} ${value}`);
  const date = born === undefined ? null : `${born.readings[0]}${born.years > 0 ? `±${born.years}` : ""}`;
  return JSON.stringify([agency, [...tokens, suffix].filter(Boolean).toSorted(), date, keys.toSorted()]);
}

const NO_NUMBER = "NONE";

/** "24-118833", "CAD 24-118833 for 4A12", "NONE 4A12". Undefined: no number, no unit, or words instead of a number. */
export function readCaseRef(text: string): Pick<QueryInputs, "caseRef" | "unit"> | undefined {
  const [, number = "", unit] =
    /^(?:(?:cad|case)(?:\s+no\.?)?[\s#:]+)?(\S+)(?:\s+(?:for\s+)?(?:unit\s+)?(.+))?$/i.exec(text.trim()) ??
    [];
  const caseRef = number.toUpperCase();
  // A word would do for a name: a number has a digit.
  const isNumber = /^[A-Z0-9][A-Z0-9/#.:-]*$/.test(caseRef) && /\d/.test(caseRef);
  const fits = caseRef.length <= inputLimits.caseRef && (unit ?? "").length <= inputLimits.unit;
  if (!fits || !(isNumber || caseRef === NO_NUMBER)) return undefined;
  if (caseRef === NO_NUMBER && unit === undefined) return undefined;
  return unit === undefined ? { caseRef } : { caseRef, unit };
}

/** "CAD 24-118833, for 4A12" */
export function caseWords({ caseRef, unit }: Pick<QueryInputs, "caseRef" | "unit">): string {
  const number = caseRef === NO_NUMBER ? "no CAD number yet" : `CAD ${caseRef}`;
  return unit === undefined ? number : `${number}, for ${unit}`;
}

/** Too little to find one person by: a question like that only trawls. Two inputs, or one that is nobody else's. */
export function tooLittle({ tokens, born, identifiers }: Asked): boolean {
  if (identifiers.some(isUnique)) return false;
  return tokens.length + Number(born !== undefined) + identifiers.length < 2;
}

export interface Limit {
  /** From here on the answer says that it is noticed. */
  readonly soft: number;
  /** From here on nothing is answered until an hour has passed. */
  readonly hard: number;
}

/** Questions in an hour. A dispatcher asks for all units, and has to name them. */
export function hourlyLimit(roles: readonly Role[]): Limit {
  return roles.includes("dispatcher") ? { soft: 60, hard: 120 } : { soft: 20, hard: 60 };
}

// ------------------------------------------------------------------------------------------------ what was found

const moreAndMoreSecret: readonly Sensitivity[] = ["OPEN", "AGENCY_ONLY", "RESTRICTED"];

/** What was found at the moment of asking, kept with the query until its owners are told. */
export interface FoundEntry {
  readonly entryId: string;
  readonly sensitivity: Sensitivity;
  readonly band: Band;
}

/** Entries that cannot be told apart by what was asked: how many, and of how many agencies. */
export interface CountedGroup {
  readonly entries: number;
  readonly agencies: number;
}

/** So many of them are said, the best first. */
export const MOST_COUNTED = 3;

/** Answers show the five that fit best. */
export const MOST_SHOWN = 5;
/** Silent hits beyond these, the strongest first, are not told to their owners: so many fit only the commonest name. */
export const MOST_SILENT = 40;

// A letter for each, because what is found has one size however much it is.
const sensitivityLetters: Readonly<Record<Sensitivity, string>> = {
  OPEN: "o",
  AGENCY_ONLY: "a",
  RESTRICTED: "r",
};

export function packFound(found: readonly FoundEntry[]): readonly string[] {
  return found.map(
    ({ entryId, sensitivity, band }) =>
      `${entryId}${sensitivityLetters[sensitivity]}${band === "STRONG" ? "s" : "p"}`,
  );
}
export function unpackFound(packed: readonly string[]): readonly FoundEntry[] {
  return packed.map((one) => ({
    entryId: one.slice(0, 36),
    sensitivity:
      moreAndMoreSecret.find((name) => sensitivityLetters[name] === one.charAt(36)) ?? "RESTRICTED",
    band: one.endsWith("s") ? "STRONG" : "POSSIBLE",
  }));
}

export const PADDED_BYTES = 2048;
/** With entries that came later, which the rows of their hits show anyway. */
export const PADDED_LATE_BYTES = 3072;

/** The same value, as long as every other one: a sealed value's length would tell how much is in it. */
export function padded<Value extends object>(
  value: Value,
  bytes = PADDED_BYTES,
): Value & { readonly pad: string } {
  const missing = bytes - Buffer.byteLength(JSON.stringify({ ...value, pad: "" }));
  if (missing < 0) throw new RangeError("more than the size that hides it");
  return { ...value, pad: " ".repeat(missing) };
}
