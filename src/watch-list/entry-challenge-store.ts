import { sql } from "kysely";

import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { Entry } from "./entry.ts";

// Somebody disputes an entry. Who they are and what they say is for a privacy officer alone, and sealed.

const place = (
  column: "words_sealed" | "reason_sealed",
  { id, agency }: { readonly id: string; readonly agency: string },
) => ({
  table: "entry_challenge",
  column,
  row: id,
  agency,
});

export interface ChallengeWords {
  readonly who: string;
  readonly what: string;
}

export type ChallengeOutcome = "rejected" | "corrected" | "cancelled";

/** Puts the entry under review. False: it is already, it is over, or it was changed since it was read. */
export async function openChallenge(
  tx: Tx,
  keyring: Keyring,
  {
    entry,
    officer,
    words,
  }: { readonly entry: Entry; readonly officer: string; readonly words: ChallengeWords },
): Promise<boolean> {
  const { agency } = entry;
  if (!(await holdUnchallenged(tx, entry))) return false;
  const id = uuidv7();
  await tx
    .insertInto("entry_challenge")
    .values({
      id,
      agency_id: agency,
      entry_id: entry.id,
      version: entry.version,
      opened_by: officer,
      words_sealed: keyring.seal(place("words_sealed", { id, agency }), words),
    })
    .execute();
  await tx
    .updateTable("entry")
    .set({ challenged_at: sql<Date>`clock.now()` })
    .where("id", "=", entry.id)
    .execute();
  return true;
}

/** Until the end of the transaction nobody else takes one, changes the entry or ends it. */
async function holdUnchallenged(tx: Tx, { id, version }: Pick<Entry, "id" | "version">): Promise<boolean> {
  const row = await tx
    .selectFrom("entry")
    .select("id")
    .where("id", "=", id)
    .where("version", "=", version)
    .where("state", "in", ["active", "suspended"])
    .where("challenged_at", "is", null)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** The challenge of this entry that nobody has decided. */
export async function findChallenge(tx: Tx, keyring: Keyring, entry: string) {
  const row = await tx
    .selectFrom("entry_challenge")
    .select(["id", "agency_id as agency", "version", "opened_at as openedAt", "words_sealed"])
    .where("entry_id", "=", entry)
    .where("decided_at", "is", null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { words_sealed, ...challenge } = row;
  return {
    ...challenge,
    words:
      words_sealed === null
        ? undefined
        : keyring.open<ChallengeWords>(place("words_sealed", row), words_sealed),
  };
}

interface Decided {
  readonly challenge: { readonly id: string; readonly agency: string };
  readonly entry: Entry;
  readonly officer: string;
  readonly outcome: ChallengeOutcome;
  readonly reason: string;
}

/** Decides it, and lifts the review. False: somebody else was first. */
export async function decideChallenge(
  tx: Tx,
  keyring: Keyring,
  { challenge, entry, officer, outcome, reason }: Decided,
): Promise<boolean> {
  const result = await tx
    .updateTable("entry_challenge")
    .set({
      decided_by: officer,
      decided_at: sql<Date>`clock.now()`,
      outcome,
      reason_sealed: keyring.seal(place("reason_sealed", challenge), reason),
    })
    .where("id", "=", challenge.id)
    .where("decided_at", "is", null)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) return false;
  await liftReview(tx, entry.id);
  return true;
}

async function liftReview(tx: Tx, entry: string): Promise<void> {
  await tx.updateTable("entry").set({ challenged_at: null }).where("id", "=", entry).execute();
}

/** The entry is over: nothing is left to decide. False: nobody disputed it. */
export async function endChallenge(tx: Tx, entry: string): Promise<boolean> {
  const result = await tx
    .updateTable("entry_challenge")
    .set({ outcome: "ended", decided_at: sql<Date>`clock.now()` })
    .where("entry_id", "=", entry)
    .where("decided_at", "is", null)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) return false;
  await liftReview(tx, entry);
  return true;
}

/** Deletes who disputed an entry and what was said about it, with the entry's words. */
export async function forgetChallenges(tx: Tx, entry: string): Promise<void> {
  await tx
    .updateTable("entry_challenge")
    .set({ words_sealed: null, reason_sealed: null })
    .where("entry_id", "=", entry)
    .where("words_sealed", "is not", null)
    .execute();
}
