import { createReadStream } from "node:fs";

import { CsvError, parse } from "csv-parse";

import { NotUsable } from "../names/pairs-file.ts";

/** A row of a list, or of queries: then `key` is what is meant. */
export interface Person {
  readonly key: string;
  readonly name: string;
  /** "1984-03-02", "1984-03", "1984"; undefined: not given, or not a date. */
  readonly born: string | undefined;
}

/**
 * Reads a CSV file: quoted or not, with or without a byte order mark, any line ends, columns in any order, others
 * beside them.
 */
export async function readPeople(file: string, key: "id" | "target"): Promise<readonly Person[]> {
  const wanted = [key, "name", "dob"];
  const people: Person[] = [];
  const parser = createReadStream(file)
    .on("error", (error) => parser.destroy(new NotUsable(`${file} cannot be read: ${error.message}`, 66)))
    .pipe(
      parse({
        bom: true,
        columns: (header: readonly string[]) => {
          const names = header.map((name) => name.trim().toLowerCase());
          const missing = wanted.filter((name) => !names.includes(name));
          if (missing.length > 0) {
            throw new NotUsable(
              `${file} has no column ${missing.join(", ")}: its first line must name ${wanted.join(", ")}.`,
              64,
            );
          }
          return names;
        },
        skip_empty_lines: true,
        relax_column_count_less: true,
      }),
    );
  try {
    for await (const row of parser) {
      const { [key]: id = "", name = "", dob = "" } = row as Readonly<Record<string, string>>;
      people.push({ key: id.trim(), name, born: dateOf(dob.trim()) });
    }
  } catch (error) {
    if (error instanceof CsvError) throw new NotUsable(`${file} is not a CSV file: ${error.message}`, 64);
    throw error;
  }
  if (people.length === 0) throw new NotUsable(`${file} has no rows below its header.`, 64);
  return people;
}

/** With hyphens or without; a corrupted date (month 13) stays what it is, to be compared digit by digit. */
function dateOf(text: string): string | undefined {
  const read = /^(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?$/.exec(text);
  return read === null ? undefined : read.slice(1).filter(Boolean).join("-");
}
