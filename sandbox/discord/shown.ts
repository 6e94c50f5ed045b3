import type { Shown, ShownButton, ShownField, ShownMessage } from "../pretend.ts";
import { stringAt } from "../shared/json.ts";
import type { Entered } from "./fields.ts";
import { fieldsOf } from "./fields.ts";
import type { Mentions, Reader } from "./markdown.ts";
import { asRead, unmentioned } from "./markdown.ts";
import { everyComponent } from "./message-rules.ts";
import type { Embed, Message, OpenForm, Outcome, World } from "./world.ts";
import { threadUnder } from "./world.ts";

/** For whom something is rendered: a person in their own zone, or a channel view in UTC. */
export interface Eyes {
  readonly timeZone: string;
}
export const utc: Eyes = { timeZone: "UTC" };

export function eyesOf(world: World, user: string): Eyes {
  return { timeZone: world.people.get(user)?.timeZone ?? "UTC" };
}

export function shownMessage(world: World, message: Message, eyes: Eyes): ShownMessage {
  const lines = [...linesOf(world, message, eyes)];
  const colour = colourOf(message);
  return {
    id: message.id,
    channel: message.channel,
    author: displayName(world, message.author),
    headline: lines[0] ?? "",
    lines,
    buttons: buttonsOf(message.body.components),
    ...(colour === undefined ? {} : { colour }),
    edited: message.editedAt !== undefined,
    thread: (threadUnder(world, message)?.messages ?? []).map((reply) => shownMessage(world, reply, eyes)),
    ...(message.onlyFor === undefined ? {} : { onlyFor: message.onlyFor }),
    raw: message.body,
  };
}

export function headlineOf(world: World, message: Message, eyes: Eyes = utc): string {
  return linesOf(world, message, eyes).next().value ?? "";
}

export function displayName(world: World, id: string): string {
  if (id === world.application.botUser) return world.application.name;
  return world.people.get(id)?.name ?? "unknown";
}

/** One after the other: of thousands of messages only the first line may be wanted. */
function* linesOf(world: World, message: Message, eyes: Eyes): Generator<string, undefined> {
  const { body } = message;
  const reader: Reader = {
    timeZone: eyes.timeZone,
    nameOf: (id) => world.channels.get(id)?.name ?? world.people.get(id)?.name ?? "unknown",
    mentions: mentionsOf(message),
  };
  const displays = everyComponent(body.components).filter((one) => one["type"] === 10);
  for (const words of [body.content ?? "", ...displays.map((one) => String(one["content"]))])
    yield* splitLines(asRead(words, reader));
  for (const embed of body.embeds ?? [])
    for (const words of embedTexts(embed, unmentioned(reader))) yield* splitLines(words);
}

function splitLines(words: string): readonly string[] {
  return words
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}

/** Author and footer are plain text on Discord: markup in them stays visible. */
function embedTexts(embed: Embed, reader: Reader): readonly string[] {
  return [
    embed.author?.name ?? "",
    asRead(embed.title ?? "", reader),
    asRead(embed.description ?? "", reader),
    ...(embed.fields ?? []).map(({ name, value }) => `${asRead(name, reader)}: ${asRead(value, reader)}`),
    embed.footer?.text ?? "",
  ];
}

function mentionsOf(message: Message): Mentions {
  const allowed = message.body.allowed_mentions ?? undefined;
  // Left out, a channel message may mention everybody and an answer to a person may mention people.
  const {
    parse = [],
    users = [],
    roles = [],
  } = allowed ?? { parse: message.answers ? ["users"] : ["everyone", "users", "roles"] };
  return {
    everyone: parse.includes("everyone"),
    user: (id) => parse.includes("users") || users.includes(id),
    role: (id) => parse.includes("roles") || roles.includes(id),
  };
}

export function buttonsOf(components: unknown): readonly ShownButton[] {
  return everyComponent(components)
    .filter((one) => one["type"] === 2)
    .map((one) => ({
      label: stringAt(one, "label") ?? stringAt(one["emoji"], "name") ?? "",
      id: stringAt(one, "custom_id") ?? stringAt(one, "url") ?? "",
      disabled: one["disabled"] === true,
    }));
}

function colourOf({ body }: Message): string | undefined {
  const accents = everyComponent(body.components).map((one) => one["accent_color"]);
  const colours = [...(body.embeds ?? []).map((embed) => embed.color), ...accents];
  // Zero is Discord's word for "no colour of its own".
  const colour = colours.find((one): one is number => typeof one === "number" && one !== 0);
  return colour === undefined ? undefined : `#${colour.toString(16).padStart(6, "0").toUpperCase()}`;
}

/** A modal as it was sent, or as a person filled it in, with a sentence at each field that the client would not let through. */
export function shownForm(
  form: OpenForm,
  {
    answers = {},
    problems = {},
  }: { readonly answers?: Entered; readonly problems?: Readonly<Record<string, string>> } = {},
): Shown {
  const { modal } = form;
  const fields = fieldsOf(modal).map(({ shown }): ShownField => {
    const [value, problem] = [answers[shown.id], problems[shown.id]];
    return {
      ...shown,
      ...(value === undefined ? {} : { value }),
      ...(problem === undefined ? {} : { problem }),
    };
  });
  const displays = modal.components.filter((one) => one["type"] === 10);
  const reader: Reader = {
    timeZone: "UTC",
    nameOf: String,
    mentions: { everyone: false, user: () => false, role: () => false },
  };
  return {
    kind: "form",
    id: form.id,
    title: modal.title,
    submit: "Submit",
    fields,
    lines: displays.flatMap((one) => asRead(String(one["content"]), reader).split("\n")),
    buttons: [],
    raw: modal,
  };
}

/** What the person sees now, in their own zone. */
export function shownOutcome(world: World, outcome: Outcome, user: string): Shown {
  switch (outcome.kind) {
    case "message":
      return { kind: "message", message: shownMessage(world, outcome.message, eyesOf(world, user)) };
    case "form":
      return shownForm(outcome.form);
    case "error":
      return outcome;
    case "nothing":
    case "choices":
      return { kind: "nothing" };
  }
}
