import { tooLong } from "../text.ts";
import { isUnderAge } from "./entry.ts";
import { readIdentifiers, type Identifier } from "./identifier.ts";
import { readName } from "./matching/name-reader.ts";
import { howToWriteDates, normaliseDate } from "./name.ts";

// What the first page says about a person, read before it is kept: what cannot be read cannot be found either.

interface Written {
  readonly names?: string | undefined;
  readonly born?: string | undefined;
  readonly identifiers?: string | undefined;
  readonly juvenile: boolean;
}

export interface Person {
  readonly names: readonly string[];
  readonly birthDates: readonly string[];
  readonly identifiers: readonly Identifier[];
  readonly juvenile: boolean;
}

const MOST_NAMES = 10;
const LONGEST_NAME = 120;

/** The person, or a sentence for each field that cannot be read. */
export function readPerson(
  written: Written,
  now: Date,
): { readonly person: Person } | { readonly problems: Readonly<Record<string, string>> } {
  const names = [...new Set(linesOf(written.names))];
  const born = datesOf(written.born).map((text) => ({ text, date: normaliseDate(text, now) }));
  const { identifiers, unread, wrong } = readIdentifiers(written.identifiers ?? "");
  const birthDates = [...new Set(born.flatMap(({ date }) => date ?? []))];
  const problems = {
    ...nameProblem(names, identifiers.length),
    ...sentence(
      "born",
      born.filter(({ date }) => date === undefined).map(({ text }) => text),
      `${howToWriteDates} None in the future; an age goes into the description.`,
    ),
    ...identifierProblem(unread, wrong),
  };
  if (Object.keys(problems).length > 0) return { problems };
  // One birth date is enough, whatever was chosen.
  return {
    person: { names, birthDates, identifiers, juvenile: written.juvenile || isUnderAge(birthDates, now) },
  };
}

function linesOf(text = ""): readonly string[] {
  return text
    .split(/[\n;]+/)
    .map((line) => line.trim())
    .filter(Boolean);
}

/** One a line, or with commas between them; "March 2, 1984" has one of its own. */
function datesOf(text: string | undefined): readonly string[] {
  return linesOf(text).flatMap((line) =>
    normaliseDate(line) === undefined
      ? line
          .split(",")
          .map((part) => part.trim())
          .filter(Boolean)
      : [line],
  );
}

function nameProblem(names: readonly string[], identifiers: number): Readonly<Record<string, string>> {
  if (names.length === 0 && identifiers === 0) return { names: "Give a name, or an identifier below." };
  if (names.length > MOST_NAMES) return { names: `At most ${MOST_NAMES} names.` };
  if (names.some((name) => tooLong(name, LONGEST_NAME)))
    return { names: `A name has at most ${LONGEST_NAME} characters. One a line.` };
  return sentence(
    "names",
    names.filter((name) => !isName(name)),
    "A name has letters, and more than one. One a line.",
  );
}

/** Somebody who asks can find it: as the question is read, pictures are no letters and one letter is no name. */
function isName(name: string): boolean {
  const words = name.replaceAll(/[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]/gu, " ");
  // One sign of Chinese or Korean is a whole part of a name.
  if (/[\p{Script=Han}\p{Script=Hangul}]/u.test(words)) return readName(words).parts.length > 0;
  return /\p{L}/u.test(words) && readName(words).parts.some((part) => part.length > 1);
}

function identifierProblem(
  unread: readonly string[],
  wrong: readonly string[],
): Readonly<Record<string, string>> {
  const { identifiers } = sentence(
    "identifiers",
    unread,
    "Plate with state, phone with area code, e-mail, @handle or VIN, one a line. The rest goes into the description.",
  );
  const problems = [...wrong, ...(identifiers === undefined ? [] : [identifiers])];
  return problems.length === 0 ? {} : { identifiers: problems.join(" ") };
}

function sentence(field: string, unread: readonly string[], fix: string): Readonly<Record<string, string>> {
  return unread.length === 0 ? {} : { [field]: `I cannot read: ${unread.join(" · ").slice(0, 120)}. ${fix}` };
}
