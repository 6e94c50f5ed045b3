import { startJobs, type Jobs, type JobsOptions } from "../../jobs/jobs.ts";
import type { Card } from "../../src/chat.ts";
import type { DeliveryKind, Rendering } from "../../src/deliveries/delivery.ts";
import { openLog } from "../../src/log.ts";
import { createNotices, renderNotice, type Renderer } from "../../src/notices.ts";
import { openLedgerBench, type LedgerBench } from "../deliveries/ledger-bench.ts";
import { openMemoryChat, type MemoryChat } from "./memory-chat.ts";

export interface JobsBench extends LedgerBench {
  readonly slack: MemoryChat;
  readonly discord: MemoryChat;
  /** Every card shows this; a subject of its own overrides it. */
  readonly words: Map<string, string>;
  readonly renderings: Rendering[];
  /** Another jobs process on the same database. Stopped with the bench. */
  readonly startJobs: (extra?: Partial<JobsOptions>) => Promise<Jobs>;
  readonly logged: readonly string[];
  readonly close: () => Promise<void>;
}

/** The jobs over a real database and queue, with chat platforms in memory. */
export async function openJobsBench(redisUrl: string | undefined): Promise<JobsBench> {
  const ledger = await openLedgerBench();
  const [slack, discord] = [openMemoryChat("slack"), openMemoryChat("discord")];
  const words = new Map<string, string>();
  const renderings: Rendering[] = [];
  const logged: string[] = [];
  const started: Jobs[] = [];
  const render: Renderer = async (_tx, rendering) => {
    renderings.push(rendering);
    const headline = words.get(rendering.subjectId) ?? "Words";
    if (headline === "unrenderable") throw new Error(headline);
    const card: Card = { headline, blocks: [] };
    if (rendering.level === null || headline.startsWith("CANCELLED")) return { card };
    const object = `bulletin:${rendering.subjectId}`;
    const given = { object, version: 1, reason: "subscription", tlp: "green", level: rendering.level };
    return { card, given };
  };
  const kinds: readonly Exclude<DeliveryKind, "notice">[] = [
    "bulletin",
    "correction",
    "intake",
    "approval",
    "review",
    "acknowledgment",
    "hit",
  ];
  const renderers = Object.fromEntries(kinds.map((kind) => [kind, render]));
  const notices = createNotices({ ...renderers, notice: renderNotice } as Record<DeliveryKind, Renderer>);
  return {
    ...ledger,
    slack,
    discord,
    words,
    renderings,
    logged,
    async startJobs(extra = {}) {
      const jobs = await startJobs({
        store: ledger.database.jobs,
        connection: ledger.database.connection.jobs,
        redisUrl,
        keyring: ledger.database.keyring,
        notices,
        adapters: [slack, discord],
        followUps: [],
        log: openLog({ level: "warn", to: { write: (line) => logged.push(line) } }),
        sweeping: false,
        ...extra,
      });
      started.push(jobs);
      return jobs;
    },
    async close() {
      await Promise.all(started.map((jobs) => jobs.stop()));
      await ledger.database.close();
    },
  };
}
