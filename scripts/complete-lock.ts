import { readFileSync, writeFileSync } from "node:fs";

/**
 * Completes package-lock.json after `npm install`; run it as `npm run lock`.
 *
 * Where a registry lacks the build of a package for some platform, npm leaves that optional package out of the lock,
 * and then `npm ci` refuses the lock as incomplete. Such packages are pinned by their parent to one exact version, so
 * the missing entries can be written from what the parent says. Addresses are taken out: which registry is used is
 * the reader's affair, and `npm ci` checks every package by its integrity alone.
 */

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface Lock {
  readonly packages: Readonly<Record<string, Entry>>;
  readonly [field: string]: unknown;
}

interface Missing {
  readonly name: string;
  readonly version: string;
  readonly parent: string;
}

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = [
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
];

/** Where Node would look for `name` from the package at `at`: beside it, then further and further up. */
function isLocked(lock: Lock, at: string, name: string): boolean {
  for (let from = at; ; from = from.slice(0, from.lastIndexOf("node_modules/")).replace(/\/$/, "")) {
    if (Object.hasOwn(lock.packages, `${from === "" ? "" : `${from}/`}node_modules/${name}`)) return true;
    if (from === "") return false;
  }
}

/** Every package that some other needs, or could do with, and that has no entry. */
export function missingFrom(lock: Lock): readonly Missing[] {
  return Object.entries(lock.packages).flatMap(([parent, entry]) =>
    Object.entries({ ...entry.dependencies, ...entry.optionalDependencies })
      .filter(([name]) => !isLocked(lock, parent, name))
      .map(([name, version]) => ({ name, version, parent })),
  );
}

function withoutAddress([at, entry]: readonly [string, Entry]): readonly [string, Entry] {
  const { resolved, ...rest } = entry;
  // A link within this repository has a path there, and needs it.
  return resolved !== undefined && entry["link"] === true ? [at, entry] : [at, rest];
}

/** The entry npm would have written for an optional package, had the registry had it. */
function entryFor({ name, version, parent }: Missing, lock: Lock): Entry {
  const needer = lock.packages[parent];
  if (needer?.optionalDependencies?.[name] === undefined || !/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) {
    throw new Error(`${name}@${version}, needed by ${parent || "package.json"}, is missing: run npm install`);
  }
  const parts = name.split(/[-/]/);
  const cpu = processors.filter((each) => parts.includes(each));
  const os = systems.filter((each) => parts.includes(each));
  return { version, cpu, ...(needer.dev === true && { dev: true }), optional: true, os };
}

/** The lock with an entry for every optional package, and without addresses. */
export function completed(lock: Lock): Lock {
  const packages: Record<string, Entry> = { ...lock.packages };
  for (const missing of missingFrom(lock)) {
    const entry = entryFor(missing, lock);
    const shared = `node_modules/${missing.name}`;
    const other = packages[shared] !== undefined && packages[shared].version !== missing.version;
    packages[other ? `${missing.parent}/${shared}` : shared] = entry;
  }
  // The order npm writes, so that its next run changes nothing else.
  const inOrder = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lock, packages: Object.fromEntries(inOrder.map(withoutAddress)) };
}

if (import.meta.main) {
  const file = new URL("../package-lock.json", import.meta.url);
  const lock = JSON.parse(readFileSync(file, "utf8")) as Lock;
  const whole = completed(lock);
  writeFileSync(file, `${JSON.stringify(whole, undefined, 2)}\n`);
  const count = Object.keys(whole.packages).length - Object.keys(lock.packages).length;
  console.log(`package-lock.json: ${String(count)} entries added`);
}
