import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { PoolConfig } from "pg";

import { createKeyFile } from "../../src/store/key-file.ts";
import { openAuditorBench, type AuditorBench } from "../auditor/auditor-bench.ts";
import { openBench, type Bench } from "./bench.ts";

export interface LedgerCli {
  readonly ledger: AuditorBench;
  readonly allpoints: (...args: readonly string[]) => ReturnType<Bench["run"]>;
  readonly close: () => Promise<void>;
}

/** The command line on a database whose ledger the test fills itself. */
export async function openLedgerCli(): Promise<LedgerCli> {
  const ledger = await openAuditorBench();
  const bench = openBench();
  mkdirSync(bench.data, { recursive: true });
  createKeyFile(join(bench.data, "keyring.json"));
  const { owner, app, jobs } = ledger.database.connection;
  const settings = {
    DATABASE_URL: url(owner),
    DATABASE_APP_URL: url(app),
    DATABASE_JOBS_URL: url(jobs),
    DISPLAY_ZONE: "America/Chicago",
  };
  return {
    ledger,
    allpoints: (...args) => bench.run(args, settings),
    async close() {
      bench.close();
      await ledger.close();
    },
  };
}

function url({ host = "", port, database, user = "", password }: PoolConfig): string {
  return `postgres://${user}:${encodeURIComponent(String(password))}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
}
