import { discordAdapter } from "../adapters/discord/discord-adapter.ts";
import { slackAdapter } from "../adapters/slack/slack-adapter.ts";
import { askRedis } from "../jobs/redis-check.ts";
import type { IdentifiesTokens } from "./chat.ts";
import type { Config } from "./config.ts";
import { examineDatabase } from "./doctor/database-checks.ts";
import { codeOf, examine, isHealthy, reportLines, reportObject } from "./doctor/doctor.ts";
import { machineChecks } from "./doctor/machine-checks.ts";
import { platformChecks, type Recognised } from "./doctor/platform-checks.ts";
import type { Base } from "./main.ts";

/** Checks this installation and says what it found. The exit code: 1 when a check failed. */
export async function runDoctor({ config }: Base, { json }: { readonly json: boolean }): Promise<number> {
  await using database = await examineDatabase(config);
  const found = await examine([
    ...machineChecks(config),
    ...database.checks,
    ...platformChecks(config, { ...askPlatforms(config), redis: askRedis }),
  ]);
  console.log(json ? JSON.stringify(reportObject(found)) : reportLines(found).join("\n"));
  return isHealthy(found) ? 0 : 1;
}

/** Adapters that are never started: they ask whose a token is, and need no database for it. */
function askPlatforms({ SLACK_API_URL, DISCORD_API_URL }: Config) {
  const common = {
    installations: { find: () => Promise.resolve(undefined) },
    // What they have to say is what the check says.
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  const mode = { kind: "http", host: "127.0.0.1", port: 0 } as const;
  const slack = slackAdapter({ ...common, mode, signingSecret: "" });
  return {
    slack: (token: string) => recognise(slack, { apiBaseUrl: SLACK_API_URL, token }),
    discord: (token: string) =>
      recognise(discordAdapter({ ...common, token, application: "", apiBaseUrl: DISCORD_API_URL }), {
        apiBaseUrl: DISCORD_API_URL,
        token,
      }),
  };
}

async function recognise(
  adapter: IdentifiesTokens,
  target: Parameters<IdentifiesTokens["identify"]>[0],
): Promise<Recognised> {
  try {
    return { kind: "known", identity: await adapter.identify(target) };
  } catch (error) {
    return refusal(error);
  }
}

/** Slack says no in an answer's `data.error`, Discord with status 401; anything else is no answer about the token. */
function refusal(error: unknown): Recognised {
  if (error instanceof Error && "data" in error && typeof error.data === "object" && error.data !== null) {
    const code = "error" in error.data && typeof error.data.error === "string" ? error.data.error : "";
    if (/^[a-z_]{3,40}$/.test(code)) return { kind: "refused", code };
  }
  if (error instanceof Error && "status" in error && error.status === 401)
    return { kind: "refused", code: "401" };
  return { kind: "unreachable", code: codeOf(error) };
}
