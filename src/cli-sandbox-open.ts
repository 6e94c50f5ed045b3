import type { SandboxOperator } from "../sandbox/operator.ts";
import { pretend } from "../sandbox/pretend.ts";
import { peopleToMoveIn, settleIn, type Operator, type Platforms } from "../sandbox/settle.ts";
import { configurePretendSlack } from "../sandbox/slack/pretend-slack.ts";
import { discordApplication } from "../sandbox/world.ts";
import { discordToken, signingSecret, type PlatformUrls } from "./cli-sandbox-platforms.ts";
import type { Product } from "./cli-sandbox-product.ts";
import { supervise } from "./cli-sandbox-roles.ts";
import type { Base, Ground } from "./main.ts";

// The product's side of the sandbox: database, bot and jobs, and everybody moved in.

export interface Sandbox extends AsyncDisposable {
  readonly platforms: Platforms;
  readonly ground: Ground;
  /** What the command line can do, for moving in and for the story. */
  readonly office: Operator;
  /** What the page may ask. */
  readonly operator: SandboxOperator;
}

export interface Opening {
  /** Aborted when nobody wants it any more: then what is open already is closed, and its reason is thrown. */
  readonly stopping: AbortSignal;
  /** Hears in a few words what it is busy with. */
  readonly tell?: (words: string) => void;
}

/** Opens it on pretend platforms that run already. */
export async function openSandbox(
  base: Base,
  urls: PlatformUrls,
  { stopping, tell = () => {} }: Opening,
): Promise<Sandbox> {
  await using opened = new AsyncDisposableStack();
  tell("Starting the database");
  const requestsTo = (port: number | undefined) =>
    configurePretendSlack(urls.slack, { requestUrl: `http://127.0.0.1:${port}/slack/events` });
  // The two processes load their programs while this one makes the database.
  const opening = openRest(base, urls, stopping);
  const env = settingsFor(base, urls);
  const starting = { env, ground: opening };
  opening.then(() => tell("Starting the bot and the jobs")).catch(() => {});
  const [product, bot, jobs] = await allOpened(
    opening.then((open) => opened.use(open)),
    supervise({ ...starting, role: "bot", onRestart: requestsTo }).then((one) =>
      opened.adopt(one, () => one.stop()),
    ),
    supervise({ ...starting, role: "jobs" }).then((one) => opened.adopt(one, () => one.stop())),
  );
  stopping.throwIfAborted();
  await requestsTo(bot.slackPort());
  const platforms = { slack: pretend(urls.slack), discord: pretend(urls.discord) };
  await settleIn(platforms, product.office, (done) => {
    stopping.throwIfAborted();
    tell(`Everybody moves in (${done} of ${peopleToMoveIn})`);
  });
  const closing = opened.move();
  return {
    platforms,
    ground: product.ground,
    office: product.office,
    operator: product.operatorOf({ bot, jobs }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/**
 * Loaded only here: it is most of the program, and the page is there before it. Making the database takes longest, so
 * that begins before the rest is loaded, which then finds it running.
 */
async function openRest(base: Base, urls: PlatformUrls, stopping: AbortSignal): Promise<Product> {
  const { openDatabase } = await import("./store/database.ts");
  const early = openDatabase(base.config);
  // Awaited below; until then a failure is not for nobody.
  early.catch(() => {});
  await using opened = new AsyncDisposableStack();
  opened.defer(() =>
    early.then(
      (database) => database.stop(),
      () => {},
    ),
  );
  const { openProduct } = await import("./cli-sandbox-product.ts");
  await early;
  stopping.throwIfAborted();
  return await openProduct(base, urls);
}

/** All at once; when one fails, only after the others have opened too, so that they are closed. */
async function allOpened<Parts extends readonly unknown[]>(
  ...opening: { readonly [Key in keyof Parts]: Promise<Parts[Key]> }
): Promise<Parts> {
  await Promise.allSettled(opening);
  return Promise.all(opening) as Promise<unknown> as Promise<Parts>;
}

function settingsFor({ config }: Base, urls: PlatformUrls): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ALLPOINTS_DATA: config.ALLPOINTS_DATA,
    KEYRING_FILE: config.KEYRING_FILE,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: `${urls.slack}/api/`,
    DISCORD_TOKEN: discordToken,
    DISCORD_APPLICATION_ID: discordApplication,
    DISCORD_API_URL: `${urls.discord}/api/`,
    HOST: "127.0.0.1",
    PORT: "0",
    HEALTH_PORT: "0",
    LOG_LEVEL: process.env["LOG_LEVEL"] ?? "warn",
  };
}
