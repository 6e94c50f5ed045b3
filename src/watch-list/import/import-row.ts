import type { FormPage } from "../../bot/command.ts";
import { papFor } from "../../labels.ts";
import { cleanText, tooLong } from "../../text.ts";
import { entryPages } from "../entry-page-command.ts";
import { readPerson, type Person } from "../entry-person.ts";
import { hidesDanger, LEAST_RELATION, lengthOf, missing, type EntryWords } from "../entry.ts";
import { readCautions, readCodes, type Codes } from "./import-codes.ts";
import type { Column } from "./import-columns.ts";
import { entryOf } from "./import-entry.ts";
import { listOf, shown, type Problem, type Reading, type RowContext } from "./import-reading.ts";
import { readValidity, type Validity } from "./import-validity.ts";

// One row of the file as an entry, or every sentence that is wrong with it: those of the form, because what a form
// refuses an import refuses too.

export interface ReadRow {
  /** The agency's own. */
  readonly number: string;
  readonly words: EntryWords;
  /** "2027-05-01", where the file gives a day. */
  readonly expiresOn: string | undefined;
  /** The row as it was understood, in one spelling: the same on every day, whatever the age of whom it is about. */
  readonly normal: string;
}

const LONGEST_NUMBER = 60;
const nowhere = { id: "", agency: "", ref: "", author: "" };

/** Reads one row. */
export function readRow(
  cells: Reading["cells"],
  context: RowContext,
): { readonly read: ReadRow } | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const reading: Reading = {
    ...context,
    cells,
    refuse: (column, sentence) => void problems.push({ ...(column !== undefined && { column }), sentence }),
  };
  const number = readNumber(reading);
  const codes = readCodes(reading);
  const person = personOf(reading, codes.juvenile === "yes");
  const validity = readValidity(reading, person.juvenile);
  const words: EntryWords = {
    ...textsOf(reading, person, codes.first_amendment === "yes"),
    ...codesOf(codes),
    ...readAudience(reading),
    juvenile: person.juvenile,
    cautions: readCautions(reading),
    validDays: validity.days,
  };
  refuseDanger(reading, words);
  if (problems.length === 0)
    for (const gap of missing(entryOf(words, nowhere))) reading.refuse(undefined, `Still needs ${gap}.`);
  if (problems.length > 0) return { problems };
  const normal = normalOf({ number, words, juvenile: codes.juvenile === "yes", validity });
  return { read: { number, words, expiresOn: validity.expiresOn, normal } };
}

function readNumber({ cells, refuse }: Reading): string {
  const number = cleanText(cells.get("number") ?? "");
  if (number === "") refuse("number", "Please fill this in: it is how the row is found again.");
  if (tooLong(number, LONGEST_NUMBER)) refuse("number", `At most ${LONGEST_NUMBER} characters.`);
  return number;
}

function codesOf(codes: Codes) {
  const { requested_action: action, first_amendment: speech } = codes;
  return {
    predicate: codes.predicate ?? null,
    firstAmendment: speech === undefined ? null : speech === "yes",
    legalStatus: codes.legal_status ?? null,
    requestedAction: action ?? null,
    pap: action === undefined ? null : papFor(action),
    sensitivity: codes.sensitivity ?? null,
    tlp: codes.tlp ?? null,
    sourceGrade: codes.source_grade ?? null,
    informationGrade: codes.information_grade ?? null,
  };
}

/** What two columns together must not say. */
function refuseDanger({ refuse }: Reading, words: EntryWords): void {
  const { legalStatus, requestedAction } = words;
  const without = legalStatus === "no_warrant" || legalStatus === "wanted_for_questioning";
  if (requestedAction === "detain_with_pc" && without)
    refuse(
      "requested_action",
      "Nobody is detained without a warrant or probable cause: choose that, or ask for less.",
    );
  if (hidesDanger(words))
    refuse(
      "cautions",
      "Armed or violent and RESTRICTED: nobody who asks would be warned, so a watch commander signs for it. Write this one in chat: /entry new.",
    );
}

// ------------------------------------------------------------------------------------------------ words

/** Which page of the form judges which column. */
const judged = {
  names: ["entry.person", "names"],
  born: ["entry.person", "born"],
  identifiers: ["entry.person", "identifiers"],
  description: ["entry.person", "description"],
  offence: ["entry.predicate", "offence"],
  facts: ["entry.predicate", "facts"],
  sources: ["entry.predicate", "sources"],
  relevance: ["entry.predicate", "relevance"],
  direct_relation: ["entry.handling", "relation"],
} as const;

