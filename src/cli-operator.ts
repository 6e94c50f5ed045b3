import { join } from "node:path";

import { Command } from "commander";

import { registerCommands } from "../adapters/discord/register-commands.ts";
import { listAgencies, listInstallations } from "./agencies/agency-store.ts";
import { areaCodes } from "./agencies/agency.ts";
import { verifyAudit } from "./audit/sealer.ts";
import { discordCommands as discordBody, slackManifest } from "./bot/registration.ts";
import { identifiesTokens, type Platform } from "./chat.ts";
import { isZone } from "./clock.ts";
import { StartError } from "./errors.ts";
import { openTable } from "./features.ts";
import { openAdapters, openGround, type Base, type Ground } from "./main.ts";
import { admitAgency, agencyNamed, connect, inviteOfficer, rolesOf } from "./operator.ts";

type GetBase = () => Base;
const operator = { agency: null, id: "operator" };

/** Runs one deed of the operator on the open database, and closes it again. */
async function withGround(base: GetBase, work: (ground: Ground) => Promise<void>): Promise<void> {
  await using ground = await openGround(base());
  await work(ground);
}

function print(json: boolean | undefined, value: object, words: string): void {
  console.log(json === true ? JSON.stringify(value) : words);
}

interface AgencyOptions {
  readonly phone: string;
  readonly contact: string;
  readonly zone?: string;
  readonly areas: string;
  readonly ori?: string;
  readonly json?: boolean;
}

export function agencyCommands(base: GetBase): Command {
  return new Command("agency")
    .description("member agencies")
    .addCommand(agencyAdd(base))
    .addCommand(agencyList(base));
}

function agencyAdd(base: GetBase): Command {
  return new Command("add")
    .argument("<name>")
    .description("add an agency; from the third on it waits for another member's admin")
    .requiredOption("--phone <number>", "needed: answered day and night; stands on every card")
    .requiredOption("--contact <who>", 'needed: who answers it, such as "Metro watch"')
    .requiredOption(
      "--areas <areas>",
      'needed: what it covers, for filters, such as "Riverton, Cedar County"',
    )
    .option("--zone <zone>", "time zone: America/Chicago (default: DISPLAY_ZONE)")
    .option("--ori <ori>", "nine characters")
    .option("--json", "for machines")
    .action((name: string, options: AgencyOptions) =>
      withGround(base, async (ground) => {
        const zone = options.zone ?? ground.config.DISPLAY_ZONE;
        if (!isZone(zone))
          throw new StartError(`"${zone}" is not a time zone.`, "Use a name such as America/Chicago.", 64);
        const areas = areaCodes(options.areas);
        if (areas.length === 0)
          throw new StartError("--areas is empty.", 'Name at least one, such as --areas "Riverton".', 64);
        const { ori, phone, contact } = options;
        const { id, state } = await admitAgency(ground, {
          name,
          ori,
          zone,
          contactName: contact,
          contactPhone: phone,
          areas,
        });
        const next =
          state === "active"
            ? "It is a member."
            : `It waits: an admin of another member types /allpoints agency approve ${name}`;
        print(options.json, { id, name, state }, `Added ${name}. ${next}`);
      }),
    );
}

function agencyList(base: GetBase): Command {
  return new Command("list")
    .description("all agencies and their installations")
    .option("--json", "for machines")
    .action(({ json }: { json?: boolean }) =>
      withGround(base, async ({ app }) => {
        const [agencies, installations] = await app.transaction(operator, async (tx) => [
          await listAgencies(tx),
          await listInstallations(tx),
        ]);
        const lines = agencies.map(({ id, name, state, contactName, contactPhone }) => {
          const places = installations
            .filter((installation) => installation.agency_id === id)
            .map(
              ({ platform, workspace, state: standing }) =>
                `${platform} ${workspace}${standing === "active" ? "" : " (gone)"}`,
            );
          return `${name} · ${state} · ${contactName} ${contactPhone} · ${places.join(", ") || "no workspace"}`;
        });
        print(json, { agencies, installations }, lines.join("\n") || "No agency yet: allpoints agency add");
      }),
    );
}

export function officerCommands(base: GetBase): Command {
  const command = new Command("officer").description("officers of an agency");
  command
    .command("invite")
    .description("a one-time code with which a person links their account; good for seven days")
    .requiredOption("--agency <name>", "their agency")
    .requiredOption("--name <name>", 'rank and name, as others shall see it: "Sgt Diaz"')
    .requiredOption("--role <roles>", "one or several: officer,analyst,agency_admin")
    .option("--json", "for machines")
    .action((options: { agency: string; name: string; role: string; json?: boolean }) =>
      withGround(base, async (ground) => {
        const agency = await agencyNamed(ground, options.agency);
        const code = await inviteOfficer(ground, {
          agency,
          name: options.name,
          roles: rolesOf(options.role),
        });
        print(options.json, { code }, `Code: ${code}\nThey type: /allpoints link ${code}`);
      }),
    );
  return command;
}

