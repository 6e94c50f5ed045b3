import { html } from "hono/html";

import type { Html } from "./client.ts";

const speeds = ["slow", "normal", "fast"] as const;

/** The bar of the guided tour, closed: browser/tour.ts opens it and writes into it. */
export function tourBar(): Html {
  return html`<section class="tour" data-tour role="region" aria-label="Guided tour" hidden>
    <div class="told">
      <p class="where">
        <b data-tour-chapter></b> <span data-tour-count></span> <span class="who" data-tour-who></span>
      </p>
      <div aria-live="polite">
        <p class="say" data-tour-say></p>
        <p class="trouble" data-tour-trouble hidden></p>
      </div>
    </div>
    <div class="controls" role="group" aria-label="The tour's controls">
      <button type="button" data-tour-back>Back</button>
      <button type="button" class="play" data-tour-play>Play</button>
      <button type="button" data-tour-next>Next</button>
      <label
        ><span>Speed</span>
        <select data-tour-speed>
          ${speeds.map(
            (speed) =>
              html`<option value="${speed}" ${speed === "normal" ? "selected" : ""}>${speed}</option>`,
          )}
        </select></label
      >
      <button type="button" data-tour-stop>Stop</button>
    </div>
  </section>`;
}
