import { existsSync } from "node:fs";

import { keysFit } from "../store/key-mark-store.ts";
import { openKeyring, type Keyring } from "../store/seal.ts";
import type { Store } from "../store/store.ts";
import { hasAgencies } from "./catalog-store.ts";
import { codeOf, fail, ok, warn, type Finding } from "./doctor.ts";

/** Whether the keys are there, closed to others, readable, and the ones this database was run with. */
export async function checkKeyring(file: string, store: Store | undefined): Promise<Finding> {
  const system = { agency: null, id: "system" };
  if (!existsSync(file)) {
    // No tables yet: nothing is sealed.
    const sealed = (await store?.transaction(system, hasAgencies).catch(() => false)) ?? false;
    return sealed
      ? fail(
          `${file} is not there, and the database holds what it sealed`,
          "Restore it from its backup: nothing else opens names, tips and tokens.",
        )
      : warn(
          `${file} is not there; the first start makes it`,
          "Start, then back it up apart from the database: lost keys are lost data.",
        );
  }
  let keys: Keyring;
  try {
    keys = openKeyring({ file });
  } catch (error) {
    // Our own sentences name the file and no key.
    const said =
      error instanceof Error && !("code" in error)
        ? error.message
        : `${file} cannot be read (${codeOf(error)})`;
    return fail(said, "It must belong to the user the bot runs as, with mode 0600, and be a keyring.");
  }
  const fits = store === undefined ? undefined : await keysFit(keys, store).catch(() => undefined);
  if (fits === false) {
    return fail(
      `${file} opens, but is not the one this database was run with`,
      "Use the keyring this database was run with; then: allpoints audit verify",
    );
  }
  return ok(
    `${file}, closed to others, opens${fits === true ? ", and fits the database" : ""} (key ${keys.currentKeyId})`,
  );
}
