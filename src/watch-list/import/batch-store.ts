import { sql } from "kysely";

import { uuidv7 } from "../../store/ids.ts";
import type { Keyring } from "../../store/seal.ts";
import type { Tx } from "../../store/store.ts";
import { numberPlace } from "./import-store.ts";

// A batch: what came in with one file, and waits to be approved as a whole.

export type BatchState = "filling" | "waiting" | "approved" | "active" | "returned" | "replaced";

export interface Batch {
  readonly id: string;
  readonly agency: string;
  /** In hex. */
  readonly hash: string;
  readonly state: BatchState;
  readonly author: string;
  readonly madeAt: Date;
  /** When the file had been read to its end. */
  readonly entries: number | null;
  readonly sensitive: boolean | null;
  /** In hex: of what an approver would read. */
  readonly contents: string | null;
  readonly approver: string | null;
  readonly decidedAt: Date | null;
  readonly returnedNote: string | undefined;
}

const notePlace = (agency: string, batch: string) => ({
  table: "import_batch",
  column: "returned_note_sealed",
  row: batch,
  agency,
});

/** Enough of a hash for a person to type and for nobody to hit by chance. */
export const SHORTEST_HASH = 12;

/** The own agency's batch whose hash begins so; the newest, where an older one is in force. */
export async function findBatch(tx: Tx, keyring: Keyring, hash: string): Promise<Batch | undefined> {
  const row = await tx
    .selectFrom("import_batch")
    .selectAll()
    .where(sql<string>`left(encode(hash, 'hex'), ${hash.length})`, "=", hash.toLowerCase())
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const note = row.returned_note_sealed;
  return {
    id: row.id,
    agency: row.agency_id,
    hash: row.hash.toString("hex"),
    state: row.state,
    author: row.author_id,
    madeAt: row.made_at,
    entries: row.entries,
    sensitive: row.sensitive,
    contents: row.contents_hash?.toString("hex") ?? null,
    approver: row.approver_id,
    decidedAt: row.decided_at,
    returnedNote: note === null ? undefined : keyring.open<string>(notePlace(row.agency_id, row.id), note),
  };
}

