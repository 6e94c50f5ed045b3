import { createHmac } from "node:crypto";

import {
  slackAdapter,
  type SlackAdapter,
  type SlackAdapterOptions,
} from "../../adapters/slack/slack-adapter.ts";
import { pretend } from "../../sandbox/pretend.ts";
import { configurePretendSlack, startPretendSlack } from "../../sandbox/slack/pretend-slack.ts";
import { slackOptionalScopes, slackScopes } from "../../src/bot/registration.ts";
import type { Answer, InboundEvent, Installation, PlatformNews } from "../../src/chat.ts";
import type { Subject } from "../contracts/chat-adapter-subject.ts";

const signingSecret = "pretend-signing-secret";
const appToken = "xapp-pretend";
const workspace = "T0RIVERTON";
/** A second agency's, in the same pretend and with the same adapter. */
export const otherWorkspace = "T0METRO";
const channel = "C0BULLETINS";
export const otherChannel = "C0METRO";
const user = "U0REYES";
export const otherUser = "U0OKAFOR";

export interface SlackSubject extends Subject {
  readonly adapter: SlackAdapter;
  readonly otherInstallation: Installation;
  readonly logged: () => readonly string[];
  readonly refused: () => readonly string[];
  /** From now on no installation is found. */
  readonly disconnect: () => void;
  /** Where the adapter takes Slack's requests. */
  readonly requestUrl: () => string;
}

export interface OpenSlack {
  readonly mode?: "http" | "socket";
  readonly commandPrefix?: string;
}

function installationIn(team: string, apiBaseUrl: string): Installation {
  return {
    id: `installation-${team}`,
    platform: "slack",
    workspace: team,
    application: "A0PRETEND",
    botUser: `U0BOT${team.slice(2)}`,
    token: `xoxb-${team}`,
    apiBaseUrl,
    environment: "commercial",
  };
}

/** The adapter on a pretend Slack with two workspaces, a private channel and one person in each. */
export async function openSlack({ mode = "http", commandPrefix }: OpenSlack = {}): Promise<SlackSubject> {
  const server = await startPretendSlack({
    signingSecret,
    appToken,
    limits: "off",
    patienceMs: 500,
    scopes: [...slackScopes(), ...slackOptionalScopes()],
  });
  const people = pretend(server.url);
  const apiBaseUrl = `${server.url}/api/`;
  const installation = installationIn(workspace, apiBaseUrl);
  const otherInstallation = installationIn(otherWorkspace, apiBaseUrl);
  const timeZone = "America/New_York";
  for (const { workspace: id, token, botUser } of [installation, otherInstallation])
    await people.addWorkspace({ id, name: id.slice(2), token, botUser });
  await people.addUser({ workspace, id: user, name: "Reyes", timeZone });
  await people.addUser({ workspace: otherWorkspace, id: otherUser, name: "Okafor", timeZone });
  await people.addChannel({ workspace, id: channel, name: "bulletins" });
  await people.addChannel({ workspace: otherWorkspace, id: otherChannel, name: "metro" });

  const events: InboundEvent[] = [];
  const news: PlatformNews[] = [];
  const logged: string[] = [];
  const refused: string[] = [];
  let answer: (event: InboundEvent) => Answer | Promise<Answer> = () => ({ kind: "nothing" });
  let connected = true;
  const write = (fields: object, message: string) => logged.push(`${message} ${JSON.stringify(fields)}`);
  const options: SlackAdapterOptions = {
    signingSecret,
    mode:
      mode === "http"
        ? { kind: "http", port: 0, host: "127.0.0.1" }
        : { kind: "socket", appToken, apiBaseUrl },
    installations: {
      find: async (_platform, team) =>
        connected ? [installation, otherInstallation].find((each) => each.workspace === team) : undefined,
    },
    log: { info: write, warn: write, error: write },
    onRefused: (why) => refused.push(why),
    ...(commandPrefix !== undefined && { commandPrefix }),
  };
  const adapter = slackAdapter(options);
  await adapter.start({
    receive: async (event) => {
      events.push(event);
      return answer(event);
    },
    news: async (told) => {
      news.push(told);
    },
  });
  const requestUrl = `http://127.0.0.1:${adapter.address()?.port}/slack/events`;
  await configurePretendSlack(server.url, {
    ...(mode === "http" && { requestUrl }),
    shortcuts: [
      { name: "Make a tip from this", callbackId: "tip-from-message", type: "message" },
      { name: "Report a threat", callbackId: "tip", type: "global" },
    ],
  });

  return {
    adapter,
    installation,
    otherInstallation,
    workspace,
    channel: { platform: "slack", workspace, channel },
    user,
    pretend: people,
    postMethod: "chat.postMessage",
    absent: { message: "1700000000.000404", channel: "C0ABSENT" },
    repeatsBecause: "Slack has no key by which it would recognise a message sent twice",
    events: () => events,
    news: () => news,
    logged: () => logged,
    refused: () => refused,
    answerWith: (next) => {
      answer = next;
    },
    disconnect: () => {
      connected = false;
    },
    requestUrl: () => requestUrl,
    close: async () => {
      await adapter.stop();
      await server.close();
    },
  };
}

export interface Signing {
  /** Seconds from now. */
  readonly skew?: number;
  readonly secret?: string;
}

/** Headers as Slack signs them. */
export function signed(
  body: string,
  { skew = 0, secret = signingSecret }: Signing = {},
): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000) + skew);
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${digest}`,
  };
}
