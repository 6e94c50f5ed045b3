import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { startEmbedded, type Embedded } from "../../src/store/embedded-postgres.ts";
import { openBench } from "./bench.ts";

// Each command is a process of its own, and loads everything.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bench = openBench();
let cluster: Embedded;
beforeAll(async () => {
  // Held for the whole file, so that each command finds the database running.
  cluster = await startEmbedded({ dataDir: join(bench.data, "pg"), initdbArgs: ["--no-sync"] });
});
afterAll(async () => {
  await cluster.stop();
  bench.close();
});

/** As the superuser, past every trigger and policy: whoever keeps the database can. */
async function tamper(statement: string): Promise<unknown> {
  const client = new Client(cluster.url("allpoints"));
  await client.connect();
  try {
    await client.query("set session_replication_role = replica; set search_path = allpoints");
    const { rows } = await client.query({ text: statement, rowMode: "array" });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

function add(name: string, ...more: readonly string[]) {
  const required = [
    "--phone",
    "+1 555 201 0100",
    "--contact",
    "Watch desk",
    "--areas",
    "Riverton, Cedar County",
  ];
  return bench.run(["agency", "add", name, ...required, ...more]);
}

describe.skipIf(process.platform !== "linux")("the operator", () => {
  it("migrates, and finds no agency yet", async () => {
    expect(await bench.run(["migrate"])).toEqual({
      code: 0,
      stdout: "The database is up to date.\n",
      stderr: "",
    });
    const { code, stdout } = await bench.run(["agency", "list"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "No agency yet: allpoints agency add\n" });
    expect(existsSync(join(bench.data, "keyring.json"))).toBe(true);
  });

  it("adds agencies: two are members at once, the third waits", async () => {
    const first = await add("Riverton PD");
    expect(first).toEqual({ code: 0, stdout: "Added Riverton PD. It is a member.\n", stderr: "" });
    const second = await add("Cedar County SO", "--zone", "America/Chicago", "--ori", "CC0120000", "--json");
    expect(JSON.parse(second.stdout)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "Cedar County SO",
      state: "active",
    });
    const third = await add("Lakeside PD");
    expect(third.stdout).toBe(
      "Added Lakeside PD. It waits: an admin of another member types /allpoints agency approve Lakeside PD\n",
    );
  });

  it("lists them, in words and for machines", async () => {
    const [words, json] = await Promise.all([
      bench.run(["agency", "list"]),
      bench.run(["agency", "list", "--json"]),
    ]);
    expect(words.stdout.trim().split("\n")).toEqual([
      "Cedar County SO · active · Watch desk +1 555 201 0100 · no workspace",
      "Lakeside PD · pending · Watch desk +1 555 201 0100 · no workspace",
      "Riverton PD · active · Watch desk +1 555 201 0100 · no workspace",
    ]);
    const { agencies, installations } = JSON.parse(json.stdout) as {
      readonly agencies: readonly { readonly name: string; readonly state: string }[];
      readonly installations: readonly unknown[];
    };
    expect(agencies.map(({ name, state }) => `${name} ${state}`)).toContain("Lakeside PD pending");
    expect(installations).toEqual([]);
  });

  it("invites an officer with a one-time code, which is kept nowhere", async () => {
    const invite = ["officer", "invite", "--agency", "riverton pd", "--name", "Sgt Diaz"];
    const [words, json] = await Promise.all([
      bench.run([...invite, "--role", "officer,agency admin"]),
      bench.run([...invite, "--role", "analyst", "--json"]),
    ]);
    const code = /^Code: ([0-9A-Z]{4}-[0-9A-Z]{4})\nThey type: \/allpoints link \1\n$/.exec(
      words.stdout,
    )?.[1];
    expect(code).toBeDefined();
    expect(JSON.parse(json.stdout)).toEqual({ code: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/) });
    expect(await tamper("select string_agg(array_to_string(roles, ' '), ' ') from invitation")).toMatch(
      /agency_admin/,
    );
    const kept = String(await tamper("select string_agg(i::text, '') from invitation i"));
    expect(kept).not.toContain(code);
    expect(kept).not.toContain("Diaz");
  });

  it.each([
    {
      why: "an agency of the same name",
      args: ["agency", "add", "Riverton PD"],
      says: 'named "Riverton PD" already',
      fix: "agency list",
    },
    {
      why: "a time zone that is none",
      args: ["agency", "add", "X PD", "--zone", "Chicago"],
      says: '"Chicago" is not a time zone',
      fix: "America/Chicago",
    },
  ])("is refused $why", async ({ args, says, fix }) => {
    const { code, stdout, stderr } = await add(args[2] ?? "", ...args.slice(3));
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe("");
    expect(stderr).toContain(says);
    expect(stderr).toContain(fix);
    expect(stderr.trim().split("\n")).toHaveLength(2);
  });

  it.each([
    {
      why: "an unknown agency",
      agency: "Nowhere PD",
      role: "officer",
      says: 'no agency named "Nowhere PD"',
      fix: "agency list",
    },
    {
      why: "an unknown role",
      agency: "Riverton PD",
      role: "officer,sherif",
      says: 'no role "sherif"',
      fix: "watch_commander",
    },
  ])("is refused an invitation for $why", async ({ agency, role, says, fix }) => {
    const before = await tamper("select count(*) from invitation");
    const { code, stdout, stderr } = await bench.run([
      "officer",
      "invite",
      "--agency",
      agency,
      "--name",
      "X",
      "--role",
      role,
    ]);
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe("");
    expect(stderr).toContain(says);
    expect(stderr).toContain(fix);
    expect(await tamper("select count(*) from invitation")).toBe(before);
  });

  it("connects nothing without a token", async () => {
    const { code, stderr } = await bench.run(["slack", "connect", "--agency", "Riverton PD"]);
    expect(code).toBe(78);
    expect(stderr).toContain("SLACK_BOT_TOKEN is not set");
  });
});

