import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, resolve } from "node:path";

import { sandboxMode, type Config } from "../config.ts";
import { openKeyring } from "../store/seal.ts";
import { codeOf, fail, ok, warn, type Check, type Finding } from "./doctor.ts";

/** What can be said of this machine alone, with no database and no platform. */
export function machineChecks(config: Config): readonly Check[] {
  return [
    { name: "node", run: () => nodeVersion(process.versions.node) },
    { name: "settings", run: () => ok(summary(config)) },
    { name: "data folder", run: () => dataFolder(config.ALLPOINTS_DATA) },
    { name: "disk space", run: () => diskSpace(config.ALLPOINTS_DATA) },
    { name: "cryptography", run: cryptography },
    ...portChecks(config),
  ];
}

const OLDEST_NODE = [24, 12] as const;

/** Older ones cannot run our files as they are. */
export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    ? ok(version)
    : fail(`${version} is too old`, `Use Node ${OLDEST_NODE.join(".")} or later; npm ci brings one along.`);
}

/** Where things are, never what they are: a URL holds a password. */
function summary(config: Config): string {
  const platforms = [
    usesSlackHttp(config) ? "Slack over HTTP" : undefined,
    config.SLACK_APP_TOKEN === undefined ? undefined : "Slack in Socket Mode",
    config.DISCORD_TOKEN === undefined ? undefined : "Discord",
  ].filter((one) => one !== undefined);
  return [
    sandboxMode(config) ? "sandbox (no platform is set up)" : platforms.join(" and "),
    config.DATABASE_URL === undefined ? "embedded database" : "database of DATABASE_URL",
    config.REDIS_URL === undefined ? "queue in the database" : "queue on Redis",
  ].join(", ");
}

/** Socket Mode wins where both are set, as in main.ts. */
export function usesSlackHttp(config: Config): boolean {
  return config.SLACK_APP_TOKEN === undefined && config.SLACK_SIGNING_SECRET !== undefined;
}

function dataFolder(given: string): Finding {
  const folder = nearest(given);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    return fail(
      `${folder} cannot be written (${codeOf(error)})`,
      "Give it to the user the bot runs as, or set ALLPOINTS_DATA.",
    );
  }
  if (folder !== resolve(given)) return ok(`${given} is not there yet; the first start makes it`);
  // Reading names in it is harmless, and the embedded server's own user has to get through: what is secret in it
  // is closed by itself. Whoever may write could exchange the keyring.
  return (statSync(folder).mode & 0o022) === 0
    ? ok(`${given}, writable, and by nobody else`)
    : fail(
        `others may write in ${given}`,
        `chmod go-w ${given}, and look whether keyring and checkpoints are yours.`,
      );
}

/** The folder itself, or what is there on the way to it. */
function nearest(given: string): string {
  let folder = resolve(given);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

const GIB = 1024 ** 3;

function diskSpace(given: string): Finding {
  const { bavail, bsize } = statfsSync(nearest(given));
  const free = (bavail * bsize) / GIB;
  const said = `${free.toFixed(1)} GiB free`;
  return free < 1 ? warn(said, "Make room: a full disk stops database, audit and log.") : ok(said);
}

const hashOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/** Tried, not asked: in FIPS mode without its module every call of an algorithm throws, and nothing says so before. */
function cryptography(): Finding {
  const fix =
    "Run it with an OpenSSL that has AES-256-GCM, SHA-256, HMAC and HKDF (check its FIPS configuration).";
  try {
    if (createHash("sha256").update("abc").digest("hex") !== hashOfAbc) return fail("SHA-256 is wrong", fix);
    const keys = { current: "1", keys: { "1": newKey() }, index: newKey() };
    const keyring = openKeyring({ keys });
    const place = { table: "doctor", column: "doctor", row: "doctor", agency: "doctor" };
    const opened = keyring.open<string>(place, keyring.seal(place, "abc"));
    return opened === "abc" ? ok("SHA-256 and AES-256-GCM work") : fail("what is sealed does not open", fix);
  } catch (error) {
    return fail(`does not work here (${codeOf(error)})`, fix);
  }
}

function newKey(): string {
  return randomBytes(32).toString("base64");
}

function portChecks(config: Config): readonly Check[] {
  // The sandbox takes whatever ports are free.
  if (sandboxMode(config)) return [];
  const settings = ["HEALTH_PORT" as const, ...(usesSlackHttp(config) ? ["PORT" as const] : [])];
  return settings.map((setting) => ({
    name: setting,
    run: () => portFree(config, setting),
  }));
}

async function portFree(config: Config, setting: "PORT" | "HEALTH_PORT"): Promise<Finding> {
  const port = config[setting];
  const where = `${config.HOST}:${port}`;
  const code = await tryPort(config.HOST, port);
  if (code === undefined) return ok(port === 0 ? "any free port" : `${where} is free`);
  if (code === "EADDRINUSE") {
    return (await runsHere(config))
      ? ok(`${where} is taken, by Allpoints that runs here`)
      : fail(
          `${where} is in use by another program`,
          `Stop that program, or choose another port: ${setting}=${port + 10}.`,
        );
  }
  return code === "EACCES"
    ? fail(`${where} may not be used by this user`, `Choose one from 1024 up: ${setting}=${port + 3000}.`)
    : fail(`${where} cannot be listened on (${code})`, "Set HOST to an address of this machine.");
}

/** The code of what is wrong; undefined when it can be listened on. */
async function tryPort(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    const closed = once(server, "close");
    server.close();
    await closed;
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** Whether it is ourselves who answer on the health port. */
async function runsHere({ HOST, HEALTH_PORT }: Config): Promise<boolean> {
  const host = HOST.includes(":") ? `[${HOST}]` : HOST;
  try {
    const answer = await fetch(`http://${host}:${HEALTH_PORT}/readyz`, {
      signal: AbortSignal.timeout(3_000),
    });
    const said: unknown = await answer.json();
    return typeof said === "object" && said !== null && "ready" in said && "checks" in said;
  } catch {
    return false;
  }
}
