import { html } from "hono/html";

import type { ClientMessage } from "../../client.ts";
import type { Html } from "../client.ts";
import { initialsOf, tintOf } from "../drawing.ts";

/** A person's disc with their initials, always in the same colour for the same id. */
export function avatar({ id, name, app }: ClientMessage["author"]): Html {
  const tint = app ? "app" : tintOf(id);
  return html`<span class="avatar tint-${tint}" aria-hidden="true">${initialsOf(name)}</span>`;
}
