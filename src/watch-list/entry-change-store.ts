import { sql } from "kysely";

import type { Officer } from "../bot/command.ts";
import { newRef } from "../refs.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { columnsOf, nameAudience, sealWords, type Decision } from "./entry-store.ts";
import { FIRST_REVIEW_DAYS, type Entry } from "./entry.ts";

// A change of an approved entry is a draft of its own until a second person approves it. The database compares the two
// rows: what was approved becomes what waits, whole, or stays as it is.

/**
 * A draft with everything the entry says now. Undefined: somebody is changing it already, or it is over.
 * It names the tip no longer: the entry it becomes part of does.
 */
export async function recordChange(
  tx: Tx,
  keyring: Keyring,
  { entry, officer }: { readonly entry: Entry; readonly officer: Officer },
): Promise<string | undefined> {
  const draft: Entry = {
    ...entry,
    id: uuidv7(),
    ref: newRef("entry"),
    tip: null,
    content: { ...entry.content, hiddenReason: undefined },
  };
  const row = await tx
    .insertInto("entry")
    .values({
      ...columnsOf(keyring, draft),
      id: draft.id,
      agency_id: entry.agency,
      ref: draft.ref,
      state: "draft",
      version: entry.version + 1,
      changes_id: entry.id,
      author_id: officer.id,
      exercise: entry.exercise,
    })
    .onConflict((conflict) =>
      conflict
        .column("changes_id")
        .where("changes_id", "is not", null)
        // Not as parameters: the index is recognised by these words.
        .where(sql<boolean>`state in ('draft', 'waiting')`)
        .doNothing(),
    )
    .returning("ref")
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await nameAudience(tx, draft, entry.audienceAgencies);
  return row.ref;
}

/** The change of this entry that is being written or waits. */
export async function openChangeOf(tx: Tx, id: string) {
  return tx
    .selectFrom("entry")
    .select(["id", "ref", "state", "author_id as author"])
    .where("changes_id", "=", id)
    .where("state", "in", ["draft", "waiting"])
    .executeTakeFirst();
}

/**
 * Makes a change that waits the entry's next version, in the officer's name. It lasts no longer by that, and shorter if
 * the change says so; its next review is at most 90 days away. False: the change is no longer what was shown, or the
 * entry is over or was changed since.
 */
export async function applyChange(
  tx: Tx,
  keyring: Keyring,
  { entry: change, base, officer, shown }: Decision & { readonly base: Entry },
): Promise<boolean> {
  if (!(await lockWaiting(tx, { entry: change, officer, shown }))) return false;
  const { rows } = await sql<{ id: string }>`
    with moment as materialized (select clock.now() as at)
    update entry e
       set version = c.version, author_id = c.author_id, approver_id = ${officer}, approved_at = m.at,
           content_sealed = ${sealWords(keyring, { ...change, id: base.id })}, content_hash = c.content_hash,
           predicate = c.predicate, offence_length = c.offence_length, facts_length = c.facts_length,
           source_length = c.source_length, relevance_length = c.relevance_length,
           direct_relation_length = c.direct_relation_length, first_amendment = c.first_amendment,
           juvenile = c.juvenile, sensitivity = c.sensitivity, tlp = c.tlp, pap = c.pap,
           legal_status = c.legal_status, requested_action = c.requested_action, cautions = c.cautions,
           source_grade = c.source_grade, information_grade = c.information_grade, audience = c.audience,
           valid_days = c.valid_days, hidden_danger_signed_by = c.hidden_danger_signed_by,
           expires_at = least(e.expires_at, m.at + make_interval(days => c.valid_days)),
           review_due_at = least(e.review_due_at, e.expires_at,
             m.at + make_interval(days => least(${FIRST_REVIEW_DAYS}::int, c.valid_days)))
      from moment m, entry c
     where e.id = ${base.id} and c.id = ${change.id} and c.changes_id = e.id and c.version = e.version + 1
       and e.state in ('active', 'suspended') and e.expires_at > m.at
    returning e.id`.execute(tx);
  if (rows.length === 0) return false;
  await nameAudience(tx, base, change.audienceAgencies);
  await nameAudience(tx, change, []);
  await tx
    .updateTable("entry")
    .set({
      state: "purged",
      approver_id: officer,
      approved_at: sql<Date>`clock.now()`,
      ended_at: sql<Date>`clock.now()`,
      content_sealed: null,
      content_hash: null,
      returned_note_sealed: null,
    })
    .where("id", "=", change.id)
    .execute();
  return true;
}

/** Whoever comes second finds it gone. */
async function lockWaiting(tx: Tx, { entry, officer, shown }: Decision): Promise<boolean> {
  const row = await tx
    .selectFrom("entry")
    .select("id")
    .where("id", "=", entry.id)
    .where("state", "=", "waiting")
    .where("author_id", "!=", officer)
    .where(sql`left(encode(content_hash, 'hex'), 12)`, "=", shown)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** Deletes the draft that would have changed an entry that is over. The draft's reference and who wrote it, for the audit. */
export async function dropChange(tx: Tx, id: string) {
  return tx
    .updateTable("entry")
    .set({
      state: "purged",
      content_sealed: null,
      content_hash: null,
      returned_note_sealed: null,
      offence_length: null,
      ended_at: sql<Date>`clock.now()`,
    })
    .where("changes_id", "=", id)
    .where("state", "in", ["draft", "waiting"])
    .returning(["id", "ref"])
    .executeTakeFirst();
}

export interface Shown {
  readonly officers: number;
  readonly agencies: number;
}

/** To how many officers of how many agencies a query has shown the entry, or whom to call about it; in any version. */
export async function countShown(tx: Tx, id: string): Promise<Shown> {
  const { rows } = await sql<Shown>`
    select count(distinct officer_id)::int as officers, count(distinct agency_id)::int as agencies
      from dissemination
     where object = ${`entry:${id}`} and level <> 'nothing' and officer_id is not null`.execute(tx);
  return rows[0] ?? { officers: 0, agencies: 0 };
}
