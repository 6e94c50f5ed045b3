import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import type { ClientConfig } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { startEmbedded } from "../../src/store/embedded-postgres.ts";
import type { Embedded, EmbeddedOptions } from "../../src/store/embedded-postgres.ts";

const fast = { initdbArgs: ["--no-sync"], settings: { fsync: "off" } };

let folder: string;
let started: Embedded[];
beforeEach(() => {
  // A name by which the next run finds and removes what a killed one left.
  folder = mkdtempSync(
    join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `allpoints-test-${process.pid}-`),
  );
  chmodSync(folder, 0o755);
  started = [];
});
afterEach(async () => {
  for (const each of started) {
    // oxlint-disable-next-line no-await-in-loop
    await each.stop();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedOptions> = {}): Promise<Embedded> {
  const each = await startEmbedded({ dataDir: join(folder, "pg"), ...fast, ...options });
  started.push(each);
  return each;
}

async function ask(config: ClientConfig, text = "select current_user"): Promise<unknown> {
  const client = new Client(config);
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query({ text, rowMode: "array" })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

function postmaster(): number {
  return Number(readFileSync(join(folder, "pg", "postmaster.pid"), "utf8").split("\n")[0]);
}

describe.skipIf(process.platform !== "linux")("the embedded database", () => {
  it("starts, keeps its data, and lets in nobody without the password", async () => {
    const first = await start();
    expect(first.adopted).toBe(false);
    await ask(first.superuserOptions, "create table kept as select 1");
    await expect(ask({ ...first.superuserOptions, password: "guessed" })).rejects.toThrow("password");
    expect(statSync(join(folder, "pg", "superuser-password")).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "pg")).mode & 0o777).toBe(0o700);
    await first.stop();
    await expect(ask(first.superuserOptions)).rejects.toThrow("ENOENT");

    const second = await start();
    expect(await ask(second.superuserOptions, "select count(*)::int from kept")).toBe(1);
    expect(second.passwordFor("allpoints_app")).toBe(first.passwordFor("allpoints_app"));
  });

  it("three at once use one server, and only the last to leave stops it", async () => {
    const all = await Promise.all([start(), start(), start()]);
    expect(all.filter(({ adopted }) => adopted)).toHaveLength(2);
    const [one, two, three] = all.toSorted((a, b) => Number(a.adopted) - Number(b.adopted));
    await one?.stop();
    await two?.stop();
    expect(await ask(three?.superuserOptions ?? {})).toBe("postgres");
    await three?.stop();
    await expect(ask(three?.superuserOptions ?? {})).rejects.toThrow("ENOENT");
    expect(readdirSync(folder).filter((name) => name.includes(".new-"))).toEqual([]);
  });

  it("adopts the server that a killed process left behind, and then stops it itself", async () => {
    const code = `
      const { startEmbedded } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/store/embedded-postgres.ts"))});
      await startEmbedded(${JSON.stringify({ dataDir: join(folder, "pg"), ...fast })});
      process.kill(process.pid, "SIGKILL");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "inherit" });
    expect(await new Promise((done) => child.once("exit", (_, signal) => done(signal)))).toBe("SIGKILL");
    const adopter = await start();
    expect(adopter.adopted).toBe(true);
    expect(await ask(adopter.superuserOptions)).toBe("postgres");
    await adopter.stop();
    expect(existsSync(join(folder, "pg", "postmaster.pid"))).toBe(false);
  });

  it("starts again over the pid file of a killed server, also when its id is another process now", async () => {
    const first = await start();
    process.kill(postmaster(), "SIGKILL");
    const second = await start();
    expect(second.adopted).toBe(false);
    await first.stop();
    await second.stop();
    writeFileSync(
      join(folder, "pg", "postmaster.pid"),
      `${process.pid}\n${join(folder, "pg")}\n0\n5432\n\n\n\nready\n`,
    );
    expect((await start()).adopted).toBe(false);
  });

  it("stops a server that runs and does not answer", async () => {
    await start();
    const stuck = postmaster();
    const password = join(folder, "pg", "superuser-password");
    const before = readFileSync(password, "utf8");
    await ask(started[0]?.superuserOptions ?? {}, "alter system set port = 1");
    // Answers, but not to us: as good as silent.
    writeFileSync(password, "another");
    const log: string[] = [];
    const second = await startEmbedded({
      dataDir: join(folder, "pg"),
      ...fast,
      log: (line) => log.push(line),
    });
    started.push(second);
    expect(second.adopted).toBe(false);
    expect(postmaster()).not.toBe(stuck);
    expect(log.join()).toContain(`stopping a server that does not answer (${stuck})`);
    writeFileSync(password, before);
  });

  it("finds its socket also where the path is too long for one", async () => {
    const deep = join(folder, "d".repeat(60), "e".repeat(60));
    const each = await start({ dataDir: join(deep, "pg") });
    expect(await ask(each.superuserOptions)).toBe("postgres");
    expect(each.superuserOptions.host?.startsWith(tmpdir())).toBe(true);
    expect(statSync(each.superuserOptions.host ?? "").mode & 0o777).toBe(0o700);
    await each.stop();
    rmSync(each.superuserOptions.host ?? "", { recursive: true });
  });

  it.skipIf(process.getuid?.() !== 0)(
    "as root it runs as somebody else, and says where that one cannot go",
    async () => {
      const each = await start();
      expect(statSync(join(folder, "pg")).uid).not.toBe(0);
      expect(readFileSync(`/proc/${postmaster()}/status`, "utf8")).not.toMatch(/^Uid:\s+0/m);
      await each.stop();
      mkdirSync(join(folder, "closed"), { mode: 0o700 });
      await expect(start({ dataDir: join(folder, "closed", "pg") })).rejects.toMatchObject({
        fix: expect.stringContaining("ALLPOINTS_DATA"),
      });
    },
  );

  it("does not let the caller's PG variables in", async () => {
    const env = readFileSync(`/proc/${(await start(), postmaster())}/environ`, "utf8");
    expect(env.split("\0").map((entry) => entry.split("=")[0])).not.toContain("HOME");
  });
});
