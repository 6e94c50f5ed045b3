import { setTimeout as wait } from "node:timers/promises";

import { createBot } from "../../src/bot/bot.ts";
import type { FormValues, Sink } from "../../src/chat.ts";
import { readConfig } from "../../src/config.ts";
import { openTable } from "../../src/features.ts";
import { openLog } from "../../src/log.ts";
import { openGround, type Ground } from "../../src/main.ts";
import { startMatcher } from "../../src/watch-list/matching/matcher-thread.ts";
import type { Matcher } from "../../src/watch-list/matching/question.ts";
import { openFolder } from "../shared/folder.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import { percentile, rounded } from "../shared/numbers.ts";
import { randomOf } from "../watch/random.ts";
import { distance, farthestByChance } from "./kolmogorov.ts";
import { people, type Described } from "./people.ts";
import { addOfficers, countSilentHits, listEntries, openAgencies, type Account } from "./town.ts";

export interface SilentOptions {
  /** In each of the two series. */
  readonly queries: number;
  /** OPEN entries beside the RESTRICTED ones. */
  readonly entries: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface SilentLine {
  readonly bench: "silent";
  readonly entries: number;
  readonly queries: number;
  readonly no_hit_p50_ms: number;
  readonly no_hit_p95_ms: number;
  readonly no_hit_p99_ms: number;
  readonly silent_p50_ms: number;
  readonly silent_p95_ms: number;
  readonly silent_p99_ms: number;
  /** Kolmogorov–Smirnov distance between the two series: 0 the same, 1 nothing in common. */
  readonly ks: number;
  /** The same between two halves of each series, where nothing but chance is between them. */
  readonly ks_no_hit_halves: number;
  readonly ks_silent_halves: number;
  /** In 19 of 20 runs chance alone stays below this. */
  readonly ks_by_chance: number;
  /** Questions whose answer showed something, left out of both series with their partner. */
  readonly left_out: number;
  /** Hits that were sealed for their owners: every question of the silent series must have one. */
  readonly silent_hits: number;
}

/** As many questions as nobody is stopped at, from each officer. */
const FROM_EACH = 15;
const WARM_UP = 200;

/**
 * Whoever is not to notice a hit could hold a watch: questions that hit nothing and questions that hit only RESTRICTED
 * entries, one after the other in random order, through the bot as people reach it.
 */
export async function silent(options: SilentOptions): Promise<SilentLine> {
  await using opened = new AsyncDisposableStack();
  const { queries, entries, seed, progress, signal } = options;
  sayWhenBusy(progress);
  const folder = openFolder(opened);
  const { config } = readConfig({ ALLPOINTS_DATA: folder });
  const ground = opened.use(await openGround({ config, log: openLog({ level: "error" }) }));
  const { owner, asking } = await openAgencies(ground);
  const cast = people(seed, { listed: entries, hidden: queries, unknown: queries + WARM_UP });
  await listEntries(ground, owner, { listed: cast.listed, sensitivity: "OPEN" });
  await listEntries(ground, owner, { listed: cast.hidden, sensitivity: "RESTRICTED" });
  const officers = await addOfficers(ground, asking, Math.ceil((2 * queries + WARM_UP) / FROM_EACH));
  progress(`${entries} OPEN and ${queries} RESTRICTED entries, ${officers.length} officers`);
  const matcher = opened.adopt(
    startMatcher({ connection: ground.database.app, keyring: ground.keys }),
    (one) => one.close(),
  );
  await untilReady(matcher, signal);
  const ask = asker(botOf(ground, matcher), officers, signal);
  // One after the other: it is one watch that is held.
  // oxlint-disable-next-line no-await-in-loop
  for (const who of cast.unknown.slice(queries)) await ask(who);
  progress("warm");
  const series = await measure(cast, { ask, seed, queries });
  return {
    ...lineOf(series, options),
    silent_hits: await countSilentHits(ground, asking),
  };
}

interface Pair {
  readonly noHit: number;
  readonly silent: number;
}

type Ask = (who: Described) => Promise<{ readonly ms: number; readonly showsNothing: boolean }>;

interface Measuring {
  readonly ask: Ask;
  readonly seed: number;
  readonly queries: number;
}

async function measure(
  { hidden, unknown }: ReturnType<typeof people>,
  { ask, seed, queries }: Measuring,
): Promise<readonly Pair[]> {
  const random = randomOf(seed, 1);
  const pairs: Pair[] = [];
  for (let at = 0; at < queries; at += 1) {
    const [miss, hit] = [unknown[at], hidden[at]];
    if (miss === undefined || hit === undefined) break;
    const hitFirst = random.chance(50);
    // oxlint-disable-next-line no-await-in-loop
    const first = await ask(hitFirst ? hit : miss);
    // oxlint-disable-next-line no-await-in-loop
    const second = await ask(hitFirst ? miss : hit);
    if (!first.showsNothing || !second.showsNothing) continue;
    pairs.push({ noHit: (hitFirst ? second : first).ms, silent: (hitFirst ? first : second).ms });
  }
  return pairs;
}

function lineOf(
  pairs: readonly Pair[],
  { entries, queries }: SilentOptions,
): Omit<SilentLine, "silent_hits"> {
  const [noHit, hit] = [pairs.map((one) => one.noHit), pairs.map((one) => one.silent)];
  const half = (values: readonly number[], odd: 0 | 1) => values.filter((_ms, at) => at % 2 === odd);
  const halves = (values: readonly number[]) => rounded(distance(half(values, 0), half(values, 1)), 3);
  const at = (values: readonly number[], share: number) => rounded(percentile(values, share));
  return {
    bench: "silent",
    entries,
    queries,
    no_hit_p50_ms: at(noHit, 0.5),
    no_hit_p95_ms: at(noHit, 0.95),
    no_hit_p99_ms: at(noHit, 0.99),
    silent_p50_ms: at(hit, 0.5),
    silent_p95_ms: at(hit, 0.95),
    silent_p99_ms: at(hit, 0.99),
    ks: rounded(distance(noHit, hit), 3),
    ks_no_hit_halves: halves(noHit),
    ks_silent_halves: halves(hit),
    ks_by_chance: rounded(farthestByChance(noHit.length, hit.length), 3),
    left_out: queries - pairs.length,
  };
}

function botOf({ app, keyring }: Ground, matcher: Matcher): Sink {
  return createBot({
    store: app,
    tools: {
      keyring,
      matcher,
      inspect: async () => undefined,
      privateLevel: { slack: "full", discord: "none" },
    },
    table: openTable(),
    log: openLog({ level: "error" }),
    kick: () => {},
    news: async () => {},
    stranger: async () => undefined,
  });
}

function asker(bot: Sink, officers: readonly Account[], signal: AbortSignal): Ask {
  let asked = 0;
  return async ({ name, born, plate }) => {
    signal.throwIfAborted();
    const account = officers[Math.floor(asked / FROM_EACH)];
    if (account === undefined) throw new Error("more questions than officers may ask");
    asked += 1;
    // By name and birth date, by plate, and by all of it, in turn.
    const by: readonly FormValues[] = [
      { name, born },
      { identifiers: plate },
      { name, born, identifiers: plate },
    ];
    const values = { purpose: ["traffic_stop"], ref: "24-118833", ...by[asked % by.length] };
    const event = {
      ...account,
      dedupeKey: `bench-${asked}`,
      kind: "form",
      form: "watch",
      state: "new.0",
      values,
    } as const;
    const begun = performance.now();
    const answer = await bot.receive(event);
    const ms = performance.now() - begun;
    if (answer.kind !== "card") throw new Error(`not answered: ${JSON.stringify(answer)}`);
    return { ms, showsNothing: answer.card.headline.startsWith("Nothing to show") };
  };
}

async function untilReady(matcher: Matcher, signal: AbortSignal): Promise<void> {
  while ((await matcher.status()).state !== "ready") {
    // oxlint-disable-next-line no-await-in-loop
    await wait(50, undefined, { signal });
  }
}
