import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { isZone } from "./clock.ts";
import { editDistance } from "./edit-distance.ts";
import { StartError } from "./errors.ts";

interface About {
  /** What it is for, in a line. */
  readonly about: string;
  /** What a usable value looks like: the fix in a complaint. */
  readonly fix: string;
  /** May be given as NAME_FILE, a file that holds it, and is never shown. */
  readonly secret?: true;
}

const about = z.registry<About>();

const postgresUrl = z.string().regex(/^postgres(ql)?:\/\/\S+$/);
const aPostgresUrl = "write it as postgres://user:password@host:5432/database";
const port = z.coerce.number().int().min(0).max(65_535);
const aPort = "a number from 0 to 65535; 0 takes any free port";
const aPace = "a number from 0.01 to 1000; the default is what the platform documents, less a margin";
/** A limit of a platform; the preset is the documented one. */
const pace = (preset: number, what: string) =>
  z.coerce.number().min(0.01).max(1000).default(preset).register(about, { about: what, fix: aPace });
const privateAnswers = z.enum(["none", "summary", "full"]);

/** Something secret travels to this address, so it is https; on this machine itself, plain http will do. */
const secureUrl = z.url({ protocol: /^https?$/ }).refine((url) => {
  // Asked also of what is no address at all.
  const { protocol = "", hostname = "" } = URL.parse(url) ?? {};
  return protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
});
const apiUrl = secureUrl.transform((url) => (url.endsWith("/") ? url : `${url}/`));

/** Every setting, in the order of .env.example. Nothing else reads the environment. */
const settings = z.object({
  ALLPOINTS_DATA: z
    .string()
    .default("./.allpoints")
    .register(about, { about: "folder for what this machine keeps", fix: "a folder the bot may write to" }),
  DATABASE_URL: postgresUrl.optional().register(about, {
    about: "PostgreSQL 17 or later, as the role that owns the database; unset: an embedded one",
    fix: aPostgresUrl,
    secret: true,
  }),
  DATABASE_APP_URL: postgresUrl.optional().register(about, {
    about: "the same database with the bot's own login",
    fix: aPostgresUrl,
    secret: true,
  }),
  DATABASE_JOBS_URL: postgresUrl.optional().register(about, {
    about: "the same database with the jobs' own login",
    fix: aPostgresUrl,
    secret: true,
  }),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/\S+$/)
    .optional()
    .register(about, {
      about: "Redis or Valkey for the queue; unset: the queue lives in the database",
      fix: "write it as redis://user:password@host:6379, or rediss:// for TLS",
      secret: true,
    }),
  KEYRING_FILE: z.string().optional().register(about, {
    about: "the keys that open sealed columns: back it up apart from the database",
    fix: "a file only the bot may read; unset: keyring.json in ALLPOINTS_DATA",
  }),
  SLACK_SIGNING_SECRET: z.string().min(8).optional().register(about, {
    about: "proves that a request comes from Slack (HTTP mode)",
    fix: "copy it from your Slack app: Basic Information, Signing Secret",
    secret: true,
  }),
  SLACK_BOT_TOKEN: z.string().startsWith("xoxb-").optional().register(about, {
    about: "the bot's token; becomes the first Slack installation",
    fix: "it starts with xoxb-: copy it from your Slack app, OAuth & Permissions",
    secret: true,
  }),
  SLACK_APP_TOKEN: z.string().startsWith("xapp-").optional().register(about, {
    about: "Socket Mode: Slack needs no way in from outside",
    fix: "it starts with xapp-: make one in your Slack app, Basic Information, App-Level Tokens",
    secret: true,
  }),
  SLACK_API_URL: apiUrl.default("https://slack.com/api/").register(about, {
    about: "Slack's Web API; https://slack-gov.com/api/ for GovSlack",
    fix: "an https address such as https://slack.com/api/",
  }),
  DISCORD_TOKEN: z.string().min(8).optional().register(about, {
    about: "the bot's token; becomes the first Discord installation",
    fix: "copy it from your Discord application: Bot, Reset Token",
    secret: true,
  }),
  DISCORD_APPLICATION_ID: z
    .string()
    .regex(/^\d{15,21}$/)
    .optional()
    .register(about, {
      about: "the application the Discord token belongs to",
      fix: "a number of 15 to 21 digits: copy it from your Discord application, General Information",
    }),
  DISCORD_API_URL: apiUrl.default("https://discord.com/api/").register(about, {
    about: "Discord's API",
    fix: "an https address such as https://discord.com/api/",
  }),
  HOST: z
    .string()
    .default("127.0.0.1")
    .register(about, { about: "the address to listen on", fix: "an address of this machine" }),
  PORT: port.default(3000).register(about, { about: "where Slack's requests arrive", fix: aPort }),
  HEALTH_PORT: port.default(3001).register(about, { about: "where health checks are answered", fix: aPort }),
  COMMAND_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,9}$/)
    .optional()
    .register(about, {
      about: "put before every command where another app has the same names: ap- makes /ap-tip",
      fix: "up to 10 small letters, digits, - or _",
    }),
  PRIVATE_ANSWERS_SLACK: privateAnswers.default("full").register(about, {
    about: "how much of a tip, note or hit a private Slack answer may show",
    fix: "none, summary or full",
  }),
  PRIVATE_ANSWERS_DISCORD: privateAnswers.default("none").register(about, {
    about: "how much of a tip, note or hit a private Discord answer may show",
    fix: "none, summary or full",
  }),
  DISCORD_CALLS_PER_SECOND: pace(
    48,
    "calls a second of a Discord application, answers to people aside; Discord allows 50",
  ),
  DISCORD_EDITS_PER_SECOND: pace(1, "changes of cards a second in one Discord channel"),
  SLACK_POSTS_PER_SECOND: pace(5, "new messages a second in one Slack workspace, once its burst is used up"),
  SLACK_POST_BURST: pace(
    15,
    "new messages at once in a Slack workspace that was quiet; Slack takes about 20",
  ),
  SLACK_CHANNEL_POSTS_PER_SECOND: pace(1, "new messages a second in one Slack channel"),
  SLACK_EDITS_PER_MINUTE: pace(40, "changes of cards a minute in one Slack workspace; Slack allows about 50"),
  SLACK_LOOKUPS_PER_MINUTE: pace(
    40,
    "look-ups a minute in one Slack workspace, for posts whose outcome is unknown; Slack allows about 50",
  ),
  WATCH_INDEX: z.enum(["memory", "off"]).default("memory").register(about, {
    about:
      "where the watch-list is matched: in memory (about 200 MB for a million entries), or in the database alone",
    fix: "memory or off",
  }),
  HEARTBEAT_URL: secureUrl.optional().register(about, {
    about: "called once a minute while the standing check finds nothing wrong: point a monitor at it",
    fix: "an https address that a monitor gave you; it is called with GET and told nothing",
    secret: true,
  }),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .register(about, { about: "how much is logged", fix: "debug, info, warn or error" }),
  DISPLAY_ZONE: z.string().refine(isZone).default("America/New_York").register(about, {
    about: "the time zone shown to an agency that set none",
    fix: "a zone name such as America/Chicago",
  }),
});

