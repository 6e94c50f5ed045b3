import type { WorldAgency } from "../world.ts";

/** What the tour remembers by letter: the tip, the entry and the bulletin it is about. */
export type RefLetter = "T" | "E" | "B";

/** One thing that a person does. In words and lines "{T}" stands for the reference of the tip, and so on. */
export type Action =
  /** Types a line into the channel and sends it. */
  | { readonly kind: "type"; readonly line: string }
  /** Presses a button under the newest message that contains all these words; without `under`, in the open form. */
  | { readonly kind: "press"; readonly button: string; readonly under?: readonly string[] }
  /** Fills in the open form by its labels, a choice by its option's label or value, and sends it. */
  | { readonly kind: "fill"; readonly values: Readonly<Record<string, string | readonly string[]>> }
  /** Opens the thread under the newest message that contains all these words. */
  | { readonly kind: "thread"; readonly under: readonly string[] }
  /** Waits for a message or a form that contains all these words. */
  | { readonly kind: "see"; readonly words: readonly string[] }
  /** Opens the sceptic's panel and has the audit verified. */
  | { readonly kind: "verify" };

/** By what a step is known to be done, whoever did it. */
export interface Sign {
  readonly where: "client" | "thread" | "panel";
  /** All of them in one message, or in the open form. */
  readonly words: readonly string[];
  /** The reference with this letter, in the same place, is remembered. */
  readonly learn?: RefLetter;
}

/** Where somebody stands before they do anything: ids, as the page's links carry them. */
export interface Place {
  readonly workspace: string;
  readonly user: string;
  readonly channel: string;
}

export interface TourStep {
  readonly id: string;
  readonly chapter: string;
  /** One sentence: what happens, and why it matters. */
  readonly say: string;
  readonly pane: WorldAgency["platform"];
  /** "Det. Okafor, Metro Fusion Center" */
  readonly who: string;
  /** "#metro-desk" */
  readonly channel: string;
  readonly place: Place;
  readonly do: readonly Action[];
  readonly shows: Sign;
}
