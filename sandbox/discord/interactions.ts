import { randomBytes } from "node:crypto";

import type { JsonObject } from "../shared/json.ts";
import { isObject, listAt } from "../shared/json.ts";
import type { Gateway } from "./gateway.ts";
import { interactionObject } from "./wire.ts";
import type { Interaction, Message, Outcome, World } from "./world.ts";

/** After this an unanswered interaction is dead. */
const ANSWER_MS = 3_000;
/** How long a person looks at "Allpoints is thinking…" before the sandbox reports that. */
const THINKING_MS = 15_000;
/** How long a press may stay without visible effect after it was taken note of. */
const QUIET_MS = 2_000;
/** A token edits and follows up for this long. */
export const TOKEN_MS = 15 * 60_000;

export interface Act {
  readonly type: Interaction["type"];
  readonly guild: string;
  readonly channel: string;
  readonly user: string;
  readonly source?: Message | undefined;
  readonly data: JsonObject;
}

export interface Discord {
  readonly world: World;
  readonly gateway: Gateway;
  /** Sends an interaction to the app; resolves with what the person then sees. */
  readonly act: (act: Act) => Promise<Outcome>;
  /** The app has taken note and shows something later. */
  readonly wait: (interaction: Interaction, shown: "thinking" | "nothing") => void;
  readonly close: () => void;
}

export function createDiscord(world: World, gateway: Gateway): Discord {
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, deed: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      deed();
    }, ms);
    timers.add(timer);
  };
  const gone = new Set<(outcome: Outcome) => void>();

  const act = async (given: Act): Promise<Outcome> => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    gone.add(resolve);
    const { data, source, ...where } = given;
    const interaction: Interaction = {
      ...where,
      id: world.freshId(),
      token: randomBytes(60).toString("base64url"),
      at: Date.now(),
      source,
      used: given.type === 2 ? usedIn(data) : undefined,
      acknowledged: false,
      expired: false,
      original: undefined,
      show: resolve,
    };
    world.interactions.set(interaction.token, interaction);
    later(ANSWER_MS, () => {
      if (interaction.acknowledged) return;
      interaction.expired = true;
      const text =
        interaction.type === 5 ? "Something went wrong. Try again." : "The application did not respond";
      interaction.show({ kind: "error", text });
    });
    // Direct conversations belong to no guild and reach the first shard.
    const shard = world.channels.get(given.channel)?.guild ?? "0";
    gateway.dispatch("INTERACTION_CREATE", interactionObject(world, interaction, data), shard);
    return promise.finally(() => gone.delete(resolve));
  };

  const wait = (interaction: Interaction, shown: "thinking" | "nothing"): void => {
    if (shown === "nothing") return later(QUIET_MS, () => interaction.show({ kind: "nothing" }));
    const text = `${world.application.name} is thinking…`;
    return later(THINKING_MS, () => interaction.show({ kind: "error", text }));
  };

  const close = (): void => {
    for (const timer of timers) clearTimeout(timer);
    for (const resolve of gone) resolve({ kind: "error", text: "Discord was closed" });
  };
  return { world, gateway, act, wait, close };
}

/** A slash command with its sub-command; a message command goes by its bare name. */
function usedIn(data: JsonObject): string {
  const names = namesIn(data).join(" ");
  return data["type"] === 1 ? `/${names}` : names;
}

function namesIn(named: JsonObject): readonly string[] {
  const deeper = listAt(named, "options").find(
    (option): option is JsonObject => isObject(option) && (option["type"] === 1 || option["type"] === 2),
  );
  return [String(named["name"]), ...(deeper === undefined ? [] : namesIn(deeper))];
}