type SettingName = keyof typeof settings.shape;

export const settingNames = Object.keys(settings.shape) as readonly SettingName[];

export type Config = Readonly<Omit<z.infer<typeof settings>, "KEYRING_FILE">> & {
  readonly KEYRING_FILE: string;
};

type Environment = Readonly<Record<string, string | undefined>>;
type Given = Readonly<Partial<Record<SettingName, string>>>;

/** For the README and `doctor`: what can be set, never what is set. */
export interface SettingDescription {
  readonly name: SettingName;
  readonly about: string;
  readonly fix: string;
  readonly secret: boolean;
  readonly default: string | undefined;
}

export function describeSettings(): readonly SettingDescription[] {
  return settingNames.map((name) => {
    const { about: what, fix, secret = false } = aboutOf(name);
    const preset = settings.shape[name].safeParse(undefined).data;
    return { name, about: what, fix, secret, default: preset === undefined ? undefined : String(preset) };
  });
}

function aboutOf(name: SettingName): About {
  const found = about.get(settings.shape[name]);
  if (found === undefined) throw new Error(`${name} has no description`);
  return found;
}

/**
 * Reads every setting, or throws one `StartError` that names everything wrong with them.
 * The warnings are for the operator's screen; they hold names, never values.
 */
export function readConfig(env: Environment): {
  readonly config: Config;
  readonly warnings: readonly string[];
} {
  const { given, problems, warnings } = collect(env);
  const result = settings.safeParse(given);
  const wrong = new Set(result.error?.issues.map((issue) => issue.path[0] as SettingName));
  const complaints = [
    ...problems,
    ...[...wrong].map((name) => `${name} is not usable: ${aboutOf(name).fix}`),
    ...contradictions(given),
  ];
  if (!result.success || complaints.length > 0) {
    throw new StartError(
      `The settings cannot be used:\n${complaints.map((line) => `  - ${line}`).join("\n")}`,
      "Correct them in .env or in the environment, then start again. .env.example explains each.",
      78,
    );
  }
  const keyring = result.data.KEYRING_FILE ?? join(result.data.ALLPOINTS_DATA, "keyring.json");
  return {
    config: Object.freeze({ ...result.data, KEYRING_FILE: keyring }),
    warnings: [...warnings, ...strangers(env)],
  };
}

