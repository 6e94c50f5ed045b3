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

/** Opens it on pretend platforms that run already; tells in a few words what it is busy with. */
export async function openSandbox(
  base: Base,
  urls: PlatformUrls,
  tell: (words: string) => void = () => {},
): Promise<Sandbox> {
  await using opened = new AsyncDisposableStack();
  tell("Starting the database");
  const requestsTo = (port: number | undefined) =>
    configurePretendSlack(urls.slack, { requestUrl: `http://127.0.0.1:${port}/slack/events` });
  // The two processes load their programs while this one makes the database.
  const opening = openRest(base, urls);
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
  await requestsTo(bot.slackPort());
  const platforms = { slack: pretend(urls.slack), discord: pretend(urls.discord) };
  await settleIn(platforms, product.office, (done) =>
    tell(`Everybody moves in (${done} of ${peopleToMoveIn})`),
  );
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
async function openRest(base: Base, urls: PlatformUrls): Promise<Product> {
  const [{ makeDataFolder }, { openDatabase }] = await Promise.all([
    import("./start-checks.ts"),
    import("./store/database.ts"),
  ]);
  makeDataFolder(base.config.ALLPOINTS_DATA);
  const early = openDatabase(base.config);
  // Awaited below; until then a failure is not for nobody.
  early.catch(() => {});
  const { openProduct } = await import("./cli-sandbox-product.ts");
  const database = await early;
  try {
    return await openProduct(base, urls);
  } finally {
    await database.stop();
  }
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
