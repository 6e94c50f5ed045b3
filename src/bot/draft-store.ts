import { sql } from "kysely";

import type { FormValues } from "../chat.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { Officer } from "./command.ts";

interface Keeping {
  readonly officer: Officer;
  readonly keyring: Keyring;
  /** One draft for a form and what it is about. */
  readonly draft: { readonly form: string; readonly subject: string };
}

const place = (officer: Officer, id: string) => ({
  table: "form_draft",
  column: "values_sealed",
  row: id,
  agency: officer.agency,
});

/** A subject may hold a code that somebody read out: what names the row is a digest of it. */
function subjectHash({ keyring, draft }: Keeping): string {
  return keyring.blind("draft", draft.subject).toString("hex");
}

/** Keeps what a person entered into a form that was not accepted, sealed, for fifteen minutes. */
export async function keepDraft(tx: Tx, keeping: Keeping & { readonly values: FormValues }): Promise<void> {
  const { officer, keyring, draft, values } = keeping;
  const id = uuidv7();
  const kept = {
    id,
    values_sealed: keyring.seal(place(officer, id), values),
    expires_at: sql<Date>`clock.now() + interval '15 minutes'`,
  };
  await tx
    .insertInto("form_draft")
    .values({
      agency_id: officer.agency,
      officer_id: officer.id,
      form: draft.form,
      subject_hash: subjectHash(keeping),
      ...kept,
    })
    .onConflict((conflict) =>
      conflict.columns(["agency_id", "officer_id", "form", "subject_hash"]).doUpdateSet(kept),
    )
    .execute();
}

/** What the person entered before, if it is still kept. */
export async function findDraft(tx: Tx, keeping: Keeping): Promise<FormValues | undefined> {
  const { officer, keyring, draft } = keeping;
  const row = await tx
    .selectFrom("form_draft")
    .select(["id", "values_sealed"])
    .where("officer_id", "=", officer.id)
    .where("form", "=", draft.form)
    .where("subject_hash", "=", subjectHash(keeping))
    .where("expires_at", ">", sql<Date>`(select clock.now())`)
    .executeTakeFirst();
  return row && keyring.open<FormValues>(place(officer, row.id), row.values_sealed);
}

export async function dropDraft(tx: Tx, keeping: Keeping): Promise<void> {
  const { officer, draft } = keeping;
  await tx
    .deleteFrom("form_draft")
    .where("officer_id", "=", officer.id)
    .where("form", "=", draft.form)
    .where("subject_hash", "=", subjectHash(keeping))
    .execute();
}
