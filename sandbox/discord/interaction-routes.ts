import type { JsonObject } from "../shared/json.ts";
import { isObject } from "../shared/json.ts";
import { editMessage } from "./edits.ts";
import type { Discord } from "./interactions.ts";
import { TOKEN_MS } from "./interactions.ts";
import { checkMessage, flags, settableFlags } from "./message-rules.ts";
import { addMessage, removeMessage } from "./messages.ts";
import { modalProblems } from "./modal-rules.ts";
import { invalidForm, refusal } from "./refusals.ts";
import type { Reply, Request, Route } from "./routing.ts";
import { noContent, ok, param, unmetered } from "./routing.ts";
import { list, oneOf, shape, text } from "./rules.ts";
import { messageObject } from "./wire.ts";
import type { Choice, Interaction, Message, MessageBody, Modal } from "./world.ts";

const settable = flags.suppressEmbeds | flags.ephemeral | flags.silent | flags.componentsV2;
const deferrable = flags.ephemeral | flags.silent | flags.componentsV2;
const webhookBucket = { name: "webhook", limit: 5, windowMs: 2_000 };

/** Which callback types may answer an interaction: no modal after a modal, updates only where a message is. */
function allowedTypes({ type, source }: Interaction): readonly number[] {
  if (type === 4) return [8];
  if (type === 2) return [4, 5, 9];
  if (type === 3) return [4, 5, 6, 7, 9];
  return source ? [4, 5, 6, 7] : [4, 5, 6];
}

function callback(request: Request): Reply {
  const { discord, query, params } = request;
  const interaction = discord.world.interactions.get(param({ params }, 1));
  if (interaction?.id !== param({ params }, 0) || interaction.expired) throw refusal(10062);
  if (interaction.acknowledged) throw refusal(40060);
  const body = isObject(request.body) ? request.body : {};
  const problems = oneOf(allowedTypes(interaction))(body["type"], ["type"]);
  if (problems.length > 0) throw invalidForm(problems);
  answers[Number(body["type"])]?.(discord, interaction, body["data"] ?? {});
  interaction.acknowledged = true;
  return query.get("with_response") === "true"
    ? ok(response(discord, interaction, Number(body["type"])))
    : noContent;
}

type Answer = (discord: Discord, interaction: Interaction, data: unknown) => void;

const reply: Answer = (discord, interaction, data) => {
  const message = newAnswer(discord, interaction, data);
  interaction.original = message;
  interaction.show({ kind: "message", message });
};

const defer: Answer = (discord, interaction, data) => {
  const wanted = isObject(data) ? Number(data["flags"] ?? 0) : 0;
  const problems = settableFlags(deferrable)(wanted, ["data", "flags"]);
  if (problems.length > 0) throw invalidForm(problems);
  interaction.original = addMessage(discord.world, {
    channel: interaction.channel,
    author: discord.world.application.botUser,
    body: {},
    flags: flags.loading | wanted,
    onlyFor: (wanted & flags.ephemeral) === 0 ? undefined : interaction.user,
    answers: interaction,
  });
  discord.wait(interaction, "thinking");
};

const deferUpdate: Answer = (discord, interaction) => {
  interaction.original = interaction.source;
  discord.wait(interaction, "nothing");
};

const update: Answer = ({ world }, interaction, data) => {
  if (!interaction.source) throw refusal(10008);
  editMessage(world, interaction.source, data);
  interaction.original = interaction.source;
  interaction.show({ kind: "message", message: interaction.source });
};

const choicesRule = list(
  0,
  25,
  shape({
    name: text(1, 100),
    value: (value, path) => (typeof value === "number" ? [] : text(1, 100)(value, path)),
  }),
);
const suggest: Answer = (_discord, interaction, data) => {
  const choices = isObject(data) ? data["choices"] : undefined;
  const problems = choicesRule(choices, ["data", "choices"]);
  if (problems.length > 0) throw invalidForm(problems);
  interaction.show({ kind: "choices", choices: choices as readonly Choice[] });
};

