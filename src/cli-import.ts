import { Command } from "commander";

import { openKick } from "../jobs/jobs.ts";
import { listAgencies } from "./agencies/agency-store.ts";
import { INTERRUPTED, print, progressLine, stopSignal } from "./cli-import-terminal.ts";
import { StartError } from "./errors.ts";
import { openGround, type Base, type Ground } from "./main.ts";
import { agencyNamed } from "./operator.ts";
import { analyzeTables } from "./store/analyze.ts";
import { authorNamed } from "./watch-list/import/import-author.ts";
import { columnHelp, template } from "./watch-list/import/import-columns.ts";
import { FileError, openFile } from "./watch-list/import/import-file.ts";
import { rowLine, summaryLines, summaryOf } from "./watch-list/import/import-report.ts";
import { dryRun, importFile, type ImportJob, type Imported } from "./watch-list/import/importer.ts";

type GetBase = () => Base;

/** As in sysexits.h: what was given cannot be used, is not there, or the command line is wrong. */
const UNUSABLE = 65;
const NOT_THERE = 66;
const MISUSED = 64;

/** More new rows than the planner should be left to find out about by itself. */
const MANY = 1000;

/** The watch-list, whole files at a time. */
export function entryCommands(base: GetBase): Command {
  return new Command("entry")
    .description("watch-list entries, a file at a time")
    .addCommand(importCommand(base));
}

interface ImportOptions {
  readonly agency?: string;
  readonly by?: string;
  readonly dryRun?: boolean;
  readonly template?: boolean;
  readonly json?: boolean;
}

function importCommand(base: GetBase): Command {
  return new Command("import")
    .argument("[file]", "CSV with commas, UTF-8, with a header")
    .description("take in an agency's own list; a second person of the agency approves it in chat")
    .option("--agency <name>", "whose list it is")
    .option("--by <officer>", "the analyst or supervisor in whose name: name, code they linked with, or id")
    .option("--dry-run", "only say what would happen, row by row, and the hash to approve it by")
    .option("--template", "print a file to start from")
    .option("--json", "one JSON line for each row, and one at the end")
    .addHelpText("after", `\n${manual()}`)
    .action(async (file: string | undefined, options: ImportOptions) => {
      if (options.template === true) process.stdout.write(template());
      else process.exitCode = await runImport(base, wantedOf(file, options));
    });
}

function manual(): string {
  return `Columns, in any order:
${columnHelp()}

The same file again changes nothing. A row that changed is taken over until its entry is approved.
If one row is refused, nothing is imported: exit code ${UNUSABLE}. Approved in chat: /entry batch hash:…`;
}

interface Wanted {
  readonly path: string;
  readonly agency: string;
  /** Absent: a dry run. */
  readonly by: string | undefined;
  readonly json: boolean;
}

/** What the command line asks for, or the sentence that is wrong with it. */
function wantedOf(path: string | undefined, { agency, by, dryRun: dry, json }: ImportOptions): Wanted {
  if (path === undefined)
    throw new StartError(
      "No file is named.",
      "Like this: allpoints entry import list.csv --agency …",
      MISUSED,
    );
  if (agency === undefined)
    throw new StartError(
      "--agency is missing.",
      "Name whose list it is. See: allpoints agency list",
      MISUSED,
    );
  if (by === undefined && dry !== true)
    throw new StartError(
      "--by is missing.",
      "Name the analyst or supervisor in whose name it is imported, or try it with --dry-run.",
      MISUSED,
    );
  return { path, agency, by: dry === true ? undefined : by, json: json === true };
}

async function runImport(base: GetBase, wanted: Wanted): Promise<number> {
  const file = await openFile(wanted.path).catch(refuseFile);
  const progress = progressLine();
  const stopping = stopSignal();
  try {
    await using ground = await openGround(base());
    const agency = await agencyNamed(ground, wanted.agency);
    const outcome = await importOf(ground, wanted, {
      store: ground.app,
      keyring: ground.keyring,
      file,
      agency,
      agencies: await othersOf(ground, agency),
      onRow: (report) => print(wanted.json ? JSON.stringify(report) : rowLine(report)),
      onProgress: progress.show,
      signal: stopping.signal,
    });
    progress.end();
    await summarise(outcome, wanted);
    await wake(ground, outcome.wake);
    return codeOf(outcome);
  } catch (error) {
    return refuseFile(error);
  } finally {
    progress.end();
    stopping.forget();
  }
}

async function importOf(ground: Ground, { by }: Wanted, job: ImportJob): Promise<Imported> {
  if (by === undefined) return { ...(await dryRun(job)), wake: [] };
  const outcome = await importFile(job, await authorNamed(job, by));
  if (outcome.counts.new > MANY) await analyzeTables(ground.database.owner, ["entry", "entry_import"]);
  return outcome;
}

async function summarise(outcome: Imported, { by, json }: Wanted): Promise<void> {
  const dry = by === undefined;
  const lines = json ? [JSON.stringify(summaryOf(outcome, dry))] : summaryLines(outcome, dry);
  await print(lines.join("\n"));
}

function codeOf({ stopped, refusal, counts }: Imported): number {
  if (stopped) return INTERRUPTED;
  return counts.refused > 0 || refusal !== undefined ? UNUSABLE : 0;
}

function refuseFile(error: unknown): never {
  if (!(error instanceof FileError)) throw error;
  const { kind, problem, fix } = error.problem;
  throw new StartError(problem, fix, kind === "missing" ? NOT_THERE : UNUSABLE);
}

/** The other members by name, for rows that only they may match. */
async function othersOf({ app }: Ground, agency: string): Promise<ReadonlyMap<string, string>> {
  const all = await app.transaction({ agency: null, id: "operator" }, listAgencies);
  if (all.find(({ id }) => id === agency)?.state !== "active")
    throw new StartError("This agency is not a member.", "See: allpoints agency list");
  const others = all.filter(({ id, state }) => id !== agency && state === "active");
  return new Map(others.map(({ id, name }) => [name.toLowerCase().replaceAll(/\s+/g, " "), id]));
}

/** Only sooner than the sweep would. */
async function wake({ config, database, log }: Ground, installations: readonly string[]): Promise<void> {
  if (installations.length === 0) return;
  const { kick, close } = await openKick({ connection: database.jobs, redisUrl: config.REDIS_URL, log });
  kick(installations);
  await close();
}
