import { randomBytes } from "node:crypto";

import { Client } from "pg";
import type { ClientConfig } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";

import { asRole, derivedPassword, ensureRoles } from "../../src/store/roles.ts";
import { openStore } from "../../src/store/store.ts";
import { openEmptyDatabase, openTestDatabase, superuser } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function ask<T>(config: ClientConfig, ...statements: readonly string[]): Promise<T | undefined> {
  const client = new Client(config);
  await client.connect();
  try {
    for (const statement of statements.slice(0, -1)) {
      // oxlint-disable-next-line no-await-in-loop
      await client.query(statement);
    }
    return (await client.query({ text: statements.at(-1) ?? "", rowMode: "array" })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

const fingerprint = `select md5(string_agg(r::text || coalesce(m, ''), ',' order by rolname)) from (
  select rolname, rolsuper, rolcanlogin, rolcreaterole, rolbypassrls,
         (select string_agg(concat(roleid, inherit_option, set_option), ',' order by roleid)
            from pg_auth_members where member = a.oid) as m
    from pg_authid a where rolname like 'allpoints%') r`;

it("making the roles again, also twice at once, changes nothing", async () => {
  const before = await ask<string>(superuser(), fingerprint);
  const setup = { admin: superuser(), database: database.connection.owner.database ?? "" };
  await Promise.all([ensureRoles(setup), ensureRoles(setup)]);
  expect(await ask<string>(superuser(), fingerprint)).toBe(before);
  expect(before).toMatch(/^[0-9a-f]{32}$/);
});

it("with one URL only the owner's login acts as the app, bound by row-level security", async () => {
  const store = openStore({ connection: asRole(database.connection.owner, "app"), max: 1 });
  try {
    const { rows } = await store.pool.query("select session_user as login, current_user as role");
    expect(rows).toEqual([{ login: "allpoints_owner", role: "allpoints_app" }]);
    await expect(store.pool.query("update clock.shift set by = '1 h'")).rejects.toThrow("permission denied");
    await store.pool.query("reset role");
    expect((await store.pool.query("select current_user as role")).rows).toEqual([{ role: "allpoints_app" }]);
  } finally {
    await store.close();
  }
});

it("a URL that brings options of its own does not keep the owner's rights", async () => {
  const { host = "", database: name = "", user = "", password } = database.connection.owner;
  const url = `postgres://${user}:${String(password)}@/${name}?options=-c%20work_mem%3D5MB&host=${host}`;
  const connection = asRole({ connectionString: url }, "jobs");
  const asked = "select current_user || ' ' || current_setting('work_mem')";
  expect(await ask(connection, asked)).toBe("allpoints_jobs 5MB");
  expect(await ask(asRole({ ...database.connection.owner, options: "-c work_mem=5MB" }, "jobs"), asked)).toBe(
    "allpoints_jobs 5MB",
  );
});

it("the owner has none of the app's rights until it takes the role", async () => {
  const { owner } = database.connection;
  expect(await ask(owner, "select pg_has_role('allpoints_app', 'usage')")).toBe(false);
  expect(await ask(owner, "set role allpoints_jobs", "select current_user")).toBe("allpoints_jobs");
});

it("nobody but our roles may enter the database", async () => {
  const empty = await openEmptyDatabase();
  const { owner, app, jobs } = empty.connection;
  const anybody = "select has_database_privilege('public', current_database(), 'connect')";
  try {
    expect(await ask(owner, anybody)).toBe(true);
    await ensureRoles({ admin: superuser(), database: owner.database ?? "" });
    expect(await ask(owner, anybody)).toBe(false);
    expect(await ask(app, "select 1")).toBe(1);
    expect(await ask(jobs, "select 1")).toBe(1);
  } finally {
    await empty.close();
  }
});

it("a login that may create roles is enough; it can then act as ours", async () => {
  const name = `admin_${randomBytes(4).toString("hex")}`;
  const theirs = `d_${randomBytes(4).toString("hex")}`;
  await ask(superuser(), `create role ${name} login createrole createdb password 'x'`, `select 1`);
  // Where it made the roles itself it may grant them; here they are there already.
  await ask(
    superuser(),
    `grant allpoints_owner, allpoints_app, allpoints_jobs, allpoints_definer to ${name} with admin true`,
    "select 1",
  );
  const admin = { ...superuser(), user: name, password: "x" };
  try {
    await ensureRoles({ admin, database: theirs });
    const inside = { ...admin, database: theirs };
    expect(await ask(asRole(inside, "app"), "select current_user")).toBe("allpoints_app");
    expect(await ask(asRole(inside, "owner"), "create schema mine", "select current_user")).toBe(
      "allpoints_owner",
    );
  } finally {
    await ask(superuser(), `drop database if exists ${theirs}`, `drop owned by ${name}`, `drop role ${name}`);
  }
});

it("derived passwords are the same for one secret and role, and differ otherwise", () => {
  expect(derivedPassword("s", "allpoints_app")).toBe(derivedPassword("s", "allpoints_app"));
  expect(derivedPassword("s", "allpoints_app")).not.toBe(derivedPassword("s", "allpoints_jobs"));
  expect(derivedPassword("s", "allpoints_app")).not.toBe(derivedPassword("t", "allpoints_app"));
});
