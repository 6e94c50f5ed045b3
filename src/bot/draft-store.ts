import { sql } from "kysely";

import type { FormValues } from "../chat.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { Officer } from "./command.ts";

interface Draft {
  readonly form: string;
  readonly state: string;
}

const place = (officer: Officer, id: string) => ({
  table: "form_draft",
  column: "values_sealed",
  row: id,
  agency: officer.agency,
});

/** Keeps what a person entered into a form that was not accepted, sealed, for fifteen minutes. */
export async function keepDraft(
  tx: Tx,
  {
    officer,
    keyring,
    draft,
    values,
  }: {
    readonly officer: Officer;
    readonly keyring: Keyring;
    readonly draft: Draft;
    readonly values: FormValues;
  },
): Promise<void> {
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
      state: draft.state,
      ...kept,
    })
    .onConflict((conflict) =>
      conflict.columns(["agency_id", "officer_id", "form", "state"]).doUpdateSet(kept),
    )
    .execute();
}

/** What the person entered before, if it is still kept. */
export async function findDraft(
  tx: Tx,
  {
    officer,
    keyring,
    draft,
  }: { readonly officer: Officer; readonly keyring: Keyring; readonly draft: Draft },
): Promise<FormValues | undefined> {
  const row = await tx
    .selectFrom("form_draft")
    .select(["id", "values_sealed"])
    .where("officer_id", "=", officer.id)
    .where("form", "=", draft.form)
    .where("state", "=", draft.state)
    .where("expires_at", ">", sql<Date>`(select clock.now())`)
    .executeTakeFirst();
  return row && keyring.open<FormValues>(place(officer, row.id), row.values_sealed);
}

export async function dropDraft(tx: Tx, officer: Officer, draft: Draft): Promise<void> {
  await tx
    .deleteFrom("form_draft")
    .where("officer_id", "=", officer.id)
    .where("form", "=", draft.form)
    .where("state", "=", draft.state)
    .execute();
}
