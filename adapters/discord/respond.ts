import { InteractionType, Routes, type APIInteraction, type REST } from "discord.js";

import type { Answer } from "../../src/chat.ts";
import { choices, deferral, firstResponse, privateMessage, type Window } from "./answers.ts";
import { readCustomId } from "./custom-ids.ts";
import type { Log } from "./log.ts";
import { hasCode } from "./outcomes.ts";

interface Responder {
  readonly rest: REST;
  readonly log: Log;
}

/** Discord takes the first response for three seconds; a deferral must be on its way before that. */
const deferAfterMs = 2_000;

/** Shows the answer to the person who acted, and only to that person. Never rejects. */
export async function respond(
  { rest, log }: Responder,
  interaction: APIInteraction,
  answering: Promise<Answer>,
) {
  const { id, token, type, application_id: application } = interaction;
  const show = async () => {
    const respondFirst = async (body: unknown) =>
      rest.post(Routes.interactionCallback(id, token), { body, auth: false });
    const original = Routes.webhookMessage(application, token);
    const window = windowOf(interaction);

    const answer = await within(deferAfterMs, answering);
    if (type === InteractionType.ApplicationCommandAutocomplete)
      return respondFirst(choices(answer?.kind === "choices" ? answer.choices : []));
    const first = answer && firstResponse(answer, window);
    if (first) return respondFirst(first);

    await respondFirst(deferral);
    const message = privateMessage(await answering, window.workspace);
    return message
      ? rest.patch(original, { body: message, auth: false })
      : rest.delete(original, { auth: false });
  };
  try {
    await show();
  } catch (error) {
    // Nobody is left to tell: the person sees Discord's own words. What was done stays done.
    if (expired.some((code) => hasCode(error, code)))
      log.warn({ err: error }, "An answer came too late for Discord");
    else log.error({ err: error }, "An answer could not be shown");
  }
}

// Unknown interaction, already acknowledged, unknown webhook, invalid webhook token.
const expired = [10062, 40060, 10015, 50027];

function windowOf({ type, guild_id: guild, data }: APIInteraction): Window {
  const workspace =
    guild === undefined && data && "custom_id" in data
      ? readCustomId(data.custom_id, false)?.workspace
      : undefined;
  return {
    opensForms: type !== InteractionType.ModalSubmit,
    staysSilent: type === InteractionType.MessageComponent,
    ...(workspace !== undefined && { workspace }),
  };
}

async function within<T>(milliseconds: number, result: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    resolve(undefined);
  }, milliseconds);
  try {
    return await Promise.race([result, promise]);
  } finally {
    clearTimeout(timer);
  }
}
