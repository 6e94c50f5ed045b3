import { sql, type Selectable } from "kysely";

import type { Database } from "../store/schema.ts";
import type { Tx } from "../store/store.ts";

// What a bulletin may rest on: an entry, a tip's grade. Codes and ids only, nothing personal.

type EntryRow = Selectable<Database["entry"]>;

export interface Grade {
  readonly source: NonNullable<EntryRow["source_grade"]>;
  readonly information: NonNullable<EntryRow["information_grade"]>;
}

export interface EntryFacts {
  readonly id: string;
  readonly ref: string;
  readonly exercise: boolean;
  readonly active: boolean;
  readonly approvedAt: Date | null;
  readonly approverId: string | null;
  readonly grade: Grade | undefined;
  readonly legalStatus: EntryRow["legal_status"];
  readonly requestedAction: EntryRow["requested_action"];
  readonly cautions: readonly string[];
}

/** An entry of the own agency: codes only, nothing personal. */
export async function findEntryFacts(
  tx: Tx,
  by: { readonly ref: string } | { readonly id: string },
): Promise<EntryFacts | undefined> {
  const [column, value] = "ref" in by ? (["ref", by.ref] as const) : (["id", by.id] as const);
  const row = await tx
    .selectFrom("entry")
    .select(["id", "ref", "exercise", "source_grade", "information_grade", "approved_at", "approver_id"])
    .select(["legal_status", "requested_action", "cautions"])
    .select(sql<boolean>`in_force(entry, clock.now())`.as("active"))
    .where(column, "=", value)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      ref: row.ref,
      exercise: row.exercise,
      active: row.active ?? false,
      approvedAt: row.approved_at,
      approverId: row.approver_id,
      grade: gradeOf(row),
      legalStatus: row.legal_status,
      requestedAction: row.requested_action,
      cautions: row.cautions ?? [],
    }
  );
}

/** A tip of the own agency, as far as a bulletin may come from it. */
export interface TipFacts {
  readonly id: string;
  readonly ref: string;
  readonly exercise: boolean;
  readonly open: boolean;
  readonly grade: Grade | undefined;
  readonly protectedSpeech: boolean;
}

/** A tip of the own agency: codes only, not a word of it. */
export async function findTipFacts(
  tx: Tx,
  by: { readonly ref: string } | { readonly id: string },
): Promise<TipFacts | undefined> {
  const [column, value] = "ref" in by ? (["ref", by.ref] as const) : (["id", by.id] as const);
  const row = await tx
    .selectFrom("tip")
    .select(["id", "ref", "exercise", "state", "source_grade", "information_grade", "protected_speech"])
    .where(column, "=", value)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      ref: row.ref,
      exercise: row.exercise,
      open: row.state === "new" || row.state === "taken",
      grade: gradeOf(row),
      protectedSpeech: row.protected_speech ?? false,
    }
  );
}

function gradeOf(row: Pick<EntryRow, "source_grade" | "information_grade">): Grade | undefined {
  const { source_grade: source, information_grade: information } = row;
  return source === null || information === null ? undefined : { source, information };
}
