import { once } from "node:events";
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { startEmbedded, type Embedded } from "../../src/store/embedded-postgres.ts";
import { openKeyring, type Keyring } from "../../src/store/seal.ts";
import { openBench } from "./bench.ts";

// Each command is a process of its own, and loads everything.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const bench = openBench();
/** Not the sandbox: a start that neither listens to Slack nor has anything to say to it. */
const settings = { SLACK_SIGNING_SECRET: "pretend-secret", PORT: "0", HEALTH_PORT: "0" };
const data = dirname(bench.data);
const file = join(data, "keyring.json");
const run = (...args: readonly string[]) => bench.run(args, settings);
let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ dataDir: join(data, "pg"), initdbArgs: ["--no-sync"] });
});
afterAll(async () => {
  await cluster.stop();
  bench.close();
});

/** As the superuser, past every policy. */
async function ask(statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({
    ...cluster.superuserOptions,
    database: "allpoints",
    options: "-c search_path=allpoints",
  });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

interface Status {
  readonly current: string;
  readonly keys: readonly { readonly id: string; readonly values: number; readonly retired: boolean }[];
  readonly foreign: number;
  readonly rewrapping: { readonly clean: number; readonly columns: number; readonly failed: number };
}
async function status(): Promise<Status> {
  const { stdout } = await run("keys", "status", "--json");
  return JSON.parse(stdout) as Status;
}
const under = ({ keys }: Status, id: string) => keys.find((key) => key.id === id)?.values;

async function invite(name: string) {
  const { code } = await run(
    "officer",
    "invite",
    "--agency",
    "Riverton PD",
    "--name",
    name,
    "--role",
    "officer",
  );
  expect(code).toBe(0);
}

/** The names in the invitations that this keyring opens. */
async function names(keyring: Keyring): Promise<readonly string[]> {
  const rows = await ask("select id, agency_id, name_sealed from invitation order by created_at");
  return rows.flatMap(({ id, agency_id: agency, name_sealed: sealed }) => {
    const place = { table: "officer", column: "name_sealed", row: String(id), agency: String(agency) };
    try {
      return [keyring.open<string>(place, sealed as Buffer)];
    } catch {
      return [];
    }
  });
}

/** `allpoints start`, until what is waited for has come. */
async function started(until: () => Promise<boolean>): Promise<void> {
  const child = bench.spawn(["start", "--roles", "jobs"], settings);
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr?.on("data", (text) => (said += String(text)));
  try {
    // oxlint-disable-next-line no-await-in-loop
    while (!said.includes("Allpoints is running.") && child.exitCode === null) await wait(50);
    // oxlint-disable-next-line no-await-in-loop
    while (child.exitCode === null && !(await until())) await wait(100);
  } finally {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await once(child, "close");
    }
    expect(child.exitCode, said).toBe(0);
  }
}

