import { App, HTTPReceiver, LogLevel } from "@slack/bolt";
import type { Logger, types } from "@slack/bolt";

import type { ClientMessages } from "../../sandbox/client.ts";
import { pretend } from "../../sandbox/pretend.ts";
import type { PretendApi, Shown } from "../../sandbox/pretend.ts";
import { configurePretendSlack, startPretendSlack } from "../../sandbox/slack/pretend-slack.ts";
import type { PretendSlackOptions } from "../../sandbox/slack/pretend-slack.ts";

export interface Town {
  readonly url: string;
  readonly api: PretendApi;
  /** A Web API call of the app's. */
  readonly call: Call;
  readonly close: () => Promise<void>;
}

type Call = (method: string, args: object) => Promise<Record<string, unknown> & { readonly ts: string }>;

/** A pretend Slack with one workspace, two officers and one private channel. */
export async function openTown(options: Partial<PretendSlackOptions> = {}): Promise<Town> {
  const slack = await startPretendSlack({ signingSecret: "secret", patienceMs: 500, ...options });
  const api = pretend(slack.url);
  await api.addWorkspace({ id: "T1", name: "Riverton PD", token: "xoxb-1", botUser: "U0BOT" });
  await api.addUser({ workspace: "T1", id: "U1", name: "Sgt Diaz" });
  await api.addUser({ workspace: "T1", id: "U2", name: "Ofc Lee" });
  await api.addChannel({ workspace: "T1", id: "C1", name: "intake" });
  return { url: slack.url, api, call: callerOf(slack.url), close: slack.close };
}

function callerOf(url: string): Call {
  return async (method, args) => {
    const answer = await fetch(`${url}/api/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer xoxb-1" },
      body: JSON.stringify(args),
    });
    return (await answer.json()) as Awaited<ReturnType<Call>>;
  };
}

/** Tests here let the app fail on purpose. */
export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** The real Bolt as the app of that town, over signed requests. */
export async function connectBolt(
  { url }: Town,
  prepare: (app: App) => void,
): Promise<() => Promise<unknown>> {
  const receiver = new HTTPReceiver({
    signingSecret: "secret",
    endpoints: ["/slack/events"],
    logger: silent,
  });
  const app = new App({
    receiver,
    convoStore: false,
    logger: silent,
    authorize: async () => ({ botToken: "xoxb-1", botId: "B0BOT", botUserId: "U0BOT" }),
    clientOptions: { slackApiUrl: `${url}/api/` },
  });
  prepare(app);
  const server = await app.start({ port: 0, host: "127.0.0.1" });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  await configurePretendSlack(url, {
    requestUrl: `http://127.0.0.1:${address.port}/slack/events`,
    slashCommands: [
      { command: "/tip", description: "Report a threat", usageHint: "[ref] | show" },
      { command: "/slow" },
    ],
    shortcuts: [
      { name: "Report a threat", callbackId: "tip", type: "global" },
      { name: "Make a tip from this", callbackId: "tip-from", type: "message" },
    ],
  });
  return () => app.stop();
}

export const diaz = { workspace: "T1", user: "U1", channel: "C1" };

/** All that Diaz sees in the channel. */
export const window = { ...diaz, limit: 50, privateSince: 0 };

export function textsOf({ messages }: ClientMessages): readonly unknown[] {
  return messages.map(({ content }) => (content as { readonly text: string }).text);
}

export function formIn(shown: Shown): Extract<Shown, { kind: "form" }> {
  if (shown.kind !== "form") throw new Error(`expected a form, was shown ${JSON.stringify(shown)}`);
  return shown;
}

export function messageIn(shown: Shown): Extract<Shown, { kind: "message" }>["message"] {
  if (shown.kind !== "message") throw new Error(`expected a message, was shown ${JSON.stringify(shown)}`);
  return shown.message;
}

export const tipView: types.ModalView = {
  type: "modal",
  callback_id: "tip",
  title: { type: "plain_text", text: "Report a threat" },
  submit: { type: "plain_text", text: "Send" },
  blocks: [
    {
      type: "input",
      block_id: "said",
      label: { type: "plain_text", text: "What was said?" },
      element: { type: "plain_text_input", action_id: "v", multiline: true, max_length: 100 },
    },
    {
      type: "input",
      block_id: "soon",
      optional: true,
      label: { type: "plain_text", text: "How soon?" },
      element: {
        type: "static_select",
        action_id: "v",
        options: [
          { text: { type: "plain_text", text: "Now" }, value: "now" },
          { text: { type: "plain_text", text: "Days" }, value: "days" },
        ],
      },
    },
  ],
};

export const card: { text: string; attachments: types.MessageAttachment[] } = {
  text: "NEW TIP T-1",
  attachments: [
    {
      color: "#ff8800",
      blocks: [
        {
          type: "section",
          text: {
            type: "mrkdwn",
            text: "*NEW TIP T-1*\nsince <!date^1795331640^{date_short_pretty} {time}|22 Nov 07:14Z>",
          },
        },
        {
          type: "actions",
          elements: [
            {
              type: "button",
              text: { type: "plain_text", text: "Take it" },
              action_id: "tip.take",
              value: "T-1",
            },
            {
              type: "button",
              text: { type: "plain_text", text: "Open" },
              action_id: "tip.open",
              value: "T-1",
            },
          ],
        },
      ],
    },
  ],
};
