import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client, type PoolConfig } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { readConfig, type Config } from "../../src/config.ts";
import {
  examineDatabase,
  line,
  loginFinding,
  roleRights,
  skew,
  version,
} from "../../src/doctor/database-checks.ts";
import { examine, type Examined } from "../../src/doctor/doctor.ts";
import { admitAgency } from "../../src/operator.ts";
import { createKeyFile } from "../../src/store/key-file.ts";
import { markKeys } from "../../src/store/key-mark-store.ts";
import { openKeyring } from "../../src/store/seal.ts";
import { openEmptyDatabase, openTestDatabase, superuser, type TestDatabase } from "../support/database.ts";

let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "allpoints-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function url({ host = "", port, database: name, user = "", password }: PoolConfig): string {
  return `postgres://${user}:${encodeURIComponent(String(password))}@/${name}?host=${encodeURIComponent(host)}&port=${port}`;
}

function configured(settings: Readonly<Record<string, string>> = {}): Config {
  const { owner, app, jobs } = database.connection;
  return readConfig({
    ALLPOINTS_DATA: folder,
    DATABASE_URL: url(owner),
    DATABASE_APP_URL: url(app),
    DATABASE_JOBS_URL: url(jobs),
    // Not the sandbox.
    SLACK_SIGNING_SECRET: "12345678",
    ...settings,
  }).config;
}

async function found(config = configured()): Promise<ReadonlyMap<string, Examined>> {
  await using examination = await examineDatabase(config);
  return new Map((await examine(examination.checks)).map((one) => [one.name, one]));
}

/** As the superuser of the test's own database, and back again. */
async function planted<T>(statements: readonly [string, string], look: () => Promise<T>): Promise<T> {
  const client = new Client({
    ...superuser(database.connection.owner.database),
    options: "-c search_path=allpoints",
  });
  await client.connect();
  try {
    await client.query(statements[0]);
    return await look();
  } finally {
    await client.query(statements[1]);
    await client.end();
  }
}

describe("of a database that is in order", () => {
  it("every check is well, but for the keyring that the first start makes", async () => {
    const all = await found();
    expect([...all.values()].filter(({ status }) => status !== "ok").map(({ name }) => name)).toEqual([
      "keyring",
    ]);
    expect(all.get("keyring")).toMatchObject({
      status: "warn",
      said: expect.stringContaining("first start makes it"),
    });
    expect(all.get("database version")?.said).toMatch(/^PostgreSQL \d+/);
    expect(all.get("row-level security")?.said).toMatch(/^forced on all \d\d tables/);
    expect(all.get("database logins")?.said).toBe("the bot and the jobs each have their own");
  });

  it("says that one login stands in for all where there is one URL only", async () => {
    const { owner } = database.connection;
    const { config } = readConfig({ ALLPOINTS_DATA: folder, DATABASE_URL: url(owner) });
    expect((await found(config)).get("database logins")).toMatchObject({
      status: "warn",
      said: "allpoints_owner stands in for the bot and the jobs",
    });
  });
});

