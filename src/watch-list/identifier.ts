import { LEAST_KNOWN, knownSigns, readPiece } from "./identifier-reader.ts";
import { foldPlate, handleSkeleton, mailboxOf } from "./look-alike.ts";

export const identifierKinds = ["plate", "phone", "email", "handle", "vin"] as const;
export type IdentifierKind = (typeof identifierKinds)[number];

export interface Identifier {
  readonly kind: IdentifierKind;
  /** One spelling: "ABC1234", "+14105550142", "ann@example.com", "ironjack", "1FTEW1E50FFA00001". */
  readonly value: string;
  /** The plate's state ("MD") or the handle's platform ("x"), where it was given. */
  readonly issuer?: string;
  /** For people: "plate MD ABC1234", "@ironjack (x)". */
  readonly shown: string;
}

export interface ReadIdentifiers {
  readonly identifiers: readonly Identifier[];
  /** What was none of them, as written: to be said, never guessed at. */
  readonly unread: readonly string[];
  /** What is one of them and cannot be right, in a sentence each. */
  readonly wrong: readonly string[];
}

const MOST = 20;

/**
 * Reads plates, phones, e-mail addresses, handles and VINs: one a line, or with commas between them. Somebody who asks
 * may know part of one: "AB?12*" (? is one sign, * any number), seven digits of a phone number.
 */
export function readIdentifiers(
  text: string,
  { asking = false }: { readonly asking?: boolean } = {},
): ReadIdentifiers {
  const pieces = text
    .normalize("NFKC")
    .split(/[\n,;]+/)
    .map((piece) => piece.trim())
    .filter(Boolean);
  const read = pieces.map((piece) => ({ piece, ...readPiece(piece, asking) }));
  const found = new Map(
    read.flatMap(({ identifier }) =>
      identifier === undefined ? [] : [[identifier.shown, identifier] as const],
    ),
  );
  const unread = read.filter(({ identifier, wrong }) => identifier === undefined && wrong === undefined);
  const identifiers = [...found.values()];
  return {
    identifiers: identifiers.slice(0, MOST),
    unread: [...unread.map(({ piece }) => piece), ...identifiers.slice(MOST).map(({ shown }) => shown)],
    wrong: [...new Set(read.flatMap(({ wrong }) => wrong ?? []))],
  };
}

// ------------------------------------------------------------------------------------------------ keys

/** How what is on record and what was asked agree, the closest first. */
export const fits = [
  "whole",
  "issuer_unknown",
  "other_issuer",
  "last_seven",
  "same_mailbox",
  "look_alike",
  "partial",
] as const;
export type Fit = (typeof fits)[number];

/** Something to look up, and what it means that it was found. */
export interface AskKey {
  readonly key: string;
  readonly fit: Fit;
}

/**
 * Under which keys an entry is found: with its issuer, in any case without, and as it may be mistaken. Somebody who
 * asks names what they know (`askKeys`): another state's plate never matches, a plate whose state one side does not
 * know does.
 */
export function indexKeys({ kind, value, issuer = "?" }: Identifier): readonly string[] {
  return [`${issuer} ${value}`, `* ${value}`, ...looseKeys(kind, value, issuer)];
}

function looseKeys(kind: IdentifierKind, value: string, issuer: string): readonly string[] {
  if (kind === "plate") return [`~${issuer} ${foldPlate(value)}`, `~* ${foldPlate(value)}`];
  if (kind === "phone") return lastSeven(value);
  if (kind === "email") return [`box ${mailboxOf(value)}`];
  return kind === "handle" ? [`~* ${handleSkeleton(value)}`] : [];
}

/** One that is known in part is not looked up by these: its plates are found first. */
export function askKeys(identifier: Identifier): readonly AskKey[] {
  return isPartial(identifier) ? [] : keysOf[identifier.kind](identifier);
}

const keysOf: Readonly<Record<IdentifierKind, (identifier: Identifier) => readonly AskKey[]>> = {
  plate: ({ value, issuer }) => [...plateKeys(value, issuer, "whole"), ...foldedKeys(value, issuer)],
  phone: ({ value }) => [
    ...(value.startsWith("+") ? [{ key: `* ${value}`, fit: "whole" } as const] : []),
    ...lastSeven(value).map((key) => ({ key, fit: "last_seven" }) as const),
  ],
  email: ({ value }) => [
    { key: `* ${value}`, fit: "whole" },
    { key: `box ${mailboxOf(value)}`, fit: "same_mailbox" },
  ],
  handle: ({ value, issuer }) => [
    ...(issuer === undefined
      ? []
      : [
          { key: `${issuer} ${value}`, fit: "whole" } as const,
          { key: `? ${value}`, fit: "issuer_unknown" } as const,
        ]),
    { key: `* ${value}`, fit: issuer === undefined ? "issuer_unknown" : "other_issuer" },
    { key: `~* ${handleSkeleton(value)}`, fit: "look_alike" },
  ],
  vin: ({ value }) => [{ key: `* ${value}`, fit: "whole" }],
};

function plateKeys(value: string, issuer: string | undefined, fit: Fit): readonly AskKey[] {
  if (issuer === undefined) return [{ key: `* ${value}`, fit: fit === "whole" ? "issuer_unknown" : fit }];
  return [
    { key: `${issuer} ${value}`, fit },
    { key: `? ${value}`, fit: fit === "whole" ? "issuer_unknown" : fit },
  ];
}
function foldedKeys(value: string, issuer: string | undefined): readonly AskKey[] {
  const from = issuer === undefined ? ["*"] : [issuer, "?"];
  return from.map((one) => ({ key: `~${one} ${foldPlate(value)}`, fit: "look_alike" }));
}

/** Of a North American number: the area code is what is left out, guessed and changed. */
function lastSeven(value: string): readonly string[] {
  return /^(?:\+1\d{3})?\d{7}$/.test(value) ? [`7 ${value.slice(-7)}`] : [];
}

/** The keys of plates that a pattern was found to fit. */
export function patternKeys({ issuer }: Identifier, plates: readonly string[]): readonly AskKey[] {
  return plates.flatMap((value) => plateKeys(value, issuer, "partial"));
}

/** "AB?12*": part of a plate. */
export function isPartial({ kind, value }: Identifier): boolean {
  return kind === "plate" && /[?*]/.test(value);
}

/** Nobody else's: enough to ask by, alone. Three signs of a plate from nobody knows where are not, nor seven digits. */
export function isUnique(identifier: Identifier): boolean {
  const { kind, value, issuer } = identifier;
  if (isPartial(identifier)) return issuer !== undefined || knownSigns(value) > LEAST_KNOWN;
  return kind !== "phone" || value.startsWith("+");
}
