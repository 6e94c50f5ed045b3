import { sql } from "kysely";

import type { Installation, Platform } from "../chat.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { AgencyContact, MemberAgency } from "./agency.ts";

/** As `agency_directory()` gives it. */
export interface DirectoryRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly contact_name: string;
  readonly contact_phone: string;
  readonly time_zone: string;
  readonly areas: readonly string[];
}

/** Every agency's name, standing and number: the one thing agencies may know of each other without asking. */
export async function listAgencies(tx: Tx): Promise<readonly MemberAgency[]> {
  const { rows } = await sql<DirectoryRow>`select * from agency_directory() order by name`.execute(tx);
  return rows.map(memberOf);
}

export function memberOf(row: DirectoryRow): MemberAgency {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    contactName: row.contact_name,
    contactPhone: row.contact_phone,
    zone: row.time_zone,
    areas: row.areas,
  };
}

/** As the system: whether anybody was ever admitted here. */
export async function hasAgencies(tx: Tx): Promise<boolean> {
  const row = await tx.selectFrom("agency").select("id").limit(1).executeTakeFirst();
  return row !== undefined;
}

/** One agency's contact; every agency in a row of ours is in the directory. */
export async function agencyContact(tx: Tx, id: string): Promise<AgencyContact> {
  const { rows } = await sql<DirectoryRow>`select * from agency_directory() where id = ${id}`.execute(tx);
  if (rows[0] === undefined) throw new Error("an agency is missing from the directory");
  return memberOf(rows[0]);
}

export interface NewAgency {
  readonly name: string;
  readonly ori: string | undefined;
  readonly zone: string;
  readonly contactName: string;
  readonly contactPhone: string;
  readonly areas: readonly string[];
}

/** As the operator. The first two agencies are members at once; a later one waits for another member's admin. */
export async function addAgency(
  tx: Tx,
  agency: NewAgency,
): Promise<{ readonly id: string; readonly state: string }> {
  const members = (await listAgencies(tx)).length;
  return tx
    .insertInto("agency")
    .values({
      id: uuidv7(),
      name: agency.name,
      ori: agency.ori ?? null,
      state: members < 2 ? "active" : "pending",
      time_zone: agency.zone,
      contact_name: agency.contactName,
      contact_phone: agency.contactPhone,
      areas: [...agency.areas],
    })
    .returning(["id", "state"])
    .executeTakeFirstOrThrow();
}

export async function setContact(
  tx: Tx,
  agency: string,
  contact: Pick<AgencyContact, "contactName" | "contactPhone">,
): Promise<void> {
  await tx
    .updateTable("agency")
    .set({ contact_name: contact.contactName, contact_phone: contact.contactPhone })
    .where("id", "=", agency)
    .execute();
}

export async function setWatchOnDiscord(tx: Tx, agency: string, on: boolean): Promise<void> {
  await tx.updateTable("agency").set({ watch_on_discord: on }).where("id", "=", agency).execute();
}

export async function findOwnAgency(tx: Tx, agency: string) {
  return tx
    .selectFrom("agency")
    .select(["id", "name", "watch_on_discord", "areas"])
    .where("id", "=", agency)
    .executeTakeFirstOrThrow();
}

/** Makes a pending agency a member, on the word of another member's admin. Undefined: no such pending agency. */
export async function approveAgency(tx: Tx, name: string, officer: string): Promise<string | undefined> {
  const { rows } = await sql<{
    id: string | null;
  }>`select approve_agency(${name}, ${officer}::uuid) as id`.execute(tx);
  return rows[0]?.id ?? undefined;
}

const tokenPlace = (agency: string, row: string) => ({
  table: "installation",
  column: "token_sealed",
  row,
  agency,
});

export interface NewInstallation extends Omit<Installation, "id"> {
  /** The agency that hosts the workspace. */
  readonly agency: string;
}

/** As the operator. Connecting a workspace again replaces its token and wakes it up. */
export async function connectInstallation(
  tx: Tx,
  keyring: Keyring,
  { agency, token, apiBaseUrl, botUser, ...rest }: NewInstallation,
): Promise<string> {
  const before = await tx
    .selectFrom("installation")
    .select(["id", "agency_id"])
    .where("platform", "=", rest.platform)
    .where("workspace", "=", rest.workspace)
    .executeTakeFirst();
  const id = before?.id ?? uuidv7();
  const values = {
    application: rest.application,
    bot_user: botUser,
    api_base_url: apiBaseUrl,
    environment: rest.environment,
    token_sealed: keyring.seal(tokenPlace(before?.agency_id ?? agency, id), token),
    state: "active" as const,
  };
  await tx
    .insertInto("installation")
    .values({ id, agency_id: agency, platform: rest.platform, workspace: rest.workspace, ...values })
    .onConflict((conflict) => conflict.columns(["platform", "workspace"]).doUpdateSet(values))
    .execute();
  return id;
}

/** The installation that serves a workspace, with its token opened; undefined where nobody connected one. */
export async function findInstallation(
  tx: Tx,
  keyring: Keyring,
  { platform, workspace }: { readonly platform: Platform; readonly workspace: string },
): Promise<(Installation & { readonly agency: string }) | undefined> {
  const { rows } = await sql<{
    id: string;
    agency_id: string;
    application: string;
    bot_user: string;
    api_base_url: string;
    environment: "commercial" | "gov";
    token_sealed: Buffer;
  }>`select * from installation_of(${platform}, ${workspace})`.execute(tx);
  const [row] = rows;
  return (
    row && {
      id: row.id,
      agency: row.agency_id,
      platform,
      workspace,
      application: row.application,
      botUser: row.bot_user,
      apiBaseUrl: row.api_base_url,
      environment: row.environment,
      token: keyring.open<string>(tokenPlace(row.agency_id, row.id), row.token_sealed),
    }
  );
}

/** An installation whose token is opened when it is needed: one that cannot be opened is no other's trouble. */
export interface SealedInstallation {
  readonly id: string;
  readonly open: (keyring: Keyring) => Installation;
}

/** As the system: the active ones of these. */
export async function findInstallations(
  tx: Tx,
  ids: readonly string[],
): Promise<readonly SealedInstallation[]> {
  const rows = await tx
    .selectFrom("installation")
    .selectAll()
    .where("id", "in", ids)
    .where("state", "=", "active")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    open: (keyring) => ({
      id: row.id,
      platform: row.platform,
      workspace: row.workspace,
      application: row.application,
      botUser: row.bot_user,
      apiBaseUrl: row.api_base_url,
      environment: row.environment,
      token: keyring.open<string>(tokenPlace(row.agency_id, row.id), row.token_sealed),
    }),
  }));
}

/** As the operator or the system: what is connected, without tokens. */
export async function listInstallations(tx: Tx) {
  return tx
    .selectFrom("installation")
    .select([
      "id",
      "agency_id",
      "platform",
      "workspace",
      "application",
      "api_base_url",
      "environment",
      "state",
    ])
    .orderBy("platform")
    .orderBy("workspace")
    .execute();
}

/** As the system: the app was uninstalled, or its token is dead. */
export async function markInstallationGone(
  tx: Tx,
  platform: Platform,
  workspace: string,
): Promise<string | undefined> {
  const row = await tx
    .updateTable("installation")
    .set({ state: "gone" })
    .where("platform", "=", platform)
    .where("workspace", "=", workspace)
    .where("state", "=", "active")
    .returning("agency_id")
    .executeTakeFirst();
  return row?.agency_id;
}
