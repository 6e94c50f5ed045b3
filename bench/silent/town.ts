import { addOfficer } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { Role } from "../../src/bot/policy.ts";
import type { Ground } from "../../src/main.ts";
import { admitAgency, connect } from "../../src/operator.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import { readIdentifiers } from "../../src/watch-list/identifier.ts";
import { indexEntries } from "../../src/watch-list/index-store.ts";
import { openFound } from "../../src/watch-list/query-store.ts";
import type { Described } from "./people.ts";

/** Where an officer's questions come from. */
export interface Account {
  readonly platform: "slack";
  readonly workspace: string;
  readonly user: string;
}

interface Agency {
  readonly id: string;
  readonly workspace: string;
}
export interface Owner extends Agency {
  readonly analyst: string;
  readonly approver: string;
  /** Of its entries, so that none is given twice. */
  readonly refs: Set<string>;
}

export async function openAgencies(
  ground: Ground,
): Promise<{ readonly owner: Owner; readonly asking: Agency }> {
  const owner = await openAgency(ground, "Metro Fusion", "T0OWNER");
  const [analyst = "", approver = ""] = await addPeople(ground, owner, ["analyst", "privacy_officer"]);
  return {
    owner: { ...owner, analyst, approver, refs: new Set() },
    asking: await openAgency(ground, "Riverton PD", "T0ASKING"),
  };
}

async function openAgency(ground: Ground, name: string, workspace: string): Promise<Agency> {
  const { id } = await admitAgency(ground, {
    name,
    ori: undefined,
    zone: "America/New_York",
    contactName: `${name} watch`,
    contactPhone: "555-0142",
    areas: ["riverton"],
  });
  await connect(ground, {
    agency: id,
    platform: "slack",
    workspace,
    application: "A0BENCH",
    botUser: "U0BENCH",
    token: "xoxb-bench",
    apiBaseUrl: "http://127.0.0.1:9/",
    environment: "commercial",
  });
  return { id, workspace };
}

export async function addOfficers(
  ground: Ground,
  agency: Agency,
  count: number,
): Promise<readonly Account[]> {
  const roles = Array.from({ length: count }, () => "officer" as const);
  await addPeople(ground, agency, roles);
  return roles.map((role, at) => accountOf(agency, role, at));
}

function accountOf({ workspace }: Agency, role: Role, at: number): Account {
  return { platform: "slack", workspace, user: `U${role.toUpperCase()}${at}` };
}

function addPeople(
  { app, keyring }: Ground,
  agency: Agency,
  roles: readonly Role[],
): Promise<readonly string[]> {
  return app.transaction({ agency: agency.id, id: "operator" }, async (tx) => {
    await appendAudit(tx, agency.id, { action: "officer.add", subject: `agency:${agency.id}` });
    const ids: string[] = [];
    for (const [at, role] of roles.entries()) {
      const account = accountOf(agency, role, at);
      // One connection: one after the other.
      // oxlint-disable-next-line no-await-in-loop
      ids.push(
        await addOfficer(tx, keyring, { agency: agency.id, name: `Ofc. ${at}`, roles: [role], account }),
      );
    }
    return ids;
  });
}

const AT_ONCE = 500;
const VALID_MS = 90 * 86_400_000;

/** Of thousands drawn by chance two are the same now and then. */
function freshRef(refs: Set<string>): string {
  for (;;) {
    const ref = newRef("entry");
    if (refs.has(ref)) continue;
    refs.add(ref);
    return ref;
  }
}

interface Listing {
  readonly listed: readonly Described[];
  readonly sensitivity: "OPEN" | "RESTRICTED";
}

/** Approved, in force and found, as the owner's own code would write them. */
export async function listEntries(
  ground: Ground,
  owner: Owner,
  { listed, sensitivity }: Listing,
): Promise<void> {
  for (let from = 0; from < listed.length; from += AT_ONCE) {
    // oxlint-disable-next-line no-await-in-loop
    await listSome(ground, owner, { listed: listed.slice(from, from + AT_ONCE), sensitivity });
  }
}

function listSome({ app, keyring }: Ground, owner: Owner, { listed, sensitivity }: Listing): Promise<void> {
  const now = new Date();
  const until = new Date(now.getTime() + VALID_MS);
  const entries = listed.map((one) => ({ ...one, id: uuidv7(), ref: freshRef(owner.refs) }));
  return app.transaction({ agency: owner.id, id: owner.analyst }, async (tx) => {
    await tx
      .insertInto("entry")
      .values(
        entries.map(({ id, ref }) => ({
          id,
          ref,
          agency_id: owner.id,
          state: "active" as const,
          exercise: false,
          author_id: owner.analyst,
          approver_id: owner.approver,
          approved_at: now,
          last_validated_at: now,
          review_due_at: until,
          expires_at: until,
          valid_days: 90,
          content_sealed: Buffer.from("sealed"),
          content_hash: Buffer.from("hash"),
          predicate: "vpf4_expressed_intent_le" as const,
          offence_length: 10,
          facts_length: 100,
          source_length: 10,
          relevance_length: 30,
          first_amendment: false,
          sensitivity,
          tlp: "amber" as const,
          pap: "red" as const,
          legal_status: "no_warrant" as const,
          requested_action: "contact_originator" as const,
          cautions: [],
          source_grade: "B" as const,
          information_grade: "3" as const,
          juvenile: false,
          audience: "all" as const,
        })),
      )
      .execute();
    await indexEntries(
      tx,
      keyring,
      entries.map(({ id, name, born, plate }) => ({
        id,
        agency: owner.id,
        sensitivity,
        names: [name],
        birthDates: [born],
        identifiers: readIdentifiers(plate).identifiers,
      })),
    );
    await appendAudit(tx, owner.id, { action: "entry.approve", subject: `agency:${owner.id}` });
  });
}

/** Hits that were sealed for the owners of RESTRICTED entries, in all questions of this agency. */
export function countSilentHits({ app, keyring }: Ground, { id }: Agency): Promise<number> {
  return app.transaction({ agency: id, id: "operator" }, async (tx) => {
    const rows = await tx.selectFrom("query").select(["id", "agency_id as agency", "found_sealed"]).execute();
    return rows
      .flatMap(({ found_sealed, ...row }) =>
        found_sealed === null ? [] : openFound(keyring, { ...row, found_sealed }).found,
      )
      .filter(({ sensitivity }) => sensitivity === "RESTRICTED").length;
  });
}
