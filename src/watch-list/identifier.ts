import { parsePhoneNumberFromString } from "libphonenumber-js";

import { normaliseDate } from "./name.ts";

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
}

const MOST = 20;

/** Reads plates, phones, e-mail addresses, handles and VINs: one a line, or with commas between them. */
export function readIdentifiers(text: string): ReadIdentifiers {
  const pieces = text
    .normalize("NFKC")
    .split(/[\n,;]+/)
    .map((piece) => piece.trim())
    .filter(Boolean);
  const read = pieces.map((piece) => ({ piece, identifier: readOne(piece) }));
  const found = new Map(
    read.flatMap(({ identifier }) =>
      identifier === undefined ? [] : [[identifier.shown, identifier] as const],
    ),
  );
  const unread = read.filter(({ identifier }) => identifier === undefined).map(({ piece }) => piece);
  const identifiers = [...found.values()];
  return {
    identifiers: identifiers.slice(0, MOST),
    unread: [...unread, ...identifiers.slice(MOST).map(({ shown }) => shown)],
  };
}

/**
 * Under which keys an entry is found: with its issuer, and in any case without. Somebody who asks names what they
 * know (`askKeys`): another state's plate never matches, a plate whose state one side does not know does.
 */
export function indexKeys({ value, issuer }: Identifier): readonly string[] {
  return [`${issuer ?? "?"} ${value}`, `* ${value}`];
}
export function askKeys({ value, issuer }: Identifier): readonly string[] {
  return issuer === undefined ? [`* ${value}`] : [`${issuer} ${value}`, `? ${value}`];
}

