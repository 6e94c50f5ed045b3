import type { Role } from "../bot/policy.ts";
import type { Sensitivity } from "./entry.ts";
import { readIdentifiers, type Identifier, type IdentifierKind } from "./identifier.ts";
import type { Band } from "./match.ts";
import { normaliseDate, normaliseName } from "./name.ts";

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
  readonly tokens: readonly string[];
  readonly born: string | undefined;
  readonly identifiers: readonly Identifier[];
  readonly unread: readonly string[];
}

export function readInputs({ name, born, identifiers }: Omit<QueryInputs, "caseRef">, now?: Date): Asked {
  return {
    tokens: normaliseName(name ?? ""),
    born: born === undefined ? undefined : normaliseDate(born, now),
    ...readIdentifiers(identifiers ?? ""),
  };
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
 * whoever knows a question can still prove that it was asked. Each agency's own, because nobody may compare.
 */
export function askedBytes(agency: string, { tokens, born, identifiers }: Asked): string {
  const keys = identifiers.map(({ kind, issuer = "", value }) => `${kind} ${issuer} ${value}`);
  return JSON.stringify([agency, tokens.toSorted(), born ?? null, keys.toSorted()]);
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

/** Too little to find one person by: a question like that only trawls. */
export function tooLittle({ tokens, born, identifiers }: Asked): boolean {
  if (identifiers.length > 0) return false;
  return tokens.length === 0 || (tokens.length === 1 && born === undefined);
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

/** The more secret of the two: an answer shown again shows no more than it did, and no more than it may now. */
export function stricter(one: Sensitivity, other: Sensitivity): Sensitivity {
  return moreAndMoreSecret.indexOf(one) > moreAndMoreSecret.indexOf(other) ? one : other;
}

export const PADDED_BYTES = 2048;

/** The same value, as long as every other one: a sealed value's length would tell how much is in it. */
export function padded<Value extends object>(value: Value): Value & { readonly pad: string } {
  const missing = PADDED_BYTES - Buffer.byteLength(JSON.stringify({ ...value, pad: "" }));
  if (missing < 0) throw new RangeError("more than the size that hides it");
  return { ...value, pad: " ".repeat(missing) };
}
