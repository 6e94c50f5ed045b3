import { officerOfCode } from "../../agencies/invitation-store.ts";
import { listOfficers, type Member } from "../../agencies/officer-store.ts";
import { can, refusalWords } from "../../bot/policy.ts";
import { StartError } from "../../errors.ts";
import type { Keyring } from "../../store/seal.ts";
import type { Store } from "../../store/store.ts";

interface Wanted {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly agency: string;
}

/**
 * The officer in whose name an import is made: the author of its entries, who therefore does not approve them. Named by
 * id, by the code with which they linked their account, or by the name they were invited with.
 */
export async function authorNamed({ store, keyring, agency }: Wanted, by: string): Promise<string> {
  const { members, linked } = await store.transaction({ agency, id: "operator" }, async (tx) => ({
    members: await listOfficers(tx, keyring),
    linked: await officerOfCode(tx, keyring, by),
  }));
  const named = members.filter(({ id, name }) => id === by || id === linked || plain(name) === plain(by));
  const [officer, second] = named.filter(({ state }) => state !== "removed");
  if (officer === undefined)
    throw new StartError(
      "--by: this agency has no such officer.",
      "Give the name they were invited with, the code they linked with, or their id.",
      64,
    );
  if (second !== undefined)
    throw new StartError("--by: several officers bear this name.", "Give the code they linked with.", 64);
  refuseOthers(officer, agency);
  return officer.id;
}

function refuseOthers({ id, state, roles }: Member, agency: string): void {
  if (state !== "active")
    throw new StartError("--by: this officer is suspended.", "An import is made for somebody on duty.", 64);
  if (can({ id, agency, roles }, "entry.write")) return;
  const { deed, who } = refusalWords("entry.write");
  throw new StartError(
    `--by: ${deed} needs ${who}, and this officer is neither.`,
    "Name somebody who may.",
    64,
  );
}

function plain(name: string): string {
  return name.normalize("NFKC").trim().replaceAll(/\s+/g, " ").toLowerCase();
}
