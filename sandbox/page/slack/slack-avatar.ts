import { html } from "hono/html";

import type { ClientMessage } from "../../client.ts";
import type { Html } from "../client.ts";
import { initialsOf, tintOf } from "../drawing.ts";

/** A square with initials; the same person always has the same colour. */
export function avatar({ id, name, app }: ClientMessage["author"]): Html {
  const look = app ? "app" : `tint-${tintOf(id)}`;
  return html`<span class="avatar ${look}" aria-hidden="true">${initialsOf(name)}</span>`;
}
