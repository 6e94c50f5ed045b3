import { sql } from "kysely";

import type { Role } from "../bot/policy.ts";
import type { InboundEvent } from "../chat.ts";
import { accountTaken } from "../errors.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { knownRoles, type Who } from "./officer.ts";

interface Found {
  readonly officer_id: string;
  readonly agency_id: string;
  readonly state: string;
  readonly roles: string[];
  readonly name_sealed: Buffer;
  readonly agency_name: string;
  readonly agency_state: string;
  readonly time_zone: string;
}

/** Where an officer's name is sealed; every reader of it names the same place. */
export function namePlace(agency: string, officer: string) {
  return { table: "officer", column: "name_sealed", row: officer, agency };
}

/** Who is behind this account, as of now: suspension and roles take effect at the next event. */
export async function findWho(
  tx: Tx,
  keyring: Keyring,
  { platform, workspace, user }: Pick<InboundEvent, "platform" | "workspace" | "user">,
): Promise<Who> {
  const { rows } = await sql<Found>`select * from officer_of(${platform}, ${workspace}, ${user})`.execute(tx);
  const [row] = rows;
  if (row === undefined) return { kind: "stranger" };
  const officer = {
    id: row.officer_id,
    agency: row.agency_id,
    agencyName: row.agency_name,
    name: keyring.open<string>(namePlace(row.agency_id, row.officer_id), row.name_sealed),
    roles: knownRoles(row.roles),
    zone: row.time_zone,
  };
  if (row.state !== "active" || row.agency_state === "suspended") return { kind: "suspended", officer };
  return { kind: row.agency_state === "pending" ? "pending" : "active", officer };
}

interface NewOfficer {
  readonly agency: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly account: Account;
}
type Account = Pick<InboundEvent, "platform" | "workspace" | "user">;

/** As the agency's admin: a new officer with one account. */
export async function addOfficer(tx: Tx, keyring: Keyring, officer: NewOfficer): Promise<string> {
  const id = uuidv7();
  const { agency, account } = officer;
  await tx
    .insertInto("officer")
    .values({
      id,
      agency_id: agency,
      name_sealed: keyring.seal(namePlace(agency, id), officer.name),
      state: "active",
    })
    .execute();
  await giveRoles(tx, { agency, officer: id }, officer.roles);
  await addAccount(tx, { agency, officer: id }, account);
  return id;
}

/** One more account of the same person, so that two accounts are never two persons. */
export async function addAccount(
  tx: Tx,
  { agency, officer }: { readonly agency: string; readonly officer: string },
  account: Account,
): Promise<void> {
  const result = await tx
    .insertInto("chat_account")
    .values({
      platform: account.platform,
      workspace: account.workspace,
      user_id: account.user,
      agency_id: agency,
      officer_id: officer,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) throw accountTaken();
}

export async function giveRoles(
  tx: Tx,
  { agency, officer }: { readonly agency: string; readonly officer: string },
  given: readonly Role[],
): Promise<void> {
  await tx.deleteFrom("officer_role").where("officer_id", "=", officer).execute();
  if (given.length === 0) return;
  await tx
    .insertInto("officer_role")
    .values(given.map((role) => ({ agency_id: agency, officer_id: officer, role })))
    .execute();
}

/** False: not an officer of this agency, or not in a state to change. */
export async function setOfficerState(
  tx: Tx,
  officer: string,
  state: "active" | "suspended" | "removed",
): Promise<boolean> {
  const result = await tx
    .updateTable("officer")
    .set({ state })
    .where("id", "=", officer)
    .where("state", "!=", "removed")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The accounts of somebody removed may be linked anew. */
export async function unlinkAccounts(tx: Tx, officer: string): Promise<void> {
  await tx.deleteFrom("chat_account").where("officer_id", "=", officer).execute();
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly roles: readonly Role[];
  readonly accounts: readonly string[];
}

/** The own agency's officers. */
export async function listOfficers(tx: Tx, keyring: Keyring): Promise<readonly Member[]> {
  const rows = await tx
    .selectFrom("officer")
    .select((row) => [
      "officer.id",
      "officer.agency_id",
      "officer.state",
      "officer.name_sealed",
      sql<
        string[]
      >`array(select r.role from officer_role r where r.officer_id = ${row.ref("officer.id")} order by 1)`.as(
        "roles",
      ),
      sql<string[]>`array(select c.platform || ' ' || c.user_id from chat_account c
                           where c.officer_id = ${row.ref("officer.id")} order by 1)`.as("accounts"),
    ])
    .orderBy("officer.created_at")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: keyring.open<string>(namePlace(row.agency_id, row.id), row.name_sealed),
    state: row.state,
    roles: knownRoles(row.roles),
    accounts: row.accounts,
  }));
}

/** The name of an officer of the own agency, for a card. */
export async function officerName(tx: Tx, keyring: Keyring, officer: string): Promise<string> {
  const row = await tx
    .selectFrom("officer")
    .select(["agency_id", "name_sealed"])
    .where("id", "=", officer)
    .executeTakeFirstOrThrow();
  return keyring.open<string>(namePlace(row.agency_id, officer), row.name_sealed);
}
