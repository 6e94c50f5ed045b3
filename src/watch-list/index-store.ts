import { sql } from "kysely";

import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { indexKeys, type Identifier } from "./identifier.ts";
import { insertBefore, wordsOfBefore } from "./index-before-store.ts";
import { lineOf } from "./matching-store.ts";
import { INDEX_VERSION, readName } from "./matching/name-reader.ts";
import { leaveTokens, tokenNumbers, type Word } from "./vocabulary-store.ts";

// What a query looks in. Names, dates and plates are numbers here, identifiers keyed digests; see the migrations.

/** The same digest for an entry and for whoever asks; `key` from indexKeys or askKeys. */
export function blindIdentifier(keyring: Keyring, kind: Identifier["kind"], key: string): Buffer {
  return keyring.blind(`identifier ${kind}`, key);
}

export interface IndexedEntry {
  readonly id: string;
  readonly agency: string;
  readonly sensitivity: "OPEN" | "AGENCY_ONLY" | "RESTRICTED";
  /** As written, in any script. */
  readonly names: readonly string[];
  /** "1984-03-02", "1984-03", "1984" */
  readonly birthDates: readonly string[];
  readonly identifiers: readonly Identifier[];
}

/** `indexEntries` of one. */
export function indexEntry(tx: Tx, keyring: Keyring, entry: IndexedEntry): Promise<void> {
  return indexEntries(tx, keyring, [entry]);
}

/**
 * Makes entries of one agency findable, in place of whatever they were found by before. In the transaction that makes
 * them active. The number of statements is the same for one as for a thousand; more than that at a time gains nothing.
 */
export async function indexEntries(
  tx: Tx,
  keyring: Keyring,
  entries: readonly IndexedEntry[],
): Promise<void> {
  await makeFindable(tx, keyring, { entries, old: "written" });
}

/** The same for entries in force that did not change: what the version before this one finds them by stays as it is. */
export async function reindexEntries(
  tx: Tx,
  keyring: Keyring,
  entries: readonly IndexedEntry[],
): Promise<void> {
  await makeFindable(tx, keyring, { entries, old: "kept" });
}

interface Indexing {
  readonly entries: readonly IndexedEntry[];
  /** What becomes of that which the version before this one reads. */
  readonly old: "written" | "kept";
}

async function makeFindable(tx: Tx, keyring: Keyring, { entries, old }: Indexing): Promise<void> {
  if (entries.length === 0) return;
  const read = entries.map((entry) => ({ ...entry, read: entry.names.map(readName).filter(hasParts) }));
  const words = read.flatMap(wordsOf);
  const oldWords = old === "written" ? read.flatMap(wordsOfBefore) : [];
  const number = await tokenNumbers(tx, keyring, [...words, ...oldWords]);
  const before = await clearEntries(tx, { ids: entries.map(({ id }) => id), old });
  const numbers = new Map(before.map((row) => [row.id, row.number]));
  const rows = read.map((entry): Row => {
    const of = numbers.get(entry.id);
    if (of === undefined) throw new Error("an entry to index is not there, or another agency's");
    const lane = entry.sensitivity === "RESTRICTED" ? "restricted" : "open";
    return { ...entry, number: of, lane };
  });
  await insertNames(tx, rows, (string) => number({ kind: "name", string }));
  await insertTokens(tx, rows, number);
  await insertIdentifiers(tx, keyring, rows);
  await markIndexed(tx, rows, number);
  if (old === "written") await insertBefore(tx, rows, number);
  const taken = new Set([...words, ...oldWords].map(number));
  await leaveTokens(
    tx,
    tokensOf(before).filter((token) => !taken.has(token)),
  );
}

/** Nothing finds it any more. In the transaction that ends or suspends it. */
export async function unindexEntry(tx: Tx, entry: string): Promise<void> {
  await leaveTokens(tx, tokensOf(await clearEntries(tx, { ids: [entry], old: "written" })));
}

interface ReadEntry extends IndexedEntry {
  readonly read: readonly ReturnType<typeof readName>[];
}
interface Row extends ReadEntry {
  readonly number: number;
  readonly lane: "open" | "restricted";
}

