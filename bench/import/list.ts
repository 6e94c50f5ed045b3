import { once } from "node:events";
import type { Writable } from "node:stream";

import { columns, type Column } from "../../src/watch-list/import/import-columns.ts";

const given =
  "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Omar Yusuf Wei Ana".split(
    " ",
  );
const family =
  "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Nguyen Kim Ali Khan Okafor Silva".split(
    " ",
  );

/** As long as people write them, and no two alike. */
function rowOf(nr: number): Readonly<Record<Column, string>> {
  const name = `${given[nr % 16]} ${letters(nr)} ${family[(nr >> 4) % 16]}`;
  const year = 1950 + (nr % 50);
  const day = String(1 + (nr % 28)).padStart(2, "0");
  return {
    number: `BP-${nr}`,
    names: `${name}; ${given[(nr + 3) % 16]} ${family[(nr >> 4) % 16]}`,
    born: `${year}-${String(1 + (nr % 12)).padStart(2, "0")}-${day}`,
    identifiers: `MD ${letters(nr % 17576)
      .toUpperCase()
      .padStart(3, "A")}${1000 + (nr % 9000)}; +1 410 555 ${String(nr % 10_000).padStart(4, "0")}`,
    description: "about six feet, scar on the left hand",
    juvenile: "no",
    predicate: "vpf4_expressed_intent_le",
    offence: "18 USC 115",
    facts: `On 20 Nov he wrote to two people that he will shoot the next officer he sees at the station, and sent a picture of a rifle (message ${nr}). Both gave a written statement, and the pictures were kept.`,
    sources: `Case 24-${nr}, two written statements`,
    relevance: "He moves between three counties of the region and works in a fourth.",
    first_amendment: "no",
    direct_relation: "",
    cautions: "armed; violent",
    legal_status: "no_warrant",
    requested_action: "contact_originator",
    sensitivity: nr % 4 === 0 ? "AGENCY_ONLY" : "OPEN",
    audience: "all",
    tlp: "amber",
    source_grade: "B",
    information_grade: "3",
    valid_days: "365",
    expires: "",
  };
}

function letters(value: number): string {
  const rest = Math.floor(value / 26);
  return (rest > 0 ? letters(rest - 1) : "") + String.fromCodePoint(97 + (value % 26));
}

/** Writes a list of so many rows, and ends it. */
export async function writeList(to: Writable, rows: number): Promise<void> {
  const names = Object.keys(columns) as readonly Column[];
  to.write(`${names.join(",")}\r\n`);
  for (let nr = 1; nr <= rows; nr += 1) {
    const row = rowOf(nr);
    const line = names.map((name) =>
      /[",]/.test(row[name]) ? `"${row[name].replaceAll('"', '""')}"` : row[name],
    );
    // oxlint-disable-next-line no-await-in-loop
    if (!to.write(`${line.join(",")}\r\n`)) await once(to, "drain");
  }
  to.end();
  await once(to, "close");
}
