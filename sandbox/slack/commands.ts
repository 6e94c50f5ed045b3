import type { Shown } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import { isObject } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { beginAct, channelName, endAct, interaction, userName } from "./act.ts";
import type { Act } from "./act.ts";
import { messagePayload } from "./chat-methods.ts";
import type { Ack, Deliver } from "./deliver.ts";
import { tellRefusedAck, wordsOf } from "./refused.ts";
import { respond } from "./responses.ts";
import { say, writerIn } from "./sayings.ts";
import type { Channel, Person, Workspace, World } from "./world.ts";

interface Typed {
  readonly workspace: string;
  readonly user: string;
  readonly channel: string;
  readonly line: string;
  readonly thread?: string;
}

/** A person sends a line: a slash command, or an ordinary message. */
export async function type(world: World, deliver: Deliver, act: Typed): Promise<Shown> {
  if (!act.line.startsWith("/")) {
    say(world, { ...act, text: act.line });
    return { kind: "nothing" };
  }
  const { person, channel } = writerIn(world, act);
  const [command = ""] = act.line.trim().split(/\s+/);
  const known = world.app.slashCommands?.some((each) => each.command === command) ?? true;
  if (!known || !installedFor(person)) return { kind: "error", text: `${command} is not a valid command.` };
  if (act.thread !== undefined)
    return { kind: "error", text: `${command} is not supported in threads. Sorry!` };

  const text = act.line.trim().slice(command.length).trim();
  const begun = beginAct(world, person, { channel });
  const payload = commandPayload(world, begun, { channel, command, text });
  const ack = await deliver({ type: "slash_commands", payload });
  const refused = answerFromAck(world, begun, ack);
  if (refused !== undefined) return failed(begun, `${command} failed with the error "${refused}"`);
  const failure = ack.kind === "failed" ? `${command} failed with the error "${ack.error}"` : "";
  return endAct(begun, ack, { waitMs: world.patienceMs, failure });
}

function failed(act: Act, text: string): Shown {
  act.watch.end();
  return { kind: "error", text };
}

/** A message in the acknowledgment is an answer like one sent to the response_url. Returns Slack's error, if any. */
function answerFromAck(world: World, act: Act, ack: Ack): string | undefined {
  if (ack.kind === "failed" || act.response === undefined) return undefined;
  const message = typeof ack.body === "string" ? { text: ack.body } : ack.body;
  if (!isObject(message) || Object.keys(message).length === 0) return undefined;
  const reply = respond(world, act.response, message);
  if (reply.ok) return undefined;
  tellRefusedAck(world, act.person.workspace.id, wordsOf(reply));
  return "invalid_command_response";
}

function commandPayload(
  world: World,
  act: Act,
  { channel, command, text }: { readonly channel: Channel; readonly command: string; readonly text: string },
): JsonObject {
  const { workspace, user } = act.person;
  return {
    token: "verification-token",
    team_id: workspace.id,
    team_domain: workspace.id.toLowerCase(),
    channel_id: channel.id,
    channel_name: channelName(channel),
    user_id: user.id,
    user_name: userName(user),
    command,
    text: escaped(workspace, text),
    api_app_id: world.app.id,
    is_enterprise_install: "false",
    response_url: act.responseUrl,
    trigger_id: act.triggerId,
  };
}

/** As registered with `should_escape`: entities, and ids in place of the names of people and channels. */
function escaped(workspace: Workspace, text: string): string {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const names = [
    ...[...workspace.users.values()].map(({ id, name }) => ({ typed: `@${name}`, sent: `<@${id}|${name}>` })),
    ...[...workspace.channels.values()]
      .filter((channel) => channel.directWith === undefined)
      .map(({ id, name }) => ({ typed: `#${name}`, sent: `<#${id}|${name}>` })),
  ];
  const longestFirst = names.toSorted((one, other) => other.typed.length - one.typed.length);
  return longestFirst.reduce((current, { typed, sent }) => current.replaceAll(typed, sent), safe);
}

/** Commands and shortcuts belong to the workspace that installed the app: guests of a shared channel have none. */
export function installedFor({ workspace, home }: Person): boolean {
  return !workspace.removed && home === workspace.id;
}

interface ShortcutUse {
  readonly workspace: string;
  readonly user: string;
  readonly channel: string;
  readonly name: string;
  readonly message?: string;
}

/** A person chooses a shortcut, from the composer or from the menu of a message. */
export async function shortcut(world: World, deliver: Deliver, use: ShortcutUse): Promise<Shown> {
  const { person, channel } = writerIn(world, use);
  const chosen = world.app.shortcuts.find((each) => each.name === use.name);
  if (chosen === undefined) throw new ImpossibleError(`There is no shortcut "${use.name}".`);
  if (!installedFor(person))
    throw new ImpossibleError(`${person.user.name} is not offered "${use.name}" here.`);
  const message = channel.messages.find((each) => each.ts === use.message && !each.deleted);
  if (chosen.type === "message" && message === undefined)
    throw new ImpossibleError(`There is no message ${use.message ?? ""} in #${channel.name}.`);

  const onMessage = chosen.type === "message" ? message : undefined;
  const act = beginAct(world, person, onMessage === undefined ? {} : { channel, message: onMessage });
  const payload = {
    ...interaction(world, act),
    callback_id: chosen.callbackId,
    action_ts: world.nextTs(),
    ...(onMessage === undefined
      ? { type: "shortcut" }
      : {
          type: "message_action",
          response_url: act.responseUrl,
          message_ts: onMessage.ts,
          channel: { id: channel.id, name: channelName(channel) },
          message: messagePayload({ world, workspace: person.workspace }, onMessage),
        }),
  };
  const ack = await deliver({ type: "interactive", payload });
  return endAct(act, ack, { waitMs: world.patienceMs, failure: `${use.name} did not work. Try again?` });
}
