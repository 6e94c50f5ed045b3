import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { playStory } from "../../sandbox/story.ts";
import { superuser } from "../support/database.ts";
import { openTown, type Town } from "../support/town.ts";

// After the whole story has been played, every table is walked as each agency and compared with what a superuser
// sees: the rows that an agency sees must all be its own, or concern it by their own columns.

let town: Town;
let root: Client;
let tables: readonly { readonly name: string; readonly columns: readonly string[] }[];
let agencies: readonly { readonly id: string; readonly name: string }[];

beforeAll(async () => {
  town = await openTown();
  await playStory(town.platforms, { verifyAudit: town.verifyAudit, say: () => {} });
  await town.idle();
  root = new Client(superuser(String(town.db.connection.owner.database)));
  await root.connect();
  await root.query("set search_path = allpoints");
  const found = await root.query<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
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

async function rowsAs(agency: string | null, table: string): Promise<readonly Record<string, unknown>[]> {
  const actor = { agency, id: agency === null ? "stranger" : "00000000-0000-7000-8000-000000000000" };
  return town.db.store.transaction(actor, async (tx) => {
    const { rows } = await tx.executeQuery<Record<string, unknown>>({
      sql: `select * from ${table}`,
      parameters: [],
      query: { kind: "RawNode" },
      queryId: { queryId: "walk" },
    } as never);
    return rows;
  });
}

describe("as another agency", () => {
  it("every table with an owner shows only what is the agency's own or concerns it", async () => {
    const seen: string[] = [];
    for (const { name, columns } of tables.filter((table) => table.columns.includes("agency_id"))) {
      for (const { id } of agencies) {
        const rows = await rowsAs(id, name).catch((error: unknown) => {
          // Not granted at all is the strictest isolation there is.
          if (!String(error).includes("permission denied")) throw error;
          return [];
        });
        const strangers = rows.filter(
          (row) => !concerns.some((column) => columns.includes(column) && row[column] === id),
        );
        expect(strangers, `${name} as another agency`).toEqual([]);
        if (rows.length > 0) seen.push(name);
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
        "hit",
        "identifier",
        "installation",
        "name_pair",
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
    for (const { name } of tables.filter((table) => table.columns.includes("agency_id"))) {
      const rows = await rowsAs(null, name).catch(() => []);
      expect(rows, name).toEqual([]);
    }
  });

  it("tables without an owner hold nothing that belongs to anybody", () => {
    const ownerless = tables.filter((table) => !table.columns.includes("agency_id")).map(({ name }) => name);
    expect(ownerless.toSorted()).toEqual([
      "audit_head",
      "audit_seal",
      "inbound_seen",
      "link_request",
      "schema_migration",
      "token",
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
    expect(await rowsAs(agency, "hit")).toEqual([]);
    expect((await rowsAs(owner, "hit")).length).toBe(rows.rows.length);
  });
});
