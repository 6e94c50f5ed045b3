import type { APIInteraction, REST } from "discord.js";

import type { Answer, InboundEvent, InstallationDirectory, Sink } from "../../src/chat.ts";
import { confirmation } from "./confirmation.ts";
import { openGateway } from "./gateway.ts";
import { inboundEvent } from "./inbound-event.ts";
import type { Log } from "./log.ts";
import { respond } from "./respond.ts";

export interface IntakeOptions {
  readonly token: string;
  readonly application: string;
  readonly apiBaseUrl: string;
  readonly installations: InstallationDirectory;
  readonly log: Log;
  /** What our commands are registered with in front of their names. */
  readonly commandPrefix?: string;
}

const drainMs = 5_000;

/** Takes in what people do and what changes on Discord, until it is stopped. */
export function intake(options: IntakeOptions) {
  const { token, apiBaseUrl, log } = options;
  const underWay = new Set<Promise<void>>();
  let gateway: { readonly close: () => Promise<void> } | undefined;
  let open = false;

  const take = (work: () => Promise<void>) => {
    if (!open) return;
    const working = work()
      .catch((error: unknown) => {
        log.error({ err: error }, "Something from Discord could not be taken in");
      })
      .finally(() => underWay.delete(working));
    underWay.add(working);
  };

  return {
    start: async (sink: Sink) => {
      open = true;
      gateway = await openGateway({
        token,
        apiBaseUrl,
        log,
        onInteraction: (interaction, rest) => {
          take(async () => interact({ ...options, sink, rest }, interaction));
        },
        onNews: (news) => {
          take(async () => sink.news(news));
        },
      });
    },
    stop: async () => {
      open = false;
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, drainMs);
      await Promise.race([Promise.allSettled(underWay), tooLong]);
      clearTimeout(timer);
      await gateway?.close();
      gateway = undefined;
    },
  };
}

interface Tools extends IntakeOptions {
  readonly sink: Sink;
  readonly rest: REST;
}

async function interact(tools: Tools, interaction: APIInteraction): Promise<void> {
  const { application, rest, log } = tools;
  const ours = interaction.application_id === application;
  const question = ours ? confirmation(interaction) : undefined;
  if (question !== undefined) {
    await respond({ rest, log }, interaction, Promise.resolve(question));
    return;
  }
  const event = ours ? inboundEvent(interaction, tools.commandPrefix) : undefined;
  if (event === undefined) {
    log.warn({ type: interaction.type }, "Discord sent an interaction that is not ours");
    return;
  }
  const answering = answer(tools, event).catch((error: unknown) => {
    log.error({ err: error, dedupeKey: event.dedupeKey }, "An interaction could not be answered");
    return failed;
  });
  await respond({ rest, log }, interaction, answering);
}

async function answer({ installations, sink }: Tools, event: InboundEvent): Promise<Answer> {
  const installation = await installations.find("discord", event.workspace);
  return installation === undefined ? notConnected : sink.receive(event);
}

const notConnected: Answer = {
  kind: "card",
  card: {
    headline: "This server is not connected to Allpoints.",
    blocks: [
      {
        kind: "text",
        text: "Nothing was done, and what you typed was not kept. Emergency: radio or 911. An Allpoints administrator of your agency can connect this server.",
      },
    ],
  },
};
// The sink never rejects; this is for the directory, when the database cannot be reached.
const failed: Answer = {
  kind: "card",
  card: {
    headline: "Allpoints could not answer.",
    blocks: [
      {
        kind: "text",
        text: "Take it that nothing was done. Urgent: radio or phone. Then try again in a minute.",
      },
    ],
  },
};
