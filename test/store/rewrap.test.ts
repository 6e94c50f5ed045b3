import { randomBytes } from "node:crypto";

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { rewrapping } from "../../src/rewrapping.ts";
import { countSealed, noteActive } from "../../src/store/key-store.ts";
import { listSealedColumns, rewrappingProgress, type SealedColumn } from "../../src/store/rewrap-store.ts";
import { openKeyring, type Keyring } from "../../src/store/seal.ts";
import { openStore } from "../../src/store/store.ts";
import { openTestDatabase, superuser, type TestDatabase } from "../support/database.ts";

const system = { agency: null, id: "system" } as const;
const newKey = () => randomBytes(32).toString("base64");
const [a, b, c, index] = [newKey(), newKey(), newKey(), newKey()];
const withA = openKeyring({ keys: { current: "a", keys: { a }, index } });
const both = openKeyring({ keys: { current: "b", keys: { a, b }, index } });
const withB = openKeyring({ keys: { current: "b", keys: { b }, index } });

let db: TestDatabase;
/** Past every trigger and policy. */
let root: Client;
beforeAll(async () => {
  db = await openTestDatabase();
  root = new Client({ ...superuser(db.connection.owner.database), options: "-c search_path=allpoints" });
  await root.connect();
});
afterAll(async () => {
  await root.end();
  await db.close();
});

const nothing = Buffer.alloc(0);
const placeOf = ({ relation, sealed }: SealedColumn) => ({
  table: relation,
  column: sealed,
  row: "1",
  agency: "x",
});

/** A value for a column that must have one and has none of its own. */
const dummies: Readonly<Record<string, string>> = {
  uuid: "gen_random_uuid()",
  text: "md5(random()::text)",
  bytea: "decode(md5(random()::text), 'hex')",
  "timestamp with time zone": "now()",
  integer: "1",
  bigint: "1",
  smallint: "1",
  boolean: "false",
  jsonb: "'{}'",
  "text[]": "'{}'",
  "uuid[]": "'{}'",
  "bigint[]": "'{}'",
  "integer[]": "'{}'",
};