/** Batches of the own agency that wait for a decision, the oldest first. */
export async function listWaitingBatches(tx: Tx, limit: number) {
  return tx
    .selectFrom("import_batch")
    .select(["author_id as author", "entries", "sensitive"])
    .select(sql<string>`encode(hash, 'hex')`.as("hash"))
    .where("state", "=", "waiting")
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** The batch of this file that is not in force yet. */
export async function findOpenBatch(
  tx: Tx,
  { agency, hash }: { readonly agency: string; readonly hash: Buffer },
): Promise<string | undefined> {
  const row = await tx
    .selectFrom("import_batch")
    .select("id")
    .where("agency_id", "=", agency)
    .where("hash", "=", hash)
    .where("state", "!=", "active")
    .executeTakeFirst();
  return row?.id;
}

/** The batch of this file, begun or gone on with. Undefined: it is approved and being put in force. */
export async function openBatch(
  tx: Tx,
  { agency, hash, author }: { readonly agency: string; readonly hash: Buffer; readonly author: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into import_batch (id, agency_id, hash, state, author_id)
    values (${uuidv7()}, ${agency}, ${hash}, 'filling', ${author})
    on conflict (agency_id, hash) where state <> 'active' do update
       set state = 'filling', author_id = ${author}, approver_id = null, decided_at = null,
           finished_at = null, returned_note_sealed = null
     where import_batch.state <> 'approved'
    returning id`.execute(tx);
  return rows[0]?.id;
}

/**
 * The file of this batch was read to its end: from now on it waits, as it is now. Undefined: it waits already, and
 * nothing of it changed.
 */
export async function closeBatch(
  tx: Tx,
  { agency, hash }: { readonly agency: string; readonly hash: Buffer },
): Promise<{ readonly id: string; readonly entries: number } | undefined> {
  const { rows } = await sql<{ id: string; entries: number }>`
    update import_batch b
       set state = 'waiting', entries = c.entries, sensitive = c.sensitive, contents_hash = c.contents
      from (select o.id, s.* from import_batch o cross join lateral ${contentsOf(sql`o`)} s
             where o.agency_id = ${agency} and o.hash = ${hash} and o.state in ('filling', 'waiting')) c
     where b.id = c.id and c.entries > 0
       and (b.state = 'filling' or b.entries <> c.entries or b.contents_hash <> c.contents)
    returning b.id, b.entries`.execute(tx);
  return rows[0];
}

/** What waits in a batch now, as its approver would read it. */
function contentsOf(batch: ReturnType<typeof sql>) {
  return sql`(
    select count(*)::int as entries, coalesce(bool_or(e.first_amendment or e.juvenile or e.sensitivity = 'RESTRICTED'), false) as sensitive,
           sha256(string_agg(e.content_hash, ''::bytea order by i.place, i.entry_id)) as contents
      from entry_import i join entry e on e.id = i.entry_id
     where i.batch_id = ${batch}.id and i.open and e.state = 'waiting' and e.content_hash = i.content_hash)`;
}

/** Batches that a later file has emptied. */
export async function replaceEmptied(tx: Tx, agency: string): Promise<readonly string[]> {
  const { rows } = await sql<{ hash: string }>`
    update import_batch b set state = 'replaced'
     where b.agency_id = ${agency} and b.state in ('filling', 'waiting', 'returned')
       and not exists (select from entry_import i where i.batch_id = b.id)
    returning encode(b.hash, 'hex') as hash`.execute(tx);
  return rows.map(({ hash }) => hash);
}

/** What a second person should know before they open any of it. */
export interface BatchFigures {
  readonly predicates: Readonly<Record<string, number>>;
  readonly sensitivities: Readonly<Record<string, number>>;
  readonly restricted: number;
  readonly juveniles: number;
  readonly speech: number;
  /** Days from approval. */
  readonly shortest: number;
  readonly longest: number;
  /** "2027-05-01": the first and the last day, of those that end on a day. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
}

export async function batchFigures(tx: Tx, batch: string): Promise<BatchFigures> {
  const { rows } = await sql<BatchFigures>`
    with waits as materialized (
      select e.predicate, e.sensitivity, e.juvenile, e.first_amendment, e.valid_days, i.expires_on
        from entry_import i join entry e on e.id = i.entry_id
       where i.batch_id = ${batch} and i.open and e.state = 'waiting'
    )
    select coalesce((select jsonb_object_agg(predicate, n) from (select predicate, count(*) as n from waits group by 1) p), '{}') as predicates,
           coalesce((select jsonb_object_agg(sensitivity, n) from (select sensitivity, count(*) as n from waits group by 1) s), '{}') as sensitivities,
           count(*) filter (where sensitivity = 'RESTRICTED')::int as restricted,
           count(*) filter (where juvenile)::int as juveniles,
           count(*) filter (where first_amendment)::int as speech,
           coalesce(min(valid_days), 0) as shortest, coalesce(max(valid_days), 0) as longest,
           min(expires_on)::text as "firstDay", max(expires_on)::text as "lastDay"
      from waits`.execute(tx);
  const [figures] = rows;
  if (figures === undefined) throw new Error("a sum without a row");
  return figures;
}

/** Characters of a hash that a button carries. */
const SHOWN = 12;

/** "3f2a90b1c44d07aa.0123456789ab": what a press approves is exactly what was shown. */
export function shownBatch({ hash, contents }: Pick<Batch, "hash" | "contents">): string {
  return `${hash.slice(0, 16)}.${contents?.slice(0, SHOWN) ?? ""}`;
}
export function readShown(subject: string): { readonly hash: string; readonly shown: string } {
  const [hash = "", shown = ""] = subject.split(".");
  return { hash, shown };
}

export type Refused = "decided" | "changed" | "over" | "own";

/** Approves exactly what the batch was when its file had been read, if that is what the officer was `shown`. */
export async function approveBatch(
  tx: Tx,
  { batch, officer, shown }: { readonly batch: string; readonly officer: string; readonly shown: string },
): Promise<"approved" | Refused> {
  const { rows } = await sql<{ state: BatchState; same: boolean; over: boolean; own: boolean }>`
    select b.state, b.contents_hash is not distinct from c.contents and b.entries = c.entries
             and left(encode(b.contents_hash, 'hex'), ${SHOWN}) = ${shown} as same,
           exists (select from entry_import i where i.batch_id = b.id and i.open
                      and i.expires_on <= (select clock.now())::date) as over,
           b.author_id = ${officer} or exists (select from entry_import i join entry e on e.id = i.entry_id
             where i.batch_id = b.id and i.open and e.author_id = ${officer}) as own
      from (select * from import_batch where id = ${batch} for update) b
      cross join lateral ${contentsOf(sql`b`)} c`.execute(tx);
  const [found] = rows;
  if (found?.state !== "waiting") return "decided";
  if (found.own) return "own";
  if (!found.same) return "changed";
  if (found.over) return "over";
  await sql`
    update import_batch set state = 'approved', approver_id = ${officer}, decided_at = clock.now()
     where id = ${batch}`.execute(tx);
  return "approved";
}

/** Back to its author, with a note. False: it is decided. */
export async function returnBatch(
  tx: Tx,
  keyring: Keyring,
  { batch, officer, note }: { readonly batch: Batch; readonly officer: string; readonly note: string },
): Promise<boolean> {
  const result = await tx
    .updateTable("import_batch")
    .set({
      state: "returned",
      approver_id: officer,
      decided_at: sql<Date>`clock.now()`,
      returned_note_sealed: keyring.seal(notePlace(batch.agency, batch.id), note),
    })
    .where("id", "=", batch.id)
    .where("state", "=", "waiting")
    .where("author_id", "!=", officer)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** How many of a batch are still to be put in force or given back. */
export async function countOpen(tx: Tx, batch: string): Promise<number> {
  const { rows } = await sql<{ left: number }>`
    select count(*)::int as left from entry_import where batch_id = ${batch} and open`.execute(tx);
  return rows[0]?.left ?? 0;
}

/** Entries of an approved batch that are not in force: why, as a code, and how many. */
export interface KeptOut {
  readonly reason: string;
  readonly entries: number;
}

/** The commonest reason first. */
export async function listKeptOut(tx: Tx, batch: string): Promise<readonly KeptOut[]> {
  const { rows } = await sql<KeptOut>`
    select kept_out as reason, count(*)::int as entries from entry_import
     where batch_id = ${batch} and kept_out is not null
     group by kept_out order by count(*) desc, kept_out`.execute(tx);
  return rows;
}

/** Entries of a batch by chance, each with the agency's own number. */
export async function sampleBatch(
  tx: Tx,
  keyring: Keyring,
  { batch, most }: { readonly batch: Batch; readonly most: number },
): Promise<readonly { readonly ref: string; readonly number: string }[]> {
  const { rows } = await sql<{ ref: string; number_blind: Buffer; number_sealed: Buffer }>`
    with ends as (
      select (select place from entry_import where batch_id = ${batch.id} and open order by place limit 1) as least,
             (select place from entry_import where batch_id = ${batch.id} and open order by place desc limit 1) as most
    ), drawn as (
      select distinct on (i.entry_id) i.entry_id, i.number_blind, i.number_sealed
        from ends, generate_series(1, ${8 * most}::int) as g
        cross join lateral (
          select * from entry_import i
           where i.batch_id = ${batch.id} and i.open and g > 0
             and i.place >= ends.least + floor(random() * (ends.most - ends.least + 1))
           order by i.place limit 1) i
    )
    select e.ref, d.number_blind, d.number_sealed from drawn d join entry e on e.id = d.entry_id
     where e.state = 'waiting' and d.number_sealed is not null
     order by random() limit ${most}`.execute(tx);
  return rows.map(({ ref, number_blind: blind, number_sealed: number }) => ({
    ref,
    number: keyring.open<string>(numberPlace(batch.agency, blind), number),
  }));
}
