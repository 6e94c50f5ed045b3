import { registerCommands } from "../adapters/discord/register-commands.ts";
import { openQueues } from "../jobs/queues.ts";
import type { SandboxOperator } from "../sandbox/operator.ts";
import { pretend } from "../sandbox/pretend.ts";
import type { Operator } from "../sandbox/settle.ts";
import { configurePretendSlack } from "../sandbox/slack/pretend-slack.ts";
import { discordApplication, slackApplication, type WorldAgency } from "../sandbox/world.ts";
import { listAgencies } from "./agencies/agency-store.ts";
import {
  discordCommands,
  globalShortcuts,
  messageShortcut,
  slackOptionalScopes,
  slackScopes,
  slackSlashCommands,
} from "./bot/registration.ts";
import { openOperator, type Watched } from "./cli-sandbox-operator.ts";
import { discordToken, type PlatformUrls } from "./cli-sandbox-platforms.ts";
import { openTable } from "./features.ts";
import { openGround, type Base, type Ground } from "./main.ts";
import { admitAgency, agencyNamed, connect, inviteOfficer, rolesOf } from "./operator.ts";

// What of the product runs in the sandbox's own process: the ground, and the operator on it.

export interface Product extends AsyncDisposable {
  readonly ground: Ground;
  readonly office: Operator;
  readonly operatorOf: (processes: Pick<Watched, "bot" | "jobs">) => SandboxOperator;
}

/** Opens the database, and tells the pretend platforms of the app. */
export async function openProduct(base: Base, urls: PlatformUrls): Promise<Product> {
  await using opened = new AsyncDisposableStack();
  const [ground] = await Promise.all([openGround(base).then((open) => opened.use(open)), register(urls)]);
  const { config, database, log } = ground;
  const queues = opened.adopt(
    await openQueues({ connection: database.jobs, redisUrl: config.REDIS_URL, log }),
    (queue) => queue.close(),
  );
  const closing = opened.move();
  return {
    ground,
    office: officeOf(ground, urls),
    operatorOf: (processes) => openOperator({ ground, queues, ...processes }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** What the platforms must know of the app: as an operator would register it. */
async function register(urls: PlatformUrls): Promise<void> {
  const table = openTable();
  await configurePretendSlack(urls.slack, {
    slashCommands: slackSlashCommands(table, ""),
    shortcuts: [
      ...globalShortcuts.map(({ name, callbackId }) => ({ name, callbackId, type: "global" as const })),
      { name: messageShortcut.name, callbackId: messageShortcut.callbackId, type: "message" as const },
    ],
  });
  // Everything the manifest asks for, also what may be refused: a post of unknown outcome can be looked for.
  await pretend(urls.slack).setScopes({ scopes: [...slackScopes(), ...slackOptionalScopes()] });
  await registerCommands({
    apiBaseUrl: `${urls.discord}/api/`,
    token: discordToken,
    application: discordApplication,
    commands: discordCommands(table, ""),
  });
}

function officeOf(ground: Ground, urls: PlatformUrls): Operator {
  return {
    async admit(agency) {
      const known = await ground.app.transaction({ agency: null, id: "operator" }, listAgencies);
      const before = known.find(({ name }) => name === agency.name);
      const { id, state } = before ?? (await admitAgency(ground, asNewAgency(agency)));
      // The pretend platforms have new addresses at every start.
      await connect(ground, {
        agency: id,
        platform: agency.platform,
        workspace: agency.workspace,
        application: agency.platform === "slack" ? slackApplication : discordApplication,
        botUser: agency.botUser,
        token: agency.token,
        apiBaseUrl: `${urls[agency.platform]}/api/`,
        environment: "commercial",
      });
      if (before !== undefined) return "known";
      return state === "active" ? "member" : "pending";
    },
    async invite(agency, person) {
      const id = await agencyNamed(ground, agency.name);
      return inviteOfficer(ground, { agency: id, name: person.name, roles: rolesOf(person.roles.join(",")) });
    },
  };
}

function asNewAgency({ name, zone, contactName, contactPhone, areas }: WorldAgency) {
  return { name, ori: undefined, zone, contactName, contactPhone, areas };
}