const openModal: Answer = ({ world }, interaction, data) => {
  const problems = modalProblems(data);
  if (problems.length > 0) throw invalidForm(problems);
  const { guild, channel, user, source } = interaction;
  const form = { id: world.freshId(), guild, channel, user, source, modal: data as Modal };
  world.forms.set(form.id, form);
  interaction.show({ kind: "form", form });
};

const answers: Readonly<Record<number, Answer>> = {
  4: reply,
  5: defer,
  6: deferUpdate,
  7: update,
  8: suggest,
  9: openModal,
};

function response({ world }: Discord, interaction: Interaction, type: number): JsonObject {
  const { original } = interaction;
  const message = original && type !== 8 && type !== 9 ? original : undefined;
  return {
    interaction: {
      id: interaction.id,
      type: interaction.type,
      ...(message
        ? {
            response_message_id: message.id,
            response_message_loading: (message.flags & flags.loading) !== 0,
            response_message_ephemeral: message.onlyFor !== undefined,
          }
        : {}),
    },
    resource: { type, ...(message && type !== 6 ? { message: messageObject(world, message, true) } : {}) },
  };
}

function newAnswer({ world }: Discord, interaction: Interaction, data: unknown): Message {
  checkMessage(data, { allowed: settable, at: interaction.acknowledged ? [] : ["data"] });
  const body = data as MessageBody;
  const given = body.flags ?? 0;
  return addMessage(world, {
    channel: interaction.channel,
    author: world.application.botUser,
    body,
    flags: given,
    onlyFor: (given & flags.ephemeral) === 0 ? undefined : interaction.user,
    answers: interaction,
  });
}

/** The interaction whose webhook this is, while its token lives. */
function webhook({ discord, params }: Request): Interaction {
  const interaction = discord.world.interactions.get(param({ params }, 1));
  if (!interaction || param({ params }, 0) !== discord.world.application.id) throw refusal(10015);
  if (Date.now() - interaction.at > TOKEN_MS) throw refusal(50027);
  if (!interaction.acknowledged) throw refusal(10015);
  return interaction;
}

/** @original, or a follow-up by its id. */
function addressed(request: Request): { readonly interaction: Interaction; readonly message: Message } {
  const interaction = webhook(request);
  const id = param(request, 2);
  const found = id === "@original" ? interaction.original : request.discord.world.messages.get(id);
  const ours = found === interaction.original || found?.answers === interaction;
  if (!found || !ours || !request.discord.world.messages.has(found.id)) throw refusal(10008);
  return { interaction, message: found };
}

function patchAnswer(request: Request): Reply {
  const { interaction, message } = addressed(request);
  editMessage(request.discord.world, message, request.body);
  interaction.show({ kind: "message", message });
  return ok(messageObject(request.discord.world, message, true));
}

function deleteAnswer(request: Request): Reply {
  const { interaction, message } = addressed(request);
  removeMessage(request.discord.world, message);
  interaction.show({ kind: "nothing" });
  return noContent;
}

function followUp(request: Request): Reply {
  const { discord, body } = request;
  const interaction = webhook(request);
  const { original } = interaction;
  // The first follow-up after a deferred answer is that answer.
  if (original && (original.flags & flags.loading) !== 0) {
    editMessage(discord.world, original, body);
    interaction.show({ kind: "message", message: original });
    return ok(messageObject(discord.world, original, true));
  }
  const message = newAnswer(discord, interaction, body);
  interaction.show({ kind: "message", message });
  return ok(messageObject(discord.world, message, true));
}

const answer = "/webhooks/:id/:token/messages/:id";
const open = { bucket: webhookBucket, open: true } as const;
const readAnswer = (request: Request): Reply =>
  ok(messageObject(request.discord.world, addressed(request).message, true));

export const interactionRoutes: readonly Route[] = [
  { method: "POST", path: "/interactions/:id/:token/callback", bucket: unmetered, open: true, run: callback },
  { method: "POST", path: "/webhooks/:id/:token", ...open, run: followUp },
  { method: "GET", path: answer, ...open, run: readAnswer },
  { method: "PATCH", path: answer, ...open, run: patchAnswer },
  { method: "DELETE", path: answer, ...open, run: deleteAnswer },
];
