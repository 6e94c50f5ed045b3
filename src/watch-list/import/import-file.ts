import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";

import { CsvError, parse } from "csv-parse";

import { readHeader, type Column } from "./import-columns.ts";

// The file as rows, read as a stream: what it holds at any time is a few rows, however long it is.

/** Why the file cannot be read any further, and what to do about it. */
export interface FileProblem {
  readonly kind: "missing" | "unreadable";
  readonly problem: string;
  readonly fix: string;
}

/** One row as written, or what keeps it from being read. Row 1 is the header, as in a spreadsheet. */
export interface FileRow {
  readonly row: number;
  readonly cells: ReadonlyMap<Column, string>;
  readonly problem?: { readonly column?: Column; readonly sentence: string };
}

export interface OpenedFile {
  /** Bytes. */
  readonly size: number;
  readonly bytesRead: () => number;
  /** Throws a `FileError`. */
  readonly rows: () => AsyncGenerator<FileRow, void>;
}

export class FileError extends Error {
  readonly problem: FileProblem;

  constructor(problem: FileProblem) {
    super(problem.problem);
    this.name = "FileError";
    this.problem = problem;
  }
}

const LONGEST_ROW = 4_000_000;
const asUtf8 = "Save it as “CSV UTF-8”, or convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW.";
const seeHelp = "See: allpoints entry import --help, or start from allpoints entry import --template.";

/** Looks at the file before anything of it is read. */
export async function openFile(path: string): Promise<OpenedFile> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EACCES"
      ? problem("missing", `${path} may not be read.`, "Check who may read it.")
      : problem("missing", `There is no file ${path}.`, "Check the path.");
  });
  if (found.isDirectory()) throw problem("missing", `${path} is a folder.`, "Give the path of one CSV file.");
  if (!found.isFile())
    throw problem("missing", `${path} is not a file.`, "It is read twice, so it has to be a file on disk.");
  if (found.size === 0) throw problem("unreadable", `${path} is empty.`, seeHelp);
  await refuseAtFirstSight(path);
  let bytes = 0;
  return {
    size: found.size,
    bytesRead: () => bytes,
    rows: () => readRows(path, (count) => (bytes = count)),
  };
}

/** Two bytes for every letter, as a spreadsheet's “Unicode text” has; or another sign than the comma. */
async function refuseAtFirstSight(path: string): Promise<void> {
  await using file = await open(path).catch(() => {
    throw problem("missing", `${path} may not be read.`, "Check who may read it.");
  });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
  const mark = buffer.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff)
    throw problem("unreadable", "The file is UTF-16 and not UTF-8.", "Save it as “CSV UTF-8”.");
  const [first = ""] = buffer
    .subarray(0, bytesRead)
    .toString("latin1")
    .split(/[\r\n]/);
  if (!first.includes(",") && /[;\t|]/.test(first))
    throw problem("unreadable", "The columns are not separated by commas.", "Save it as CSV with commas.");
}

async function* readRows(path: string, onBytes: (bytes: number) => void): AsyncGenerator<FileRow, void> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: LONGEST_ROW });
  file.on("error", (error) => parser.destroy(error));
  file.pipe(parser);
  let row = 0;
  let header: Header | undefined;
  try {
    for await (const cells of parser as AsyncIterable<readonly string[]>) {
      row += 1;
      onBytes(file.bytesRead);
      if (header === undefined) header = headerOf(cells);
      // An empty line is nothing, wherever a spreadsheet left one.
      else if (cells.length > 1 || cells[0]?.trim() !== "") yield rowOf(row, cells, header);
    }
    if (header === undefined) throw problem("unreadable", "The file has no header.", seeHelp);
    onBytes(file.bytesRead);
  } catch (error) {
    throw explained(error);
  } finally {
    file.destroy();
    parser.destroy();
  }
}

type Header = Extract<ReturnType<typeof readHeader>, { readonly width: number }>;

function headerOf(cells: readonly string[]): Header {
  const unread = cells.find((cell) => cell.includes("\uFFFD") || cell.includes("\0"));
  if (unread !== undefined) throw problem("unreadable", "The header is not UTF-8 text.", asUtf8);
  const header = readHeader(cells);
  if ("problem" in header) throw problem("unreadable", header.problem, seeHelp);
  return header;
}

function rowOf(row: number, cells: readonly string[], { places, width }: Header): FileRow {
  const named = new Map([...places].map(([column, place]) => [column, cells[place] ?? ""]));
  if (cells.length !== width) {
    const fix =
      cells.length > width
        ? "Put quotes around a field with a comma in it."
        : "Empty fields need their commas.";
    return {
      row,
      cells: named,
      problem: {
        sentence: `${cells.length} ${cells.length === 1 ? "column" : "columns"}, and the header has ${width}. ${fix}`,
      },
    };
  }
  for (const [column, cell] of named) {
    // What is no UTF-8 was read as this sign; a file that holds the sign itself was spoilt before it came here.
    if (cell.includes("\uFFFD"))
      return { row, cells: named, problem: { column, sentence: `This is not UTF-8 text. ${asUtf8}` } };
    if (cell.includes("\0"))
      return {
        row,
        cells: named,
        problem: { column, sentence: "There is a NUL character in it. Take it out." },
      };
  }
  return { row, cells: named };
}

function problem(kind: FileProblem["kind"], words: string, fix: string): FileError {
  return new FileError({ kind, problem: words, fix });
}

function explained(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  // The parser's own count: rows it had read may not have been handed on yet.
  const row = Number(error["records"]) + 1;
  const words = parserWords[error.code];
  return words === undefined
    ? problem("unreadable", `Row ${row} is not CSV.`, seeHelp)
    : problem("unreadable", `Row ${row}${words.problem}`, words.fix);
}

const strayQuote = {
  problem: ': a quote (") stands inside a field.',
  fix: 'Put the whole field in quotes and write each quote in it twice: "6\'2"" tall".',
};
/** What the parser's codes mean to whoever has the file. */
const parserWords: Readonly<Record<string, { readonly problem: string; readonly fix: string }>> = {
  CSV_QUOTE_NOT_CLOSED: {
    problem: ': a quote (") is opened and never closed.',
    fix: "Close it, and start again.",
  },
  CSV_MAX_RECORD_SIZE: {
    problem: ` is longer than ${LONGEST_ROW / 1_000_000} MB.`,
    fix: "Is a quote opened in it and never closed? No row needs more than 10,000 characters.",
  },
  INVALID_OPENING_QUOTE: strayQuote,
  CSV_INVALID_CLOSING_QUOTE: strayQuote,
};
