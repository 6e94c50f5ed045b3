import { cautions, type Caution } from "../../labels.ts";
import { cleanText } from "../../text.ts";
import { coded, type Coded } from "./import-columns.ts";
import { listOf, shown, type Reading } from "./import-reading.ts";

export type Codes = { readonly [Name in Coded]?: keyof (typeof coded)[Name] & string };
/** Columns that may be left empty, and what that means. */
const emptyMeans: Codes = { tlp: "amber" };

/** The codes of every column that has some. */
export function readCodes({ cells, refuse }: Reading): Codes {
  const codes: Record<string, string | undefined> = {};
  for (const column of Object.keys(coded) as readonly Coded[]) {
    const written = cleanText(cells.get(column) ?? "");
    const allowed = Object.keys(coded[column]);
    const meant = allowed.find((code) => code.toLowerCase() === written.toLowerCase()) ?? emptyMeans[column];
    if (written === "" && meant === undefined) refuse(column, `Please fill this in: ${allowed.join(", ")}.`);
    else if (meant === undefined || (written !== "" && meant.toLowerCase() !== written.toLowerCase()))
      refuse(column, `“${shown(written)}” is not one of: ${allowed.join(", ")}.`);
    else codes[column] = meant;
  }
  // Each was found among its own column's codes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return codes as Codes;
}

/** The cautions, in the order of the table. */
export function readCautions({ cells, refuse }: Reading): readonly Caution[] {
  const written = listOf(cells.get("cautions"));
  const isCaution = (code: string): code is Caution => Object.hasOwn(cautions, code);
  const codes = written.map((code) => code.toLowerCase());
  const unknown = codes.filter((code) => !isCaution(code));
  if (unknown.length > 0)
    refuse("cautions", `“${shown(unknown[0] ?? "")}” is not one of: ${Object.keys(cautions).join(", ")}.`);
  // In the order of the table, however they were written.
  return Object.keys(cautions)
    .filter(isCaution)
    .filter((code) => codes.includes(code));
}
