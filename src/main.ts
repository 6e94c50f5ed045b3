import { discordAdapter } from "../adapters/discord/discord-adapter.ts";
import {
  slackAdapter,
  type SlackAdapter,
  type SlackAdapterOptions,
} from "../adapters/slack/slack-adapter.ts";
import { bullmqSchema } from "../jobs/bullmq-schema.ts";
import { openKick, startJobs as startJobRunner, type Jobs, type JobsOptions } from "../jobs/jobs.ts";
import { adapterLog } from "./adapter-log.ts";
import { listAgencies, listInstallations } from "./agencies/agency-store.ts";
import { channelRefresh, hearNews } from "./agencies/channel-watch.ts";
import { installationDirectory } from "./agencies/installation-directory.ts";
import { answerStranger } from "./agencies/link-command.ts";
import { openAuditor } from "./auditor/auditor.ts";
import { openHeartbeat } from "./auditor/heartbeat.ts";
import { createBot } from "./bot/bot.ts";
import type { Tools } from "./bot/command.ts";
import { countRefused, type RefusedCounter } from "./bot/refused.ts";
import { inspectsChannels, type ChannelFacts, type ChannelRef, type ChatAdapter } from "./chat.ts";
import { SECOND } from "./clock.ts";
import type { Config } from "./config.ts";
import { documented, perMinute, perSecond, type Limits } from "./deliveries/pace.ts";
import { openFollowUps, openNotices, openTable } from "./features.ts";
import { portInUse, startHealth } from "./health.ts";
import type { Log } from "./log.ts";
import { metricsText, openMeters } from "./metrics.ts";
import { connect } from "./operator.ts";
import { readyChecks } from "./ready-checks.ts";
import {
  isEmpty,
  keyringOf,
  makeDataFolder,
  refuseMovedClock,
  refuseStrangeKeys,
  whatIsMissing,
} from "./start-checks.ts";
import { openDatabase, type DatabaseAccess } from "./store/database.ts";
import { migrate } from "./store/migrate.ts";
import type { Keyring, KeyringOptions } from "./store/seal.ts";
import { openStore, type Store } from "./store/store.ts";
import { startMatcher } from "./watch-list/matching/matcher-thread.ts";
import type { Matcher } from "./watch-list/matching/question.ts";

/** What every process of ours stands on: the database, brought up to date, and the keys. */
export interface Ground {
  readonly config: Config;
  readonly log: Log;
  readonly database: DatabaseAccess;
  /** As allpoints_app. */
  readonly app: Store;
  /** As allpoints_jobs. */
  readonly jobs: Store;
  readonly keyring: Keyring;
  /** Where the keyring is, for a thread that opens it by itself. */
  readonly keys: KeyringOptions;
}

export interface Base {
  readonly config: Config;
  readonly log: Log;
  /** The sandbox's own processes: the only ones that may run on a moved clock. */
  readonly sandbox?: boolean;
}