function hasParts({ parts }: ReturnType<typeof readName>): boolean {
  return parts.length > 0;
}

function wordsOf(entry: ReadEntry): readonly Word[] {
  return [
    ...entry.read.flatMap(({ parts }) => parts.map((string) => ({ kind: "name", string }) as const)),
    ...datesAndPlates(entry),
  ];
}

/** Birth dates, and whole plates without their state. */
function datesAndPlates({ birthDates, identifiers }: IndexedEntry): readonly Word[] {
  const plates = identifiers.flatMap(({ kind, value }) => (kind === "plate" ? [value] : []));
  return [
    ...[...new Set(birthDates)].map((string) => ({ kind: "date", string }) as const),
    ...[...new Set(plates)].map((string) => ({ kind: "plate", string }) as const),
  ];
}

interface Cleared {
  readonly id: string;
  readonly number: number;
  /** All that it had in the vocabulary. */
  readonly tokens: readonly number[];
}

function tokensOf(cleared: readonly Cleared[]): readonly number[] {
  return [...new Set(cleared.flatMap(({ tokens }) => tokens))];
}

interface Clearing {
  readonly ids: readonly string[];
  /** "written": what the version before this one reads goes too. */
  readonly old: Indexing["old"];
}

/**
 * Takes entries of the own agency out of the index. By arrays, not by joins: while much is written at once the planner
 * believes the tables to be nearly empty, and would read all of them for each chunk.
 */
async function clearEntries(tx: Tx, { ids, old }: Clearing): Promise<readonly Cleared[]> {
  const { rows } = await sql<Cleared>`
    with entries as materialized (
      select id, number from entry where id = any(${ids}::uuid[])
    ), gone as materialized (
      select array_agg(id) as ids, array_agg(number) as numbers from entries
    ), pairs as (
      delete from entry_pair p
       using (select distinct n.lane, least(x.token, y.token) as a, greatest(x.token, y.token) as b, n.entry_number
                from entry_name n
                cross join unnest(n.tokens) as x(token) cross join unnest(n.tokens) as y(token)
               where n.lane in ('open', 'restricted') and n.entry_number = any ((select numbers from gone)::int[])) own
       where p.lane = own.lane and p.a = own.a and p.b = own.b and p.entry_number = own.entry_number
    ), names as (
      delete from entry_name
       where lane in ('open', 'restricted') and entry_number = any ((select numbers from gone)::int[])
      returning entry_number, tokens
    ), births as (
      delete from entry_birth
       where lane in ('open', 'restricted') and entry_number = any ((select numbers from gone)::int[])
      returning entry_number, token
    ), plates as (
      delete from entry_plate
       where lane in ('open', 'restricted') and entry_number = any ((select numbers from gone)::int[])
      returning entry_number, token
    ), identifiers as (
      delete from identifier where entry_id = any ((select ids from gone)::uuid[])
    ), old_pairs as (
      delete from name_pair where ${old === "written"} and entry_id = any ((select ids from gone)::uuid[])
      returning entry_id, a, b
    ), old_dates as (
      delete from entry_date where ${old === "written"} and entry_id = any ((select ids from gone)::uuid[])
      returning entry_id, date_id
    ), versions as (
      update entry set index_version = null, index_line = null
       where id in (select id from entries) and (index_version is not null or index_line is not null)
    )
    select e.id, e.number,
           array(select unnest(n.tokens) from names n where n.entry_number = e.number
                 union select b.token from births b where b.entry_number = e.number
                 union select p.token from plates p where p.entry_number = e.number
                 union select unnest(array[o.a, o.b])::int from old_pairs o where o.entry_id = e.id
                 union select d.date_id::int from old_dates d where d.entry_id = e.id) as tokens
      from entries e`.execute(tx);
  return rows;
}

