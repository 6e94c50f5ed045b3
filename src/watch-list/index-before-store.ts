import { sql } from "kysely";

import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import { namePairs, normaliseName } from "./name.ts";
import type { Word } from "./vocabulary-store.ts";

// While bots of the version before this one run beside this one, they find entries by name_pair and entry_date, read as
// that version reads names. The next version stops writing them: this file goes, and `old` in index-store.ts with it.

interface RowBefore {
  readonly id: string;
  readonly agency: string;
  readonly lane: "open" | "restricted";
  /** As written, in any script. */
  readonly names: readonly string[];
  /** "1984-03-02", "1984-03", "1984" */
  readonly birthDates: readonly string[];
}

/** Parts of names, and whole dates: it knows no others. */
export function wordsOfBefore({
  names,
  birthDates,
}: Pick<RowBefore, "names" | "birthDates">): readonly Word[] {
  return [
    ...names.flatMap(normaliseName).map((string) => ({ kind: "name", string }) as const),
    ...wholeDates(birthDates).map((string) => ({ kind: "date", string }) as const),
  ];
}

function wholeDates(dates: readonly string[]): readonly string[] {
  return [...new Set(dates)].filter((date) => date.length === "1984-03-02".length);
}

export async function insertBefore(
  tx: Tx,
  rows: readonly RowBefore[],
  number: (word: Word) => number,
): Promise<void> {
  const pairs = rows.flatMap(({ id, names, agency, lane }) =>
    names.flatMap((name) => {
      const parts = normaliseName(name);
      const name_id = uuidv7();
      return namePairs(parts).map((pair) => {
        const [a = 0, b = 0] = pair
          .map((string) => number({ kind: "name", string }))
          .toSorted((one, other) => one - other);
        return { id, agency, lane, name_id, a, b, tokens: parts.length };
      });
    }),
  );
  const dates = rows.flatMap(({ id, birthDates, agency, lane }) =>
    wholeDates(birthDates).map((string) => ({ id, agency, lane, date: number({ kind: "date", string }) })),
  );
  if (pairs.length + dates.length === 0) return;
  await sql`
    with born as (
      insert into entry_date (lane, date_id, entry_id, agency_id)
      select * from unnest(${dates.map(({ lane }) => lane)}::text[], ${dates.map(({ date }) => date)}::bigint[],
                           ${dates.map(({ id }) => id)}::uuid[], ${dates.map(({ agency }) => agency)}::uuid[])
    )
    insert into name_pair (lane, a, b, name_id, entry_id, agency_id, tokens)
    select * from unnest(${pairs.map(({ lane }) => lane)}::text[], ${pairs.map(({ a }) => a)}::bigint[],
                         ${pairs.map(({ b }) => b)}::bigint[], ${pairs.map((pair) => pair.name_id)}::uuid[],
                         ${pairs.map(({ id }) => id)}::uuid[], ${pairs.map(({ agency }) => agency)}::uuid[],
                         ${pairs.map(({ tokens }) => tokens)}::int[])`.execute(tx);
}
