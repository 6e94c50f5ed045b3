import { createHash } from "node:crypto";

import type {
  BlockAction,
  ButtonAction,
  GlobalShortcut,
  MessageShortcut,
  SlashCommand,
  ViewSubmitAction,
} from "@slack/bolt";

import type { InboundEvent, MessageRef } from "../../src/chat.ts";
import { actionOf } from "./card-blocks.ts";
import { openingOf, valuesOf } from "./form-view.ts";

/** What several kinds of payload say about who acted where. */
interface Interaction {
  readonly user: { readonly id: string; readonly team_id?: string };
  readonly team: { readonly id: string } | null;
  readonly enterprise?: { readonly id: string };
  readonly view?: object;
}

/** The workspace whose installation received a payload: in a shared channel it need not be the person's own. */
export function workspaceOf({ view, team, user }: Interaction): string {
  if (view !== undefined && "app_installed_team_id" in view && typeof view.app_installed_team_id === "string")
    return view.app_installed_team_id;
  // An organisation-wide installation names no team.
  return team?.id ?? user.team_id ?? "";
}

export function commandEvent(command: SlashCommand, prefix: string): InboundEvent {
  const name = command.command.replace(/^\//, "");
  return {
    platform: "slack",
    kind: "command",
    workspace: command.team_id,
    user: command.user_id,
    channel: command.channel_id,
    dedupeKey: dedupeKey(command.trigger_id),
    command: prefix !== "" && name.startsWith(prefix) ? name.slice(prefix.length) : name,
    input: { kind: "words", words: unescaped(command.text) },
  };
}

export function buttonEvent(body: BlockAction, button: ButtonAction): InboundEvent {
  const message = messageOf(body);
  const channel = message?.channel ?? body.channel?.id;
  const place = body.view?.id ?? messageTs(body) ?? body.trigger_id;
  return {
    ...actor(body),
    kind: "button",
    ...(channel !== undefined && { channel }),
    dedupeKey: dedupeKey(place, button.action_ts, body.user.id),
    action: actionOf(button.action_id),
    subject: button.value ?? "",
    ...(message !== undefined && { message }),
  };
}

/** Undefined for a view that is none of our forms. `keyed` hides what was entered: the key is kept in the clear. */
export function formEvent(
  body: ViewSubmitAction,
  keyed: (text: string) => string,
): Extract<InboundEvent, { kind: "form" }> | undefined {
  const opening = openingOf(body.view);
  if (opening === undefined) return undefined;
  const values = valuesOf(body.view);
  return {
    ...actor(body),
    kind: "form",
    // A corrected submission comes from the same view with the same hash: only what was entered tells them apart.
    dedupeKey: dedupeKey(body.view.id, keyed(JSON.stringify([opening, values]))),
    ...opening,
    values,
  };
}

export function shortcutEvent(body: GlobalShortcut | MessageShortcut): InboundEvent {
  const common = { ...actor(body), dedupeKey: dedupeKey(body.trigger_id) };
  if (body.type === "shortcut")
    return { ...common, kind: "command", command: body.callback_id, input: { kind: "words", words: "" } };
  return {
    ...common,
    kind: "message-shortcut",
    channel: body.channel.id,
    shortcut: body.callback_id,
    text: typedText(body.message.text ?? ""),
  };
}

function actor(body: Interaction) {
  const workspace = workspaceOf(body);
  const home = body.user.team_id;
  // Within one Enterprise organisation a person may carry the organisation's id instead of a workspace's.
  const stranger = home !== undefined && home !== workspace && home !== body.enterprise?.id;
  return {
    platform: "slack",
    workspace,
    user: body.user.id,
    ...(stranger && { homeWorkspace: home }),
  } as const;
}

/** The message that carried the button: none in a private answer, which only its reader ever saw, and none in a modal. */
function messageOf(body: BlockAction): MessageRef | undefined {
  const ts = messageTs(body);
  const channel = stringIn(body.container, "channel_id") ?? body.channel?.id;
  if (ts === undefined || channel === undefined || body.container["is_ephemeral"] === true) return undefined;
  return {
    platform: "slack",
    workspace: workspaceOf(body),
    channel,
    message: ts,
    ...(channel.startsWith("D") && { direct: true }),
  };
}

const messageTs = (body: BlockAction): string | undefined => stringIn(body.container, "message_ts");

function stringIn(found: Record<string, unknown>, name: string): string | undefined {
  const value = found[name];
  return typeof value === "string" ? value : undefined;
}

function dedupeKey(...parts: readonly string[]): string {
  const key = parts.join(":");
  return key.length <= 120 ? key : createHash("sha256").update(key).digest("hex");
}

const unescaped = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A message's text as its author typed it: Slack hands over its own markup for links and mentions. */
function typedText(text: string): string {
  const unlinked = text.replaceAll(/<([^>|]*)(?:\|([^>]*))?>/g, (_whole, target: string, shown?: string) => {
    if (/^[@#!]/.test(target)) return shown === undefined ? target.replace("!", "@") : mention(target, shown);
    return shown === undefined || shown === target ? target : `${shown} (${target})`;
  });
  return unescaped(unlinked);
}

const mention = (target: string, shown: string): string =>
  /^[@#]/.test(shown) || target.startsWith("!date") ? shown : `${target.startsWith("#") ? "#" : "@"}${shown}`;