/** Whether no platform is set up: then everything pretends, on this machine alone. */
export function sandboxMode(config: Config): boolean {
  return [
    config.SLACK_BOT_TOKEN,
    config.SLACK_APP_TOKEN,
    config.SLACK_SIGNING_SECRET,
    config.DISCORD_TOKEN,
  ].every((token) => token === undefined);
}

function collect(env: Environment) {
  const given: Partial<Record<SettingName, string>> = {};
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const name of settingNames) {
    const { value, problem, warning } = valueOf(name, env);
    if (value !== undefined) given[name] = value;
    if (problem !== undefined) problems.push(problem);
    if (warning !== undefined) warnings.push(warning);
  }
  return { given, problems, warnings };
}

interface Found {
  readonly value?: string;
  readonly problem?: string;
  readonly warning?: string;
}

function valueOf(name: SettingName, env: Environment): Found {
  const value = present(env[name]);
  const file = aboutOf(name).secret === true ? present(env[`${name}_FILE`]) : undefined;
  if (file === undefined) return value === undefined ? {} : { value };
  return value === undefined
    ? readSecret(`${name}_FILE`, file)
    : { value, problem: `${name} and ${name}_FILE are both set: keep one` };
}

/** `NAME=` in a .env file means "not set". */
function present(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === "" ? undefined : trimmed;
}

function readSecret(name: string, file: string): Found {
  try {
    const open = (statSync(file).mode & 0o077) !== 0;
    const value = readFileSync(file, "utf8").trim();
    if (value === "") return { problem: `${name} names an empty file: write the secret into it` };
    return { value, ...(open && { warning: `${name} names a file that others can read: chmod 600 it` }) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
    return {
      problem: `${name} names a file that cannot be read (${code}): correct the path or its permissions`,
    };
  }
}

/** What each setting alone cannot say. Looks at what was given, so that these come with all other complaints. */
function contradictions(given: Given): readonly string[] {
  const needs = (name: SettingName, others: readonly SettingName[], sentence: string): readonly string[] =>
    given[name] !== undefined && others.every((other) => given[other] === undefined)
      ? [`${name} needs ${sentence}`]
      : [];
  const owner = "DATABASE_URL, the owner's login to the same database: add it";
  const slackPort = given.PORT ?? "3000";
  return [
    ...needs(
      "SLACK_BOT_TOKEN",
      ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"],
      "SLACK_SIGNING_SECRET (requests over HTTP) or SLACK_APP_TOKEN (Socket Mode): add one",
    ),
    ...needs(
      "DISCORD_TOKEN",
      ["DISCORD_APPLICATION_ID"],
      `DISCORD_APPLICATION_ID: ${aboutOf("DISCORD_APPLICATION_ID").fix}`,
    ),
    ...needs("DATABASE_APP_URL", ["DATABASE_URL"], owner),
    ...needs("DATABASE_JOBS_URL", ["DATABASE_URL"], owner),
    ...(slackPort === (given.HEALTH_PORT ?? "3001") && slackPort !== "0"
      ? ["PORT and HEALTH_PORT are the same: give them different numbers"]
      : []),
  ];
}

const ourPrefixes = /^(ALLPOINTS|SLACK|DISCORD|PRIVATE_ANSWERS|KEYRING)_/i;

/** Names that are probably meant for us and are read by nobody: misspelled, or from another version. */
function strangers(env: Environment): readonly string[] {
  const known = settingNames.flatMap((name) =>
    aboutOf(name).secret === true ? [name, `${name}_FILE`] : [name],
  );
  return Object.keys(env).flatMap((key) => {
    if (known.includes(key)) return [];
    const [nearest] = known
      .map((name) => ({ name, far: editDistance(key.toUpperCase(), name) }))
      .toSorted((a, b) => a.far - b.far);
    if (nearest === undefined) return [];
    // Short names are near to everything: HOME is two letters from HOST.
    const misspelled = nearest.far <= 2 && nearest.name.length >= 8;
    return misspelled || ourPrefixes.test(key)
      ? [`${key} is no setting and is ignored; the nearest is ${nearest.name}`]
      : [];
  });
}
