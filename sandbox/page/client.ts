import type { html } from "hono/html";

import type { ClientMessage } from "../client.ts";
import type { PretendApi, Shown } from "../pretend.ts";

// The two chat clients differ in how they draw what is said; everything around it has one anatomy (pane.ts).

export type Html = ReturnType<typeof html>;
export const platforms = ["slack", "discord"] as const;
export type Platform = (typeof platforms)[number];
export type ShownForm = Extract<Shown, { kind: "form" }>;

/** A chat client: its platform, and how it draws. */
export interface Client {
  readonly platform: Platform;
  /** "Slack" */
  readonly title: string;
  readonly api: PretendApi;
  /** One message, as an `<article>` with everything in it; the hooks are in hooks.md. */
  readonly message: (message: ClientMessage, viewer: Viewer) => Html;
  /** What is inside the dialog of a modal. */
  readonly form: (form: ShownForm, viewer: Viewer) => Html;
}

/** Who looks. */
export interface Viewer {
  /** IANA zone in which their client shows times. */
  readonly timeZone: string;
  /** Names of the shortcuts in a message's menu. */
  readonly shortcuts: readonly string[];
  /** The message is drawn inside its thread: no summary of replies, no way to open it. */
  readonly inThread: boolean;
}
