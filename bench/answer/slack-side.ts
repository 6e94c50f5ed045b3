import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";

import { readBody } from "../../sandbox/shared/http.ts";
import {
  isObject,
  listAt,
  objectAt,
  parseJson,
  stringAt,
  type JsonObject,
} from "../../sandbox/shared/json.ts";
import { places, signingSecret, words } from "./places.ts";
import { expectWords, type Arrived, type Side } from "./side.ts";
import { openSlackWebApi } from "./slack-web-api.ts";
import { PATIENCE_MS } from "./waiting.ts";

const { workspace, channel, application } = places.slack;
const token = "verification-token";

/** Slack, sending signed requests over HTTP. */
export async function openSlackSide(): Promise<Side> {
  const api = await openSlackWebApi();
  const opened: JsonObject[] = [];
  let url = "";
  let turn = 0;
  const send = (fields: Readonly<Record<string, string>>) =>
    post(url, new URLSearchParams(fields).toString());

  return {
    platform: "slack",
    apiUrl: api.apiUrl,
    attach: async ({ slackPort }) => {
      if (slackPort === undefined) throw new Error("the bot takes no requests from Slack");
      url = `http://127.0.0.1:${slackPort}/slack/events`;
    },
    type: async (user, { verb, options }, says) => {
      const given = Object.entries(options).map(([name, value]) => `${name}:${value}`);
      const line = [verb, ...given].join(" ");
      const { body } = await send(commandFields(user, { command: "/allpoints", line, trigger: fresh() }));
      expectWords(body, says);
    },
    form: async (user) => {
      const trigger = fresh();
      const view = api.viewFor(trigger);
      const sent = send(commandFields(user, { command: "/tip", line: "", trigger }));
      const [arrived] = await Promise.all([view, sent]);
      expectWords(arrived.body, '"callback_id":"tip"');
      opened.push(arrived.body);
      return arrived;
    },
    stored: async (user) => {
      const view = opened[(turn += 1) % opened.length];
      if (view === undefined) throw new Error("there is no form to submit");
      const id = `V${fresh()}`;
      const first = await send({ payload: JSON.stringify(submission(user, { ...view, id })) });
      expectWords(first.body, '"response_action":"update"');
      // A modal that only keeps the place is no answer yet; that comes as an update of it.
      const arrived = JSON.stringify(first.body).includes("One moment") ? await api.viewFor(id) : first;
      expectWords(arrived.body, "Received: T-");
      return arrived;
    },
    cards: api.cards,
    close: api.close,
  };
}

function fresh(): string {
  return `${Date.now()}.${randomBytes(8).toString("hex")}`;
}

interface Command {
  readonly command: string;
  readonly line: string;
  readonly trigger: string;
}

function commandFields(user: string, { command, line, trigger }: Command): Record<string, string> {
  return {
    token,
    team_id: workspace,
    team_domain: "bench",
    channel_id: channel,
    channel_name: "privategroup",
    user_id: user,
    user_name: user.toLowerCase(),
    command,
    text: line,
    api_app_id: application,
    is_enterprise_install: "false",
    response_url: "https://hooks.slack.com/commands/bench",
    trigger_id: trigger,
  };
}

/** The view as Slack hands it back: everything the bot sent, and what was entered. */
function submission(user: string, view: JsonObject): JsonObject {
  const entered = listAt(view, "blocks").flatMap((block) => {
    const element = objectAt(block, "element");
    const action = stringAt(element, "action_id");
    return action === undefined ? [] : [[stringAt(block, "block_id") ?? "", { [action]: fill(element) }]];
  });
  return {
    type: "view_submission",
    user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: workspace },
    team: { id: workspace, domain: "bench" },
    enterprise: null,
    is_enterprise_install: false,
    api_app_id: application,
    token,
    trigger_id: fresh(),
    view: {
      ...view,
      team_id: workspace,
      app_id: application,
      app_installed_team_id: workspace,
      hash: fresh(),
      state: { values: Object.fromEntries(entered) },
    },
    response_urls: [],
  };
}

function fill(element: JsonObject): JsonObject {
  const type = stringAt(element, "type");
  if (type === "plain_text_input") return { type, value: words };
  return { type, selected_option: listAt(element, "options")[1] };
}

/** A connection of its own for each request: one kept open may be closed by the bot at the moment it is used. */
async function post(url: string, body: string): Promise<Arrived> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const digest = createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex");
  const outgoing = request(url, {
    method: "POST",
    agent: false,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "content-length": Buffer.byteLength(body),
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": `v0=${digest}`,
    },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const answered = once(outgoing, "response");
  outgoing.end(body);
  const [response] = (await answered) as [IncomingMessage];
  const text = await readBody(response);
  const at = performance.now();
  if (response.statusCode !== 200) throw new Error(`the bot answered with HTTP ${response.statusCode}`);
  const said = parseJson(text);
  return { at, body: isObject(said) ? said : {} };
}
