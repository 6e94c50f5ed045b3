import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { createBot } from "../src/bot/bot.ts";
import type { Sink } from "../src/chat.ts";
import { readConfig } from "../src/config.ts";
import { openTable } from "../src/features.ts";
import { openLog } from "../src/log.ts";
import { openGround, type Ground } from "../src/main.ts";
import { startEmbedded } from "../src/store/embedded-postgres.ts";
import { startMatcher } from "../src/watch-list/matching/matcher-thread.ts";
import { openMatcher } from "../src/watch-list/matching/matcher.ts";
import type { Matcher } from "../src/watch-list/matching/question.ts";
import { serveParent } from "./shared/parent-calls.ts";
import { addOfficers, openAgencies, type Account } from "./silent/town.ts";
import type { Answered, Making } from "./watch-process.ts";
import { loadSealed } from "./watch-sealed/sealed-list.ts";
import { memoryMb, secondsSince } from "./watch/contender.ts";
import { generatorOf, type Generator } from "./watch/entities.ts";
import { isRight } from "./watch/metrics.ts";
import { queryOf, type Asked } from "./watch/queries.ts";
import { readSources } from "./watch/sources.ts";

// The product on a list of sealed rows: how long it takes to warm, to answer by SQL alone, and to answer in chat.

export interface Warmed {
  /** Until SQL answers, and until memory does. */
  readonly readableS: number;
  readonly readyS: number;
  readonly memoryMb: number;
}
export interface Chatting {
  readonly rate: number;
  readonly seconds: number;
  readonly officers: number;
}

interface Running {
  readonly ground: Ground & AsyncDisposable;
  readonly generator: Generator;
  readonly query: (place: number) => Asked;
  readonly asking: Parameters<typeof addOfficers>[1];
}

let running: Running | undefined;
const theRunning = (): Running => {
  if (running === undefined) throw new Error("nothing was made");
  return running;
};

async function make({ n, seed, mode, data, folder }: Omit<Making, "contender">): Promise<number> {
  const sources = readSources(data);
  const generator = generatorOf(sources, seed, mode);
  const { config } = readConfig({ ALLPOINTS_DATA: folder });
  const ground = await openGround({ config, log: openLog({ level: "error" }) });
  const { owner, asking } = await openAgencies(ground);
  const cluster = await startEmbedded({ dataDir: join(folder, "pg") });
  const started = performance.now();
  await loadSealed({
    admin: cluster.url("allpoints"),
    keyring: ground.keyring,
    generator,
    n,
    owner: { agency: owner.id, author: owner.analyst, approver: owner.approver },
  });
  const loadS = secondsSince(started);
  await cluster.stop();
  const { nicknames } = sources;
  running = { ground, generator, asking, query: (place) => queryOf(generator, { seed, nicknames }, place) };
  return loadS;
}

/** In this process and not in a thread, so that what it takes can be counted. */
async function warm(): Promise<Warmed> {
  const { database, keyring } = theRunning().ground;
  const before = memoryMb();
  const started = performance.now();
  const matcher = openMatcher({ connection: database.app, keyring });
  const readableS = await until(matcher, "warming", started);
  const readyS = await until(matcher, "ready", started);
  const taken = memoryMb() - before;
  await matcher.close();
  return { readableS, readyS, memoryMb: taken };
}

async function until(matcher: Matcher, wanted: "warming" | "ready", started: number): Promise<number> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop
    const { state } = await matcher.status();
    if (state === "ready" || state === wanted) return secondsSince(started);
    // oxlint-disable-next-line no-await-in-loop
    await wait(20);
  }
}

async function askSql({ count }: { readonly count: number }): Promise<readonly Answered[]> {
  const { ground, generator, query, asking } = theRunning();
  const { database, keyring } = ground;
  const matcher = openMatcher({ connection: database.app, keyring, index: "off" });
  const answers: Answered[] = [];
  for (let place = 0; place < count; place += 1) {
    const asked = query(place);
    const { name, born } = asked;
    const search = { agency: asking.id, now: new Date(), also: [], name, born: bornOn(born) };
    const started = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one after the other: it is one officer's wait that is measured
    const { open } = await matcher.search(search);
    const ms = performance.now() - started;
    const groups = open.groups.map(({ numbers }) => numbers.map((number) => number - 1));
    const { found, strict = null } = isRight(generator, asked, groups);
    const { found: first } = isRight(generator, asked, groups.slice(0, 1));
    answers.push({ ms, noise: asked.noise, found, first, strict, shown: found });
  }
  await matcher.close();
  return answers;
}

const bornOn = (born: string | undefined) =>
  born === undefined ? undefined : { readings: [born], years: 0 };

/** Questions at a steady rate, each officer in turn, from the form's arrival to its answer and audit row. */
async function chat({ rate, seconds, officers }: Chatting): Promise<readonly number[]> {
  const { ground, query, asking } = theRunning();
  const accounts = await addOfficers(ground, asking, officers);
  const matcher = startMatcher({ connection: ground.database.app, keyring: ground.keys });
  await until(matcher, "ready", performance.now());
  const bot = botOf(ground, matcher);
  const times: Promise<number>[] = [];
  const started = performance.now();
  for (let place = 0; place < rate * seconds; place += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await wait(Math.max(0, started + (place * 1000) / rate - performance.now()));
    const account = accounts[place % accounts.length];
    if (account !== undefined) times.push(timed(bot, account, query(place)));
  }
  const all = await Promise.all(times);
  await matcher.close();
  return all;
}

function botOf({ app, keyring, log }: Ground, matcher: Matcher): Sink {
  return createBot({
    store: app,
    table: openTable(),
    log,
    kick: () => undefined,
    news: async () => undefined,
    stranger: async () => undefined,
    tools: {
      keyring,
      matcher,
      inspect: async () => undefined,
      privateLevel: { slack: "full", discord: "full" },
    },
  });
}

async function timed(bot: Sink, account: Account, { name, born }: Asked): Promise<number> {
  const started = performance.now();
  const values = {
    purpose: ["traffic_stop"],
    ref: "24-118833",
    name,
    ...(born !== undefined && { born }),
  };
  const arrival = { ...account, dedupeKey: randomUUID() };
  const answer = await bot.receive({ ...arrival, kind: "form", form: "watch", state: "new.0", values });
  if (answer.kind !== "card" && answer.kind !== "problems") throw new Error(`not answered: ${answer.kind}`);
  return performance.now() - started;
}

serveParent({ make, warm, sql: askSql, chat }, async () => running?.ground[Symbol.asyncDispose]());
