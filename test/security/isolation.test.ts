import { CompiledQuery } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { playStory } from "../../sandbox/story.ts";
import { superuser } from "../support/database.ts";
import { openTown, type Town } from "../support/town.ts";

// After the whole story has been played, every table is walked as each agency and compared with what a superuser
// sees: the rows that an agency sees must all be its own, or concern it by their own columns.

let town: Town;
let root: Client;
interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Null: nothing of it. */
  readonly readable: readonly string[] | null;
  readonly writable: readonly string[] | null;
}
let tables: readonly Table[];
let agencies: readonly { readonly id: string; readonly name: string }[];

beforeAll(async () => {
  town = await openTown();
  await playStory(town.platforms, { verifyAudit: town.verifyAudit, say: () => {} });
  await town.idle();
  root = new Client(superuser(String(town.db.connection.owner.database)));
  await root.connect();
  await root.query("set search_path = allpoints");
  const found = await root.query<Table>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns,
            array_agg(a.attname::text order by a.attnum) filter (
              where has_column_privilege('allpoints_app', c.oid, a.attnum, 'select')) as readable,
            array_agg(a.attname::text order by a.attnum) filter (
              where has_column_privilege('allpoints_app', c.oid, a.attnum, 'update')) as writable
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'allpoints'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      group by 1 order by 1`,
  );
  tables = found.rows;
  agencies = (await root.query<{ id: string; name: string }>("select id, name from agency order by name"))
    .rows;
}, 120_000);
afterAll(async () => {
  await root.end();
  await town.close();
});

/** Columns that say whose a row is, or whom it concerns. */
const concerns = ["agency_id", "owner_agency_id"];

const NOBODY = "00000000-0000-7000-8000-000000000000";

/** Runs a statement as the bot does for this agency. */
async function as(agency: string | null, statement: string): Promise<readonly Record<string, unknown>[]> {
  const actor = { agency, id: agency === null ? "stranger" : NOBODY };
  return town.db.store.transaction(actor, async (tx) => {
    const { rows } = await tx.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement));
    return rows;
  });
}

async function rowsAs(
  agency: string | null,
  { name, readable }: Table,
): Promise<readonly Record<string, unknown>[]> {
  // Not granted at all is the strictest isolation there is.
  return readable === null ? [] : as(agency, `select ${readable.join(", ")} from ${name}`);
}

/** Rows that are neither the agency's own nor concern it. */
function foreign({ columns }: Table, agency: string): string {
  return concerns
    .filter((column) => columns.includes(column))
    .map((column) => `${column} is distinct from '${agency}'`)
    .join(" and ");
}

describe("as another agency", () => {
  it("every table with an owner shows only what is the agency's own or concerns it", async () => {
    const seen: string[] = [];
    for (const table of tables.filter(({ columns }) => columns.includes("agency_id"))) {
      for (const { id } of agencies) {
        const rows = await rowsAs(id, table);
        const strangers = rows.filter(
          (row) => !concerns.some((column) => table.columns.includes(column) && row[column] === id),
        );
        expect(strangers, `${table.name} as another agency`).toEqual([]);
        if (rows.length > 0) seen.push(table.name);
      }
    }
    // The walk would prove nothing on empty tables.
    expect([...new Set(seen)].toSorted()).toEqual(
      expect.arrayContaining([
        "acknowledgment",
        "agency",
        "audit",
        "bulletin",
        "channel",
        "chat_account",
        "delivery",
        "dissemination",
        "entry",
        "entry_birth",
        "entry_name",
        "entry_pair",
        "hit",
        "identifier",
        "installation",
        "officer",
        "officer_role",
        "query",
        "subscription",
        "tip",
        "tip_note",
      ]),
    );
  });

  it("without an agency a query sees no row of any of them", async () => {
    for (const table of tables.filter(({ columns }) => columns.includes("agency_id"))) {
      expect(await rowsAs(null, table), table.name).toEqual([]);
    }
  });

  it("no row of another agency can be changed, in any table", async () => {
    for (const table of tables.filter(({ columns }) => columns.includes("agency_id"))) {
      const [column] = table.writable ?? [];
      if (column === undefined) continue;
      for (const { id } of agencies) {
        const statement = `update ${table.name} set ${column} = ${column} where ${foreign(table, id)} returning 1`;
        expect(await as(id, statement).catch((error: unknown) => String(error)), table.name).toEqual([]);
      }
    }
  });

  it("nobody gets at a bulletin by asking for its delivery to themselves", async () => {
    const bulletin = await root.query<{ id: string; agency_id: string }>(
      "select id, agency_id from bulletin limit 1",
    );
    const { id = "", agency_id: owner = "" } = bulletin.rows[0] ?? {};
    const stranger = agencies.find((agency) => agency.id !== owner)?.id ?? "";
    // As if it had never been sent to them.
    await root.query("set session_replication_role = replica");
    await root.query("delete from delivery where subject_id = $1", [id]);
    await root.query("set session_replication_role = origin");
    const channel = await root.query<{ id: string; installation_id: string }>(
      "select id, installation_id from channel where agency_id = $1 limit 1",
      [stranger],
    );
    const { id: channelId, installation_id: installation } = channel.rows[0] ?? {};
    const forged = as(
      stranger,
      `insert into delivery (id, ref, kind, subject_id, owner_agency_id, agency_id, channel_id, installation_id, urgency, state)
       values (gen_random_uuid(), 'D-000-000', 'bulletin', '${id}', '${stranger}', '${stranger}', '${channelId}',
               '${installation}', 1, 'pending')`,
    );
    await expect(forged).rejects.toThrow(/row-level security/);
    expect(await as(stranger, `select id from received_bulletin('${id}')`)).toEqual([]);
  });

  it("an agency cannot make itself a member", async () => {
    const [one] = agencies;
    const promote = as(one?.id ?? "", "update agency set state = 'suspended'");
    await expect(promote).rejects.toThrow(/membership/);
  });

  it("tables without an owner hold nothing that belongs to anybody", () => {
    const ownerless = tables.filter((table) => !table.columns.includes("agency_id")).map(({ name }) => name);
    expect(ownerless.toSorted()).toEqual([
      "audit_head",
      "audit_seal",
      // What limits have left, and which workspaces fail: the jobs' own, of machines.
      "breaker",
      // An owner's, by another name: its policy is among those above.
      "fan_out",
      "inbound_seen",
      "key_mark",
      "link_request",
      "pace",
      // Ids of root keys, and how far each column is under which: the operator's.
      "retired_key",
      "rewrapping",
      "root_key",
      "schema_migration",
      // Ids and codes of what does not hold.
      "standing_check",
      "token",
      // Numbers of tokens that somebody had: nobody but the database's own function reads them.
      "token_left",
    ]);
  });

  it("no agency can write a row in another's name", async () => {
    const [one, other] = agencies;
    const forged = town.db.store.transaction(
      { agency: one?.id ?? "", id: "00000000-0000-7000-8000-000000000000" },
      (tx) =>
        tx
          .insertInto("subscription")
          .values({
            id: "00000000-0000-7000-8000-000000000001",
            agency_id: other?.id ?? "",
            channel_id: "00000000-0000-7000-8000-000000000002",
            types: ["situational"],
            min_severity: "minor",
            areas: [],
            max_tlp: "green",
            state: "active",
            set_by: "00000000-0000-7000-8000-000000000003",
          })
          .execute(),
    );
    await expect(forged).rejects.toThrow(/row-level security/);
  });

  it("the asker of a silent hit cannot see that there was one, and its owner can", async () => {
    const rows = await root.query<{ owner: string; agency: string; sensitivity: string }>(
      "select owner_agency_id as owner, agency_id as agency, sensitivity from hit",
    );
    expect(rows.rows.length).toBeGreaterThan(0);
    await root.query("alter table hit disable trigger user");
    await root.query("update hit set sensitivity = 'RESTRICTED'");
    const { owner = "", agency = "" } = rows.rows[0] ?? {};
    const hits = tables.find(({ name }) => name === "hit");
    if (hits === undefined) throw new Error("there is no table of hits");
    expect(await rowsAs(agency, hits)).toEqual([]);
    expect((await rowsAs(owner, hits)).length).toBe(rows.rows.length);
  });
});
