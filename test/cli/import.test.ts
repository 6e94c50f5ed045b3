import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { writeList } from "../../bench/import/list.ts";
import { template } from "../../src/watch-list/import/import-columns.ts";
import type { Agency } from "../watch-list/entry-bench.ts";
import { csv, header, line, openImportBench, type ImportBench } from "../watch-list/import-bench.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

// Most run the command in this process: one of its own takes more than a second to load everything. Those that are
// about a process have theirs.
type Ended = ReturnType<ImportBench["run"]>;
let bench: ImportBench;
let metro: Agency;
let cedar: Agency;
beforeAll(async () => {
  bench = await openImportBench();
  metro = await bench.addAgency();
  cedar = await bench.addAgency();
});
afterAll(() => bench.close());

const dry = (path: string, ...more: readonly string[]): Ended =>
  bench.here(path, "--agency", metro.name, "--dry-run", ...more);
const take = (path: string, agency: Agency = metro, ...more: readonly string[]): Ended =>
  bench.here(path, "--agency", agency.name, "--by", agency.analyst.id, ...more);
const jsonLines = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);

describe("a file that cannot be read", () => {
  const rowOf = (bytes: Buffer) => Buffer.concat([Buffer.from(`${header}\n`), bytes, Buffer.from("\n")]);
  const good = () => template();

  it.each([
    ["is empty", (): string => bench.file(""), 65, "is empty"],
    ["has nothing but blank lines", (): string => bench.file("\n\n"), 65, "The header is not right"],
    ["lacks a column", (): string => bench.file(good().replace("predicate,", "")), 65, "missing: predicate"],
    [
      "has a column twice",
      (): string => bench.file(good().replace("description", "names")),
      65,
      'twice: "names"',
    ],
    [
      "has an unknown column",
      (): string => bench.file(good().replace("tlp", "colour")),
      65,
      'unknown: "colour"',
    ],
    ["uses semicolons", (): string => bench.file(good().replaceAll(",", ";")), 65, "not separated by commas"],
    [
      "is UTF-16",
      (): string => bench.file(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(good(), "utf16le")])),
      65,
      "UTF-16 and not UTF-8",
    ],
    [
      "opens a quote and never closes it",
      (): string => bench.file(`${csv([{}])}"N-2,Jon Example,\n`),
      65,
      'Row 3: a quote (") is opened and never closed.',
    ],
    [
      "has a quote inside a field",
      (): string => bench.file(`${csv([{}])}N-2,Jon "Jonny" Example\n`),
      65,
      'Row 3: a quote (") stands inside a field.',
    ],
    [
      "has a row of 20 MB",
      (): string => bench.file(`${csv([{}])}N-2,"${"x".repeat(20_000_000)}"\n`),
      65,
      "Row 3 is longer than 4 MB.",
    ],
    ["is not there", (): string => "/nowhere/list.csv", 66, "There is no file /nowhere/list.csv."],
    ["is a folder", (): string => "/tmp", 66, "/tmp is a folder."],
    ["is no file on disk", (): string => "/dev/null", 66, "/dev/null is not a file."],
  ] as const)("which %s: a sentence and what to do, nothing written", async (...[, make, exit, says]) => {
    const before = await bench.everything();
    const { code, stderr } = await take(make());
    expect({ code, says: stderr.includes(says) ? says : stderr }).toEqual({ code: exit, says });
    expect(stderr.trim().split("\n").length).toBe(2);
    expect(await bench.everything()).toBe(before);
  });

  it("is refused in a process of its own as in this one", async () => {
    const path = bench.file("");
    const ended = await bench.run(path, "--agency", metro.name, "--by", metro.analyst.id);
    expect(ended).toEqual(await take(path));
    expect(ended).toMatchObject({ code: 65, stdout: "" });
  });

  it.each([
    ["a byte of Latin-1", rowOf(Buffer.from(line({ names: "José Example" }), "latin1")), "names", "iconv"],
    ["an embedded NUL", rowOf(Buffer.from(line({ facts: "x\0y" }))), "facts", "NUL"],
  ] as const)("names row and column of %s", async (...[, content, column, says]) => {
    const { code, stdout } = await dry(bench.file(content));
    expect(code).toBe(65);
    expect(stdout).toContain(`row 2 · 1 · refused · ${column}: `);
    expect(stdout).toContain(says);
  });
});

