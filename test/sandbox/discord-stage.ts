import { Client, GatewayIntentBits, REST } from "discord.js";

import type { PretendDiscord, PretendDiscordOptions } from "../../sandbox/discord/pretend-discord.ts";
import { startPretendDiscord } from "../../sandbox/discord/pretend-discord.ts";
import type { PretendApi, Shown, ShownMessage } from "../../sandbox/pretend.ts";
import { pretend } from "../../sandbox/pretend.ts";

export const application = "100000000000000001";
export const bot = "100000000000000002";
export const token = "pretend-token";
export const guild = "200000000000000001";
export const diaz = "300000000000000001";
export const okafor = "300000000000000002";
export const desk = "400000000000000001";

/** Who acts where, in nearly every act. */
export const atDesk = { workspace: guild, user: diaz, channel: desk };

export interface Stage {
  readonly platform: PretendDiscord;
  readonly people: PretendApi;
  readonly rest: REST;
  /** A connected client, as the product has one. */
  readonly connect: () => Promise<Client<true>>;
  readonly close: () => Promise<void>;
}

/** A guild with two officers and a private desk channel that the bot is in. */
export async function openStage(
  limits: "real" | "off" = "off",
  options: Pick<PretendDiscordOptions, "latencyMs" | "keptCalls"> = {},
): Promise<Stage> {
  const own = { applicationId: application, token, botUser: bot, limits };
  const platform = await startPretendDiscord({ ...own, ...options });
  const people = pretend(platform.url);
  await people.addWorkspace({ id: guild, name: "Riverton PD", token, botUser: bot });
  await people.addUser({ workspace: guild, id: diaz, name: "Sgt Diaz" });
  await people.addUser({ workspace: guild, id: okafor, name: "Det. Okafor", timeZone: "America/Chicago" });
  await people.addChannel({ workspace: guild, id: desk, name: "desk" });
  const clients: Client[] = [];
  const connect = async (): Promise<Client<true>> => {
    const client = new Client({
      intents: [GatewayIntentBits.Guilds],
      rest: { api: `${platform.url}/api` },
      waitGuildTimeout: 0,
    });
    clients.push(client);
    const ready = new Promise((resolve) => client.once("clientReady", resolve));
    await client.login(token);
    await ready;
    return client as Client<true>;
  };
  const close = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.destroy()));
    await platform.close();
  };
  return { platform, people, rest: newRest(platform, token), connect, close };
}

export function newRest({ url }: PretendDiscord, secret: string): REST {
  return new REST({ api: `${url}/api`, retries: 0, offset: 0, rejectOnRateLimit: () => true }).setToken(
    secret,
  );
}

export function messageOf(shown: Shown): ShownMessage {
  if (shown.kind !== "message") throw new Error(`shown is not a message: ${JSON.stringify(shown)}`);
  return shown.message;
}

export function formOf(shown: Shown): Extract<Shown, { kind: "form" }> {
  if (shown.kind !== "form") throw new Error(`shown is not a form: ${JSON.stringify(shown)}`);
  return shown;
}
