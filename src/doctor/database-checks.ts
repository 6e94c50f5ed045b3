import { sandboxMode, type Config } from "../config.ts";
import { pendingMigrations } from "../store/migrate.ts";
import { roles } from "../store/roles.ts";
import { openStore } from "../store/store.ts";
import {
  askLogin,
  askServer,
  findMissingQueueParts,
  findOpenTables,
  findRoleFaults,
  measureSkew,
  openLook,
  readClockShift,
  type LoggedIn,
  type Look,
  type Server,
} from "./catalog-store.ts";
import { codeOf, fail, ok, warn, type Check, type Finding } from "./doctor.ts";
import { checkKeyring } from "./keyring-check.ts";
import { findDatabase, type Access, type DatabasePlace } from "./place-store.ts";

export interface DatabaseExamination extends AsyncDisposable {
  readonly checks: readonly Check[];
}

/** What can be asked of the database as it is: it is neither started nor made nor changed. */
export async function examineDatabase(config: Config): Promise<DatabaseExamination> {
  await using opened = new AsyncDisposableStack();
  const place = placeOf(config);
  const access = "access" in place ? place.access : undefined;
  const look = async (connection: Access["app"] | undefined): Promise<Look | string | undefined> => {
    if (connection === undefined) return undefined;
    try {
      return opened.adopt(await openLook(connection), (pool) => pool.end());
    } catch (error) {
      return codeOf(error);
    }
  };
  const login = await look(access?.login);
  const [app, jobs] =
    typeof login === "object" ? await Promise.all([look(access?.app), look(access?.jobs)]) : [];
  const store =
    access === undefined || typeof jobs !== "object"
      ? undefined
      : opened.adopt(openStore({ connection: access.jobs, max: 1 }), (one) => one.close());
  const checks = [
    { name: "database", run: () => reached(place, login) },
    ...(access !== undefined && typeof login === "object"
      ? await serverChecks(config, { access, login, app, jobs })
      : []),
    { name: "keyring", run: () => checkKeyring(config.KEYRING_FILE, store) },
  ];
  const closing = opened.move();
  return { checks, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

type Place = DatabasePlace | { readonly kind: "unreadable"; readonly code: string };

function placeOf(config: Config): Place {
  try {
    return findDatabase(config);
  } catch (error) {
    return { kind: "unreadable", code: codeOf(error) };
  }
}

function reached(place: Place, login: Look | string | undefined): Finding {
  const own = "For earnest use set DATABASE_URL to a PostgreSQL that is kept up to date and backed up.";
  switch (place.kind) {
    case "unreadable":
      return fail(
        `the embedded one cannot be looked at (${place.code})`,
        "Run doctor as the user the bot runs as.",
      );
    case "unmade":
      return warn("embedded, not made yet: the first start makes it", `Start, then run doctor again. ${own}`);
    case "stopped":
      return warn(
        "embedded, does not run: what is in it was not checked",
        `Start, then run doctor again. ${own}`,
      );
    case "configured":
      return typeof login === "object"
        ? ok("DATABASE_URL answers")
        : fail(
            `DATABASE_URL does not answer (${login ?? "no code"})`,
            "Check address, name and password, and that the server runs.",
          );
    case "embedded":
      if (typeof login !== "object") {
        return fail(
          `the embedded one runs (process ${place.pid}) and does not answer (${login ?? "no code"})`,
          "Start again: it is stopped and started then.",
        );
      }
      return place.orphan
        ? warn(
            `embedded; left behind by a process that was killed (process ${place.pid})`,
            `The next start takes it over; or stop it: kill -INT ${place.pid}`,
          )
        : warn("embedded: for trying out, and for one box", own);
  }
}

interface Reached {
  readonly access: Access;
  readonly login: Look;
  readonly app: Look | string | undefined;
  readonly jobs: Look | string | undefined;
}

async function serverChecks(
  config: Config,
  { access, login, app, jobs }: Reached,
): Promise<readonly Check[]> {
  const server = await askServer(login);
  const always = [
    { name: "database version", run: () => version(server) },
    { name: "database line", run: () => line(server) },
    { name: "clock", run: async () => skew(await measureSkew(login)) },
  ];
  if (server.known < Object.keys(roles).length) {
    return [...always, { name: "database roles", run: () => unmadeRoles(server) }];
  }
  return [
    ...always,
    { name: "database logins", run: () => logins(app, jobs) },
    { name: "database roles", run: async () => roleRights(await findRoleFaults(login)) },
    { name: "row-level security", run: async () => rowSecurity(await findOpenTables(login)) },
    { name: "queue tables", run: async () => queueTables(await findMissingQueueParts(login)) },
    ...(typeof app === "object"
      ? [
          { name: "migrations", run: () => migrations(access) },
          { name: "business clock", run: () => businessClock(config, app) },
        ]
      : []),
  ];
}

const OLDEST = 17;

export function version({ version: said, number }: Pick<Server, "version" | "number">): Finding {
  return number >= OLDEST * 10_000
    ? ok(`PostgreSQL ${said}`)
    : fail(`PostgreSQL ${said} is too old`, `Upgrade the server to ${OLDEST} or later.`);
}

export function line({ encrypted, near }: Pick<Server, "encrypted" | "near">): Finding {
  if (near) return ok("does not leave this machine");
  return encrypted
    ? ok("encrypted")
    : warn("not encrypted, and the database is elsewhere", "Add ?sslmode=verify-full to the database URLs.");
}

const WARN_SKEW_MS = 1_000;
const FAIL_SKEW_MS = 5_000;

/** Signatures are checked with this machine's clock, deadlines with the database's. */
export function skew(ms: number): Finding {
  const off = Math.abs(ms);
  if (off <= WARN_SKEW_MS) return ok("this machine and the database agree");
  const said = `the database is ${(off / 1000).toFixed(1)} s ${ms > 0 ? "ahead of" : "behind"} this machine`;
  const fix = "Set both by NTP (chronyc tracking).";
  return off > FAIL_SKEW_MS ? fail(said, fix) : warn(said, fix);
}

function unmadeRoles({ may_make_roles, known }: Server): Finding {
  const said = `${known} of ${Object.keys(roles).length} are there`;
  return may_make_roles
    ? warn(`${said}: the first start makes the rest`, "Run: allpoints migrate")
    : fail(
        `${said}, and this login may not make roles`,
        "Run allpoints migrate once with a login that has createrole, or make them by hand (docs/operating.md).",
      );
}

async function logins(app: Reached["app"], jobs: Reached["jobs"]): Promise<Finding> {
  const wanted = [
    { setting: "DATABASE_APP_URL", role: roles.app, session: app },
    { setting: "DATABASE_JOBS_URL", role: roles.jobs, session: jobs },
  ];
  const found = await Promise.all(
    wanted.map(async (one) => ({
      ...one,
      said: typeof one.session === "object" ? await askLogin(one.session) : undefined,
    })),
  );
  const broken = found.find(({ said, role }) => said === undefined || said.role !== role);
  if (broken !== undefined) {
    const why =
      broken.said === undefined
        ? `cannot log in (${typeof broken.session === "string" ? broken.session : "no code"})`
        : `acts as ${broken.said.role}`;
    return fail(
      `for ${broken.role}: ${why}`,
      `Let ${broken.setting} log in as ${broken.role}; or leave it unset, and let the login of DATABASE_URL become it.`,
    );
  }
  return loginFinding(found.flatMap(({ said }) => said ?? []));
}

/** A login that only stepped down can step up again, and so can a bug in the process that holds it. */
export function loginFinding(found: readonly LoggedIn[]): Finding {
  const steppedDown = found.find(({ role, login }) => role !== login);
  if (steppedDown === undefined) return ok("the bot and the jobs each have their own");
  const { login, superuser } = steppedDown;
  return warn(
    superuser
      ? `${login}, a superuser, stands in for the bot`
      : `${login} stands in for the bot and the jobs`,
    "Give allpoints_app and allpoints_jobs a password each, and set DATABASE_APP_URL and DATABASE_JOBS_URL.",
  );
}

export function roleRights(faults: readonly string[]): Finding {
  return faults.length === 0
    ? ok("the bot and the jobs own nothing and bypass nothing")
    : fail(
        faults.join("; "),
        "Take it back (alter role, revoke, alter owner): row-level security does not bind them so.",
      );
}

function rowSecurity({ total, open }: { readonly total: number; readonly open: readonly string[] }): Finding {
  if (total === 0) return warn("no tables yet", "Run: allpoints migrate");
  return open.length === 0
    ? ok(`forced on all ${total} tables with an agency's rows`)
    : fail(
        `not forced on ${open.join(", ")}`,
        `alter table … enable row level security; alter table … force row level security; then find out who took it off.`,
      );
}

function queueTables(missing: readonly string[]): Finding {
  return missing.length === 0
    ? ok("there")
    : warn(`missing: ${missing.join(", ")}`, "Run: allpoints migrate");
}

async function migrations({ app }: Access): Promise<Finding> {
  try {
    const pending = await pendingMigrations({ connection: { ...app, connectionTimeoutMillis: 5_000 } });
    return pending.length === 0
      ? ok("none pending")
      : warn(
          `${pending.length} pending: ${pending.join(", ")}`,
          "Run: allpoints migrate (start does it too)",
        );
  } catch (error) {
    const foreseen = error instanceof Error && !("code" in error);
    return fail(
      foreseen ? error.message : `cannot be compared (${codeOf(error)})`,
      "Run the version of Allpoints that last ran here, or a later one.",
    );
  }
}

async function businessClock(config: Config, app: Look): Promise<Finding> {
  const { moved, by } = await readClockShift(app).catch((error: unknown) => {
    // Before the first migration there is none.
    if (codeOf(error) === "42P01" || codeOf(error) === "3F000" || codeOf(error) === "42501")
      return { moved: false, by: "" };
    throw error;
  });
  if (!moved) return ok("not moved");
  return sandboxMode(config)
    ? ok(`moved by ${by} (sandbox)`)
    : fail(
        `moved by ${by}: every deadline is wrong by that much`,
        "This is a sandbox's or a test's database. As its owner: update clock.shift set by = '0'",
      );
}
