// The ledger at full speed, in a process of its own: what one jobs process does when nothing outside holds it up.

import { readConfig } from "../src/config.ts";
import { openLog } from "../src/log.ts";
import { openGround, type Ground } from "../src/main.ts";
import { drainAll, drainSome, type Transport, type Window } from "./ledger/draining.ts";
import { runRaw } from "./ledger/raw-queue.ts";
import { analyze, settle, type Desk } from "./ledger/settle.ts";
import type { Workspace } from "./ledger/town.ts";
import { serveParent } from "./shared/parent-calls.ts";

interface Half {
  readonly desk: Desk;
  readonly bulletins: number;
  readonly transport: Transport;
}

const { config } = readConfig(process.env);
let opened: (Ground & AsyncDisposable) | undefined;

const ground = async (): Promise<Ground> =>
  (opened ??= await openGround({ config, log: openLog({ level: config.LOG_LEVEL }) }));

serveParent(
  {
    settle: async (workspaces: readonly Workspace[]) => settle(await ground(), workspaces),
    ours: async (half: Half) => drainAll(await ground(), half),
    analyze: async () => analyze(await ground()),
    raw: async (jobs: number) => runRaw(await ground(), jobs),
    some: async (window: Window) => drainSome(await ground(), window),
  },
  async () => opened?.[Symbol.asyncDispose](),
);