/** Names, and every pair of their parts. */
async function insertNames(tx: Tx, rows: readonly Row[], token: (part: string) => number): Promise<void> {
  const names = rows.flatMap(({ read, ...row }) =>
    read.map(({ parts, suffix = null }, place) => ({ ...row, place, suffix, tokens: parts.map(token) })),
  );
  if (names.length === 0) return;
  await sql`
    with name as materialized (
      select n.lane, n.number, n.place, n.agency, n.tokens::int[] as tokens, n.suffix
        from unnest(${names.map(({ lane }) => lane)}::text[], ${names.map(({ number }) => number)}::int[],
                    ${names.map(({ place }) => place)}::smallint[], ${names.map(({ agency }) => agency)}::uuid[],
                    ${names.map(({ tokens }) => `{${tokens.join(",")}}`)}::text[],
                    ${names.map(({ suffix }) => suffix)}::text[]) as n(lane, number, place, agency, tokens, suffix)
    ), named as (
      insert into entry_name (lane, entry_number, place, agency_id, tokens, suffix)
      select lane, number, place, agency, tokens, suffix from name
    )
    insert into entry_pair (a, b, entry_number, agency_id, lane)
    select distinct x.token, y.token, n.number, n.agency, n.lane
      from name n cross join unnest(n.tokens) as x(token) cross join unnest(n.tokens) as y(token)
     where x.token < y.token or cardinality(n.tokens) = 1`.execute(tx);
}

/** Birth dates and plates. */
async function insertTokens(tx: Tx, rows: readonly Row[], number: (word: Word) => number): Promise<void> {
  const tokens = rows.flatMap((row) =>
    datesAndPlates(row).map((word) => ({ ...row, kind: word.kind, token: number(word) })),
  );
  if (tokens.length === 0) return;
  await sql`
    with given as materialized (
      select * from unnest(${tokens.map(({ kind }) => kind)}::text[], ${tokens.map(({ lane }) => lane)}::text[],
                           ${tokens.map((row) => row.number)}::int[], ${tokens.map(({ token }) => token)}::int[],
                           ${tokens.map(({ agency }) => agency)}::uuid[]) as g(kind, lane, number, token, agency)
    ), births as (
      insert into entry_birth (lane, entry_number, token, agency_id)
      select lane, number, token, agency from given where kind = 'date'
    )
    insert into entry_plate (lane, entry_number, token, agency_id)
    select lane, number, token, agency from given where kind = 'plate'`.execute(tx);
}

async function insertIdentifiers(tx: Tx, keyring: Keyring, rows: readonly Row[]): Promise<void> {
  const keys = rows.flatMap((row) =>
    identifierKeys(keyring, row.identifiers).map((key) => ({ ...row, ...key })),
  );
  if (keys.length === 0) return;
  await sql`
    insert into identifier (lane, kind, blind, entry_id, agency_id)
    select * from unnest(${keys.map(({ lane }) => lane)}::text[], ${keys.map(({ kind }) => kind)}::text[],
                         ${keys.map(({ blind }) => blind)}::bytea[], ${keys.map(({ id }) => id)}::uuid[],
                         ${keys.map(({ agency }) => agency)}::uuid[])`.execute(tx);
}

function identifierKeys(keyring: Keyring, identifiers: readonly Identifier[]) {
  const keys = identifiers.flatMap((one) =>
    indexKeys(one).map((key) => ({ kind: one.kind, blind: blindIdentifier(keyring, one.kind, key) })),
  );
  // Two plates that differ only in their state share the key without it.
  return [...new Map(keys.map((key) => [`${key.kind} ${key.blind.toString("hex")}`, key])).values()];
}

/** In the entry itself: what is compared of it, so that a candidate takes one look. */
async function markIndexed(tx: Tx, rows: readonly Row[], number: (word: Word) => number): Promise<void> {
  const lines = rows.map((row) => {
    const names = row.read.map(({ parts, suffix }) => ({
      tokens: parts.map((string) => number({ kind: "name", string })),
      suffix,
    }));
    return lineOf(
      names,
      datesAndPlates(row).flatMap((word) => (word.kind === "date" ? [number(word)] : [])),
    );
  });
  await sql`
    update entry e set index_version = ${INDEX_VERSION}, index_line = l.line
      from unnest(${rows.map(({ id }) => id)}::uuid[], ${lines}::text[]) as l(id, line)
     where e.id = l.id`.execute(tx);
}