export function slackCommands(base: GetBase): Command {
  const command = new Command("slack").description("Slack workspaces");
  command
    .command("manifest")
    .description("the app's manifest: paste it at api.slack.com/apps, From a manifest")
    .option("--prefix <prefix>", "put before every command where another app has the same names", "")
    .option("--url <url>", "where Slack reaches this bot; without it: Socket Mode")
    .action(({ prefix, url }: { prefix: string; url?: string }) => {
      if (!/^([a-z0-9][a-z0-9_-]{0,9})?$/.test(prefix)) {
        throw new StartError(
          `"${prefix}" cannot be a prefix.`,
          "Use up to 10 small letters, digits, - or _: ap-",
          64,
        );
      }
      const base = url === undefined ? undefined : URL.parse(url);
      if (base === null || (base !== undefined && base.protocol !== "https:")) {
        throw new StartError(
          `"${url}" is not an https address.`,
          "Slack sends only to one, such as https://bot.example.org",
          64,
        );
      }
      const requestUrl = base === undefined ? undefined : new URL("/slack/events", base).href;
      console.log(JSON.stringify(slackManifest(openTable(), { prefix, requestUrl }), null, 2));
    });
  command
    .command("connect")
    .description("connect the workspace of SLACK_BOT_TOKEN to an agency; again to replace its token")
    .requiredOption("--agency <name>", "the agency that hosts the workspace")
    .option("--json", "for machines")
    .action((options: { agency: string; json?: boolean }) =>
      withGround(base, (ground) => connectToken(ground, { ...options, platform: "slack" })),
    );
  return command;
}

export function discordCommands(base: GetBase): Command {
  const command = new Command("discord").description("Discord guilds");
  command
    .command("connect")
    .description("connect a guild to an agency, with the bot of DISCORD_TOKEN")
    .requiredOption("--agency <name>", "the agency that hosts the guild")
    .requiredOption("--guild <id>", "the guild's id")
    .option("--json", "for machines")
    .action((options: { agency: string; guild: string; json?: boolean }) =>
      withGround(base, (ground) =>
        connectToken(ground, { ...options, platform: "discord", workspace: options.guild }),
      ),
    );
  command
    .command("register")
    .description("tell Discord the commands; does nothing when it knows them")
    .option("--guild <id>", "for one guild only, at once")
    .option("--json", "for machines")
    .action(async ({ guild, json }: { guild?: string; json?: boolean }) => {
      const { config } = base();
      if (config.DISCORD_TOKEN === undefined || config.DISCORD_APPLICATION_ID === undefined) {
        throw new StartError(
          "DISCORD_TOKEN and DISCORD_APPLICATION_ID are not set.",
          "Set them in .env; .env.example says where they are found.",
          78,
        );
      }
      const change = await registerCommands({
        apiBaseUrl: config.DISCORD_API_URL,
        token: config.DISCORD_TOKEN,
        application: config.DISCORD_APPLICATION_ID,
        commands: discordBody(openTable(), config.COMMAND_PREFIX ?? ""),
        ...(guild !== undefined && { guild }),
      });
      const { added, removed, updated } = change;
      print(
        json,
        change,
        change.changed
          ? `Registered. Added ${added.length}, updated ${updated.length}, removed ${removed.length}.`
          : "Discord knows these commands already.",
      );
    });
  return command;
}

interface ConnectOptions {
  readonly agency: string;
  readonly platform: Platform;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Asks the platform whose token this is, then keeps it sealed. */
async function connectToken(
  ground: Ground,
  { agency: name, platform, workspace, json }: ConnectOptions,
): Promise<void> {
  const { config } = ground;
  const [token, apiBaseUrl, setting] =
    platform === "slack"
      ? ([config.SLACK_BOT_TOKEN, config.SLACK_API_URL, "SLACK_BOT_TOKEN"] as const)
      : ([config.DISCORD_TOKEN, config.DISCORD_API_URL, "DISCORD_TOKEN"] as const);
  const adapter = openAdapters(ground).all.find((one) => one.platform === platform);
  if (token === undefined || adapter === undefined || !identifiesTokens(adapter)) {
    throw new StartError(
      `${setting} is not set.`,
      "Set it in .env, never on the command line: other users of the machine could read it.",
      78,
    );
  }
  const agency = await agencyNamed(ground, name);
  const identity = await adapter.identify({ apiBaseUrl, token }).catch(() => {
    throw new StartError(
      `${platform} does not accept ${setting}.`,
      "Copy the token again, and check that it was not revoked.",
      78,
    );
  });
  const place = workspace ?? identity.workspace;
  if (place === undefined) throw new Error("the platform did not say which workspace this is");
  await connect(ground, {
    agency,
    platform,
    workspace: place,
    application: identity.application,
    botUser: identity.botUser,
    token,
    apiBaseUrl,
    environment: apiBaseUrl.includes("slack-gov.com") ? "gov" : "commercial",
  });
  print(json, { platform, workspace: place }, `Connected ${platform} ${place} to ${name}.`);
}

/** Where checkpoints of the audit are kept: copy them to where the database's keeper cannot write. */
export function checkpointFile(data: string): string {
  return join(data, "audit-checkpoints.jsonl");
}

export function auditCommands(base: GetBase): Command {
  const command = new Command("audit").description("the audit chain");
  command
    .command("verify")
    .description("seal, then walk every chain: whole, or the place where it is not (exit code 1)")
    .option("--json", "for machines")
    .action(({ json }: { json?: boolean }) =>
      withGround(base, async ({ config, jobs, keyring }) => {
        const found = await verifyAudit(jobs, keyring, checkpointFile(config.ALLPOINTS_DATA));
        const { rows, chains, broken } = found;
        print(
          json,
          found,
          broken.length === 0
            ? `The audit is whole: ${rows} rows in ${chains} chains.`
            : `The audit is NOT whole (${rows} rows in ${chains} chains):\n${broken.map((line) => `  - ${line}`).join("\n")}`,
        );
        if (broken.length > 0) process.exitCode = 1;
      }),
    );
  return command;
}
