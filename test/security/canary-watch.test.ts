import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Redis } from "ioredis";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { asMessage, expectWords, refIn, type Person, type Values } from "../../sandbox/cast.ts";
import type { Shown } from "../../sandbox/pretend.ts";
import { entryPages } from "../../sandbox/story.ts";
import { metricsText, openMeters } from "../../src/metrics.ts";
import { openFile } from "../../src/watch-list/import/import-file.ts";
import { importFile } from "../../src/watch-list/import/importer.ts";
import { superuser } from "../support/database.ts";
import { haveRedis, startRedis, type RedisServer } from "../support/redis-server.ts";
import { openTown, type Town } from "../support/town.ts";
import { csv } from "../watch-list/import-bench.ts";
import { dateSecret, dumpOf, leaksIn, nameSecret, wordSecret, type Place, type Secret } from "./leaks.ts";

// People who are nowhere else go through all that the watch-list does: entered and approved, asked about with a hit, a
// silent hit and none, confirmed, judged, disputed, found after they were asked about. Nothing that is kept then shows
// a name, a date, an identifier or a word of theirs, in any spelling, nor hashed without a key.

interface Canary {
  readonly name: string;
  readonly born: string;
  readonly identifiers: readonly string[];
}

const entered: Canary = {
  name: "Zebulon Quackenbush",
  born: "1931-10-27",
  identifiers: [
    "MD QZX7731",
    "+1 410 739 7731",
    "zebulon.q@quackmail.example",
    "@quackzeb77",
    "1M8GDM9AXKP042788",
  ],
};
const silent: Canary = { name: "Wilhelmina Xanthopoulos", born: "1929-11-30", identifiers: ["VA WXP4406"] };
const later: Canary = { name: "Ottokar Vandersloot", born: "1937-08-19", identifiers: ["@ottosloot41"] };
const imported: Canary = { name: "Thaddeus Wigglesworth", born: "1933-04-17", identifiers: ["MD TWZ5519"] };
const nobody: Canary = { name: "Ephraim Yarborough", born: "1941-12-23", identifiers: ["+1 303 648 1199"] };

const words: string[] = [];
/** A word that occurs nowhere else. */
function mark(field: string): string {
  const word = `zq${field}${String(words.length).padStart(2, "0")}xj`;
  words.push(word);
  return word;
}

function secrets(): readonly Secret[] {
  return [
    ...[entered, silent, later, imported, nobody].flatMap(({ name, born, identifiers }) => [
      nameSecret(name),
      dateSecret(born),
      ...identifiers.map(wordSecret),
    ]),
    ...words.map(wordSecret),
    wordSecret("24-778899"),
  ];
}

/** The real bot and jobs on one of the two queues. */
interface Scene {
  readonly town: Town;
  readonly root: Client;
  readonly redis: RedisServer | undefined;
}

async function open(queue: "PostgreSQL" | "Redis"): Promise<Scene> {
  const redis = queue === "Redis" ? await startRedis() : undefined;
  const town = await openTown(redis && { settings: { REDIS_URL: redis.url } });
  const root = new Client(superuser(String(town.db.connection.owner.database)));
  await root.connect();
  return { town, root, redis };
}

async function enters(town: Town, { name, born, identifiers }: Canary, sensitivity: string): Promise<string> {
  const okafor = town.person("metro", "okafor");
  const [person, predicate, handling, sharing] = entryPages;
  const pages = [
    {
      ...person,
      Names: name,
      "Birth date": born,
      "Plate, phone, e-mail, handle, VIN": identifiers.join("\n"),
      Description: mark("looks"),
    },
    Object.fromEntries(
      Object.entries(predicate ?? {}).map(([label, value]) => [
        label,
        ["Facts", "Documents", "Why does it matter to other agencies?"].includes(label)
          ? `${String(value)} ${mark("why")}`
          : value,
      ]),
    ),
    { ...handling, "Cautions, as reported": sensitivity === "RESTRICTED" ? [] : ["violent"] },
    { ...sharing, "What does somebody who asks learn?": sensitivity },
    { Source: "B", Information: "3" },
  ];
  const draft = asMessage(await okafor.fills(await okafor.types("/entry new"), pages));
  const ref = refIn(draft, "E");
  await okafor.presses(draft, "Send for approval");
  const approver = town.person("metro", sensitivity === "RESTRICTED" ? "weiss" : "lund");
  const shown = asMessage(await approver.types(`/entry show ${ref}`));
  expectWords(shown, name);
  expectWords(await approver.presses(shown, "Approve"), `Approved: ${ref}`);
  return ref;
}