describe.skipIf(process.platform !== "linux")("root keys", () => {
  it("are not made by asking for them", async () => {
    for (const command of [["rotate"], ["add"], ["activate", "1"], ["status"], ["retire", "1"]]) {
      // oxlint-disable-next-line no-await-in-loop
      const { code, stderr } = await run("keys", ...command);
      expect(code).toBe(78);
      expect(stderr).toContain(`There is no keyring ${file}.`);
    }
    expect(readdirSync(data)).not.toContain("keyring.json");
  });

  it("change while what they sealed stays readable, over three starts", async () => {
    const required = ["--phone", "+1 555 201 0100", "--contact", "Watch desk", "--areas", "Riverton"];
    expect((await run("agency", "add", "Riverton PD", ...required)).code).toBe(0);
    await invite("Sgt Alpha");
    const [one, two] = [join(data, "one.json"), join(data, "two.json")];
    copyFileSync(file, one);

    const rotated = await run("keys", "rotate");
    expect(rotated).toMatchObject({ code: 0, stderr: "" });
    expect(rotated.stdout).toContain("Key 2 seals from now on; running processes take it within a second.");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(data).filter((name) => name.startsWith("keyring"))).toEqual(["keyring.json"]);
    await invite("Sgt Bravo");
    expect(await names(openKeyring({ file }))).toEqual(["Sgt Alpha", "Sgt Bravo"]);
    expect(await names(openKeyring({ file: one }))).toEqual(["Sgt Alpha"]);
    const mixed = await status();
    expect([under(mixed, "1"), under(mixed, "2")]).toEqual([1, 1]);

    // Twice quickly: the first is not done.
    const again = await run("keys", "rotate");
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("1 value is still under an older key than 2, which seals now.");
    const early = await run("keys", "retire", "1");
    expect(early.code).toBe(1);
    expect(early.stderr).toContain("1 value is still under key 1. Nothing was changed.");
    expect(Object.keys(keysOf(file))).toEqual(["1", "2"]);
    const current = await run("keys", "retire", "2");
    expect(current).toMatchObject({ code: 1, stdout: "" });
    expect(current.stderr).toContain("Key 2 is the one that seals.");
    const unknown = await run("keys", "retire", "7");
    expect(unknown.code).toBe(64);
    expect(unknown.stderr).toContain("The keyring has no key 7.\nIts keys are: 1, 2.");

    await started(async () => {
      const { rewrapping } = await status();
      return rewrapping.clean === rewrapping.columns;
    });
    const moved = await status();
    expect([under(moved, "1"), under(moved, "2")]).toEqual([0, 2]);
    expect(moved.rewrapping).toMatchObject({ failed: 0 });

    const retired = await run("keys", "retire", "1");
    expect(retired).toMatchObject({ code: 0, stderr: "" });
    expect(retired.stdout).toContain("Backups of the database from before hold values under key 1");
    expect(Object.keys(keysOf(file))).toEqual(["2"]);
    copyFileSync(file, two);

    await started(async () => true);
    expect(await names(openKeyring({ file: two }))).toEqual(["Sgt Alpha", "Sgt Bravo"]);
    expect(await names(openKeyring({ file: one }))).toEqual([]);
    // Somebody puts the old keyring back: the database takes nothing under it.
    writeFileSync(file, readFileSync(one));
    const stale = await run(
      "officer",
      "invite",
      "--agency",
      "Riverton PD",
      "--name",
      "Sgt C",
      "--role",
      "officer",
    );
    expect(stale.code).toBe(1);
    expect(stale.stderr).toContain("this root key was retired");
    writeFileSync(file, readFileSync(two));

    expect((await run("audit", "verify")).code).toBe(0);
    const audit = await ask(
      "select action, subject, detail from audit where action like 'keys.%' order by nr",
    );
    expect(audit).toEqual([
      { action: "keys.rotate", subject: "key:2", detail: { before: "1" } },
      {
        action: "keys.rewrap",
        subject: "key:2",
        detail: { table: "invitation", column: "name_sealed", values: 1, failed: 0 },
      },
      { action: "keys.retire", subject: "key:1", detail: {} },
    ]);
    // An id is never used again: the database would refuse what a second key 1 seals.
    expect((await run("keys", "rotate")).stdout).toContain("Key 3 seals from now on");
  });

  it("rotated twice at once are two keys, none of them lost", async () => {
    const before = Object.keys(keysOf(file));
    const both = await Promise.all([run("keys", "rotate", "--anyway"), run("keys", "rotate", "--anyway")]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(Object.keys(keysOf(file))).toHaveLength(before.length + 2);
    expect(await names(openKeyring({ file }))).toEqual(["Sgt Alpha", "Sgt Bravo"]);
  });

  it("are added first and seal later, so that every machine has them by then", async () => {
    const [elsewhere, own] = [join(data, "elsewhere.json"), keysOf(file)];
    copyFileSync(file, elsewhere);
    const added = await run("keys", "add", "--json");
    expect(added).toMatchObject({ code: 0, stderr: "" });
    const { added: id } = JSON.parse(added.stdout) as { added: string };
    expect(own[id]).toBeUndefined();
    await invite("Sgt Delta");
    expect(await names(openKeyring({ file: elsewhere }))).toEqual(["Sgt Alpha", "Sgt Bravo", "Sgt Delta"]);
    const { stdout: waiting } = await run("keys", "status");
    expect(waiting).toContain(
      `key ${id} · 0 values · added: once every machine has it, allpoints keys activate ${id}`,
    );

    // A machine that was forgotten.
    const early = await bench.run(["keys", "activate", id], { ...settings, KEYRING_FILE: elsewhere });
    expect(early.code).toBe(64);
    expect(early.stderr).toContain(`The keyring has no key ${id}.`);
    copyFileSync(file, elsewhere);
    const activated = await run("keys", "activate", id);
    expect(activated).toMatchObject({ code: 0, stderr: "" });
    expect(activated.stdout).toContain(
      `Key ${id} seals from now on; running processes take it within a second.`,
    );
    await invite("Sgt Echo");
    // Where the older one still seals, everything opens all the same; and activating it again is harmless.
    expect(await names(openKeyring({ file: elsewhere }))).toContain("Sgt Echo");
    const there = await bench.run(["keys", "activate", id], { ...settings, KEYRING_FILE: elsewhere });
    expect(there.code).toBe(0);
    expect(openKeyring({ file: elsewhere }).currentKeyId).toBe(id);
    expect((await run("keys", "activate", "1")).stderr).toContain("The keyring has no key 1.");
    const audit = await ask("select action, subject from audit where action like 'keys.a%' order by nr");
    expect(audit.map(({ action }) => action)).toEqual(["keys.add", "keys.activate", "keys.activate"]);
    expect(new Set(audit.map(({ subject }) => subject))).toEqual(new Set([`key:${id}`]));
  });

  it("are not made by a machine whose keyring is an old copy: one id is one key", async () => {
    const old = join(data, "old.json");
    copyFileSync(file, old);
    const here = { ...settings, KEYRING_FILE: old };
    // Nothing is sealed under it yet, on any machine.
    const { stdout } = await run("keys", "add", "--json");
    const { added: id } = JSON.parse(stdout) as { added: string };
    for (const command of [["rotate"], ["rotate", "--anyway"], ["add"]]) {
      // oxlint-disable-next-line no-await-in-loop
      const { code, stderr } = await bench.run(["keys", ...command], here);
      expect(code, stderr).toBe(78);
      expect(stderr).toContain(`The database knows key ${id}, and the keyring ${old} does not have it.`);
      expect(stderr).toContain("Nothing was changed.");
      expect(stderr).not.toContain("--anyway");
    }
    expect(keysOf(old)[id]).toBeUndefined();
    // A lost one under which nothing was sealed is given up, and its id with it.
    expect((await bench.run(["keys", "retire", id], here)).code).toBe(0);
    const next = await bench.run(["keys", "add", "--json"], here);
    expect(next.code).toBe(0);
    expect(Number((JSON.parse(next.stdout) as { added: string }).added)).toBe(Number(id) + 1);
    copyFileSync(old, file);

    // One that seals elsewhere is not.
    const rotated = await run("keys", "rotate", "--anyway", "--json");
    const { current } = JSON.parse(rotated.stdout) as { current: string };
    const refused = await bench.run(["keys", "retire", current], here);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`Key ${current} is the one that seals, on another machine.`);
  });

  it("in a place where nothing can be written say what to do, and stay as they are", async () => {
    // No name beside this one is short enough; a read-only folder refuses root in no other way.
    const stuck = join(data, `${"k".repeat(240)}.json`);
    const rotations = () => ask("select count(*)::int as n from audit where action = 'keys.rotate'");
    const earlier = await rotations();
    copyFileSync(file, stuck);
    const before = readFileSync(stuck, "utf8");
    const { code, stderr } = await bench.run(["keys", "rotate", "--anyway"], {
      ...settings,
      KEYRING_FILE: stuck,
    });
    expect(code).toBe(78);
    expect(stderr).toContain("cannot be changed where it is (ENAMETOOLONG). Nothing was changed.");
    expect(stderr).toContain("KEYRING_FILE=./keyring.json allpoints keys rotate");
    expect(readFileSync(stuck, "utf8")).toBe(before);
    expect(await rotations()).toEqual(earlier);
  });

  it("are in nothing that is printed", async () => {
    const secrets = [
      ...Object.values(keysOf(file)),
      (JSON.parse(readFileSync(file, "utf8")) as { index: string }).index,
    ];
    const printed = await Promise.all([
      run("keys", "status"),
      run("keys", "status", "--json"),
      run("doctor"),
    ]);
    const text = printed.map(({ stdout, stderr }) => stdout + stderr).join("\n");
    expect(text).toMatch(/key \d+ · \d values? · seals/);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});

function keysOf(keyring: string): Readonly<Record<string, string>> {
  return (JSON.parse(readFileSync(keyring, "utf8")) as { keys: Record<string, string> }).keys;
}
