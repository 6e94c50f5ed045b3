import { cautions, informationGrades, legalStatuses, requestedActions, sourceGrades } from "../../labels.ts";
import { predicates, sensitivities, tlpChoices } from "../entry.ts";

// The columns of a file that is imported: which there are, which must be there, and what stands in them.

const yesNo = { yes: "", no: "" };

/** Columns that take one of a few codes. */
export const coded = {
  juvenile: yesNo,
  predicate: predicates,
  first_amendment: yesNo,
  legal_status: legalStatuses,
  requested_action: requestedActions,
  sensitivity: sensitivities,
  tlp: tlpChoices,
  source_grade: sourceGrades,
  information_grade: informationGrades,
} as const satisfies Record<string, Readonly<Record<string, string>>>;
export type Coded = keyof typeof coded;

interface ColumnWords {
  readonly needed: boolean;
  readonly words: string;
}

const oneOf = (column: Coded) => `one of ${Object.keys(coded[column]).join(", ")}`;

/** In the order of the template. */
export const columns = {
  number: { needed: true, words: "your own number of the record; the same number is the same entry" },
  names: { needed: true, words: "several with ; between them, other spellings too" },
  born: {
    needed: true,
    words: "1984-03-02 or 3/2/1984 (month first); several with ; between them; may be empty",
  },
  identifiers: {
    needed: true,
    words: "plate with state, phone, e-mail, handle, VIN, with ; between them: MD ABC1234; +1 410 555 0142",
  },
  description: { needed: false, words: "only what helps to recognise" },
  juvenile: { needed: true, words: "yes or no; yes by itself where a birth date says so" },
  predicate: { needed: true, words: oneOf("predicate") },
  offence: { needed: true, words: "statute or offence code, such as 18 USC 115" },
  facts: { needed: true, words: "at least 80 characters: what was said or done, when, how known" },
  sources: { needed: true, words: "own case number and reports; never who told it" },
  relevance: { needed: true, words: "why it matters to other agencies, in at least 20 characters" },
  first_amendment: { needed: true, words: "opinion, religion or protest involved: yes or no" },
  direct_relation: {
    needed: false,
    words: "if yes: how the act is directly related, in at least 20 characters",
  },
  cautions: {
    needed: true,
    words: `${Object.keys(cautions).join(", ")}, with ; between them; may be empty`,
  },
  legal_status: { needed: true, words: oneOf("legal_status") },
  requested_action: { needed: true, words: oneOf("requested_action") },
  sensitivity: { needed: true, words: oneOf("sensitivity") },
  audience: { needed: true, words: "all, or the names of agencies with ; between them" },
  tlp: { needed: false, words: `${oneOf("tlp")}; empty: amber` },
  source_grade: { needed: true, words: "A to F" },
  information_grade: { needed: true, words: "1 to 6; F6 alone supports no entry" },
  valid_days: { needed: false, words: "1 to 1825 from approval; empty: 365, a juvenile's 180" },
  expires: { needed: false, words: "or a day instead, such as 2027-05-01; at most five years away" },
} as const satisfies Record<string, ColumnWords>;
export type Column = keyof typeof columns;

const known = Object.keys(columns) as readonly Column[];
const isColumn = (name: string): name is Column => Object.hasOwn(columns, name);

/** What `--help` says of them. */
export function columnHelp(): string {
  const width = Math.max(...known.map((name) => name.length));
  return known
    .map(
      (name) => `  ${name.padEnd(width)}  ${columns[name].words}${columns[name].needed ? "" : " (optional)"}`,
    )
    .join("\n");
}

const example: Readonly<Record<Column, string>> = {
  number: "2026-00417",
  names: "Jon Q. Example; Jonny Example",
  born: "1984-03-02",
  identifiers: "MD ABC1234; @jonexample (x)",
  description: "tall, scar on the left hand",
  juvenile: "no",
  predicate: "vpf4_expressed_intent_le",
  offence: "18 USC 115",
  facts:
    "On 20 Nov he wrote to two people that he will shoot the next officer he sees at the Elm St station.",
  sources: "Case 24-118833, two written statements",
  relevance: "He moves between three counties of the region.",
  first_amendment: "no",
  direct_relation: "",
  cautions: "armed",
  legal_status: "no_warrant",
  requested_action: "contact_originator",
  sensitivity: "OPEN",
  audience: "all",
  tlp: "amber",
  source_grade: "B",
  information_grade: "3",
  valid_days: "365",
  expires: "",
};

/** A file to start from: the header and one row. */
export function template(): string {
  const quoted = (text: string) => (/[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [known.join(","), known.map((name) => quoted(example[name])).join(",")].join("\r\n") + "\r\n";
}

/** Where each column stands, or what is wrong with the header. */
export function readHeader(
  cells: readonly string[],
): { readonly places: ReadonlyMap<Column, number>; readonly width: number } | { readonly problem: string } {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const doubled = [...new Set(names.filter((name, place) => names.indexOf(name) !== place))];
  const strange = names.filter((name) => !isColumn(name));
  const absent = known.filter((name) => columns[name].needed && !names.includes(name));
  const shown = (list: readonly string[]) => list.map((name) => `"${name.slice(0, 40)}"`).join(", ");
  const problems = [
    absent.length > 0 && `missing: ${absent.join(", ")}`,
    doubled.length > 0 && `twice: ${shown(doubled)}`,
    strange.length > 0 && `unknown: ${shown(strange.slice(0, 5))}`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) return { problem: `The header is not right (${problems.join("; ")}).` };
  const places = new Map(names.flatMap((name, place) => (isColumn(name) ? [[name, place] as const] : [])));
  return { places, width: names.length };
}
