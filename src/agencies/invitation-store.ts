import { randomInt } from "node:crypto";

import { sql } from "kysely";

import type { Role } from "../bot/policy.ts";
import type { InboundEvent } from "../chat.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { namePlace } from "./officer-store.ts";

// Codes are read over the telephone: no I, L, O or U. 32^8 of them, each for a few days and one use.
const signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function newCode(): string {
  const eight = Array.from({ length: 8 }, () => signs.charAt(randomInt(signs.length))).join("");
  return `${eight.slice(0, 4)}-${eight.slice(4)}`;
}

/** The same digest for the same code, however it was typed. */
function codeHash(keyring: Keyring, code: string): Buffer {
  const plain = code
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return keyring.blind("code", plain);
}

/** Makes a one-time code for a person of an agency; the code itself is kept nowhere. Good for seven days. */
export async function invite(
  tx: Tx,
  keyring: Keyring,
  {
    agency,
    name,
    roles,
  }: { readonly agency: string; readonly name: string; readonly roles: readonly Role[] },
): Promise<{ readonly code: string; readonly officer: string }> {
  const code = newCode();
  const id = uuidv7();
  await tx
    .insertInto("invitation")
    .values({
      id,
      agency_id: agency,
      code_hash: codeHash(keyring, code),
      name_sealed: keyring.seal(namePlace(agency, id), name),
      roles: [...roles],
      expires_at: sql<Date>`clock.now() + interval '7 days'`,
    })
    .execute();
  return { code, officer: id };
}

type Account = Pick<InboundEvent, "platform" | "workspace" | "user">;

/** Links an account with an invitation's code. A code works once. */
export async function linkWithCode(
  tx: Tx,
  keyring: Keyring,
  { code, account }: { readonly code: string; readonly account: Account },
): Promise<"linked" | "used" | "unknown"> {
  const { rows } = await sql<{ outcome: "linked" | "used" | "unknown" }>`
    select link_with_invitation(${codeHash(keyring, code)}, ${account.platform}, ${account.workspace},
                                ${account.user}) as outcome`.execute(tx);
  return rows[0]?.outcome ?? "unknown";
}

/** Whoever of the own agency linked their account with this code. */
export async function officerOfCode(tx: Tx, keyring: Keyring, code: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("invitation")
    .select("used_by")
    .where("code_hash", "=", codeHash(keyring, code))
    .executeTakeFirst();
  return row?.used_by ?? undefined;
}

/** A code for a stranger to read to the agency's admin. Good for a day. */
export async function askToLink(tx: Tx, keyring: Keyring, account: Account): Promise<string> {
  const code = newCode();
  await sql`select ask_to_link(${codeHash(keyring, code)}, ${account.platform}, ${account.workspace},
                               ${account.user})`.execute(tx);
  return code;
}

/** As an agency's admin: takes the code a stranger read out. Undefined: wrong, old or used. */
export async function takeLinkRequest(tx: Tx, keyring: Keyring, code: string): Promise<Account | undefined> {
  const { rows } = await sql<{ platform: Account["platform"]; workspace: string; user_id: string }>`
    select * from take_link_request(${codeHash(keyring, code)})`.execute(tx);
  const [row] = rows;
  return row && { platform: row.platform, workspace: row.workspace, user: row.user_id };
}
