import {
  InteractionResponseType,
  MessageFlags,
  type APIInteractionResponse,
  type APIInteractionResponseCallbackData,
} from "discord.js";

import { OPEN_FORM, type Answer, type Card, type Form } from "../../src/chat.ts";
import { plain } from "./neutral-text.ts";
import { renderCard } from "./render-card.ts";
import { renderForm } from "./render-form.ts";

/** What Discord lets the answer to one interaction be. */
export interface Window {
  /** A modal may only be the first response, and never answers a modal. */
  readonly opensForms: boolean;
  /** A press can be acknowledged without showing anything; a command or a modal cannot. */
  readonly staysSilent: boolean;
  /** Given for direct messages only: see `CustomId`. */
  readonly workspace?: string;
}

/** The answer as a first response; undefined where nothing is to be shown and Discord wants something. */
export function firstResponse(answer: Answer, window: Window): APIInteractionResponse | undefined {
  if (answer.kind === "choices") return choices(answer.choices);
  if (answer.kind === "form" && window.opensForms)
    return { type: InteractionResponseType.Modal, data: renderForm(answer.form, window.workspace) };
  if (answer.kind === "nothing" && window.staysSilent)
    return { type: InteractionResponseType.DeferredMessageUpdate };
  const data = privateMessage(answer, window.workspace);
  return data && { type: InteractionResponseType.ChannelMessageWithSource, data };
}

/** The answer as a message that only its reader sees; undefined where there is nothing to show. */
export function privateMessage(
  answer: Answer,
  workspace?: string,
): APIInteractionResponseCallbackData | undefined {
  const card = cardOf(answer);
  return (
    card && { ...renderCard(card, workspace), flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } }
  );
}

/** Said at once when an answer takes longer than Discord waits. */
export const deferral: APIInteractionResponse = {
  type: InteractionResponseType.DeferredChannelMessageWithSource,
  data: { flags: MessageFlags.Ephemeral },
};

/** At most 25 choices, which is all Discord takes. */
export function choices(offered: (Answer & { kind: "choices" })["choices"]): APIInteractionResponse {
  return {
    type: InteractionResponseType.ApplicationCommandAutocompleteResult,
    data: {
      choices: offered.slice(0, 25).map(({ value, label }) => ({ value, name: plain(label).slice(0, 100) })),
    },
  };
}

function cardOf(answer: Answer): Card | undefined {
  switch (answer.kind) {
    case "card":
      return answer.card;
    case "form":
      return formCard(answer.form, answer.lead);
    case "problems":
      return problemsCard(answer.form, answer.problems);
    case "choices":
    case "nothing":
      return undefined;
  }
}

function formCard(form: Form, lead: string | undefined): Card {
  return {
    headline: lead ?? `Ready: ${form.title}.`,
    blocks: lead === undefined ? [] : [{ kind: "note", text: `Next: ${form.title}.` }],
    buttons: [
      { ...opening(form), label: lead === undefined ? "Open the form" : "Continue", tone: "primary" },
    ],
  };
}

function problemsCard(form: Form, problems: Readonly<Record<string, string>>): Card {
  const labels = new Map(form.fields.map(({ id, label }) => [id, label]));
  const facts = Object.entries(problems).map(([id, sentence]) => ({
    label: labels.get(id) ?? id,
    value: sentence,
  }));
  return {
    headline: `Not accepted yet: ${form.title}. Your answers are kept.`,
    blocks: [{ kind: "facts", facts }],
    buttons: [{ ...opening(form), label: "Try again", tone: "primary" }],
  };
}

function opening({ form, state }: Form) {
  return { action: OPEN_FORM, subject: `${form}/${state}` };
}
