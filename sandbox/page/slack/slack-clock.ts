import { html } from "hono/html";

import type { Html, Viewer } from "../client.ts";

interface Formats {
  readonly clock: Intl.DateTimeFormat;
  readonly whole: Intl.DateTimeFormat;
}

// A format takes longer to make than a message to draw.
const made = new Map<string, Formats>();

function formatsOf(timeZone: string): Formats {
  const known = made.get(timeZone);
  if (known !== undefined) return known;
  const formats = {
    clock: new Intl.DateTimeFormat("en-US", { timeZone, hour: "numeric", minute: "2-digit" }),
    whole: new Intl.DateTimeFormat("en-US", { timeZone, dateStyle: "full", timeStyle: "long" }),
  };
  made.set(timeZone, formats);
  return formats;
}

/** "2:14 AM", as Slack writes it beside a name; the whole date is in the tooltip. `at`: milliseconds since 1970. */
export function clockTime(at: number, { timeZone }: Viewer): Html {
  const { clock, whole } = formatsOf(timeZone);
  // Newer versions of Unicode's data put a narrow space before AM.
  const shown = clock.format(at).replaceAll("\u202F", " ");
  return html`<time datetime="${new Date(at).toISOString()}" title="${whole.format(at)}">${shown}</time>`;
}
