import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { Client } from "pg";
import type { ClientConfig } from "pg";

import { StartError } from "../errors.ts";
import { binaries, reaches, runAs, serverEnv } from "./embedded-binaries.ts";
import type { RunAs } from "./embedded-binaries.ts";
import { isPostmaster, readPostmaster, stopPostmaster } from "./embedded-postmaster.ts";
import type { Postmaster } from "./embedded-postmaster.ts";
import { isAlive, joinUsers, ownName } from "./embedded-users.ts";
import { derivedPassword } from "./roles.ts";

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly initdbArgs?: readonly string[];
  readonly log?: (line: string) => void;
}

/** The database that comes with the bot: for trying out, and for one box. */
export interface Embedded {
  /** How pg reaches a database in it. Without a password: the one `passwordFor` gives that user. */
  readonly url: (database: string, user?: string, password?: string) => ClientConfig;
  readonly superuserOptions: ClientConfig;
  /** The same in every process, so that none has to store or reset it. */
  readonly passwordFor: (role: string) => string;
  /** Found running, and not started by us. */
  readonly adopted: boolean;
  /** Stops the server, unless another live process uses it too. */
  readonly stop: () => Promise<void>;
}

interface Place {
  readonly dataDir: string;
  readonly native: string;
  readonly user: RunAs;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

const passwordFile = "superuser-password";
const clusterOptions = [
  "--username=postgres",
  "--auth=scram-sha-256",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--no-instructions",
];
const startDeadlineMs = 60_000;
/** A socket's path has 107 bytes; ours ends in "/.s.PGSQL.5432.lock". */
const longestSocketDir = 107 - 19;

/** Starts the server of a data folder, making it first where there is none, or adopts the one that runs. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { initdbArgs = [], settings = {}, log = () => {} } = options;
  const user = runAs();
  const parent = dirname(resolve(options.dataDir));
  // No mode: with `recursive` it would also close every folder above to the user the server runs as.
  mkdirSync(parent, { recursive: true });
  if (!(await reaches(user, parent))) {
    throw new StartError(
      `PostgreSQL does not run as root, and the user it runs as cannot enter ${parent}.`,
      "Set ALLPOINTS_DATA to a folder it can enter.",
      69,
    );
  }
  const given = join(realpathSync(parent), basename(options.dataDir));
  const dataDir = existsSync(given) ? realpathSync(given) : given;
  const native = await binaries(user, parent);
  const place: Place = { dataDir, native, user, settings, log };
  const users = joinUsers(`${dataDir}.users`);
  try {
    if (!existsSync(join(dataDir, "PG_VERSION"))) await initialise(place, initdbArgs);
    const { postmaster, adopted } = await startOrAdopt(place);
    const url = connector(place, postmaster);
    return {
      url,
      superuserOptions: url("postgres"),
      passwordFor: (role) => derivedPassword(readPassword(dataDir), role),
      adopted,
      stop: async () => {
        if (users.leave()) await stopPostmaster(postmaster.pid, dataDir);
      },
    };
  } catch (error) {
    users.leave();
    throw error;
  }
}

function readPassword(dataDir: string): string {
  return readFileSync(join(dataDir, passwordFile), "utf8").trim();
}

function connector({ dataDir }: Place, { socketDir: host, port }: Postmaster): Embedded["url"] {
  const secret = readPassword(dataDir);
  return (database, user = "postgres", password) => ({
    host,
    port,
    database,
    user,
    password: password ?? (user === "postgres" ? secret : derivedPassword(secret, user)),
  });
}

/** initdb writes PG_VERSION early, so a kill half-way would look like a finished cluster: made aside, then renamed. */
async function initialise(
  { dataDir, native, user, log }: Place,
  initdbArgs: readonly string[],
): Promise<void> {
  const aside = `${dataDir}.new-${ownName()}`;
  const password = `${aside}.password`;
  removeLeftovers(dataDir);
  mkdirSync(aside, { mode: 0o700 });
  writeFileSync(password, randomBytes(32).toString("base64url"), { mode: 0o600 });
  for (const made of [aside, password]) giveTo(user, made);
  const lines: string[] = [];
  const child = spawn(
    join(native, "bin", "initdb"),
    ["-D", aside, `--pwfile=${password}`, ...clusterOptions, ...initdbArgs],
    // Detached, or Ctrl-C would end it half-way: a start that is to stop stops when this is done.
    { ...user, env: serverEnv, detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => lines.push(String(text)));
  const code = await new Promise((done, failed) => child.once("close", done).once("error", failed));
  if (code !== 0) throw new Error(`initdb failed in ${aside}:\n${lines.join("")}`);
  renameSync(password, join(aside, passwordFile));
  try {
    renameSync(aside, dataDir);
    log(`made a database in ${dataDir}`);
  } catch (error) {
    // Another process was first: use theirs.
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(join(dataDir, "PG_VERSION"))) throw error;
  }
}

/** Of processes that were killed half-way. */
function removeLeftovers(dataDir: string): void {
  for (const name of readdirSync(dirname(dataDir))) {
    const [of, maker] = name.split(".new-");
    if (of === basename(dataDir) && maker !== undefined && !isAlive(maker)) {
      rmSync(join(dirname(dataDir), name), { recursive: true, force: true });
    }
  }
}

/* oxlint-disable no-await-in-loop -- each round looks at what the one before has left */
async function startOrAdopt(
  place: Place,
): Promise<{ readonly postmaster: Postmaster; readonly adopted: boolean }> {
  const { dataDir, log } = place;
  const deadline = performance.now() + startDeadlineMs;
  while (performance.now() < deadline) {
    const running = readPostmaster(dataDir);
    if (running && !isPostmaster(running.pid, dataDir)) {
      log(`removing the pid file of a server that is gone (${running.pid})`);
      rmSync(join(dataDir, "postmaster.pid"), { force: true });
    } else if (running) {
      const postmaster = await untilReady(dataDir, running.pid);
      if (postmaster && (await answers(place, postmaster))) return { postmaster, adopted: true };
      log(`stopping a server that does not answer (${running.pid})`);
      await stopPostmaster(running.pid, dataDir);
    } else {
      const postmaster = await launch(place);
      if (postmaster) return { postmaster, adopted: false };
      // Another process was first, or children of a killed server still hold its memory.
      await wait(100);
    }
  }
  throw new Error(`PostgreSQL does not start; see ${logFile(dataDir)}`);
}

async function launch({ dataDir, native, user, settings }: Place): Promise<Postmaster | undefined> {
  const sockets = socketDir(dataDir, user);
  const given = {
    port: "5432",
    listen_addresses: "",
    unix_socket_directories: sockets,
    unix_socket_permissions: "0700",
  };
  const output = openSync(logFile(dataDir), "a", 0o600);
  const child = spawn(
    join(native, "bin", "postgres"),
    [
      "-D",
      dataDir,
      ...Object.entries({ ...settings, ...given }).map(([name, value]) => `--${name}=${value}`),
    ],
    // Detached, or Ctrl-C would stop the database before we have drained; a file, because a pipe dies with us.
    { ...user, env: serverEnv, detached: true, stdio: ["ignore", output, output] },
  );
  closeSync(output);
  await new Promise((done, failed) => child.once("spawn", done).once("error", failed));
  let ended = false;
  child.once("exit", () => (ended = true));
  child.unref();
  return child.pid === undefined ? undefined : untilReady(dataDir, child.pid, () => ended);
}

/** Undefined when the server ended, or was not ready in time. */
async function untilReady(
  dataDir: string,
  pid: number,
  ended = () => !isPostmaster(pid, dataDir),
): Promise<Postmaster | undefined> {
  const deadline = performance.now() + startDeadlineMs / 2;
  while (performance.now() < deadline && !ended()) {
    const now = readPostmaster(dataDir);
    if (now?.pid === pid && now.ready) return now;
    await wait(5);
  }
  return undefined;
}
/* oxlint-enable no-await-in-loop */

async function answers(place: Place, postmaster: Postmaster): Promise<boolean> {
  const client = new Client({ ...connector(place, postmaster)("postgres"), connectionTimeoutMillis: 5000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(
      "select current_setting('data_directory') as folder",
    );
    return rows[0]?.folder === place.dataDir;
  } catch (error) {
    place.log(`the running server does not answer: ${String(error)}`);
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The data folder itself, which only its user may enter; too long a path moves to the temp folder. */
function socketDir(dataDir: string, user: RunAs): string {
  if (Buffer.byteLength(dataDir) <= longestSocketDir) return dataDir;
  const hash = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  const folder = join(tmpdir(), `allpoints-${hash}`);
  if (!existsSync(folder)) {
    mkdirSync(folder, { mode: 0o700 });
    giveTo(user, folder);
  }
  const { uid, mode } = lstatSync(folder);
  // Anybody may make a folder in the temp folder: a socket in theirs would let them answer for our database.
  if (uid !== (user.uid ?? process.getuid?.()) || (mode & 0o077) !== 0 || !lstatSync(folder).isDirectory()) {
    throw new StartError(
      `${folder} is somebody else's.`,
      "Remove it, or set ALLPOINTS_DATA to a shorter path.",
      69,
    );
  }
  return folder;
}

function logFile(dataDir: string): string {
  return join(dataDir, "postgres.log");
}

function giveTo({ uid, gid }: RunAs, path: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
