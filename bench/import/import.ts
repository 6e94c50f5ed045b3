import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { addOfficer } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { Role } from "../../src/bot/policy.ts";
import { readConfig } from "../../src/config.ts";
import { openLog } from "../../src/log.ts";
import { openGround, type Ground } from "../../src/main.ts";
import { admitAgency } from "../../src/operator.ts";
import { settleBatches } from "../../src/watch-list/import/batch-follow-up.ts";
import { approveBatch, findBatch, readShown, shownBatch } from "../../src/watch-list/import/batch-store.ts";
import { openFolder } from "../shared/folder.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import { rounded } from "../shared/numbers.ts";
import { writeList } from "./list.ts";

interface ImportOptions {
  readonly rows: number;
  /** Only the dry run: for files that would fill the disk. */
  readonly dryRunOnly: boolean;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface ImportLine {
  readonly bench: "import";
  readonly step: "dry-run" | "import" | "again" | "activation";
  readonly rows: number;
  readonly seconds: number;
  readonly per_s: number;
  /** Resident memory of the process, MB: after a quarter of the rows, and after all. */
  readonly mb_at_25: number;
  readonly mb_at_100: number;
}

const agencyName = "Bench PD";

/** A file of rows through the command line, dry, then for good, then once more; then its approval, to the last entry. */
export async function benchImport(options: ImportOptions): Promise<readonly ImportLine[]> {
  await using opened = new AsyncDisposableStack();
  const { rows, progress, signal } = options;
  sayWhenBusy(progress);
  const folder = openFolder(opened);
  // As the command line finds it: without a platform's token everything works on the sandbox's data.
  const data = join(folder, "sandbox");
  const { config } = readConfig({ ALLPOINTS_DATA: data, KEYRING_FILE: join(data, "keyring.json") });
  const ground = opened.use(await openGround({ config, log: openLog({ level: "error" }) }));
  const file = join(folder, "list.csv");
  await writeList(createWriteStream(file), rows);
  const { agency, analyst, supervisor } = await settle(ground);
  const cli = (step: ImportLine["step"], ...more: readonly string[]) =>
    runCli({ folder, args: [file, "--agency", agencyName, ...more], step, rows, signal, progress });
  const lines = [await cli("dry-run", "--dry-run")];
  if (options.dryRunOnly) return lines.map(({ line }) => line);
  lines.push(await cli("import", "--by", analyst));
  lines.push(await cli("again", "--by", analyst));
  const hash = lines[0]?.hash ?? "";
  return [
    ...lines.map(({ line }) => line),
    await activate(ground, { agency, supervisor, hash, rows, progress, signal }),
  ];
}

async function settle(ground: Ground) {
  const { id: agency } = await admitAgency(ground, {
    name: agencyName,
    ori: undefined,
    zone: "America/Chicago",
    contactName: "Watch desk",
    contactPhone: "+1 555 201 0100",
    areas: ["riverton"],
  });
  const officer = (name: string, role: Role) =>
    ground.app.transaction({ agency, id: "operator" }, async (tx) => {
      await appendAudit(tx, agency, { action: "officer.add", subject: `agency:${agency}` });
      const account = { platform: "slack", workspace: "T0BENCH", user: `U${name}` } as const;
      return addOfficer(tx, ground.keyring, { agency, name, roles: [role], account });
    });
  return {
    agency,
    analyst: await officer("Analyst", "analyst"),
    supervisor: await officer("Supervisor", "supervisor"),
  };
}

interface Cli {
  readonly folder: string;
  readonly args: readonly string[];
  readonly step: ImportLine["step"];
  readonly rows: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** The command line in a process of its own, from its start to its end. */
async function runCli({ folder, args, step, rows, signal, progress }: Cli) {
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "../../src/cli.ts"), "entry", "import", ...args, "--json"],
    {
      env: { PATH: process.env["PATH"], ALLPOINTS_DATA: folder, LOG_LEVEL: "error" },
      stdio: ["ignore", "pipe", "inherit"],
      signal,
    },
  );
  const closed = once(child, "close");
  let seen = 0;
  let atQuarter = 0;
  let atEnd = 0;
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) {
    seen += 1;
    if (seen === Math.ceil(rows / 4)) atQuarter = memoryOf(child.pid);
    if (seen === rows) progress(`${step}: ${rows} rows`);
    if (seen % 1000 === 0 || seen === rows) atEnd = memoryOf(child.pid) || atEnd;
    last = line;
  }
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`${step}: exit code ${code}: ${last}`);
  const seconds = (performance.now() - begun) / 1000;
  const { hash } = JSON.parse(last) as { readonly hash: string };
  const line = lineOf({ step, rows, seconds, memory: [atQuarter, atEnd] });
  return { line, hash };
}

interface Activating {
  readonly agency: string;
  readonly supervisor: string;
  readonly hash: string;
  readonly rows: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** What a jobs process does once a second person has approved. */
async function activate(ground: Ground, of: Activating): Promise<ImportLine> {
  const { agency, supervisor, hash, rows, signal, progress } = of;
  await ground.app.transaction({ agency, id: supervisor }, async (tx) => {
    const batch = await findBatch(tx, ground.keyring, hash);
    if (batch === undefined) throw new Error("the import left no batch");
    const { shown } = readShown(shownBatch(batch));
    const outcome = await approveBatch(tx, { batch: batch.id, officer: supervisor, shown });
    if (outcome !== "approved") throw new Error(`not approved: ${outcome}`);
    await appendAudit(tx, agency, { action: "import.approve", subject: `import:${batch.id}` });
  });
  const begun = performance.now();
  let atQuarter = 0;
  let chunks = 0;
  for (let again = true; again && !signal.aborted;) {
    // oxlint-disable-next-line no-await-in-loop
    const followed = await settleBatches.run(ground.jobs, ground.keyring);
    const [failed] = followed.failed ?? [];
    if (failed !== undefined) throw failed.error;
    ({ again } = followed);
    chunks += 1;
    if (chunks * 500 >= rows / 4 && atQuarter === 0) atQuarter = memoryOf(process.pid);
  }
  progress(`activation: ${rows} rows`);
  const seconds = (performance.now() - begun) / 1000;
  return lineOf({ step: "activation", rows, seconds, memory: [atQuarter, memoryOf(process.pid)] });
}

interface Measured {
  readonly step: ImportLine["step"];
  readonly rows: number;
  readonly seconds: number;
  readonly memory: readonly [quarter: number, all: number];
}

function lineOf({ step, rows, seconds, memory: [quarter, all] }: Measured): ImportLine {
  return {
    bench: "import",
    step,
    rows,
    seconds: rounded(seconds, 2),
    per_s: rounded(rows / seconds, 0),
    mb_at_25: rounded(quarter, 0),
    mb_at_100: rounded(all, 0),
  };
}

/** Resident, in MB; 0 where it is gone. */
function memoryOf(pid: number | undefined): number {
  try {
    const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes) / 1000;
  } catch {
    return 0;
  }
}
