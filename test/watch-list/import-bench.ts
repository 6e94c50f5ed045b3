import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Command } from "commander";
import { Client, type PoolConfig } from "pg";
import { vi } from "vitest";

import { entryCommands } from "../../src/cli-import.ts";
import { readConfig } from "../../src/config.ts";
import { StartError } from "../../src/errors.ts";
import { openLog } from "../../src/log.ts";
import { settleBatches } from "../../src/watch-list/import/batch-follow-up.ts";
import { renderWaitingImport } from "../../src/watch-list/import/batch-notice.ts";
import { columns, type Column } from "../../src/watch-list/import/import-columns.ts";
import { openFile } from "../../src/watch-list/import/import-file.ts";
import { dryRun, importFile } from "../../src/watch-list/import/importer.ts";
import { openBench } from "../cli/bench.ts";
import { superuser } from "../support/database.ts";
import { openEntryBench, type Agency, type Person } from "./entry-bench.ts";

export type ImportBench = Awaited<ReturnType<typeof openImportBench>>;

/** What a row says beside what they all say. */
export type Row = Partial<Readonly<Record<Column, string>>>;

const written = ["entry", "entry_import", "import_batch", "entry_audience", "audit", "notice", "delivery"];
const names = Object.keys(columns) as readonly Column[];

/** Agencies, the bot, and the command line, on one database and one keyring. */
export async function openImportBench() {
  const cli = openBench();
  mkdirSync(cli.data, { recursive: true });
  const bench = await openEntryBench();
  const { db } = bench;
  writeFileSync(join(cli.data, "keyring.json"), JSON.stringify(db.keys), { mode: 0o600 });
  const settings = {
    DATABASE_URL: url(db.connection.owner),
    DATABASE_APP_URL: url(db.connection.app),
    DATABASE_JOBS_URL: url(db.connection.jobs),
  };
  let files = 0;
  const root = new Client({
    ...superuser(String(db.connection.owner.database)),
    options: "-c search_path=allpoints",
  });
  await root.connect();
  const ask = async (statement: string): Promise<string> => {
    const { rows } = await root.query<string[]>({ text: statement, rowMode: "array" });
    return String(rows[0]?.[0]);
  };
  return {
    ...bench,
    /** Writes a file of the test's own and returns its path. */
    file(content: string | Buffer): string {
      files += 1;
      const path = join(cli.data, `list-${files}.csv`);
      writeFileSync(path, content);
      return path;
    },
    /** In a process of its own, which loads everything: as an operator runs it. */
    run: (...args: readonly string[]) => cli.run(["entry", "import", ...args], settings),
    /** The same command in this process, one at a time. */
    here: (...args: readonly string[]) => runHere(["import", ...args], { ...settings, folder: cli.data }),
    spawn: (args: readonly string[], node?: string) =>
      cli.spawn(["entry", "import", ...args], {
        ...settings,
        ...(node !== undefined && { NODE_OPTIONS: node }),
      }),
    /** In this process: the file's hash, and what would become of its rows. */
    async look(path: string, agency: Agency, agencies: ReadonlyMap<string, string> = new Map()) {
      const { store, keyring } = db;
      const signal = new AbortController().signal;
      const verdicts: string[] = [];
      const { hash } = await dryRun({
        store,
        keyring,
        agency: agency.id,
        agencies,
        signal,
        file: await openFile(path),
        onRow: ({ verdict }) => void verdicts.push(verdict),
        onProgress: () => {},
      });
      return { hash, verdicts };
    },
    /** In this process: takes it in as the agency's analyst. */
    async takeIn(path: string, agency: Agency, author = agency.analyst.id) {
      const { store, keyring } = db;
      const signal = new AbortController().signal;
      const file = await openFile(path);
      const job = { store, keyring, file, agency: agency.id, agencies: new Map(), signal };
      return importFile({ ...job, onRow: () => {}, onProgress: () => {} }, author);
    },
    /** What the jobs do by themselves. */
    async settle() {
      for (let again = true; again;) {
        // oxlint-disable-next-line no-await-in-loop
        const followed = await settleBatches.run(db.jobs, db.keyring);
        if (followed.failed?.[0] !== undefined) throw followed.failed[0].error;
        ({ again } = followed);
      }
    },
    /** Its entries and where each stands: "2026-1 waiting". */
    entriesOf: (agency: Agency) =>
      db.store.transaction({ agency: agency.id, id: agency.analyst.id }, async (tx) => {
        const rows = await tx
          .selectFrom("entry_import")
          .innerJoin("entry", "entry.id", "entry_import.entry_id")
          .select([
            "entry.id",
            "entry.ref",
            "entry.state",
            "entry.author_id",
            "entry.approver_id",
            "entry_import.place",
          ])
          .select(["entry.expires_at", "entry.approved_at", "entry_import.open"])
          .orderBy("entry_import.place")
          .execute();
        return rows;
      }),
    batchesOf: (agency: Agency) =>
      db.store.transaction({ agency: agency.id, id: agency.analyst.id }, (tx) =>
        tx.selectFrom("import_batch").selectAll().orderBy("id").execute(),
      ),
    /** Every row of every table that an import writes, as text: equal texts, nothing changed. */
    async everything() {
      let all = "";
      for (const table of written) {
        // oxlint-disable-next-line no-await-in-loop
        all += `${table} ${await ask(`select md5(string_agg(t::text, ',' order by t::text)) from ${table} t`)}\n`;
      }
      return all;
    },
    /** Past every trigger. */
    async untouched(statement: string, ...values: readonly unknown[]) {
      await root.query("set session_replication_role = replica");
      await root.query(statement, [...values]);
      await root.query("set session_replication_role = origin");
    },
    /** All that an import writes, as whoever holds the database reads it. */
    async dump() {
      let all = "";
      // oxlint-disable-next-line no-await-in-loop
      for (const table of written) all += await ask(`select string_agg(t::text, ' ') from ${table} t`);
      return all;
    },
    async close() {
      cli.close();
      await root.end();
      await db.close();
    },
  };
}

