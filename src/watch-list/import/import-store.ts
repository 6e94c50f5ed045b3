import { sql } from "kysely";

import { newRef } from "../../refs.ts";
import { uuidv7 } from "../../store/ids.ts";
import type { Keyring } from "../../store/seal.ts";
import type { Tx } from "../../store/store.ts";
import { columnsOf } from "../entry-store.ts";
import type { Entry, EntryState } from "../entry.ts";
import { entryOf } from "./import-entry.ts";
import type { ReadRow } from "./import-row.ts";

// Rows of a file and the entries they became. A chunk is a few statements, however many rows are in it.

/** What the database knows of an agency's own number. */
export interface KnownRow {
  readonly entry: string;
  readonly ref: string;
  readonly state: EntryState;
  /** An entry that was given up before anybody approved it was never a record. */
  readonly wasApproved: boolean;
  readonly batch: string;
  /** Waits in its batch. */
  readonly open: boolean;
  /** Its batch is approved: it is about to be in force. */
  readonly decided: boolean;
  readonly rowHash: Buffer | null;
  /** The entry is what the import made of it: nobody changed it in chat. */
  readonly asImported: boolean;
}

/** Agency and number in one look-up. Keyed: what a number looks like is not guessed from it. */
export function blindNumber(keyring: Keyring, agency: string, number: string): Buffer {
  return keyring.blind("entry-number", `${agency} ${number}`);
}

export function numberPlace(agency: string, blind: Buffer) {
  return { table: "entry_import", column: "number_sealed", row: blind.toString("hex"), agency };
}