describe("a row that is refused", () => {
  it("is named with number, column and sentence, and every other row is judged too", async () => {
    const path = bench.file(
      csv([
        {},
        { predicate: "" },
        { predicate: "gang_member" },
        { facts: "He is dangerous." },
        { born: "02.04.1987" },
        { expires: sixYears(), valid_days: "" },
        { valid_days: "2200" },
        { expires: "1/2/2027", valid_days: "" },
        { number: "N-1" },
        { sensitivity: "RESTRICTED" },
        { juvenile: "yes" },
        { first_amendment: "yes" },
        { requested_action: "detain_with_pc" },
        { source_grade: "F", information_grade: "6" },
        { audience: "Nowhere PD" },
        { facts: "x".repeat(1_000_000) },
        { names: "", identifiers: "" },
        { number: "" },
        { identifiers: "1M8GDM9AXKP042789" },
        { names: "J" },
        { names: "🔥" },
        { names: `Jon ${"x".repeat(117)}` },
      ]),
    );
    const { code, stdout } = await dry(path, "--json");
    expect(code).toBe(65);
    const rows = jsonLines(stdout);
    const problem = (row: number) => JSON.stringify(rows.find((one) => one["row"] === row)?.["problems"]);
    expect(rows[0]).toEqual({ row: 2, number: "N-1", verdict: "new" });
    expect(problem(20)).toContain("VIN 1M8GDM9AXKP042789 does not add up");
    for (const row of [21, 22]) expect(problem(row)).toContain("A name has letters, and more than one.");
    expect(problem(23)).toContain("A name has at most 120 characters.");
    expect(problem(3)).toContain("Please fill this in: vpf4_expressed_intent_le");
    expect(problem(4)).toContain("“gang_member” is not one of: vpf4_expressed_intent_le, rs_threat_crime");
    expect(problem(5)).toContain("At least 80 characters.");
    expect(problem(6)).toContain("I cannot read: 02.04.1987");
    expect(problem(7)).toMatch(/More than five years away. Write \d{4}-\d\d-\d\d or an earlier day./);
    expect(problem(8)).toContain("More than five years: at most 1825 days.");
    expect(problem(9)).toContain("is not a day I can be sure of. Write it like 2027-05-01.");
    expect(problem(10)).toContain("Row 2 has this number too.");
    expect(problem(11)).toContain("a watch commander signs for it");
    expect(problem(12)).toContain("at most 180 days");
    expect(problem(13)).toContain("Say how the act is directly related, in at least 20 characters.");
    expect(problem(14)).toContain("Nobody is detained without a warrant or probable cause");
    expect(problem(15)).toContain("F6 alone supports no entry");
    expect(problem(16)).toContain("no other member agency “Nowhere PD”");
    expect(problem(17)).toContain("At most 1500 characters.");
    expect(problem(18)).toContain("Give a name, or an identifier below.");
    expect(problem(19)).toContain("Please fill this in: it is how the row is found again.");
    expect(rows.at(-1)).toMatchObject({ dry_run: true, rows: 22, new: 1, refused: 21, hash: null });
  });

  it("keeps all the others out: nothing is imported", async () => {
    const before = await bench.everything();
    const { code, stdout } = await take(bench.file(csv([{}, {}, { predicate: "" }])));
    expect(code).toBe(65);
    expect(stdout).toContain("row 4 · N-3 · refused · predicate: Please fill this in");
    expect(stdout).toContain("Nothing was written. Correct the refused rows and run it again.");
    expect(await bench.everything()).toBe(before);
  });

  it("without predicates, a thousand of them: none is accepted", async () => {
    const path = bench.file(csv(Array.from({ length: 1000 }, () => ({ predicate: "" }))));
    const { code, stdout } = await dry(path, "--json");
    expect(code).toBe(65);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ rows: 1000, new: 0, refused: 1000 });
  });

  it("says nothing to the terminal but text", async () => {
    const { stdout } = await dry(
      bench.file(csv([{ number: "N\u001B[2J\u202E1", predicate: "\u001B]0;x\u0007" }])),
    );
    expect(stdout).not.toMatch(/[\p{Cf}[\p{Cc}--\n]]/v);
  });
});

