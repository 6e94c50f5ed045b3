// What the platforms' own libraries cost: handlers that answer at once, with what the product answered once.

import { App, HTTPReceiver, LogLevel } from "@slack/bolt";
import { Client, Events, GatewayIntentBits, Options } from "discord.js";

import type { JsonObject } from "../sandbox/shared/json.ts";
import { places, signingSecret } from "./answer/places.ts";
import { serveParent } from "./shared/parent-calls.ts";

/** One answer of the product's to each step. */
export interface Bare {
  readonly platform: "slack" | "discord";
  readonly apiUrl: string;
  readonly form: JsonObject;
  readonly stored: JsonObject;
}

let close: () => Promise<unknown> = async () => undefined;

serveParent(
  { start: (bare: Bare) => (bare.platform === "slack" ? startBolt(bare) : startDiscordJs(bare)) },
  async () => void (await close()),
);

async function startBolt({ apiUrl, form, stored }: Bare): Promise<{ readonly slackPort: number }> {
  const receiver = new HTTPReceiver({ signingSecret, endpoints: ["/slack/events"], logLevel: LogLevel.WARN });
  const app = new App({
    receiver,
    authorize: async () => ({ botToken: places.slack.token }),
    convoStore: false,
    ignoreSelf: false,
    logLevel: LogLevel.WARN,
    clientOptions: {
      slackApiUrl: apiUrl,
      timeout: 5_000,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
    },
  });
  app.command(/^/, async ({ ack, command, client }) => {
    await ack();
    await client.views.open({ trigger_id: command.trigger_id, view: form as never });
  });
  app.view(/^/, ({ ack }) => ack(stored as never));
  const server = await app.start({ port: 0, host: "127.0.0.1" });
  close = () => app.stop();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Bolt has no port");
  return { slackPort: address.port };
}

async function startDiscordJs({ apiUrl, form, stored }: Bare): Promise<Record<never, never>> {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    waitGuildTimeout: 0,
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      GuildMemberManager: 0,
      UserManager: 0,
    }),
    rest: {
      api: apiUrl.replace(/\/$/, ""),
      retries: 1,
      timeout: 5_000,
      globalRequestsPerSecond: Number.POSITIVE_INFINITY,
    },
  });
  client.on(Events.InteractionCreate, (interaction) => {
    const answered = interaction.isChatInputCommand()
      ? interaction.showModal(form["data"] as never)
      : interaction.isModalSubmit() && interaction.reply(stored["data"] as never);
    // Nobody to tell: an answer that does not arrive is counted as an error over there.
    Promise.resolve(answered).catch((error: unknown) => console.error(error));
  });
  close = () => client.destroy();
  await client.login(places.discord.token);
  return {};
}