/** A row with this value, in whatever table: what such a row would have to say besides is not asked. */
async function plant(column: SealedColumn, value: Buffer): Promise<void> {
  const { relation, sealed } = column;
  const { rows: constraints } = await root.query<{ conname: string }>(
    "select conname from pg_constraint where conrelid = $1::regclass and contype in ('c', 'f')",
    [relation],
  );
  for (const { conname } of constraints) {
    // oxlint-disable-next-line no-await-in-loop
    await root.query(`alter table ${relation} drop constraint if exists "${conname}" cascade`);
  }
  const { rows: needed } = await root.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attnotnull and not atthasdef
        and attidentity = '' and attgenerated = '' and attname <> $2`,
    [relation, sealed],
  );
  const names = [sealed, ...needed.map(({ name }) => name)];
  const values = ["$1", ...needed.map(({ type }) => dummies[type] ?? "null")];
  await root.query("set session_replication_role = replica");
  await root.query(`insert into ${relation} (${names.join(", ")}) values (${values.join(", ")})`, [value]);
  await root.query("set session_replication_role = origin");
}

async function addTokens(count: number, keyring: Keyring): Promise<void> {
  const tokens = Array.from({ length: count }, () => {
    const digest = randomBytes(16);
    return { digest, value: keyring.seal({ ...place, row: digest.toString("hex") }, "smith") };
  });
  await root.query(
    "insert into token (kind, digest, string_sealed) select 'name', d, s from unnest($1::bytea[], $2::bytea[]) as w(d, s)",
    [tokens.map(({ digest }) => digest), tokens.map(({ value }) => value)],
  );
}
const place = { table: "token", column: "string_sealed", row: "", agency: "x" };

async function openTokens(keyring: Keyring): Promise<number> {
  const { rows } = await root.query<{ digest: Buffer; value: Buffer }>(
    "select digest, string_sealed as value from token where kind = 'name'",
  );
  return rows.filter(
    ({ digest, value }) => keyring.open({ ...place, row: digest.toString("hex") }, value) === "smith",
  ).length;
}

/** On a machine so slow that its first turn ends before the table does. */
function slowly(keyring: Keyring): Keyring {
  return {
    ...keyring,
    rewrapHead(head) {
      const untilMs = performance.now() + 0.3;
      while (performance.now() < untilMs);
      return keyring.rewrapHead(head);
    },
  };
}

/** Until nothing is left, as the jobs process calls it every few seconds. */
async function rewrapAll(keyring: Keyring, store = db.jobs): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop
  while ((await rewrapping.run(store, keyring)).again);
}

const held = () => db.jobs.transaction(system, countSealed);

async function audited(): Promise<readonly { readonly detail: { readonly values: number } }[]> {
  const { rows } = await root.query<{ subject: string; detail: { values: number } }>(
    "select subject, detail from audit where action = 'keys.rewrap' and agency_id is null order by nr",
  );
  return rows;
}

describe("wrapping anew", () => {
  it("reaches every sealed column of every table, past its triggers, and changes nothing else", async () => {
    const columns = await db.jobs.transaction(system, listSealedColumns);
    expect(columns.length).toBeGreaterThanOrEqual(15);
    for (const column of columns) {
      // oxlint-disable-next-line no-await-in-loop
      await plant(column, withA.seal(placeOf(column), `what ${column.relation} says`));
    }
    const rest = async ({ relation, sealed }: SealedColumn) =>
      (
        await root.query<{ rest: object; value: Buffer }>(
          `select to_jsonb(t) - $1::text[] as rest, ${sealed} as value from ${relation} t where ${sealed} is not null`,
          [columns.filter((one) => one.relation === relation).map((one) => one.sealed)],
        )
      ).rows;
    const before = await Promise.all(columns.map(rest));
    expect(await held()).toEqual(new Map([["a", columns.length]]));

    await rewrapAll(both);
    expect(await held()).toEqual(new Map([["b", columns.length]]));
    for (const [at, column] of columns.entries()) {
      // oxlint-disable-next-line no-await-in-loop
      const [after] = await rest(column);
      const [was] = before[at] ?? [];
      expect(after?.rest, column.relation).toEqual(was?.rest);
      expect(withB.open(placeOf(column), after?.value ?? nothing)).toBe(`what ${column.relation} says`);
      expect(() => withA.open(placeOf(column), after?.value ?? nothing)).toThrow("cannot be opened");
      // The body is the same to the byte.
      expect((after?.value ?? nothing).subarray(-20)).toEqual((was?.value ?? nothing).subarray(-20));
    }
    const rows = await audited();
    expect(rows).toHaveLength(columns.length);
    expect(rows.map(({ detail }) => detail.values)).toEqual(columns.map(() => 1));
    expect(await db.jobs.transaction(system, (tx) => rewrappingProgress(tx, "b"))).toEqual({
      clean: columns.length,
      columns: columns.length,
      failed: 0,
    });
    await root.query("delete from token");
  });

  it("fails loudly for a sealed column that a migration forgot", async () => {
    await root.query(
      "create table forgotten (id int, words_sealed bytea); alter table forgotten owner to allpoints_owner",
    );
    const cd = openKeyring({ keys: { current: "c", keys: { b, c }, index } });
    await expect(rewrapAll(cd)).rejects.toThrow("permission denied for table forgotten");
    await root.query("set role allpoints_owner; select cover_sealed_columns(); reset role");
    await rewrapAll(cd);
    await root.query("drop table forgotten");
  });

  it("asks nothing of the database while there is one key", async () => {
    const closed = { ...db.jobs, transaction: () => Promise.reject(new Error("asked")) };
    expect(await rewrapping.run(closed, withB)).toEqual({ wake: [], again: false });
  });

  it("by three processes at once moves each value once, and goes on where one stopped", async () => {
    const count = 4_000;
    const key = newKey();
    const old = openKeyring({ keys: { current: "old", keys: { old: key }, index } });
    const now = openKeyring({ keys: { current: "now", keys: { old: key, now: a, b, c }, index } });
    await addTokens(count, old);
    const earlier = (await audited()).length;
    const stores = [1, 2, 3].map(() => openStore({ connection: db.connection.jobs, max: 1 }));
    try {
      // One that is stopped after its first turn.
      const first = await rewrapping.run(db.jobs, slowly(now));
      expect(first.again).toBe(true);
      const under = await held();
      expect(under.get("old")).toBeGreaterThan(0);
      expect(under.get("now")).toBeGreaterThan(0);
      await Promise.all(stores.map((store) => rewrapAll(now, store)));
      // Whoever finds all columns taken by others goes home; the next turn finds what is left.
      await rewrapAll(now);
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
    expect((await held()).get("old")).toBeUndefined();
    expect(await openTokens(openKeyring({ keys: { current: "now", keys: { now: a }, index } }))).toBe(count);
    const rows = (await audited())
      .slice(earlier)
      .filter(({ detail }) => "table" in detail && detail.table === "token");
    expect(rows.map(({ detail }) => detail.values)).toEqual([count]);
    await root.query("delete from token");
  });

  it("leaves out what is damaged and says so, and comes back for what somebody else held", async () => {
    const [from, to] = [newKey(), newKey()];
    const old = openKeyring({ keys: { current: "from", keys: { from }, index } });
    const now = openKeyring({ keys: { current: "to", keys: { from, to, now: a, b, c }, index } });
    await addTokens(3, old);
    const damaged = old.seal(place, "smith");
    damaged.writeUInt8(damaged.readUInt8(20) ^ 1, 20);
    await root.query("insert into token (kind, digest, string_sealed) values ('date', '\\x01', $1)", [
      damaged,
    ]);
    await root.query(
      "insert into token (kind, digest, string_sealed) values ('date', '\\x02', 'nobody sealed this')",
    );

    await root.query("begin; select from token where kind = 'name' order by id limit 1 for update");
    await rewrapAll(now);
    await root.query("commit");
    expect((await held()).get("from")).toBe(2);
    await rewrapAll(now);
    const under = await held();
    expect([under.get("from"), under.get(undefined)]).toEqual([1, 1]);
    expect(await openTokens(openKeyring({ keys: { current: "to", keys: { to }, index } }))).toBe(3);
    const progress = await db.jobs.transaction(system, (tx) => rewrappingProgress(tx, "to"));
    expect(progress).toMatchObject({ failed: 1, clean: progress.columns });
    await root.query("delete from token");
  });

  it("is not undone by a machine whose keyring still seals under the key before", async () => {
    const [before, after] = [newKey(), newKey()];
    const keys = { before, after };
    const old = openKeyring({ keys: { current: "before", keys, index } });
    const now = openKeyring({ keys: { current: "after", keys, index } });
    await db.jobs.transaction(system, (tx) => noteActive(tx, "after"));
    await addTokens(3, old);
    await rewrapAll(now);
    expect((await held()).get("after")).toBe(3);
    await rewrapAll(old);
    expect((await held()).get("after")).toBe(3);
    expect((await held()).get("before")).toBeUndefined();
    await root.query("delete from token; delete from root_key");
  });
});

describe("what wraps anew can do nothing else", () => {
  async function asJobs(text: string, values: readonly unknown[], actor = "system") {
    const client = new Client({ ...db.connection.jobs, options: "-c search_path=allpoints" });
    await client.connect();
    try {
      await client.query("begin");
      await client.query("select set_config('app.actor', $1, true)", [actor]);
      const { rows } = await client.query(text, [...values]);
      await client.query("commit");
      return rows as readonly unknown[];
    } finally {
      await client.end();
    }
  }
  const replace = "select replace_heads($1, $2, $3, $4, $5)";

  it("puts no body in the place of another", async () => {
    const sealed = withA.seal(place, "smith");
    const head = sealed.subarray(0, 2 + 1 + 60);
    const more = Buffer.concat([head, Buffer.from("body")]);
    await expect(asJobs(replace, ["token", "string_sealed", ["(0,1)"], [head], [more]])).rejects.toThrow(
      "no head",
    );
    await expect(asJobs(replace, ["token", "string_sealed", ["(0,1)"], [head], [null]])).rejects.toThrow(
      "no head",
    );
  });

  it.each([
    ["token", "digest"],
    ["entry", "content_hash"],
    ["audit", "detail"],
    ["agency; drop table tip", "name_sealed"],
  ])("touches nothing that is not a sealed column: %s.%s", async (relation, column) => {
    await expect(asJobs(replace, [relation, column, [], [], []])).rejects.toThrow("not a sealed column");
  });

  it("works for the system alone, and not for the bot", async () => {
    await expect(asJobs(replace, ["token", "string_sealed", [], [], []], "stranger")).rejects.toThrow(
      "not for you",
    );
    const app = new Client({ ...db.connection.app, options: "-c search_path=allpoints" });
    await app.connect();
    await expect(app.query(replace, ["token", "string_sealed", [], [], []])).rejects.toThrow(
      "permission denied",
    );
    await expect(app.query("select cover_sealed_columns()")).rejects.toThrow("permission denied");
    await app.end();
  });

  it("lets no other change of a sealed value pass without an audit row", async () => {
    const [value, other] = [withA.seal(place, "one"), withA.seal(place, "two")];
    await plant({ relation: "invitation", sealed: "name_sealed" }, value);
    const change = (to: Buffer) =>
      root.query("update invitation set name_sealed = $1 where name_sealed = $2", [to, value]);
    await expect(change(other)).rejects.toThrow("invitation changed without an audit row");
    await change(both.rewrap(value));
    await expect(
      root.query("update invitation set name_sealed = $1, used_at = now() where name_sealed is not null", [
        value,
      ]),
    ).rejects.toThrow("changed without an audit row");
    await expect(root.query("update audit set detail = '{}'")).rejects.toThrow(
      "audit rows are never changed",
    );
  });
});

it("everything that is kept as bytes is sealed, or a keyed hash by its name", async () => {
  const { rows } = await root.query<{ name: string }>(
    `select c.relname || '.' || a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'allpoints'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
        and a.atttypid in ('bytea'::regtype, 'bytea[]'::regtype) and not a.attisdropped
        and a.attname !~ '(_sealed|hash|digest|blinds?|mark)$'`,
  );
  expect(rows).toEqual([]);
});