/** Opens the database (starting the embedded one where none is set), migrates it and opens the keyring. */
export async function openGround({ config, log }: Base): Promise<Ground & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  makeDataFolder(config.ALLPOINTS_DATA);
  const database = opened.adopt(await openDatabase(config), (access) => access.stop());
  const { applied } = await migrate({ owner: database.owner, queueSchema: bullmqSchema });
  if (applied.length > 0) log.info("database migrated", { count: applied.length });
  let over = false;
  const onError = (error: Error) => {
    // The embedded server takes its idle connections with it: nobody needs to hear of that.
    if (!over) log.warn("a database connection broke", { error });
  };
  const app = opened.adopt(openStore({ connection: database.app, onError }), (store) => store.close());
  // Many lanes at once, each with a transaction now and then.
  const jobs = opened.adopt(openStore({ connection: database.jobs, max: 16, onError }), (store) =>
    store.close(),
  );
  const keyring = keyringOf(config.KEYRING_FILE, await isEmpty(jobs));
  await refuseStrangeKeys(config.KEYRING_FILE, keyring, jobs);
  opened.defer(() => {
    over = true;
  });
  const closing = opened.move();
  return {
    config,
    log,
    database,
    app,
    jobs,
    keyring,
    keys: { file: config.KEYRING_FILE },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

interface Adapters {
  readonly all: readonly ChatAdapter[];
  readonly slack: SlackAdapter | undefined;
  /** Requests that did not prove where they come from, counted. */
  readonly refused: RefusedCounter;
  readonly inspect: (channel: ChannelRef) => Promise<ChannelFacts | undefined>;
}

/** The adapters for what is configured. They can send at once; `start` makes them listen. */
export function openAdapters({ config, log, app, keyring }: Ground): Adapters {
  const installations = installationDirectory(app, keyring);
  const refused = countRefused(app, log);
  const slack = openSlack(config, { installations, log: adapterLog(log, "slack"), onRefused: refused.count });
  const discord =
    config.DISCORD_TOKEN === undefined || config.DISCORD_APPLICATION_ID === undefined
      ? undefined
      : discordAdapter({
          token: config.DISCORD_TOKEN,
          application: config.DISCORD_APPLICATION_ID,
          apiBaseUrl: config.DISCORD_API_URL,
          installations,
          log: adapterLog(log, "discord"),
          ...(config.COMMAND_PREFIX !== undefined && { commandPrefix: config.COMMAND_PREFIX }),
        });
  const all = [slack, discord].filter((adapter) => adapter !== undefined);
  return {
    all,
    slack,
    refused,
    async inspect(channel) {
      const adapter = all.find(({ platform }) => platform === channel.platform);
      const installation = await installations.find(channel.platform, channel.workspace);
      if (adapter === undefined || installation === undefined || !inspectsChannels(adapter)) return undefined;
      return adapter.inspect(installation, channel);
    },
  };
}

type ForSlack = Pick<SlackAdapterOptions, "installations" | "log" | "onRefused">;

function openSlack(config: Config, { installations, log, onRefused }: ForSlack): SlackAdapter | undefined {
  const { SLACK_APP_TOKEN, SLACK_SIGNING_SECRET, COMMAND_PREFIX } = config;
  if (SLACK_APP_TOKEN === undefined && SLACK_SIGNING_SECRET === undefined) return undefined;
  return slackAdapter({
    signingSecret: SLACK_SIGNING_SECRET ?? "",
    mode:
      SLACK_APP_TOKEN === undefined
        ? { kind: "http", host: config.HOST, port: config.PORT }
        : { kind: "socket", appToken: SLACK_APP_TOKEN, apiBaseUrl: config.SLACK_API_URL },
    installations,
    log,
    ...(onRefused !== undefined && { onRefused }),
    ...(COMMAND_PREFIX !== undefined && { commandPrefix: COMMAND_PREFIX }),
  });
}

function privateLevels(config: Config): Tools["privateLevel"] {
  return { slack: config.PRIVATE_ANSWERS_SLACK, discord: config.PRIVATE_ANSWERS_DISCORD };
}

export interface Running extends AsyncDisposable {
  /** Where Slack's requests are taken, when they come over HTTP. */
  readonly slackPort: number | undefined;
  readonly matcher: Matcher;
}

/** The side that answers people: adapters that listen, and the bot behind them. */
export async function startBot(ground: Ground, adapters: Adapters): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const { app, config, database, jobs, keyring, log } = ground;
  const { inspect } = adapters;
  opened.use(adapters.refused);
  // It reads the watch-list while the rest starts, and answers by SQL until it has.
  const matcher = opened.adopt(
    startMatcher({
      connection: database.app,
      keyring: ground.keys,
      index: config.WATCH_INDEX,
      onTrouble: (error) => log.warn("the watch-list's index had trouble and goes on", { error }),
    }),
    (one) => one.close(),
  );
  const queue = opened.adopt(
    await openKick({ connection: database.app, redisUrl: config.REDIS_URL, log }),
    (kick) => kick.close(),
  );
  const bot = createBot({
    store: app,
    table: openTable(),
    log,
    kick: queue.kick,
    news: (news) => hearNews(jobs, inspect, news),
    stranger: answerStranger,
    tools: { keyring, inspect, matcher, privateLevel: privateLevels(config) },
  });
  for (const adapter of adapters.all) {
    opened.defer(() => adapter.stop());
    try {
      await adapter.start(bot);
    } catch (error) {
      throw adapter.platform === "slack" ? portInUse(error, "PORT", config.PORT) : error;
    }
  }
  const closing = opened.move();
  return {
    slackPort: adapters.slack?.address()?.port,
    matcher,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** The side that works later: deliveries, and everything that falls due by itself. */
export async function startJobs(
  ground: Ground,
  adapters: Adapters,
  extra: Pick<JobsOptions, "meters" | "at" | "skipLookUp"> = {},
): Promise<Jobs> {
  const { config, database, jobs, keyring, log } = ground;
  const heartbeat = config.HEARTBEAT_URL === undefined ? undefined : openHeartbeat(config.HEARTBEAT_URL, log);
  const limits = limitsOf(config);
  const auditor = openAuditor({
    log,
    limits,
    restMs: 15 * SECOND,
    ...(heartbeat && { onClean: heartbeat.beat }),
  });
  const runner = await startJobRunner({
    store: jobs,
    connection: database.jobs,
    ...(config.REDIS_URL !== undefined && { redisUrl: config.REDIS_URL }),
    keyring,
    notices: openNotices({ keyring, privateLevel: privateLevels(config) }),
    adapters: adapters.all,
    followUps: [...openFollowUps(), channelRefresh(adapters.inspect), auditor],
    limits,
    log,
    ...extra,
  });
  return {
    ...runner,
    async stop() {
      await runner.stop();
      await heartbeat?.[Symbol.asyncDispose]();
    },
  };
}

/** What the operator lets the platforms be asked for; the rest is as they document it. */
export function limitsOf(config: Config): Limits {
  return {
    discord: {
      calls: perSecond(config.DISCORD_CALLS_PER_SECOND),
      posts: documented.discord.posts,
      edits: perSecond(config.DISCORD_EDITS_PER_SECOND),
    },
    slack: {
      posts: perSecond(config.SLACK_POSTS_PER_SECOND, config.SLACK_POST_BURST),
      edits: perMinute(config.SLACK_EDITS_PER_MINUTE),
      lookUps: perMinute(config.SLACK_LOOKUPS_PER_MINUTE),
      channelPosts: perSecond(config.SLACK_CHANNEL_POSTS_PER_SECOND),
    },
  };
}

/** A Slack bot token in the settings becomes the first installation, where it is clear whose: there is one agency. */
async function connectFirst(ground: Ground, { slack }: Adapters): Promise<void> {
  const { app, config, log } = ground;
  const { SLACK_BOT_TOKEN: token, SLACK_API_URL: apiBaseUrl } = config;
  if (slack === undefined || token === undefined) return;
  const [agencies, installations] = await app.transaction({ agency: null, id: "operator" }, async (tx) => [
    await listAgencies(tx),
    await listInstallations(tx),
  ]);
  const [agency, second] = agencies;
  if (agency === undefined || second !== undefined || installations.length > 0) return;
  const { workspace, application, botUser } = await slack.identify({ apiBaseUrl, token });
  if (workspace === undefined) return;
  const environment = apiBaseUrl.includes("slack-gov.com") ? "gov" : "commercial";
  await connect(ground, {
    agency: agency.id,
    platform: "slack",
    workspace,
    application,
    botUser,
    token,
    apiBaseUrl,
    environment,
  });
  log.info("the token of the settings is the first installation", { platform: "slack", workspace });
}

export type ProcessRole = "bot" | "jobs";

/** Opens what the named roles need, in order, and closes it in the opposite order. */
export async function start(
  base: Base,
  roles: readonly ProcessRole[],
): Promise<
  AsyncDisposable & {
    readonly slackPort: number | undefined;
    readonly healthPort: number;
    /** What is still missing before anybody can use it. */
    readonly hint: string | undefined;
  }
> {
  await using opened = new AsyncDisposableStack();
  const ground = opened.use(await openGround(base));
  const meters = openMeters();

  if (base.sandbox !== true) await refuseMovedClock(ground.app);
  const adapters = openAdapters(ground);
  await connectFirst(ground, adapters);
  if (roles.includes("jobs"))
    opened.adopt(await startJobs(ground, adapters, { meters }), (jobs) => jobs.stop());
  const bot = roles.includes("bot") ? opened.use(await startBot(ground, adapters)) : undefined;
  const health = opened.adopt(
    await startHealth({
      host: base.config.HOST,
      port: base.config.HEALTH_PORT,
      checks: readyChecks({ ...ground, matcher: bot?.matcher }),
      metrics: async () => metricsText(ground.jobs, meters, await bot?.matcher.status()),
    }),
    (server) => server.close(),
  );
  const hint = await whatIsMissing(ground.app);
  const closing = opened.move();
  return {
    slackPort: bot?.slackPort,
    healthPort: health.port,
    hint,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
