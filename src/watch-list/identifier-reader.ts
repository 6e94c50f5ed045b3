import { parsePhoneNumberFromString } from "libphonenumber-js";

import type { Identifier, IdentifierKind } from "./identifier.ts";
import { vinAddsUp } from "./look-alike.ts";
import { normaliseDate } from "./name.ts";

// One piece of what somebody wrote, read as a plate, a phone number, an e-mail address, a handle or a VIN.

export interface ReadPiece {
  readonly identifier?: Identifier | undefined;
  readonly wrong?: string | undefined;
}

/** `asking`: part of a plate or of a phone number will do. Neither `identifier` nor `wrong`: it is none of them. */
export function readPiece(piece: string, asking: boolean): ReadPiece {
  const part = asking ? readPart(piece) : undefined;
  if (part !== undefined) return part;
  const identifier = readOne(piece);
  const bad = identifier?.kind === "vin" && !vinAddsUp(identifier.value);
  return bad
    ? { identifier, wrong: `${identifier.shown} does not add up: a sign of it is wrong. Read it again.` }
    : { identifier };
}

/** Fewer signs of a plate fit too many. */
export const LEAST_KNOWN = 3;

export function knownSigns(plate: string): number {
  return plate.replaceAll(/[?*]/g, "").length;
}

/** Part of a plate or of a phone number; undefined: neither. */
function readPart(piece: string): ReadPiece | undefined {
  const digits = /^(?:(?:phone|tel|telephone|cell|mobile)\b[\s:.]*)?(\d{3})[\s.-]?(\d{4})$/i.exec(piece);
  if (digits !== null) {
    const [, first = "", last = ""] = digits;
    const shown = `phone ${first}-${last}, area code not known`;
    return { identifier: { kind: "phone", value: `${first}${last}`, shown } };
  }
  if (!/[?*]/.test(piece)) return undefined;
  const rest = piece.replace(plateLabel, "");
  const { state, rest: words } = splitState(rest.toUpperCase().split(/\s+/).filter(Boolean));
  const value = words.join("").replaceAll(/[-.]/g, "").replaceAll(/\*+/g, "*");
  const isPlate = /^[A-Z0-9?*]{1,10}$/.test(value) && knownSigns(value) <= 8 && words.length <= 3;
  if (!isPlate) return piece.includes("*") ? { wrong: ONLY_PLATES } : undefined;
  if (knownSigns(value) < LEAST_KNOWN) return { wrong: TOO_SHORT };
  const shown = `plate ${state === undefined ? "" : `${state} `}${value}`;
  return { identifier: { kind: "plate", value, ...(state !== undefined && { issuer: state }), shown } };
}

const TOO_SHORT = `Part of a plate needs at least ${LEAST_KNOWN} letters or figures that you are sure of: AB?12*.`;
const ONLY_PLATES = "Only a plate may have * in it: AB?12*. Write the others whole, or leave them out.";

const plateLabel = /^(?:license\s+)?(?:plate|tag|lp)\b[\s:#]*/i;
const labels: readonly (readonly [RegExp, IdentifierKind])[] = [
  [plateLabel, "plate"],
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
  // A VIN has no I, O and Q, so that nobody takes them for figures; people write them all the same.
  const value = text.replaceAll(/[\s-]/g, "").toUpperCase().replaceAll("I", "1").replaceAll(/[OQ]/g, "0");
  return /^[A-Z0-9]{17}$/.test(value) && /\d/.test(text)
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
