import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { z } from "zod";

import { registerCommands } from "../adapters/discord/register-commands.ts";
import { pretend } from "../sandbox/pretend.ts";
import { buildPlaces, settleIn, type Operator, type Platforms } from "../sandbox/settle.ts";
import { configurePretendSlack } from "../sandbox/slack/pretend-slack.ts";
import { playStory } from "../sandbox/story.ts";
import { agencies, discordApplication, slackApplication, type WorldAgency } from "../sandbox/world.ts";
import { listAgencies } from "./agencies/agency-store.ts";
import { verifyAudit } from "./audit/sealer.ts";
import { discordCommands, globalShortcuts, messageShortcut, slackCommands } from "./bot/registration.ts";
import { checkpointFile } from "./cli-operator.ts";
import { StartError } from "./errors.ts";
import { openTable } from "./features.ts";
import { openGround, type Base, type Ground } from "./main.ts";
import { admitAgency, agencyNamed, connect, inviteOfficer, rolesOf } from "./operator.ts";
import { isAlive, ownName } from "./store/embedded-users.ts";

// The sandbox: bot, jobs, a pretend Slack and a pretend Discord, each a process of its own on this machine alone.

const signingSecret = "pretend-signing-secret";
const discordToken = agencies.find(({ platform }) => platform === "discord")?.token ?? "";
const root = join(import.meta.dirname, "..");

interface Sandbox extends AsyncDisposable {
  readonly platforms: Platforms;
  readonly ground: Ground;
  readonly operator: Operator;
  readonly urls: { readonly slack: string; readonly discord: string };
}

/** Starts the sandbox and says where it is. */
export async function startSandbox(base: Base): Promise<AsyncDisposable> {
  const running = join(base.config.ALLPOINTS_DATA, "running.json");
  refuseSecond(running);
  const sandbox = await openSandbox(base);
  writeFileSync(running, JSON.stringify({ process: ownName(), ...sandbox.urls }));
  console.log(
    [
      "Allpoints runs in its sandbox: nothing leaves this machine.",
      `  pretend Slack    ${sandbox.urls.slack}`,
      `  pretend Discord  ${sandbox.urls.discord}`,
      ...agencies.map(
        ({ name, platform, people }) =>
          `  ${name} (${platform}): ${Object.values(people)
            .map((one) => one.name)
            .join(", ")}`,
      ),
      "Act as one of them: see README.md, The sandbox. Watch it all by itself: npm start -- --once",
      "Stop with Ctrl-C.",
    ].join("\n"),
  );
  return sandbox;
}

