import { createHmac } from "node:crypto";

import { Client, escapeIdentifier, escapeLiteral } from "pg";
import type { ClientConfig } from "pg";

/**
 * Who may do what in the database:
 *
 *   allpoints_owner    owns database and schemas, migrates
 *   allpoints_app      the bot; bound by row-level security
 *   allpoints_jobs     the workers; bound by row-level security
 *   allpoints_definer  owns the functions that may cross agencies; nobody logs in as it
 */
export const roles = {
  owner: "allpoints_owner",
  app: "allpoints_app",
  jobs: "allpoints_jobs",
  definer: "allpoints_definer",
} as const;
export type LoginRole = "owner" | "app" | "jobs";

export interface RoleSetup {
  /** A superuser, or a login that may create roles. */
  readonly admin: ClientConfig;
  readonly database: string;
  /** Left out: the roles exist without a password, for a deployment with one URL (see `asRole`). */
  readonly passwords?: Readonly<Record<LoginRole, string>>;
}

/** Creates the roles and the database where they are missing; changes nothing where they are right. */
export async function ensureRoles(setup: RoleSetup): Promise<void> {
  const admin = await connect(setup.admin);
  try {
    // Two processes starting at once would otherwise fail on each other's half-made roles.
    await admin.query("select pg_advisory_lock(7_022_001)");
    await createRoles(admin, setup.passwords);
    await createDatabase(admin, setup.database);
    await grantDatabase(admin, setup.database);
  } finally {
    await admin.end();
  }
}

/** The same login, acting as one of our roles: the second-best way where there is only one URL. */
export function asRole<Config extends ClientConfig>(connection: Config, role: LoginRole): Config {
  const { connectionString, options } = connection;
  const setting = `-c role=${roles[role]}`;
  // pg lets "?options=" in the URL win over ours: without this the login would keep all its own rights.
  const inUrl = /([?&]options=[^&]*)/;
  if (connectionString !== undefined && inUrl.test(connectionString)) {
    const extended = connectionString.replace(inUrl, `$1${encodeURIComponent(` ${setting}`)}`);
    return { ...connection, connectionString: extended };
  }
  return { ...connection, options: options === undefined ? setting : `${options} ${setting}` };
}

/** A role's password that every process with the same secret arrives at, so that none has to be stored or reset. */
export function derivedPassword(secret: string, role: string): string {
  return createHmac("sha256", secret).update(role).digest("base64url");
}

async function createRoles(admin: Client, passwords: RoleSetup["passwords"]): Promise<void> {
  const { rows } = await admin.query<{ rolname: string }>("select rolname from pg_roles");
  const existing = new Set(rows.map((row) => row.rolname));
  for (const role of Object.values(roles)) {
    if (!existing.has(role)) {
      const login = role === roles.definer ? "nologin" : "login";
      await admin.query(`create role ${role} ${login} nosuperuser nocreatedb nocreaterole nobypassrls`);
    }
  }
  for (const role of passwords ? (["owner", "app", "jobs"] as const) : []) {
    await admin.query(`alter role ${roles[role]} password ${escapeLiteral(passwords?.[role] ?? "")}`);
  }
  // The owner hands functions to the definer, and stands in for the two others where there is one URL only;
  // without "inherit" it has none of their rights until it says `set role`.
  await admin.query(`grant ${roles.definer} to ${roles.owner} with inherit true, set true`);
  await admin.query(`grant ${roles.app}, ${roles.jobs} to ${roles.owner} with inherit false, set true`);
  const { rows: self } = await admin.query<{ super: boolean; name: string }>(
    "select rolsuper as super, current_user as name from pg_roles where rolname = current_user",
  );
  const login = self[0];
  if (login && !login.super && login.name !== roles.owner) {
    await admin.query(
      `grant ${roles.owner}, ${roles.app}, ${roles.jobs} to current_user with inherit false, set true`,
    );
  }
}

async function createDatabase(admin: Client, database: string): Promise<void> {
  const { rowCount } = await admin.query("select from pg_database where datname = $1", [database]);
  if (rowCount === 0) {
    await admin.query(`create database ${escapeIdentifier(database)} owner ${roles.owner}`);
  }
}

async function grantDatabase(admin: Client, database: string): Promise<void> {
  const name = escapeIdentifier(database);
  await admin.query(`revoke all on database ${name} from public`);
  await admin.query(`grant connect, create, temporary on database ${name} to ${roles.owner}`);
  // Temporary: BullMQ's addBulk makes two temporary tables.
  await admin.query(`grant connect, temporary on database ${name} to ${roles.app}, ${roles.jobs}`);
}

async function connect(config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  // Without a listener a server that goes away ends the process; the query that follows reports it instead.
  client.on("error", () => {});
  await client.connect();
  return client;
}