const schemas = new Map<string, ReturnType<typeof schemaOf>>(
  Object.entries(judged).map(([column, [form, field]]) => [column, schemaOf(entryPages, form, field)]),
);

function schemaOf(pages: readonly FormPage[], form: string, field: string) {
  const schema = pages.find((page) => page.form === form)?.values.shape[field];
  if (schema === undefined) throw new Error(`the form ${form} has no field ${field}`);
  return schema;
}

/** What the form would keep of it, cleaned; undefined where it is empty or was refused. */
function textOf({ cells, refuse }: Reading, column: Column): string | undefined {
  // As long as a form takes at most: what is longer is refused by its length, and not read through first.
  const judgedText = schemas.get(column)?.safeParse(cells.get(column)?.slice(0, 10_000) ?? "");
  if (judgedText === undefined) throw new Error("a column that no form judges");
  if (judgedText.success) return typeof judgedText.data === "string" ? judgedText.data : undefined;
  refuse(column, judgedText.error.issues[0]?.message ?? "Please fill this in.");
  return undefined;
}

function textsOf(
  reading: Reading,
  { names, birthDates, identifiers }: Person,
  speech: boolean,
): Pick<EntryWords, "content" | "offence"> {
  const relation = textOf(reading, "direct_relation");
  if (speech && lengthOf(relation) < LEAST_RELATION)
    reading.refuse(
      "direct_relation",
      `Say how the act is directly related, in at least ${LEAST_RELATION} characters.`,
    );
  return {
    offence: textOf(reading, "offence") ?? null,
    content: {
      names,
      birthDates,
      identifiers,
      description: textOf(reading, "description"),
      facts: textOf(reading, "facts"),
      sources: textOf(reading, "sources"),
      relevance: textOf(reading, "relevance"),
      directRelation: speech ? relation : undefined,
    },
  };
}

function personOf(reading: Reading, juvenile: boolean): Person {
  const written = {
    names: textOf(reading, "names"),
    born: textOf(reading, "born"),
    identifiers: textOf(reading, "identifiers"),
    juvenile,
  };
  const read = readPerson(written, reading.now);
  if ("person" in read) return read.person;
  for (const [field, sentence] of Object.entries(read.problems))
    reading.refuse(field === "born" || field === "identifiers" ? field : "names", sentence);
  return { names: [], birthDates: [], identifiers: [], juvenile };
}

// ------------------------------------------------------------------------------------------------ who may match it

function readAudience({
  cells,
  agencies,
  refuse,
}: Reading): Pick<EntryWords, "audience" | "audienceAgencies"> {
  const names = listOf(cells.get("audience"));
  const everybody = names.some((name) => name.toLowerCase() === "all");
  if (names.length === 0) refuse("audience", "Please fill this in: all, or the names of agencies.");
  if (everybody && names.length > 1) refuse("audience", "Either all agencies, or the ones you name.");
  const found = everybody ? [] : names.map((name) => agencies.get(name.toLowerCase()));
  const unknown = names.find((_, place) => !everybody && found[place] === undefined);
  if (unknown !== undefined)
    refuse("audience", `There is no other member agency “${shown(unknown)}”. See: allpoints agency list.`);
  const ids = found.filter((id) => id !== undefined);
  return everybody
    ? { audience: "all", audienceAgencies: [] }
    : { audience: "named", audienceAgencies: [...new Set(ids)].toSorted() };
}

// ------------------------------------------------------------------------------------------------ one spelling

interface Normal {
  readonly number: string;
  readonly words: EntryWords;
  /** As written: a birth date makes somebody a juvenile only until a birthday. */
  readonly juvenile: boolean;
  readonly validity: Validity;
}

function normalOf({ number, words, juvenile, validity }: Normal): string {
  const { content, ...codes } = words;
  return JSON.stringify([
    number,
    content.names,
    content.birthDates,
    content.identifiers.map(({ kind, shown: spelled }) => [kind, spelled]),
    content.description ?? null,
    content.facts,
    content.sources,
    content.relevance,
    content.directRelation ?? null,
    codes.predicate,
    codes.offence,
    codes.firstAmendment,
    juvenile,
    codes.cautions,
    codes.legalStatus,
    codes.requestedAction,
    codes.sensitivity,
    codes.tlp,
    codes.audience,
    codes.audienceAgencies,
    codes.sourceGrade,
    codes.informationGrade,
    validity.givenDays ?? null,
    validity.expiresOn ?? null,
  ]);
}