/** One import of an agency after the other, a chunk at a time: each sees what the one before has written. */
export async function takeTurn(tx: Tx, agency: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('import ' || ${agency}, 0))`.execute(tx);
}

/** By the hex of the blind number. */
export async function findKnown(
  tx: Tx,
  agency: string,
  blinds: readonly Buffer[],
): Promise<ReadonlyMap<string, KnownRow>> {
  const { rows } = await sql<KnownRow & { readonly blind: Buffer }>`
    select i.number_blind as blind, i.entry_id as entry, e.ref, e.state, e.approver_id is not null as "wasApproved",
           i.batch_id as batch, i.open, i.open and b.state = 'approved' as decided, i.row_hash as "rowHash",
           e.content_hash is not distinct from i.content_hash as "asImported"
      from unnest(${blinds}::bytea[]) as n(blind)
      cross join lateral (select * from entry_import o
                           where o.agency_id = ${agency} and o.number_blind = n.blind offset 0) i
      cross join lateral (select * from entry o where o.id = i.entry_id offset 0) e
      cross join lateral (select * from import_batch o where o.id = i.batch_id offset 0) b`.execute(tx);
  return new Map(rows.map(({ blind, ...known }) => [blind.toString("hex"), known]));
}

/** A row that is written. */
export interface WrittenRow {
  /** In the file. */
  readonly row: number;
  readonly read: ReadRow;
  readonly blind: Buffer;
  readonly rowHash: Buffer;
}

interface Writing {
  readonly keyring: Keyring;
  readonly agency: string;
  readonly author: string;
  readonly batch: string;
}

/** For json_to_recordset, which reads bytes as hex. */
function jsonOf(rows: readonly object[]): string {
  const plain = (value: unknown) => (Buffer.isBuffer(value) ? `\\x${value.toString("hex")}` : value);
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))),
  );
}

/** How the rows of an entry come as one JSON: what `columnsOf` gives. */
const entryColumns = `content_sealed bytea, content_hash bytea, predicate text, offence_length int, facts_length int,
  source_length int, relevance_length int, direct_relation_length int, first_amendment boolean, juvenile boolean,
  cautions text[], legal_status text, requested_action text, pap text, sensitivity text, tlp text, audience text,
  valid_days int, source_grade text, information_grade text`;
const entryNames = entryColumns
  .split(",")
  .map((column) => column.trim().split(" ")[0] ?? "")
  .join(", ");
const entryUpdates = entryNames
  .split(", ")
  .map((name) => `${name} = x.${name}`)
  .join(", ");

/** New entries that wait. References are short: one that somebody has already is drawn again. */
export async function addEntries(tx: Tx, writing: Writing, rows: readonly WrittenRow[]): Promise<void> {
  const made = new Map<string, { readonly row: WrittenRow; readonly hash: Buffer }>();
  let left = rows;
  while (left.length > 0) {
    const drawn = new Map(left.map((row) => [newRef("entry"), row]));
    const entries = [...drawn].map(([ref, row]) => sealed(writing, row, { id: uuidv7(), ref }));
    // oxlint-disable-next-line no-await-in-loop
    const inserted = new Set(await insertEntries(tx, writing, entries));
    for (const { id, ref, columns } of entries) {
      const row = drawn.get(ref);
      if (row !== undefined && inserted.has(id)) made.set(id, { row, hash: columns.content_hash });
    }
    const done = new Set([...made.values()].map(({ row }) => row));
    left = left.filter((row) => !done.has(row));
  }
  await linkRows(tx, writing, made);
  await nameAudiences(tx, writing, made);
}

interface Sealed {
  readonly id: string;
  readonly ref: string;
  readonly columns: ReturnType<typeof columnsOf>;
}

function sealed(
  { keyring, agency, author }: Writing,
  { read }: WrittenRow,
  { id, ref }: Pick<Entry, "id" | "ref">,
): Sealed {
  return { id, ref, columns: columnsOf(keyring, entryOf(read.words, { id, ref, agency, author })) };
}

async function insertEntries(
  tx: Tx,
  { agency, author }: Writing,
  entries: readonly Sealed[],
): Promise<readonly string[]> {
  const json = jsonOf(entries.map(({ id, ref, columns }) => ({ id, ref, ...columns })));
  const { rows } = await sql<{ id: string }>`
    insert into entry (id, agency_id, ref, state, author_id, ${sql.raw(entryNames)})
    select x.id, ${agency}, x.ref, 'waiting', ${author}, ${sql.raw(entryNames.replaceAll(/\w+/g, "x.$&"))}
      from json_to_recordset(${json}::json) as x(id uuid, ref text, ${sql.raw(entryColumns)})
    on conflict (ref) do nothing
    returning id`.execute(tx);
  return rows.map(({ id }) => id);
}

type Made = ReadonlyMap<string, { readonly row: WrittenRow; readonly hash: Buffer }>;

async function linkRows(tx: Tx, { keyring, agency, batch }: Writing, made: Made): Promise<void> {
  const json = jsonOf(
    [...made].map(([id, { row, hash }]) => ({
      entry_id: id,
      place: row.row,
      number_blind: row.blind,
      number_sealed: keyring.seal(numberPlace(agency, row.blind), row.read.number),
      row_hash: row.rowHash,
      content_hash: hash,
      expires_on: row.read.expiresOn ?? null,
    })),
  );
  // The number of an entry that was discarded before anybody approved it is free again.
  await sql`
    insert into entry_import (entry_id, agency_id, batch_id, place, number_blind, number_sealed, row_hash, content_hash,
                              expires_on)
    select x.entry_id, ${agency}, ${batch}, x.place, x.number_blind, x.number_sealed, x.row_hash, x.content_hash,
           x.expires_on
      from json_to_recordset(${json}::json) as x(entry_id uuid, place int, number_blind bytea, number_sealed bytea,
           row_hash bytea, content_hash bytea, expires_on date)
    on conflict (agency_id, number_blind) do update
       set entry_id = excluded.entry_id, batch_id = excluded.batch_id, place = excluded.place,
           number_sealed = excluded.number_sealed, row_hash = excluded.row_hash, content_hash = excluded.content_hash,
           expires_on = excluded.expires_on, open = true, kept_out = null`.execute(tx);
}

async function nameAudiences(tx: Tx, { agency }: Writing, made: Made): Promise<void> {
  const named = [...made].flatMap(([entry, { row }]) =>
    row.read.words.audienceAgencies.map((audience) => ({ entry, audience })),
  );
  if (named.length === 0) return;
  await sql`
    insert into entry_audience (agency_id, entry_id, audience_agency_id)
    select ${agency}, x.entry, x.audience
      from json_to_recordset(${jsonOf(named)}::json) as x(entry uuid, audience uuid)`.execute(tx);
}

/** Rows that say something else than before, into entries that nobody has approved yet. They wait again. */
export async function changeEntries(
  tx: Tx,
  writing: Writing,
  rows: readonly (WrittenRow & { readonly known: KnownRow })[],
): Promise<void> {
  if (rows.length === 0) return;
  const { agency, author } = writing;
  const changed = rows.map((row) => sealed(writing, row, { id: row.known.entry, ref: row.known.ref }));
  const json = jsonOf(changed.map(({ id, columns }) => ({ id, ...columns })));
  await sql`
    update entry e
       set state = 'waiting', author_id = ${author}, returned_note_sealed = null, hidden_danger_signed_by = null,
           ${sql.raw(entryUpdates)}
      from json_to_recordset(${json}::json) as x(id uuid, ${sql.raw(entryColumns)})
     where e.id = x.id and e.agency_id = ${agency} and e.state in ('draft', 'waiting')`.execute(tx);
  const hashes = new Map(changed.map(({ id, columns }) => [id, columns.content_hash]));
  const made: Made = new Map(
    rows.map((row) => [row.known.entry, { row, hash: hashes.get(row.known.entry) ?? Buffer.alloc(0) }]),
  );
  await sql`
    delete from entry_audience where agency_id = ${agency} and entry_id = any(${[...made.keys()]}::uuid[])`.execute(
    tx,
  );
  await linkRows(tx, writing, made);
  await nameAudiences(tx, writing, made);
}

/** Rows that say what they said, whose entries waited in another batch or were given back: they wait in this one. */
export async function moveEntries(
  tx: Tx,
  { agency, batch }: Pick<Writing, "agency" | "batch">,
  rows: readonly { readonly row: number; readonly known: KnownRow }[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ known }) => known.entry);
  await sql`
    update entry set state = 'waiting', returned_note_sealed = null
     where agency_id = ${agency} and id = any(${ids}::uuid[]) and state = 'draft'`.execute(tx);
  await sql`
    update entry_import i set batch_id = ${batch}, place = x.place, open = true, kept_out = null
      from unnest(${ids}::uuid[], ${rows.map(({ row }) => row)}::int[]) as x(id, place)
     where i.entry_id = x.id and i.agency_id = ${agency}`.execute(tx);
}