export type Batches = ReturnType<typeof batchesIn>;

/** What a test does with imported batches, and sees of them. */
export function batchesIn(bench: ImportBench) {
  /** An agency whose analyst has imported these rows. */
  async function imported(rows: readonly Row[], agency?: Agency) {
    const owner = agency ?? (await bench.addAgency());
    const { hash = "", waiting } = await bench.takeIn(bench.file(csv(rows)), owner);
    return { agency: owner, hash, waiting };
  }
  const show = (person: Person, hash: string, level?: "none" | "summary") =>
    bench.types(person, `entry batch hash:${hash.slice(0, 12)}`, level);
  const states = async (agency: Agency) => (await bench.entriesOf(agency)).map(({ state }) => state);
  const batches = async (agency: Agency) => (await bench.batchesOf(agency)).map(({ state }) => state);
  const kindsFor = (agency: Agency) =>
    bench.as(agency.analyst, async (tx) => {
      const rows = await tx.selectFrom("notice").select("kind").orderBy("id").execute();
      return rows.map(({ kind }) => kind).filter((kind) => kind.startsWith("import"));
    });
  const deskCard = (agency: Agency, hash: string) =>
    bench.as(agency.analyst, (tx) => renderWaitingImport(bench.db.keyring)(tx, hash.slice(0, 16)));
  return { imported, show, states, batches, kindsFor, deskCard };
}

interface Here {
  readonly folder: string;
  readonly DATABASE_URL: string;
  readonly DATABASE_APP_URL: string;
  readonly DATABASE_JOBS_URL: string;
}

/** As cli.ts does it: what was said, and how it ended. */
async function runHere(args: readonly string[], { folder, ...settings }: Here) {
  const { config } = readConfig({
    ...settings,
    ALLPOINTS_DATA: folder,
    KEYRING_FILE: join(folder, "keyring.json"),
  });
  const said = { stdout: "", stderr: "" };
  const hear = (to: keyof typeof said) => (text: string | Uint8Array) => {
    said[to] += String(text);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(hear("stdout")),
    vi.spyOn(process.stderr, "write").mockImplementation(hear("stderr")),
    vi.spyOn(console, "error").mockImplementation((text) => void hear("stderr")(`${String(text)}\n`)),
  ];
  try {
    process.exitCode = 0;
    const log = openLog({ level: "error" });
    await new Command("entry")
      .addCommand(entryCommands(() => ({ config, log })))
      .parseAsync(["entry", ...args], { from: "user" });
    return { code: Number(process.exitCode), ...said };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { code: error.exitCode, stdout: said.stdout, stderr: `${error.message}\n${error.fix}\n` };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

function url({ host = "", port, database, user = "", password }: PoolConfig): string {
  return `postgres://${user}:${encodeURIComponent(String(password))}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
}

const sampleFacts =
  "On 20 Nov he wrote to two people that he will shoot the next officer he sees at the Elm St station.";

const usual: Row = {
  born: "1984-03-02",
  identifiers: "",
  juvenile: "no",
  predicate: "vpf4_expressed_intent_le",
  offence: "18 USC 115",
  facts: sampleFacts,
  sources: "Case 24-118833, two written statements",
  relevance: "He moves between three counties of the region.",
  first_amendment: "no",
  cautions: "armed",
  legal_status: "no_warrant",
  requested_action: "contact_originator",
  sensitivity: "OPEN",
  audience: "all",
  tlp: "amber",
  source_grade: "B",
  information_grade: "3",
  valid_days: "365",
};

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const header = names.join(",");

/** One line of the file. */
export function line(row: Row): string {
  const full: Row = { number: "1", names: "Jon Example", ...usual, ...row };
  return names.map((name) => cell(full[name] ?? "")).join(",");
}

/** A file with these rows; numbered from 1 where nothing else is said. */
export function csv(rows: readonly Row[], newline = "\n"): string {
  const lines = rows.map((row, place) =>
    line({ number: `N-${place + 1}`, names: `Jon Example${letters(place)}`, ...row }),
  );
  return [header, ...lines, ""].join(newline);
}

/** 0 → "a", 27 → "bb": a name of its own for each row. */
function letters(value: number): string {
  const rest = Math.floor(value / 26);
  return (rest > 0 ? letters(rest - 1) : "") + String.fromCodePoint(97 + (value % 26));
}
