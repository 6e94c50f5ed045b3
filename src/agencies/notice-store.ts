import { sql } from "kysely";

import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import type { NoticeKind } from "./notice.ts";

/** Something to tell a person or a desk without saying what. The delivery's subject is the id. */
export async function addNotice(
  tx: Tx,
  { agency, kind, ref }: { readonly agency: string; readonly kind: NoticeKind; readonly ref: string },
): Promise<string> {
  const id = uuidv7();
  await tx.insertInto("notice").values({ id, agency_id: agency, kind, ref }).execute();
  return id;
}

/** As the system: whether the agency was told this within a day. */
export async function hasNoticeLately(
  tx: Tx,
  { agency, kind }: { readonly agency: string; readonly kind: NoticeKind },
): Promise<boolean> {
  const row = await tx
    .selectFrom("notice")
    .select("id")
    .where("agency_id", "=", agency)
    .where("kind", "=", kind)
    .where("at", ">", sql<Date>`(select clock.now()) - interval '1 day'`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The notices of one kind about one reference, the oldest first. */
export async function noticesAbout(
  tx: Tx,
  { agency, kind, ref }: { readonly agency: string; readonly kind: NoticeKind; readonly ref: string },
): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("notice")
    .select("id")
    .where("agency_id", "=", agency)
    .where("kind", "=", kind)
    .where("ref", "=", ref)
    .orderBy("id")
    .execute();
  return rows.map(({ id }) => id);
}

export async function findNotice(tx: Tx, id: string) {
  return tx.selectFrom("notice").select(["kind", "ref"]).where("id", "=", id).executeTakeFirst();
}
