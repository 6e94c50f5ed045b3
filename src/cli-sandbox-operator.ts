import { nonceOf } from "../adapters/discord/sending.ts";
import type { Queues } from "../jobs/queues.ts";
import type { Chain, LedgerRow, SandboxOperator } from "../sandbox/operator.ts";
import { countUnsealed, findChains } from "./audit/chain-store.ts";
import { verifyAudit } from "./audit/sealer.ts";
import { checkpointFile } from "./cli-operator.ts";
import type { Supervised } from "./cli-sandbox-roles.ts";
import { countStates, findAppliedSince, findRecent, type Recent } from "./deliveries/ledger-store.ts";
import type { Ground } from "./main.ts";
import { moveClock, readClock } from "./store/clock-store.ts";

export interface Watched {
  readonly ground: Ground;
  readonly queues: Queues;
  readonly bot: Supervised;
  readonly jobs: Supervised;
}

const system = { agency: null, id: "system" };
/** Of a MAC: enough to see that it changed. */
const MAC_DIGITS = 12;

/** What the sandbox's page may ask of the product: as the system reads it, and nothing that people wrote. */
export function openOperator({ ground, queues, bot, jobs }: Watched): SandboxOperator {
  const { config, database, jobs: store } = ground;
  const counted = restful(() => store.transaction(system, countStates));
  return {
    async ledger(limit) {
      const [recent, counts] = await Promise.all([
        store.transaction(system, (tx) => findRecent(tx, limit)),
        counted(),
      ]);
      return { counts, rows: recent.map(asRow) };
    },
    async appliedSince(at) {
      const applied = await store.transaction(system, (tx) => findAppliedSince(tx, new Date(at)));
      return applied.map(keyOf);
    },
    queue: async () => ({
      depth: await queues.depth(),
      backend: config.REDIS_URL === undefined ? "PostgreSQL" : "Redis",
    }),
    chain: () => chainOf(ground),
    verify: () => verified(ground),
    async clock() {
      const { now, aheadS } = await readClock(store);
      return { now: now.toISOString(), aheadSeconds: aheadS };
    },
    advance: (step) => moveClock(database.owner, step),
    killJobs: () => jobs.kill(),
    processes: async () => [
      { role: "bot", ...bot.standing() },
      { role: "jobs", ...jobs.standing() },
    ],
  };
}

function asRow(recent: Recent): LedgerRow {
  const { id, platform, since } = recent;
  return { ...recent, key: keyOf({ id, platform }), since: since.toISOString() };
}

/** What the platform knows its message by. */
function keyOf({ id, platform }: { readonly id: string; readonly platform: "slack" | "discord" }): string {
  return platform === "slack" ? id : nonceOf(id);
}

/** An answer holds four times as long as it took: at most a fifth of the time is spent on it, and a quick one is as good as new. */
function restful<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined;
  let freshUntil = Number.NEGATIVE_INFINITY;
  return () => {
    if (last !== undefined && performance.now() < freshUntil) return last;
    const from = performance.now();
    freshUntil = Number.POSITIVE_INFINITY;
    last = ask().finally(() => {
      freshUntil = performance.now() + 4 * (performance.now() - from);
    });
    return last;
  };
}

async function chainOf({ jobs }: Ground): Promise<Chain> {
  const [chains, unsealed] = await jobs.transaction(system, async (tx) => [
    await findChains(tx),
    await countUnsealed(tx),
  ]);
  const last = Math.max(...chains.map(({ at }) => at?.getTime() ?? 0));
  return {
    sealed: chains.reduce((total, { seq }) => total + seq, 0),
    unsealed,
    lastSealed: last > 0 ? new Date(last).toISOString() : null,
    heads: chains.map(({ agency, seq, hash }) => ({
      agency: agency ?? "Allpoints",
      rows: seq,
      mac: hash.toString("hex").slice(0, MAC_DIGITS),
    })),
  };
}

async function verified({ config, jobs, keyring }: Ground) {
  const from = performance.now();
  const found = await verifyAudit(jobs, keyring, checkpointFile(config.ALLPOINTS_DATA));
  return { ...found, ms: Math.round(performance.now() - from) };
}
