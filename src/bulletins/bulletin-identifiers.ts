import { readIdentifiers, type Identifier, type IdentifierKind } from "../watch-list/identifier.ts";

// Plates, telephones and accounts in the middle of sentences. A net for slips, not a proof: it knows no names, and it
// rather misses an odd plate than refuses "AR-15", "I-95", "MD 295" or "1200HRS" to somebody in a hurry.

const states =
  "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]";
const value = "[A-Z0-9]{2,4}[ -][A-Z0-9]{2,5}|[A-Z0-9]{4,8}";
const from = String.raw`(?<![\p{L}\p{N}@.\-])`;
const to = String.raw`(?![\p{L}\p{N}\-])`;

/** Where one may stand. The reader that entries and queries use then says whether it is one. */
const candidates: readonly RegExp[] = [
  /[^\s@<>(),;:"'“”]+@[^\s@<>(),;:"'“”]+\.\p{L}{2,}/gu,
  /(?<![\p{L}\p{N}_.])@[\p{L}\p{N}_.-]{2,40}/gu,
  /(?:https?:\/\/)?(?:www\.|m\.)?[a-z]+\.(?:com|net|org|me|gg|app|social)\/[\w@.-]+/giu,
  new RegExp(`${from}[A-HJ-NPR-Z0-9]{17}${to}`, "gu"),
  /(?<![\p{L}\p{N}.-])(?:\+\d[\d\s().-]{6,}\d|(?:1[\s.-]?)?\(?\d{3}\)?[\s.-]?\d{3}[\s.-]?\d{4})(?![\p{L}\p{N}])/gu,
  // A plate is called one, names its state, or mixes letters and digits as hardly anything else does.
  new RegExp(`${from}(?:plate|tag|lp)s?[ :#]+(?:(?:${states})[ -])?(?:${value})${to}`, "giu"),
  new RegExp(`${from}(?:${states})[ -](?:${value})${to}`, "gu"),
  new RegExp(`${from}(?=(?:[A-Z0-9]*[A-Z]){2})(?=(?:[A-Z0-9]*\\d){2})[A-Z0-9]{5,8}${to}`, "gu"),
  new RegExp(`${from}(?:[A-Z]{3}-\\d{3,4}|\\d{3,4}-[A-Z]{3})${to}`, "gu"),
];

const month = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const measure = "HRS?|MIN|[AP]M|ST|ND|RD|TH|MM|KM|MPH|FT|LBS?|YRS?|E[SD]T|UTC";
const noPlate = new RegExp(`^(?:\\d+(?:${measure})|\\d{1,2}(?:${month})(?:\\d{2}|\\d{4})?)$`);

/** Five signs with a letter and a digit, or six digits: fewer is a road, five digits are a post code. */
function isPlate({ value: plate }: Identifier): boolean {
  const mixed = plate.length >= 5 && /[A-Z]/.test(plate) && /\d/.test(plate);
  return (mixed || /^\d{6,}$/.test(plate)) && !noPlate.test(plate);
}

/** What kind of thing that tells who somebody is stands in the text, if there is one. */
export function identifierIn(text: string): IdentifierKind | undefined {
  return candidates
    .flatMap((candidate) => [...text.matchAll(candidate)])
    .flatMap(([found]) => readIdentifiers(found.replaceAll(/[.,]+$/g, "")).identifiers)
    .find((identifier) => identifier.kind !== "plate" || isPlate(identifier))?.kind;
}

/** "a plate" */
export const identifierWords: Readonly<Record<IdentifierKind, string>> = {
  plate: "a plate",
  phone: "a telephone number",
  email: "an e-mail address",
  handle: "an account's name",
  vin: "a VIN",
};