describe("the dry run", () => {
  it("writes nothing, and gives the hash that the import has too", async () => {
    const path = bench.file(csv([{}, {}, {}]));
    const before = await bench.everything();
    const { code, stdout, stderr } = await dry(path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("row 4 · N-3 · ok\n3 rows: 3 new, 0 already there, 0 changed, 0 refused.\n");
    expect(await bench.everything()).toBe(before);
    const [, hash] = /Hash: ([0-9a-f]{64})/.exec(stdout) ?? [];
    expect(stdout).toContain(`/entry batch hash:${hash?.slice(0, 16)}`);
    const other = await bench.here(path, "--agency", cedar.name, "--dry-run");
    expect(other.stdout).not.toContain(hash);
  });

  it("needs no officer; an import does, and one who may write entries", async () => {
    const path = bench.file(csv([{}]));
    const without = await bench.here(path, "--agency", metro.name);
    expect({ code: without.code, said: without.stderr.split("\n")[0] }).toEqual({
      code: 64,
      said: "--by is missing.",
    });
    const patrol = await bench.here(path, "--agency", metro.name, "--by", metro.patrol.id);
    expect(patrol.code).toBe(64);
    expect(patrol.stderr).toContain("writing a watch-list entry needs analyst or supervisor");
    const foreign = await bench.here(path, "--agency", metro.name, "--by", cedar.analyst.id);
    expect(foreign.stderr).toContain("this agency has no such officer");
    const twice = await bench.here(path, "--agency", metro.name, "--by", "Det. Analyst");
    expect(twice.code).toBe(0);
  });

  it("reads the template it prints", async () => {
    const { code, stdout } = await bench.here("--template");
    expect(code).toBe(0);
    expect((await dry(bench.file(stdout))).code).toBe(0);
    const help = await bench.run("--help");
    for (const column of header.split(",")) expect(help.stdout).toContain(column);
  });
});

describe("the import", () => {
  it("of the same file again changes nothing at all", async () => {
    const agency = await bench.addAgency();
    const path = bench.file(csv([{}, { audience: metro.name }, { valid_days: "", expires: inDays(100) }]));
    const first = await take(path, agency);
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    expect(first.stdout).toContain("3 wait for a second person; your agency's desk was told.");
    const before = await bench.everything();
    const second = await take(path, agency);
    expect(second.stdout).toContain(
      "3 rows: 0 new, 3 already there, 0 changed, 0 refused.\nNothing changed.",
    );
    expect(await bench.everything()).toBe(before);
    const entries = await bench.entriesOf(agency);
    expect(entries.map(({ state, author_id }) => [state, author_id])).toEqual(
      Array.from({ length: 3 }, () => ["waiting", agency.analyst.id]),
    );
  });

  it("of a changed file takes the change over, and the rest is the same entry", async () => {
    const agency = await bench.addAgency();
    await take(bench.file(csv([{}, {}, {}])), agency);
    const before = await bench.entriesOf(agency);
    const { stdout } = await take(bench.file(csv([{}, { offence: "18 USC 111" }, {}, {}])), agency);
    expect(stdout).toContain("row 3 · N-2 · ");
    expect(stdout).toContain(
      "4 rows: 1 new, 2 already there, 1 changed, 0 refused.\n4 wait for a second person",
    );
    const after = await bench.entriesOf(agency);
    expect(after.slice(0, 3).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect((await bench.batchesOf(agency)).map(({ state, entries }) => [state, entries])).toEqual([
      ["replaced", 3],
      ["waiting", 4],
    ]);
  });

  it("that is interrupted ends cleanly, and goes on where it stopped", async () => {
    const agency = await bench.addAgency();
    const path = bench.file("");
    await writeList(createWriteStream(path), 3000);
    const child = bench.spawn([path, "--agency", agency.name, "--by", agency.analyst.id, "--json"]);
    let said = "";
    child.stderr?.on("data", (text) => (said += String(text)));
    let rows = 0;
    const last: string[] = [];
    if (child.stdout === null) throw new Error("no output");
    for await (const text of createInterface({ input: child.stdout })) {
      rows += 1;
      if (rows === 1) child.kill("SIGINT");
      last[0] = text;
    }
    const [code] =
      child.exitCode === null ? ((await once(child, "close")) as [number | null]) : [child.exitCode];
    expect(code).toBe(130);
    expect(said).toContain("\nStopping after the rows under way…\n");
    const counted = JSON.parse(last[0] ?? "{}") as { readonly new: number; readonly stopped: boolean };
    expect(counted.stopped).toBe(true);
    expect(counted.new).toBeGreaterThanOrEqual(500);
    expect(counted.new).toBeLessThan(3000);
    expect((await bench.entriesOf(agency)).length).toBe(counted.new);
    expect((await bench.batchesOf(agency)).map(({ state }) => state)).toEqual(["filling"]);
    const again = await take(path, agency, "--json");
    expect(again.code).toBe(0);
    expect(jsonLines(again.stdout).at(-1)).toMatchObject({
      new: 3000 - counted.new,
      unchanged: counted.new,
      waiting: 3000,
    });
    expect((await bench.batchesOf(agency)).map(({ state, entries }) => [state, entries])).toEqual([
      ["waiting", 3000],
    ]);
  });

  it("by two at once makes every entry once", async () => {
    const agency = await bench.addAgency();
    const path = bench.file("");
    await writeList(createWriteStream(path), 1500);
    const one = () => bench.run(path, "--agency", agency.name, "--by", agency.analyst.id, "--json");
    const both = await Promise.all([one(), one()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const sums = both.map(
      ({ stdout }) => jsonLines(stdout).at(-1) as { readonly new: number; readonly unchanged: number },
    );
    expect(sums.reduce((sum, one) => sum + one.new, 0)).toBe(1500);
    expect(sums.reduce((sum, one) => sum + one.unchanged, 0)).toBe(1500);
    expect((await bench.entriesOf(agency)).length).toBe(1500);
    expect((await bench.batchesOf(agency)).map(({ state, entries }) => [state, entries])).toEqual([
      ["waiting", 1500],
    ]);
  });

  it("leaves on record that the operator ran it, for whom, and no word of the file", async () => {
    const agency = await bench.addAgency();
    await take(bench.file(csv([{ number: "SECRET-77", names: "Zebulon Quagmire" }])), agency);
    const rows = await bench.as(agency.analyst, (tx) =>
      tx
        .selectFrom("audit")
        .select(["actor", "action", "detail"])
        .where("action", "like", "import.%")
        .execute(),
    );
    expect(rows.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      "operator import.take",
      "operator import.ready",
    ]);
    expect(rows.every(({ detail }) => JSON.stringify(detail).includes(agency.analyst.id))).toBe(true);
    expect(await bench.dump()).not.toMatch(/SECRET-77|Zebulon|Quagmire/i);
  });
});

describe("a long file", () => {
  it("is read in the memory of a short one", async () => {
    const rows = 7_000;
    const path = bench.file("");
    await writeLong(path, rows);
    // More than the command needs for its code and a chunk of rows, and less than for the file's words alone.
    const child = bench.spawn(
      [path, "--agency", metro.name, "--dry-run", "--json"],
      `--max-old-space-size=${HEAP_MB}`,
    );
    if (child.stdout === null) throw new Error("no output");
    let last = "";
    for await (const text of createInterface({ input: child.stdout })) last = text;
    expect(JSON.parse(last)).toMatchObject({ rows, new: rows, refused: 0 });
  });
});

const HEAP_MB = 80;

/** Rows of three kilobytes, no two alike. */
async function writeLong(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  file.write(`${header}\n`);
  for (let row = 0; row < rows; row += 1) {
    const long = `${row} ${"he wrote that he will shoot the next officer he sees; ".repeat(27)}`.slice(
      0,
      1450,
    );
    const words = {
      facts: long,
      sources: long.slice(0, 290),
      relevance: long.slice(0, 390),
      description: long.slice(0, 490),
    };
    if (!file.write(`${line({ number: `L-${row}`, ...words })}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
function sixYears(): string {
  return inDays(6 * 365);
}
