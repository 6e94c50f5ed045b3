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

export async function findNotice(tx: Tx, id: string) {
  return tx.selectFrom("notice").select(["kind", "ref"]).where("id", "=", id).executeTakeFirst();
}