describe("it notices", () => {
  it.each([
    {
      what: "a table without forced row-level security",
      plant: ["alter table tip no force row level security", "alter table tip force row level security"],
      name: "row-level security",
      finding: { status: "fail", said: "not forced on tip" },
    },
    {
      what: "a table that the bot owns",
      plant: [
        "create table planted (id int); alter table planted owner to allpoints_app",
        "drop table planted",
      ],
      name: "database roles",
      finding: { status: "fail", said: "allpoints_app owns planted" },
    },
    {
      what: "a business clock that was moved, outside the sandbox",
      plant: ["update clock.shift set by = '48 hours'", "update clock.shift set by = '0'"],
      name: "business clock",
      finding: { status: "fail", said: expect.stringContaining("moved by 48:00:00") },
    },
    {
      what: "a migration that is pending",
      plant: [
        "create table last_one as select * from schema_migration order by name desc limit 1; delete from schema_migration where name = (select name from last_one)",
        "insert into schema_migration select * from last_one; drop table last_one",
      ],
      name: "migrations",
      finding: { status: "warn", said: expect.stringMatching(/^1 pending: \d{4}-/) },
    },
    {
      what: "a database that is newer than this version",
      plant: [
        "insert into schema_migration (name, checksum) values ('9999-later.sql', '')",
        "delete from schema_migration where name = '9999-later.sql'",
      ],
      name: "migrations",
      finding: { status: "fail", said: expect.stringContaining("9999-later.sql") },
    },
    {
      what: "a queue without its tables",
      plant: [
        "alter table bullmq.migration rename to elsewhere",
        "alter table bullmq.elsewhere rename to migration",
      ],
      name: "queue tables",
      finding: { status: "warn", said: "missing: migration" },
    },
  ] as const)("$what", async ({ plant, name, finding }) => {
    const [before, after] = plant;
    const sick = await planted([before, after], () => found());
    expect(sick.get(name)).toMatchObject(finding);
    expect(sick.get(name)).toHaveProperty("fix", expect.stringMatching(/\w{3}/));
    expect((await found()).get(name)?.status).toBe("ok");
  });

  it("a login that acts as somebody else", async () => {
    const { owner } = database.connection;
    expect((await found(configured({ DATABASE_APP_URL: url(owner) }))).get("database logins")).toMatchObject({
      status: "fail",
      said: "for allpoints_app: acts as allpoints_owner",
    });
  });

  it("a password that is wrong, without showing it", async () => {
    const wrong = { ...database.connection.jobs, password: "guessed" };
    const all = await found(configured({ DATABASE_JOBS_URL: url(wrong) }));
    expect(all.get("database logins")).toMatchObject({
      status: "fail",
      said: "for allpoints_jobs: cannot log in (28P01)",
    });
    expect(JSON.stringify([...all.values()])).not.toContain("guessed");
  });

  it("a database with nothing in it yet, and changes nothing there", async () => {
    const empty = await openEmptyDatabase();
    try {
      const { owner, app, jobs } = empty.connection;
      const config = configured({
        DATABASE_URL: url(owner),
        DATABASE_APP_URL: url(app),
        DATABASE_JOBS_URL: url(jobs),
      });
      const all = await found(config);
      expect([...all.values()].filter(({ status }) => status === "fail")).toEqual([]);
      expect(all.get("migrations")?.said).toMatch(/^\d+ pending/);
      expect(all.get("row-level security")?.said).toBe("no tables yet");
      expect(await found(config)).toEqual(all);
    } finally {
      await empty.close();
    }
  });
});

describe("of the keyring it says", () => {
  it("that it fits, that it is another one, or that it is gone", async () => {
    const file = join(folder, "keyring.json");
    createKeyFile(file);
    expect((await found()).get("keyring")?.said).toMatch(/opens \(key 1\)$/);

    const keyring = openKeyring({ file });
    const agency = {
      name: "Riverton PD",
      ori: undefined,
      zone: "UTC",
      contactName: "Desk",
      contactPhone: "+1 555 201 0100",
      areas: ["riverton"],
    };
    await admitAgency({ app: database.store, keyring }, agency);
    await markKeys(keyring, database.jobs);
    expect((await found()).get("keyring")).toMatchObject({
      status: "ok",
      said: expect.stringContaining("fits the database"),
    });

    const other = join(folder, "other.json");
    createKeyFile(other);
    expect((await found(configured({ KEYRING_FILE: other }))).get("keyring")).toMatchObject({
      status: "fail",
      said: expect.stringContaining("is not the one this database was run with"),
    });
    expect(
      (await found(configured({ KEYRING_FILE: join(folder, "gone.json") }))).get("keyring"),
    ).toMatchObject({
      status: "fail",
      said: expect.stringContaining("the database holds what it sealed"),
    });
  });

  it("that others may read it, and that it is none", async () => {
    const file = join(folder, "keyring.json");
    createKeyFile(file);
    chmodSync(file, 0o640);
    expect((await found()).get("keyring")).toMatchObject({
      status: "fail",
      said: expect.stringContaining("chmod 600"),
    });
    const none = join(folder, "none.json");
    writeFileSync(none, `{"keys":"hush"}`, { mode: 0o600 });
    const said = (await found(configured({ KEYRING_FILE: none }))).get("keyring");
    expect(said).toMatchObject({ status: "fail", said: expect.stringContaining("no keyring") });
    expect(JSON.stringify(said)).not.toContain("hush");
  });
});

describe("what cannot be planted here", () => {
  it.each([
    { finding: version({ version: "16.9", number: 160_009 }), status: "fail" },
    { finding: version({ version: "17.0", number: 170_000 }), status: "ok" },
    { finding: skew(-900), status: "ok" },
    { finding: skew(1_001), status: "warn" },
    { finding: skew(-5_001), status: "fail" },
    { finding: line({ near: false, encrypted: false }), status: "warn" },
    { finding: line({ near: false, encrypted: true }), status: "ok" },
    { finding: roleRights(["allpoints_app bypasses row-level security"]), status: "fail" },
    {
      finding: loginFinding([{ role: "allpoints_app", login: "postgres", superuser: true }]),
      status: "warn",
    },
  ])("is $finding.said: $status", ({ finding, status }) => {
    expect(finding.status).toBe(status);
  });

  it("in which direction the clock is off", () => {
    expect(skew(7_300).said).toBe("the database is 7.3 s ahead of this machine");
    expect(skew(-1_500).said).toBe("the database is 1.5 s behind this machine");
  });
});