const labels: readonly (readonly [RegExp, IdentifierKind])[] = [
  [/^(?:license\s+)?(?:plate|tag|lp)\b[\s:#]*/i, "plate"],
  [/^(?:phone|tel|telephone|cell|mobile)\b[\s:.]*/i, "phone"],
  [/^(?:e-?mail|mailto)\b[\s:]*/i, "email"],
  [/^(?:handle|account|user(?:name)?)\b[\s:]*/i, "handle"],
  [/^vin\b[\s:#]*/i, "vin"],
];

const readers: Readonly<Record<IdentifierKind, (text: string, labelled: boolean) => Identifier | undefined>> =
  {
    email: readEmail,
    handle: readHandle,
    vin: readVin,
    phone: readPhone,
    plate: readPlate,
  };

function readOne(piece: string): Identifier | undefined {
  for (const [label, kind] of labels) {
    const rest = piece.replace(label, "");
    if (rest !== piece && rest !== "") return readers[kind](rest, true);
  }
  if (normaliseDate(piece) !== undefined) return undefined;
  // The narrowest shape first: a VIN could be read as nothing else, a plate looks like many things.
  for (const kind of ["email", "handle", "vin", "phone", "plate"] as const) {
    const identifier = readers[kind](piece, false);
    if (identifier !== undefined) return identifier;
  }
  return undefined;
}

function readEmail(text: string): Identifier | undefined {
  if (!/^[^\s@]+@[^\s@/]+\.[^\s@/]{2,}$/.test(text)) return undefined;
  const value = text.toLowerCase();
  return { kind: "email", value, shown: value };
}

/** One word for each platform; on any other one a handle is kept without its platform. */
const platforms: ReadonlyMap<string, string> = new Map([
  ["x", "x"],
  ["twitter", "x"],
  ["facebook", "facebook"],
  ["fb", "facebook"],
  ["instagram", "instagram"],
  ["ig", "instagram"],
  ["threads", "threads"],
  ["tiktok", "tiktok"],
  ["telegram", "telegram"],
  ["t", "telegram"],
  ["snapchat", "snapchat"],
  ["discord", "discord"],
  ["reddit", "reddit"],
  ["youtube", "youtube"],
  ["bluesky", "bluesky"],
  ["bsky", "bluesky"],
  ["truthsocial", "truthsocial"],
  ["gab", "gab"],
]);

const profile =
  /^(?:https?:\/\/)?(?:www\.|m\.|mobile\.)?([a-z]+)\.(?:com|net|org|me|gg|app|social)\/(?:@|u\/|user\/|add\/|profile\/)?([\w.-]+)\/?(?:\?.*)?$/i;
/** "x @ironjack", "@ironjack (x)", "@ironjack on Instagram", "@ironjack" */
const spelledHandle = /^(?:([a-z]+)[\s:]+)?(@?)([\p{L}\p{N}_.-]{2,40})(?:\s+\(?(?:on\s+)?([a-z]+)\)?)?$/iu;

function readHandle(text: string, labelled: boolean): Identifier | undefined {
  return readProfile(text) ?? readSpelledHandle(text, labelled);
}

function readProfile(text: string): Identifier | undefined {
  const found = profile.exec(text);
  const platform = platforms.get(found?.[1]?.toLowerCase() ?? "");
  return platform === undefined ? undefined : handle(found?.[2] ?? "", platform);
}

function readSpelledHandle(text: string, labelled: boolean): Identifier | undefined {
  const [, before, at, name, after] = spelledHandle.exec(text) ?? [];
  if (name === undefined || (at === "" && !labelled)) return undefined;
  const word = (before ?? after)?.toLowerCase();
  if (word === undefined) return handle(name, undefined);
  return platforms.has(word) ? handle(name, platforms.get(word)) : undefined;
}

function handle(name: string, issuer: string | undefined): Identifier {
  const value = name.toLowerCase();
  return issuer === undefined
    ? { kind: "handle", value, shown: `@${value}` }
    : { kind: "handle", value, issuer, shown: `@${value} (${issuer})` };
}

function readVin(text: string): Identifier | undefined {
  const value = text.replaceAll(/[\s-]/g, "").toUpperCase();
  return /^[A-HJ-NPR-Z0-9]{17}$/.test(value) && /\d/.test(value)
    ? { kind: "vin", value, shown: `VIN ${value}` }
    : undefined;
}

function readPhone(text: string): Identifier | undefined {
  if (!/^[+\d().\s/-]{7,}(?:\s*(?:x|ext\.?)\s*\d+)?$/i.test(text)) return undefined;
  const phone = parsePhoneNumberFromString(text, "US");
  // Seven digits without an area code are possible in many places, so they are nowhere.
  if (phone === undefined || !phone.isPossible()) return undefined;
  return { kind: "phone", value: phone.number, shown: phone.number };
}

const states: ReadonlySet<string> = new Set(
  (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR " +
    "PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP US AB BC MB NB NL NS NT NU ON PE QC SK YT"
  ).split(" "),
);

function readPlate(text: string, labelled: boolean): Identifier | undefined {
  const words = text.toUpperCase().split(/\s+/).filter(Boolean);
  const { state, rest } = splitState(words);
  const value = rest.join("").replaceAll(/[-.]/g, "");
  if (!/^[A-Z0-9]{2,8}$/.test(value)) return undefined;
  // Bare words are no plate: without the word "plate" it takes a digit, and without a state also a letter.
  const looksLikeOne =
    /\d/.test(value) && (state !== undefined || (value.length >= 5 && /[A-Z]/.test(value)));
  if (!labelled && !looksLikeOne) return undefined;
  return state === undefined
    ? { kind: "plate", value, shown: `plate ${value}` }
    : { kind: "plate", value, issuer: state, shown: `plate ${state} ${value}` };
}

/** "MD ABC 1234" or "ABC-1234 MD" */
function splitState(words: readonly string[]): { readonly state?: string; readonly rest: readonly string[] } {
  const [first = ""] = words;
  const last = words.at(-1) ?? "";
  if (words.length > 1 && states.has(first)) return { state: first, rest: words.slice(1) };
  if (words.length > 1 && states.has(last)) return { state: last, rest: words.slice(0, -1) };
  return { rest: words };
}
