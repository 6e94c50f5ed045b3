import { slackOptionalScopes, slackScopes } from "../bot/registration.ts";
import type { Identity } from "../chat.ts";
import type { Config } from "../config.ts";
import { codeOf, fail, ok, warn, type Check, type Finding } from "./doctor.ts";
import { usesSlackHttp } from "./machine-checks.ts";

/** What a platform makes of a token. */
export type Recognised =
  | { readonly kind: "known"; readonly identity: Identity }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "unreachable"; readonly code: string };

export interface QueueFacts {
  readonly version: string | undefined;
  readonly evictionPolicy: string | undefined;
  readonly appendOnly: boolean | undefined;
}

/** How the outside is asked; the core knows no platform and no Redis. */
export interface Outside {
  readonly slack: (token: string) => Promise<Recognised>;
  readonly discord: (token: string) => Promise<Recognised>;
  readonly redis: (url: string) => Promise<QueueFacts>;
}

/** What can be said of what was set up outside: nothing for what is not set. */
export function platformChecks(config: Config, outside: Outside): readonly Check[] {
  const { REDIS_URL, SLACK_BOT_TOKEN, DISCORD_TOKEN } = config;
  const slackSet = SLACK_BOT_TOKEN ?? config.SLACK_APP_TOKEN ?? config.SLACK_SIGNING_SECRET;
  return [
    ...(REDIS_URL === undefined ? [] : [{ name: "redis", run: () => redis(() => outside.redis(REDIS_URL)) }]),
    ...(slackSet === undefined ? [] : [{ name: "slack intake", run: () => slackIntake(config) }]),
    ...(SLACK_BOT_TOKEN === undefined
      ? []
      : [{ name: "slack token", run: async () => slackToken(await outside.slack(SLACK_BOT_TOKEN)) }]),
    ...(DISCORD_TOKEN === undefined
      ? []
      : [
          {
            name: "discord token",
            run: async () =>
              discordToken(await outside.discord(DISCORD_TOKEN), config.DISCORD_APPLICATION_ID),
          },
        ]),
  ];
}

async function redis(ask: () => Promise<QueueFacts>): Promise<Finding> {
  try {
    return redisFinding(await ask());
  } catch (error) {
    return fail(
      `cannot be reached (${codeOf(error)})`,
      "Check address and password in REDIS_URL. Nothing is lost, but nothing is sent until it answers.",
    );
  }
}

/** Nothing is lost with the queue, so these cost time and no more. */
export function redisFinding({ version, evictionPolicy, appendOnly }: QueueFacts): Finding {
  const wrong = [
    ...(evictionPolicy === "noeviction" ? [] : [`maxmemory-policy is ${evictionPolicy ?? "unknown"}`]),
    ...(appendOnly === true
      ? []
      : [appendOnly === undefined ? "appendonly is unknown" : "appendonly is off"]),
  ];
  return wrong.length === 0
    ? ok(`${version ?? "unknown version"}, noeviction, append-only`)
    : warn(
        wrong.join(", "),
        "Set maxmemory-policy noeviction and appendonly yes, or wake-ups are lost and cards come later.",
      );
}

function slackIntake(config: Config): Finding {
  if (config.SLACK_BOT_TOKEN === undefined) {
    return warn(
      "SLACK_BOT_TOKEN is not set",
      "Set it to check a workspace here, or to connect one: allpoints slack connect.",
    );
  }
  if (!usesSlackHttp(config)) return ok("Socket Mode: Slack needs no way in");
  return ok(`over HTTP at ${config.HOST}:${config.PORT}, signatures are checked`);
}

const copyAgain =
  "Copy it again from your Slack app (OAuth & Permissions), and check that it was not revoked.";

export function slackToken(recognised: Recognised): Finding {
  if (recognised.kind === "refused")
    return fail(`Slack refuses SLACK_BOT_TOKEN (${recognised.code})`, copyAgain);
  if (recognised.kind === "unreachable") return unreachable("Slack", "SLACK_API_URL", recognised.code);
  const { workspace = "?", scopes } = recognised.identity;
  const reinstall =
    "in your Slack app (OAuth & Permissions), then install it again: allpoints slack manifest lists them.";
  if (scopes === undefined)
    return warn(`${workspace}; Slack does not say which scopes it has`, `Compare them ${reinstall}`);
  const missing = slackScopes().filter((scope) => !scopes.includes(scope));
  if (missing.length > 0)
    return fail(`${workspace}: scopes missing: ${missing.join(", ")}`, `Add them ${reinstall}`);
  const optional = slackOptionalScopes();
  const superfluous = scopes.filter((scope) => ![...slackScopes(), ...optional].includes(scope));
  if (superfluous.length > 0)
    return warn(
      `${workspace}: scopes that are not needed: ${superfluous.join(", ")}`,
      `Remove them ${reinstall}`,
    );
  const absent = optional.filter((scope) => !scopes.includes(scope));
  if (absent.length === 0) return ok(`${workspace}, with exactly the scopes it needs`);
  return ok(
    `${workspace}, with the scopes it needs. Optional: with ${absent.join(", ")} a card whose arrival is unknown is looked for; without, it is sent again or shown to a person.`,
  );
}

export function discordToken(recognised: Recognised, application: string | undefined): Finding {
  if (recognised.kind === "refused") {
    return fail(
      `Discord refuses DISCORD_TOKEN (${recognised.code})`,
      "Make a new one in your Discord application: Bot, Reset Token.",
    );
  }
  if (recognised.kind === "unreachable") return unreachable("Discord", "DISCORD_API_URL", recognised.code);
  const belongs = recognised.identity.application;
  return belongs === application
    ? ok(`application ${belongs}`)
    : fail(
        `DISCORD_TOKEN belongs to application ${belongs}, DISCORD_APPLICATION_ID says ${application ?? "nothing"}`,
        "Copy both from the same Discord application.",
      );
}

function unreachable(platform: string, setting: string, code: string): Finding {
  return fail(
    `${platform} cannot be asked (${code})`,
    `Check ${setting}, the way out of this machine, and ${platform}'s status page.`,
  );
}
