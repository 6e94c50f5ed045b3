import type { KeyringOptions } from "../../store/seal.ts";
import type { MatcherOptions } from "./matcher.ts";
import type { MatcherFound, MatcherStatus, PlatesAsked, PlatesFound, Search } from "./question.ts";

// What goes between the process and the thread that holds its index.

/** What the thread opens by itself. */
export interface ThreadOptions extends Pick<MatcherOptions, "connection" | "index"> {
  readonly keyring: KeyringOptions;
}

export type Request =
  | { readonly id: number; readonly kind: "search"; readonly search: Search }
  | { readonly id: number; readonly kind: "plates"; readonly asked: PlatesAsked }
  | { readonly id: number; readonly kind: "status" }
  | { readonly id: number; readonly kind: "close" };

export type Reply =
  | { readonly id: number; readonly kind: "search"; readonly answer: MatcherFound }
  | { readonly id: number; readonly kind: "plates"; readonly answer: PlatesFound }
  | { readonly id: number; readonly kind: "status"; readonly answer: MatcherStatus }
  | { readonly id: number; readonly kind: "close" }
  | { readonly id: number; readonly kind: "failed" }
  /** For the log. */
  | { readonly id: 0; readonly kind: "trouble"; readonly error: unknown };
