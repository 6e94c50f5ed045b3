import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import type { Platform } from "../../src/chat.ts";
import { startChild, type Child } from "../shared/child.ts";
import { openFolder } from "../shared/folder.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import { percentile, rounded } from "../shared/numbers.ts";
import { openDiscordSide } from "./discord-side.ts";
import { drive, joined, type Sample } from "./load.ts";
import { places, signingSecret } from "./places.ts";
import type { Arrived, Side } from "./side.ts";
import { openSlackSide } from "./slack-side.ts";

export interface AnswerOptions {
  readonly platforms: readonly Platform[];
  readonly rate: number;
  /** Of measured load, for each step and each of the two programs. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface AnswerLine {
  readonly bench: "answer";
  readonly platform: Platform;
  /** form: command → form. stored: submission → receipt, with the tip stored before it. */
  readonly step: "form" | "stored";
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly bare_p50_ms: number;
  readonly added_p50_ms: number;
  readonly errors: number;
}

const SEGMENT_SECONDS = 5;
const openSide = { slack: openSlackSide, discord: openDiscordSide } as const;

/** How long a person waits for a form and for a receipt, and how much of it is ours. */
export async function answer(options: AnswerOptions): Promise<readonly AnswerLine[]> {
  await using opened = new AsyncDisposableStack();
  const folder = openFolder(opened);
  options.progress(`database and logs: ${folder}`);
  sayWhenBusy(options.progress);
  const sides = new Map<Platform, Side>();
  for (const platform of options.platforms) {
    // oxlint-disable-next-line no-await-in-loop
    sides.set(
      platform,
      opened.adopt(await openSide[platform](), (side) => side.close()),
    );
  }
  const product = opened.adopt(startProduct(folder, sides), (child) => child.close());
  await moveIn(product, sides, options);

  const results: Measured[] = [];
  for (const side of sides.values()) {
    // One platform after the other, so that each has the machine for itself.
    // oxlint-disable-next-line no-await-in-loop
    results.push(await measure(side, options, folder));
  }
  const stored = (await product.call("stopAndCount")) as Readonly<Record<string, number>>;
  return results.flatMap(({ lines, side, receipts }) => {
    const missing = receipts - (stored[places[side].agency] ?? 0);
    if (missing <= 0) return lines;
    options.progress(`${side}: ${missing} tips were answered and are not stored`);
    return lines.map((line) => (line.step === "stored" ? { ...line, errors: line.errors + missing } : line));
  });
}

function startProduct(folder: string, sides: ReadonlyMap<Platform, Side>): Child {
  const { token, application } = places.discord;
  const slack = sides.get("slack");
  const discord = sides.get("discord");
  return startChild({
    file: "answer-product.ts",
    log: join(folder, "product.log"),
    settings: {
      ALLPOINTS_DATA: folder,
      PORT: "0",
      HEALTH_PORT: "0",
      ...(slack && { SLACK_SIGNING_SECRET: signingSecret, SLACK_API_URL: slack.apiUrl }),
      ...(discord && {
        DISCORD_TOKEN: token,
        DISCORD_APPLICATION_ID: application,
        DISCORD_API_URL: discord.apiUrl,
      }),
    },
  });
}

/** Everybody links with a code and the channel gets its use, through the wire like everything else. */
async function moveIn(
  product: Child,
  sides: ReadonlyMap<Platform, Side>,
  { progress }: AnswerOptions,
): Promise<void> {
  const apis = Object.fromEntries([...sides.values()].map(({ platform, apiUrl }) => [platform, apiUrl]));
  const codes = (await product.call("seed", apis)) as Readonly<Partial<Record<Platform, readonly string[]>>>;
  const bot = (await product.call("start")) as { readonly slackPort?: number };
  for (const side of sides.values()) {
    const { users } = places[side.platform];
    /* oxlint-disable no-await-in-loop -- people come one after the other */
    await side.attach({ slackPort: bot.slackPort });
    for (const [index, code] of codes[side.platform]?.entries() ?? []) {
      await side.type(users[index] ?? "", { verb: "link", options: { code } }, "Linked: Ofc.");
    }
    await side.type(users[0] ?? "", { verb: "channel", options: { use: "intake" } }, "now for: intake");
    /* oxlint-enable no-await-in-loop */
    progress(`${side.platform}: ${users.length} officers moved in`);
  }
}

interface Measured {
  readonly side: Platform;
  readonly lines: readonly AnswerLine[];
  /** Receipts shown, all of them. */
  readonly receipts: number;
}

