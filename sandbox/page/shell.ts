import { html } from "hono/html";

import type { Html } from "./client.ts";

// The page around the two clients.

export interface ShellModel {
  readonly panes: readonly Html[];
  readonly panel: Html;
  readonly tour: Html;
  readonly progress: string | undefined;
  /** When this page was drawn, in milliseconds since 1970. */
  readonly at: number;
}

const styles = ["page", "slack", "discord", "panel", "tour"];

export function shell({ panes, panel, tour, progress, at }: ShellModel): Html {
  return html`<!doctype html>
    <html lang="en" data-showing="slack">
      <head>
        <meta charset="utf-8" />
        <title>Allpoints sandbox</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        ${styles.map((name) => html`<link rel="stylesheet" href="/assets/${name}.css" />`)}
        <script type="module" src="/assets/main.ts"></script>
      </head>
      <body data-since="${at}">
        <header class="bar">
          <h1>Allpoints <span>sandbox</span></h1>
          <p class="progress" data-progress role="status" ${progress === undefined ? "hidden" : ""}>
            ${progress ?? ""}
          </p>
          <p class="away" data-away role="status" hidden>Connection lost. Trying again…</p>
          <nav class="tabs" aria-label="Platform on screen">
            <button type="button" data-show="slack" aria-pressed="true">Slack</button>
            <button type="button" data-show="discord" aria-pressed="false">Discord</button>
          </nav>
          <button type="button" data-tour-start>Play the story</button>
          <button type="button" data-panel-open aria-expanded="false" aria-controls="panel">
            For the sceptic
          </button>
          <button type="button" class="theme" data-theme-switch aria-label="Dark or light">◐</button>
        </header>
        <noscript
          ><p class="noscript">
            This page shows what is there; to act in it, switch on JavaScript.
          </p></noscript
        >
        <p class="intro" data-intro hidden>
          <span
            ><b>Allpoints</b> lets agencies share tips about threats of violence in the chat they already use.
            Left, the Slack of two agencies; right, another's Discord; everybody in them is made up. You are
            whoever you choose under <i>You are</i>: an officer types <kbd>/tip</kbd>. Or press
            <i>Play the story</i> and watch.</span
          >
          <button type="button" data-intro-close aria-label="Close the introduction">✕</button>
        </p>
        <main class="clients">${panes}</main>
        ${panel} ${tour}
        <p class="sr-only" aria-live="polite" data-announce></p>
      </body>
    </html>`;
}