async function asks(who: Person, { name, born, identifiers }: Canary, values: Values = {}): Promise<Shown> {
  return who.submits(await who.types("/watch"), {
    "Why are you asking?": "Traffic stop",
    "CAD or case number, and for which unit": "24-778899",
    Name: name,
    "Birth date": born,
    "Plate, phone, e-mail, handle or VIN": identifiers.slice(0, 3).join("\n"),
    ...values,
  });
}

/** What the watch-list does with them, as people do it. */
async function live({ town, root }: Scene): Promise<void> {
  const hale = town.person("riverton", "hale");
  const ref = await enters(town, entered, "OPEN");
  await enters(town, silent, "RESTRICTED");
  expectWords(await asks(hale, nobody), "Nothing to show");
  expectWords(await asks(hale, silent), "Nothing to show");
  expectWords(await asks(hale, { ...entered, name: "Quackenbush, Zebulun" }), "ANSWER TO YOUR QUERY", ref);
  await follow(town, refIn(expectWords(await asks(hale, entered), ref), "Q"));
  await change(town, ref);
  await dispute(town, ref);
  await imports(town, root);
  expectWords(await asks(hale, imported), "ANSWER TO YOUR QUERY");
  expectWords(await asks(hale, later), "Nothing to show");
  const after = await enters(town, later, "OPEN");
  await root.query("update allpoints.retro_waiting set noted_at = noted_at - interval '11 seconds'");
  await town.jobs.sweep();
  await town.idle();
  const told = (await hale.messages()).findLast(({ headline }) => headline.includes("There is an answer"));
  if (told === undefined) throw new Error("nobody was told of an entry that came later");
  const shown = await hale.types(`/allpoints show ${refIn(told, "Q")}`);
  expectWords(shown, after, "It came after you asked");
  await town.pass("10 minutes");
  await town.verifyAudit();
}

/** A hit is asked to be confirmed, is answered, and is said to be somebody else. */
async function follow(town: Town, query: string): Promise<void> {
  const [hale, okafor] = [town.person("riverton", "hale"), town.person("metro", "okafor")];
  const hit = async () => asMessage(await hale.types(`/allpoints show ${query}`));
  await hale.presses(await hit(), "Ask owner to confirm: 10 min");
  await hale.submits(await hale.presses(await hit(), "What happened"), {
    "After this hit": "Spoke to the person",
    "Anything its owner should know?": mark("outcome"),
  });
  await town.jobs.sweep();
  await town.idle();
  const asked = await town.channel("metro", "desk").shows(query);
  await okafor.submits(await okafor.presses(asked, "Answer"), {
    "Your answer": "Confirmed: in force, and about this person",
  });
}

/** A colleague says more of an entry in force, and somebody else approves that. */
async function change(town: Town, entry: string): Promise<void> {
  const [okafor, lund] = [town.person("metro", "okafor"), town.person("metro", "lund")];
  const shown = asMessage(await okafor.types(`/entry show ${entry}`));
  const draft = asMessage(await okafor.presses(shown, "Change"));
  const page = await okafor.presses(draft, "Edit person");
  const edited = asMessage(await okafor.submits(page, { Description: mark("changed") }));
  await okafor.presses(edited, "Send for approval");
  const opened = asMessage(await lund.types(`/entry show ${refIn(draft, "E")}`));
  expectWords(await lund.presses(opened, "Approve"), `Approved: ${entry}, version 2`);
}