describe.skipIf(process.platform !== "linux")("the audit", () => {
  const verify = async () => {
    const { code, stdout } = await bench.run(["audit", "verify", "--json"]);
    return { code, ...(JSON.parse(stdout) as { readonly rows: number; readonly broken: readonly string[] }) };
  };
  const first = "(select id from audit order by nr limit 1)";
  let chain: string;

  it("is whole, and leaves a checkpoint for its operator to copy", async () => {
    chain = String(await tamper("select agency_id from audit order by nr limit 1"));
    expect(await verify()).toMatchObject({ code: 0, rows: 5, broken: [] });
    const lines = readFileSync(join(bench.data, "audit-checkpoints.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ chain, seq: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    );
  });

  it("names a row that somebody edited, and is whole when it is put back", async () => {
    const before = String(await tamper(`select actor from audit where id = ${first}`));
    await tamper(`update audit set actor = 'nobody' where id = ${first}`);
    const { code, stdout } = await bench.run(["audit", "verify"]);
    expect(code).toBe(1);
    expect(stdout).toContain("The audit is NOT whole");
    expect(stdout).toContain(`- agency ${chain}: row 1 edited or out of order (agency.add, `);
    await tamper(`update audit set actor = '${before}' where id = ${first}`);
    expect((await bench.run(["audit", "verify"])).stdout).toBe("The audit is whole: 5 rows in 3 chains.\n");
  });

  it("names a chain that was cut, also where its head was cut with it", async () => {
    const last = `chain_id = '${chain}' and seq = 3`;
    await tamper(`create table kept as select * from audit_seal where ${last}`);
    await tamper(`delete from audit_seal where ${last}`);
    await tamper(`delete from audit where id in (select audit_id from kept)`);
    await tamper(`update audit_head set seq = 2, hash = (select hash from audit_seal where chain_id = '${chain}' and seq = 2)
      where chain_id = '${chain}'`);
    expect(await verify()).toMatchObject({
      code: 1,
      broken: [`agency ${chain}: cut before row 3, which a checkpoint has`],
    });
  });

  it("names a row that somebody removed", async () => {
    await tamper(`delete from audit where id = ${first}`);
    const { code, broken } = await verify();
    expect(code).toBe(1);
    expect(broken).toContain(`agency ${chain}: row 1 removed`);
  });
});