async function measure(side: Side, options: AnswerOptions, folder: string): Promise<Measured> {
  await using opened = new AsyncDisposableStack();
  const { platform } = side;
  const cardsBefore = side.cards();
  const [user = ""] = places[platform].users;
  const form = await side.form(user);
  const stored = await side.stored(user);
  const bareSide = opened.adopt(await openSide[platform](), (one) => one.close());
  const bare = opened.adopt(
    startChild({ file: "answer-bare.ts", settings: {}, log: join(folder, `bare-${platform}.log`) }),
    (child) => child.close(),
  );
  const answers = { platform, apiUrl: bareSide.apiUrl, form: form.body, stored: stored.body };
  await bareSide.attach((await bare.call("start", answers)) as { slackPort: number | undefined });

  let receipts = 1;
  const submit = async (user: string) => {
    const arrived = await side.stored(user);
    receipts += 1;
    return arrived;
  };
  const settled = () => untilPosted(() => side.cards() - cardsBefore >= receipts);
  const steps = [
    { step: "form", ours: side.form, theirs: bareSide.form },
    { step: "stored", ours: submit, theirs: bareSide.stored },
  ] as const;
  const lines: AnswerLine[] = [];
  for (const { step, ours, theirs } of steps) {
    options.progress(`${platform}, ${step}: ${options.rate} a second`);
    // oxlint-disable-next-line no-await-in-loop
    const samples = await alternate([rotating(platform, ours), rotating(platform, theirs)], options, settled);
    lines.push(lineOf({ platform, step }, samples, options));
  }
  return { side: platform, lines, receipts };
}

type Act = () => Promise<number>;

/** The officers take turns. */
function rotating(platform: Platform, act: (user: string) => Promise<Arrived>): Act {
  const { users } = places[platform];
  let turn = 0;
  return async () => (await act(users[(turn += 1) % users.length] ?? "")).at;
}

/** A-B-A-B, so that whatever else the machine does meets both. */
async function alternate(
  [ours, theirs]: readonly [Act, Act],
  { rate, seconds, warmUpSeconds, signal }: AnswerOptions,
  settled: () => Promise<void>,
): Promise<{ readonly ours: Sample; readonly theirs: Sample }> {
  const segments = Math.max(1, Math.round(seconds / SEGMENT_SECONDS));
  const kept: Record<"ours" | "theirs", Sample[]> = { ours: [], theirs: [] };
  for (let segment = -1; segment < segments; segment += 1) {
    const load = { rate, seconds: segment < 0 ? warmUpSeconds : seconds / segments, signal };
    for (const who of ["ours", "theirs"] as const) {
      /* oxlint-disable no-await-in-loop */
      const sample = await drive(load, who === "ours" ? ours : theirs);
      // Cards on their way would be work of ours in the time of the other.
      await settled();
      /* oxlint-enable no-await-in-loop */
      // Of the warm-up only what went wrong counts.
      kept[who].push(segment < 0 ? { ...sample, latencies: [] } : sample);
    }
  }
  return { ours: joined(kept.ours), theirs: joined(kept.theirs) };
}

const LONGEST_SETTLING_MS = 10_000;

async function untilPosted(isPosted: () => boolean): Promise<void> {
  const deadline = performance.now() + LONGEST_SETTLING_MS;
  // oxlint-disable-next-line no-await-in-loop
  while (!isPosted() && performance.now() < deadline) await wait(50);
}

function lineOf(
  which: Pick<AnswerLine, "platform" | "step">,
  { ours, theirs }: { readonly ours: Sample; readonly theirs: Sample },
  { progress }: AnswerOptions,
): AnswerLine {
  for (const reason of new Set(ours.errors)) progress(`error: ${reason}`);
  for (const reason of new Set(theirs.errors)) progress(`error of the bare handler: ${reason}`);
  progress(
    `slowest: ${rounded(percentile(ours.latencies, 1))} ms, bare ${rounded(percentile(theirs.latencies, 1))} ms`,
  );
  const p50 = percentile(ours.latencies, 0.5);
  const bare = percentile(theirs.latencies, 0.5);
  return {
    bench: "answer",
    ...which,
    p50_ms: rounded(p50),
    p95_ms: rounded(percentile(ours.latencies, 0.95)),
    p99_ms: rounded(percentile(ours.latencies, 0.99)),
    bare_p50_ms: rounded(bare),
    added_p50_ms: rounded(p50 - bare),
    errors: ours.errors.length + theirs.errors.length,
  };
}
