import type { Keyring } from "./seal.ts";
import type { Store } from "./store.ts";

const system = { agency: null, id: "system" };

/** Whether this database was run with these keys; undefined where it was never run. Needs the jobs' store. */
export async function keysFit(keyring: Keyring, jobs: Store): Promise<boolean | undefined> {
  const row = await jobs.transaction(system, (tx) =>
    tx.selectFrom("key_mark").select("mark").executeTakeFirst(),
  );
  return row && row.mark.equals(markOf(keyring));
}

/** The first start with a keyring leaves its mark. */
export async function markKeys(keyring: Keyring, jobs: Store): Promise<void> {
  await jobs.transaction(system, (tx) =>
    tx
      .insertInto("key_mark")
      .values({ mark: markOf(keyring) })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}

function markOf(keyring: Keyring): Buffer {
  return keyring.mac("key-mark", "allpoints");
}
