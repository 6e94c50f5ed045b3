import { setTimeout as wait } from "node:timers/promises";

import type { ChatAdapter } from "../../src/chat.ts";
import { openAdapters, type Ground } from "../../src/main.ts";
import { planBulletins } from "./bulletins.ts";
import { instantPlatform } from "./instant-platform.ts";
import { hasOpen } from "./open-deliveries.ts";
import type { Desk } from "./settle.ts";
import { stopwatch, type Spent } from "./stopwatch.ts";
import { startUnlimited } from "./unlimited-jobs.ts";

/** memory: platforms in this process that answer at once. http: the real SDKs, to whatever is connected. */
export type Transport = "memory" | "http";

interface Load {
  readonly desk: Desk;
  readonly bulletins: number;
  readonly transport: Transport;
}

export interface DrainedAll extends Spent {
  readonly deliveries: number;
}

/** Plans bulletins, and times from the commit of the plan until every copy is applied. The jobs were running before. */
export async function drainAll(ground: Ground, { desk, bulletins, transport }: Load): Promise<DrainedAll> {
  const posts = countPosts();
  const jobs = await startUnlimited(ground, adaptersOf(ground, transport).map(posts.counted));
  try {
    const { deliveries, installations } = await planBulletins(ground, desk, bulletins);
    const sent = posts.reach(deliveries);
    const spent = stopwatch(ground);
    jobs.kick(installations);
    await sent;
    // oxlint-disable-next-line no-await-in-loop
    while (await hasOpen(ground)) await wait(5);
    return { deliveries, ...spent() };
  } finally {
    await jobs.stop();
  }
}

export interface Window {
  readonly desk: Desk;
  /** What waits when the time begins, at least. */
  readonly backlog: number;
  /** How many go out before that, and how many while it runs. */
  readonly warmUp: number;
  readonly deliveries: number;
}

export interface DrainedSome {
  readonly seconds: number;
  /** Resident memory of this process in MiB, when the time is over. */
  readonly rssMiB: number;
}

/** Times a fixed number of deliveries out of a backlog, and leaves the rest. */
export async function drainSome(ground: Ground, window: Window): Promise<DrainedSome> {
  const { desk, backlog, warmUp, deliveries } = window;
  const installations = await fill(ground, desk, backlog + warmUp);
  const posts = countPosts();
  const [begun, ended] = [posts.reach(warmUp), posts.reach(warmUp + deliveries)];
  const jobs = await startUnlimited(ground, adaptersOf(ground, "memory").map(posts.counted));
  try {
    jobs.kick(installations);
    const from = await begun;
    const seconds = ((await ended) - from) / 1_000;
    return { seconds, rssMiB: process.memoryUsage.rss() / 2 ** 20 };
  } finally {
    await jobs.stop();
  }
}

/** Plans until so many wait. Returns whom to wake: everybody. */
async function fill(ground: Ground, desk: Desk, least: number): Promise<readonly string[]> {
  const planned = await planBulletins(ground, desk, 1);
  let waiting = await countPending(ground);
  while (waiting < least) {
    // oxlint-disable-next-line no-await-in-loop
    waiting += (await planBulletins(ground, desk, 1)).deliveries;
  }
  return planned.installations;
}

function adaptersOf(ground: Ground, transport: Transport): readonly ChatAdapter[] {
  return transport === "http"
    ? openAdapters(ground).all
    : [instantPlatform("slack"), instantPlatform("discord")];
}

/** When so many posts were answered, as moments of performance.now(). */
function countPosts() {
  let posts = 0;
  const targets: { readonly count: number; readonly resolve: (at: number) => void }[] = [];
  const count = () => {
    posts += 1;
    for (const target of targets) if (target.count === posts) target.resolve(performance.now());
  };
  return {
    counted: (adapter: ChatAdapter): ChatAdapter => ({
      ...adapter,
      post: async (installation, post) => {
        const outcome = await adapter.post(installation, post);
        if (outcome.kind === "sent") count();
        return outcome;
      },
    }),
    reach: (target: number): Promise<number> => {
      const { promise, resolve } = Promise.withResolvers<number>();
      targets.push({ count: target, resolve });
      return promise;
    },
  };
}

async function countPending({ jobs }: Ground): Promise<number> {
  const { count } = await jobs.transaction({ agency: null, id: "system" }, (tx) =>
    tx
      .selectFrom("delivery")
      .select((eb) => eb.fn.countAll<string>().as("count"))
      .where("state", "=", "pending")
      .executeTakeFirstOrThrow(),
  );
  return Number(count);
}
