import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { dateNumber } from "../../src/watch-list/matching/birth.ts";
import type { Pair } from "./pair.ts";

// Pairs of names, one JSON object for each line, and what is wrong with a file in one sentence.

export interface LabelledPair extends Pair {
  /** Left out: nobody said whether it is one person. */
  readonly match?: boolean;
}

/** Says what is wrong with what was given, and with which code the program ends (sysexits: 64 usage, 66 no input). */
export class NotUsable extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.name = "NotUsable";
    this.exitCode = exitCode;
  }
}

/** Line by line, however large the file is. */
export async function* readPairs(file: string): AsyncGenerator<LabelledPair> {
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number += 1;
      const text = number === 1 ? line.replace(/^\uFEFF/, "") : line;
      if (text.trim() !== "") yield readLine(text, `${file}, line ${number}`);
    }
  } catch (error) {
    throw error instanceof NotUsable ? error : unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): NotUsable {
  const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return new NotUsable(`${file} cannot be read (${why}).`, 66);
}

function readLine(line: string, where: string): LabelledPair {
  const fields = parse(line, where);
  const query = text(fields, "query", where);
  const list = text(fields, "list", where);
  const queryBorn = date(fields, "query_dob", where);
  const listBorn = date(fields, "list_dob", where);
  const match = label(fields["match"], where);
  return {
    query,
    list,
    ...(queryBorn === undefined ? {} : { queryBorn: { readings: [queryBorn], years: 0 } }),
    ...(listBorn === undefined ? {} : { listBorn: dateNumber(listBorn) }),
    ...(match === undefined ? {} : { match }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: string, where: string): Fields {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    throw new NotUsable(`${where}: this is no JSON.`, 64);
  }
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw new NotUsable(`${where}: this is no JSON object with "query" and "list".`, 64);
  return { ...read };
}

function text(fields: Fields, name: string, where: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw new NotUsable(
    value === undefined ? `${where}: "${name}" is missing.` : `${where}: "${name}" is no text.`,
    64,
  );
}

function date(fields: Fields, name: string, where: string): string | undefined {
  const value = fields[name] ?? "";
  if (value === "") return undefined;
  const written = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const read = /^(\d{4})(?:[-/.]?(\d{2})(?:[-/.]?(\d{2}))?)?(?:T.*)?$/.exec(written.trim());
  if (read === null)
    throw new NotUsable(`${where}: "${name}" is no date. Write 1984-03-02, 1984-03 or 1984.`, 64);
  return read
    .slice(1, 4)
    .filter((part) => part !== undefined)
    .join("-");
}

function label(value: unknown, where: string): boolean | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (value === true || value === 1 || value === "true") return true;
  if (value === false || value === 0 || value === "false") return false;
  throw new NotUsable(`${where}: "match" is neither true nor false.`, 64);
}

/** The pairs of people in a table with the columns schema, name1, name2 and is_match (nomenklatura's name_bench). */
export function readCases(file: string): readonly LabelledPair[] {
  let csv: string;
  try {
    csv = readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
  const [header = [], ...rows] = readCsv(csv.replace(/^\uFEFF/, ""));
  const column = (name: string): number => {
    const place = header.indexOf(name);
    if (place < 0) throw new NotUsable(`${file}: the column "${name}" is missing.`, 64);
    return place;
  };
  const [schema, one, other, match] = [
    column("schema"),
    column("name1"),
    column("name2"),
    column("is_match"),
  ];
  return rows
    .filter((row) => row[schema] === "Person")
    .map((row) => ({ query: row[one] ?? "", list: row[other] ?? "", match: row[match] === "true" }));
}

/** Fields may be quoted, and then hold commas, lines and doubled quotes. */
function readCsv(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  return rows;
}
