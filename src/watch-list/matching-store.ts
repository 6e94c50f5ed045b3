import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import type { EntryRow, LaneLookUp, LaneName, LaneStatistics, NameRow } from "./matching/feed.ts";

// What the matcher reads: the index of all agencies, as the system, and candidates for one agency.

/** As index_feed and find_names write an entry. */
export interface FedEntry {
  readonly number: number;
  readonly lane: LaneName;
  readonly owner: string;
  readonly audience: readonly string[] | null;
  readonly kept: boolean;
  readonly expires: number;
  /** As `lineOf` wrote it. */
  readonly line: string;
}

/** What is compared of an entry, in one piece: "12 7 31,12 31:jr;4 19". */
export function lineOf(names: readonly NameRow[], dates: readonly number[]): string {
  const written = names.map(
    ({ tokens, suffix }) => `${Array.from(tokens).join(" ")}${suffix === undefined ? "" : `:${suffix}`}`,
  );
  return `${written.join(",")};${dates.join(" ")}`;
}

/** As the engine takes it; `date`: yyyymmdd of a date's number in the vocabulary. */
export function entryRow({ line, audience, ...rest }: FedEntry, date: (token: number) => number): EntryRow {
  const [names = "", dates = ""] = line.split(";");
  return {
    ...rest,
    audience: audience ?? undefined,
    names: names === "" ? [] : names.split(",").map(nameRow),
    dates: numbersIn(dates).map(date),
  };
}

/** The numbers of its parts and dates. */
export function tokensOf({ line }: FedEntry): readonly number[] {
  return numbersIn(line.replaceAll(/:[a-z]+/g, "").replaceAll(/[,;]/g, " "));
}

function nameRow(written: string): NameRow {
  const [tokens = "", suffix] = written.split(":");
  return { tokens: numbersIn(tokens), suffix };
}

function numbersIn(text: string): readonly number[] {
  return text.split(" ").flatMap((one) => (one === "" ? [] : [Number(one)]));
}

/** All that transactions before this one did is seen by whoever looks now. */
export async function findSnapshot(tx: Tx): Promise<{ readonly from: string; readonly until: string }> {
  const { rows } = await sql<{ from: string; until: string }>`
    select pg_snapshot_xmin(s)::text as "from", pg_snapshot_xmax(s)::text as until from pg_current_snapshot() as s`.execute(
    tx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("a snapshot is always one row");
  return row;
}

/** The highest number an entry has. */
export async function lastNumber(tx: Tx): Promise<number> {
  const { rows } = await sql<{ last: number }>`select index_last() as last`.execute(tx);
  return rows[0]?.last ?? 0;
}

/** Entries in force with numbers after one and up to another. As the system. */
export async function listFeed(
  tx: Tx,
  { after, until }: { readonly after: number; readonly until: number },
): Promise<readonly FedEntry[]> {
  const { rows } = await sql<FedEntry>`
    select * from index_feed(${after}::int, ${until}::int)`.execute(tx);
  return rows;
}

/** The same for a few numbers: what is missing is not in force. As the system. */
export async function listFed(tx: Tx, numbers: readonly number[]): Promise<readonly FedEntry[]> {
  const { rows } = await sql<FedEntry>`select * from index_rows(${numbers}::int[])`.execute(tx);
  return rows;
}

/** An entry of which a transaction changed what the index holds. */
export interface Change {
  readonly number: number;
  readonly xid: string;
}

/** Entries that changed by transactions which a look that had seen everything before `since` did not see. */
export async function listChanges(tx: Tx, since: string): Promise<readonly Change[]> {
  const { rows } = await sql<Change>`
    select * from index_changes(${since}::xid8)`.execute(tx);
  return rows;
}

/** How often each part occurs in the names of each lane. As the system. */
export async function countTokens(tx: Tx): Promise<readonly LaneStatistics[]> {
  const { rows } = await sql<{ lane: LaneName; token: number; names: number }>`
    select * from index_counts()`.execute(tx);
  return (["open", "restricted"] as const).map((lane) => {
    const own = rows.filter((row) => row.lane === lane);
    const counted = own.filter(({ token }) => token > 0);
    return {
      lane,
      names: own.find(({ token }) => token === 0)?.names ?? 0,
      tokens: Int32Array.from(counted, ({ token }) => token),
      counts: Int32Array.from(counted, ({ names }) => names),
    };
  });
}

/**
 * Candidates of both lanes for the agency of the transaction, as of `now`; `also` among them. Dates are tokens here;
 * `born`: all that do not contradict, undefined: none does.
 */
export async function findNames(
  tx: Tx,
  {
    lookUps: [open, restricted],
    born,
    also,
    now,
  }: {
    readonly lookUps: readonly [open: LaneLookUp, restricted: LaneLookUp];
    readonly born?: readonly number[] | undefined;
    readonly also: readonly number[];
    readonly now: Date;
  },
): Promise<readonly FedEntry[]> {
  const of = ({ pairs, single, anyDate, limit, dates, parts }: LaneLookUp) => sql`
    ${pairs.map(({ a }) => list(a))}::text[], ${pairs.map(({ b }) => list(b))}::text[],
    ${pairs.map(({ dated }) => dated)}::boolean[], ${single}::int[], ${anyDate}::int,
    ${limit}::int, ${dates}::int[], ${born ?? null}::int[], ${parts}::int[], ${also}::int[],
    ${now}::timestamptz`;
  const { rows } = await sql<FedEntry>`
    select * from find_names_open(${of(open)})
    union all
    select * from find_names_restricted(${of(restricted)})`.execute(tx);
  return rows;
}

/**
 * Of these plates (their numbers) those that entries have which the agency of the transaction may match now: a row for
 * each entry, of each lane at most so many, in the order of the plates handed in.
 */
export async function findPlates(
  tx: Tx,
  { tokens, limit }: { readonly tokens: readonly number[]; readonly limit: number },
): Promise<readonly { readonly lane: LaneName; readonly token: number }[]> {
  const { rows } = await sql<{ lane: LaneName; token: number }>`
    select lane, token from find_plates(${tokens}::int[], ${limit}::int)`.execute(tx);
  return rows;
}

function list(numbers: readonly number[]): string {
  return `{${numbers.join(",")}}`;
}
