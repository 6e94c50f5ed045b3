import type { JsonObject } from "../../sandbox/shared/json.ts";
import type { Platform } from "../../src/chat.ts";

/** What came back for one act, and when: a moment of performance.now(). */
export interface Arrived {
  readonly at: number;
  readonly body: JsonObject;
}

export interface Typed {
  readonly verb: string;
  readonly options: Readonly<Record<string, string>>;
}

/** One platform as the load plays it, with one bot attached: the wire protocol and nothing of the platform's rules. */
export interface Side {
  readonly platform: Platform;
  readonly apiUrl: string;
  /** Resolves when this bot takes events. */
  readonly attach: (bot: { readonly slackPort: number | undefined }) => Promise<void>;
  /** /allpoints with a verb; resolves with the private answer. Rejects unless it says this. */
  readonly type: (user: string, typed: Typed, says: string) => Promise<void>;
  /** /tip, until the form has arrived. */
  readonly form: (user: string) => Promise<Arrived>;
  /** A submission of a form that came before, until the receipt has arrived. */
  readonly stored: (user: string) => Promise<Arrived>;
  /** Cards posted into the channel so far. */
  readonly cards: () => number;
  readonly close: () => Promise<void>;
}

/** Anything else is an error, however fast it was: a refusal costs less than an answer. */
export function expectWords(body: JsonObject, says: string): void {
  const shown = JSON.stringify(body);
  if (!shown.includes(says)) throw new Error(`"${says}" was expected, and this came: ${shown.slice(0, 160)}`);
}