/** One row of an agency's own list, approved as a batch. */
async function imports(town: Town, root: Client): Promise<void> {
  const row = {
    number: `WX-${mark("number")}`,
    names: imported.name,
    born: imported.born,
    identifiers: imported.identifiers.join("; "),
    description: mark("list"),
  };
  const folder = mkdtempSync(join(tmpdir(), "canary-"));
  try {
    const path = join(folder, "list.csv");
    writeFileSync(path, csv([row]));
    const { rows } = await root.query<{ agency: string; officer: string }>(
      "select agency_id as agency, author_id as officer from allpoints.entry order by approved_at limit 1",
    );
    const [author] = rows;
    if (author === undefined) throw new Error("nobody wrote an entry");
    const { hash = "" } = await importFile(
      {
        store: town.ground.app,
        keyring: town.db.keyring,
        file: await openFile(path),
        agency: author.agency,
        agencies: new Map(),
        signal: new AbortController().signal,
        onRow: () => {},
        onProgress: () => {},
      },
      author.officer,
    );
    const lund = town.person("metro", "lund");
    const batch = asMessage(await lund.types(`/entry batch hash:${hash.slice(0, 12)}`));
    await lund.presses(batch, "Approve all 1");
    await town.jobs.sweep();
    await town.idle();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function dispute(town: Town, entry: string): Promise<void> {
  const weiss = town.person("metro", "weiss");
  const disputing = await weiss.types(`/entry challenge ${entry}`);
  expectWords(
    await weiss.submits(disputing, {
      "Who disputes it?": `${entered.name} ${mark("disputes")}`,
      "What is disputed?": mark("disputed"),
    }),
    entry,
  );
}

/** Everything that stays somewhere. */
async function kept({ town, root, redis }: Scene): Promise<readonly Place[]> {
  await root.query("analyze");
  return [
    ...(await dumpOf(root)),
    ...(redis === undefined ? [] : await dumpOfRedis(redis.url)),
    { where: "the log", text: town.log().join("\n") },
    { where: "the metrics", text: await metricsText(town.ground.jobs, openMeters()) },
    ...filesIn(town.ground.config.ALLPOINTS_DATA),
  ];
}

async function dumpOfRedis(url: string): Promise<readonly Place[]> {
  const redis = new Redis(url);
  try {
    const places: Place[] = [];
    for (const key of await redis.keys("*")) {
      // oxlint-disable-next-line no-await-in-loop
      const [type, bytes] = [await redis.type(key), await redis.dumpBuffer(key)];
      // oxlint-disable-next-line no-await-in-loop
      const text = type === "hash" ? JSON.stringify(await redis.hgetall(key)) : "";
      places.push({ where: `Redis ${type}`, text: `${key}\n${text}\n${bytes?.toString("latin1") ?? ""}` });
    }
    expect(places.length).toBeGreaterThan(0);
    return places;
  } finally {
    redis.disconnect();
  }
}

/** Names and contents of files: snapshots, checkpoints, sockets' neighbours. */
function filesIn(folder: string): readonly Place[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return [
    { where: "file names", text: files.map(({ parentPath, name }) => join(parentPath, name)).join("\n") },
    ...files.map(({ parentPath, name }) => ({
      where: `file ${name}`,
      text: readFileSync(join(parentPath, name), "latin1"),
    })),
  ];
}

const queues = haveRedis ? (["PostgreSQL", "Redis"] as const) : (["PostgreSQL"] as const);
describe.each(queues)("with the queue in %s", (queue) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await open(queue);
    await live(scene);
  }, 120_000);
  afterAll(async () => {
    await scene.root.end();
    await scene.town.close();
    await scene.redis?.stop();
  });

  it("nothing that is kept shows who was entered or asked about", async () => {
    const places = await kept(scene);
    expect(places.length).toBeGreaterThan(60);
    expect(leaksIn(places, secrets())).toEqual([]);
  });

  it("all of it was really written: the tables have their rows", async () => {
    const tables = [
      "entry",
      "query",
      "hit",
      "token",
      "identifier",
      "retro_key",
      "confirmation",
      "outcome",
      "entry_challenge",
      "import_batch",
      "entry_import",
    ];
    for (const table of tables) {
      // oxlint-disable-next-line no-await-in-loop
      const { rows } = await scene.root.query<{ n: number }>(
        `select count(*)::int as n from allpoints.${table}`,
      );
      expect(rows[0]?.n, table).toBeGreaterThan(0);
    }
    expect(words.length).toBeGreaterThanOrEqual(10);
  });

  it.each([
    ["a name in capitals", "QUACKENBUSH"],
    ["a name the other way round", "xanthopoulos, wilhelmina"],
    ["a date in digits", "19370819"],
    ["a phone number in digits", "14107397731"],
    ["a plate without its state", "wxp4406"],
    ["a name as bytes", Buffer.from("vandersloot").toString("hex")],
    ["a name in base64", Buffer.from("Ottokar Vandersloot").toString("base64")],
    ["a hash without a key", "1f5a"],
  ])("%s would be found", async (what, text) => {
    const planted = what === "a hash without a key" ? await hashOf(scene.root, "QZX7731") : text;
    await scene.root.query("begin");
    try {
      await scene.root.query(
        "insert into allpoints.link_request (code_hash, platform, workspace, user_id, expires_at) values ('x', 'slack', 'x', $1, now())",
        [planted],
      );
      const leaks = leaksIn(await dumpOf(scene.root, "link_request"), secrets());
      expect(leaks.some((leak) => leak.startsWith("allpoints.link_request shows "))).toBe(true);
    } finally {
      await scene.root.query("rollback");
    }
  });
});

async function hashOf(root: Client, text: string): Promise<string> {
  const { rows } = await root.query<{ hash: string }>("select encode(sha256($1), 'hex') as hash", [
    Buffer.from(text),
  ]);
  return rows[0]?.hash ?? "";
}