/** Plays the story in a fresh sandbox. 0: every step showed what it should. */
export async function playOnce(base: Base): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), "allpoints-once-"));
  // The database server may run as another user, who must get through to its own folder; the keys are closed themselves.
  chmodSync(data, 0o711);
  const config = { ...base.config, ALLPOINTS_DATA: data, KEYRING_FILE: join(data, "keyring.json") };
  try {
    await using sandbox = await openSandbox({ ...base, config });
    const { jobs, keyring } = sandbox.ground;
    await playStory(sandbox.platforms, {
      ...sandbox.operator,
      verifyAudit: () => verifyAudit(jobs, keyring, checkpointFile(data)),
      say: (line) => console.log(line),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "StoryError") throw error;
    console.error(error.message);
    return 1;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

const runningFile = z.object({ process: z.string(), slack: z.string(), discord: z.string() });

/** Two sandboxes on one folder would take each other's pretend platforms away. */
function refuseSecond(file: string): void {
  if (!existsSync(file)) return;
  const before = runningFile.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  if (before === undefined || !isAlive(before.process)) return;
  throw new StartError(
    `A sandbox is running on this data already (pretend Slack ${before.slack}, pretend Discord ${before.discord}).`,
    "Use that one, or stop it with Ctrl-C. For a second one set ALLPOINTS_DATA to another folder.",
    69,
  );
}

async function openSandbox(base: Base): Promise<Sandbox> {
  await using opened = new AsyncDisposableStack();
  const options = { signingSecret, appId: slackApplication };
  const discordOptions = {
    applicationId: discordApplication,
    token: discordToken,
    botUser: discordApplication,
  };
  const [ground, slack, discord] = await allOpened(
    openGround(base).then((open) => opened.use(open)),
    startPretend("slack", options).then((child) => opened.adopt(child, (one) => stop(one.child))),
    startPretend("discord", discordOptions).then((child) => opened.adopt(child, (one) => stop(one.child))),
  );
  const platforms = { slack: pretend(slack.url), discord: pretend(discord.url) };
  await Promise.all([buildPlaces(platforms), register(slack.url, discord.url)]);
  const operator = operatorOf(ground, { slack: slack.url, discord: discord.url });
  const env = settingsFor(base, slack.url, discord.url);
  const [bot] = await allOpened(
    supervise("bot", env).then((process) => opened.adopt(process, (one) => one.stop())),
    supervise("jobs", env).then((process) => opened.adopt(process, (one) => one.stop())),
  );
  await configurePretendSlack(slack.url, { requestUrl: `http://127.0.0.1:${bot.slackPort()}/slack/events` });
  bot.onRestart((port) =>
    configurePretendSlack(slack.url, { requestUrl: `http://127.0.0.1:${port}/slack/events` }),
  );
  await settleIn(platforms, operator);
  const closing = opened.move();
  return {
    platforms,
    ground,
    operator,
    urls: { slack: slack.url, discord: discord.url },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** All at once; when one fails, only after the others have opened too, so that they are closed. */
async function allOpened<Parts extends readonly unknown[]>(
  ...opening: { readonly [Key in keyof Parts]: Promise<Parts[Key]> }
): Promise<Parts> {
  await Promise.allSettled(opening);
  return Promise.all(opening) as Promise<unknown> as Promise<Parts>;
}

/** What the platforms must know of the app: as an operator would register it. */
async function register(slackUrl: string, discordUrl: string): Promise<void> {
  const table = openTable();
  await configurePretendSlack(slackUrl, {
    slashCommands: slackCommands(table, ""),
    shortcuts: [
      ...globalShortcuts.map(({ name, callbackId }) => ({ name, callbackId, type: "global" as const })),
      { name: messageShortcut.name, callbackId: messageShortcut.callbackId, type: "message" as const },
    ],
  });
  await registerCommands({
    apiBaseUrl: `${discordUrl}/api/`,
    token: discordToken,
    application: discordApplication,
    commands: discordCommands(table, ""),
  });
}

function operatorOf(ground: Ground, urls: Sandbox["urls"]): Operator {
  return {
    async admit(agency) {
      const known = await ground.app.transaction({ agency: null, id: "operator" }, listAgencies);
      const before = known.find(({ name }) => name === agency.name);
      const { id, state } = before ?? (await admitAgency(ground, asNewAgency(agency)));
      // The pretend platforms have new addresses at every start.
      await connect(ground, {
        agency: id,
        platform: agency.platform,
        workspace: agency.workspace,
        application: agency.platform === "slack" ? slackApplication : discordApplication,
        botUser: agency.botUser,
        token: agency.token,
        apiBaseUrl: `${urls[agency.platform]}/api/`,
        environment: "commercial",
      });
      if (before !== undefined) return "known";
      return state === "active" ? "member" : "pending";
    },
    async invite(agency, person) {
      const id = await agencyNamed(ground, agency.name);
      return inviteOfficer(ground, { agency: id, name: person.name, roles: rolesOf(person.roles.join(",")) });
    },
  };
}

function asNewAgency({ name, zone, contactName, contactPhone, areas }: WorldAgency) {
  return { name, ori: undefined, zone, contactName, contactPhone, areas };
}

interface Child {
  readonly child: ChildProcess;
  readonly url: string;
}

/** A pretend platform as its own process; it ends with us, however we end. */
async function startPretend(platform: "slack" | "discord", options: object): Promise<Child> {
  const child = spawn(
    process.execPath,
    [join(root, "sandbox", platform, "main.ts"), JSON.stringify(options)],
    {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      // Its own group: Ctrl-C reaches us alone, and we stop everything in order.
      detached: true,
    },
  );
  const { stdout } = child;
  if (stdout === null) throw new Error("a pretend platform has no output");
  const first = await Promise.race([
    once(createInterface(stdout), "line"),
    once(child, "exit").then(() => undefined),
  ]);
  if (first === undefined)
    throw new StartError(`The pretend ${platform} did not start.`, "Its own words are above.", 70);
  const { url } = JSON.parse(String(first[0])) as { url: string };
  return { child, url };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

interface Supervised {
  readonly slackPort: () => number | undefined;
  readonly onRestart: (tell: (slackPort: number | undefined) => Promise<void>) => void;
  readonly stop: () => Promise<void>;
}

const RESTART_MS = 500;

/** Runs one role as a process of its own and starts it again when it dies. */
async function supervise(role: "bot" | "jobs", env: NodeJS.ProcessEnv): Promise<Supervised> {
  let stopping = false;
  let told: (slackPort: number | undefined) => Promise<void> = async () => {};
  let current = await startRole(role, env);
  const watch = (): void => {
    current.child.once("exit", () => {
      if (stopping) return;
      setTimeout(() => {
        if (stopping) return;
        startRole(role, env)
          .then(async (next) => {
            current = next;
            watch();
            await told(next.slackPort);
          })
          .catch((error: unknown) => console.error(error));
      }, RESTART_MS);
    });
  };
  watch();
  return {
    slackPort: () => current.slackPort,
    onRestart(tell) {
      told = tell;
    },
    async stop() {
      stopping = true;
      await stop(current.child);
    },
  };
}

async function startRole(role: "bot" | "jobs", env: NodeJS.ProcessEnv) {
  const child = fork(join(root, "src", "cli.ts"), ["start", "--sandbox", "--roles", role], {
    env,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: true,
  });
  // The supervised process greets its operator; here only its log matters, and why it could not start.
  const said: string[] = [];
  const { stderr } = child;
  if (stderr !== null) {
    createInterface(stderr).on("line", (line) =>
      line.startsWith("{") ? console.error(line) : said.push(line),
    );
  }
  const message = await Promise.race([once(child, "message"), once(child, "exit").then(() => undefined)]);
  if (message === undefined)
    throw new StartError(`The ${role} process did not start.`, said.join("\n") || "It said nothing.", 70);
  return { child, slackPort: (message[0] as { slackPort?: number }).slackPort };
}

function settingsFor({ config }: Base, slackUrl: string, discordUrl: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ALLPOINTS_DATA: config.ALLPOINTS_DATA,
    KEYRING_FILE: config.KEYRING_FILE,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: `${slackUrl}/api/`,
    DISCORD_TOKEN: discordToken,
    DISCORD_APPLICATION_ID: discordApplication,
    DISCORD_API_URL: `${discordUrl}/api/`,
    HOST: "127.0.0.1",
    PORT: "0",
    HEALTH_PORT: "0",
    LOG_LEVEL: process.env["LOG_LEVEL"] ?? "warn",
  };
}
