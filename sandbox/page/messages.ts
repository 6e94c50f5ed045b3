import { html } from "hono/html";

import type { ClientMessage, ClientMessages } from "../client.ts";
import type { Client, Html, Viewer } from "./client.ts";
import type { Drawn } from "./lists.ts";
import type { Standing } from "./view.ts";

/** So many messages stand on the page at most: what is visible and a window around it. */
const WINDOW = 60;
/** Further up, the window grows by what comes in below, up to this. */
const WIDE = 100;
/** So many more come in when somebody scrolls up to the first. */
const FURTHER = 40;

export interface Looking {
  readonly standing: Standing;
  readonly viewer: Viewer;
  /** Private answers older than this are forgotten; milliseconds since 1970. */
  readonly since: number;
}

/** Nobody is in no channel, and no thread is none. */
const nothing: Drawn = { items: new Map(), earlier: false, later: false };

/** The messages of the channel, or of the open thread where the viewer is in it. */
export async function drawMessages(client: Client, looking: Looking): Promise<Drawn> {
  const { standing, viewer, since } = looking;
  const { workspace, user, channel, thread, from } = standing;
  if (channel === "" || (viewer.inThread && thread === undefined)) return nothing;
  const at = { workspace, user, channel, privateSince: since };
  const window = viewer.inThread
    ? { thread: thread ?? "", limit: WIDE }
    : await beginning(from, async (before) => client.api.read({ ...at, before, limit: FURTHER }));
  const { messages, earlier, later } = await client.api.read({ ...at, ...window });
  const items = await itemsOf(client, { messages, viewer });
  const begun = earlier || viewer.inThread ? [] : [await beginningOf()];
  return { items: new Map([...begun, ...items]), earlier, later };
}

/** "~id": some way up from that message. */
async function beginning(
  from: string | undefined,
  readBefore: (id: string) => Promise<ClientMessages>,
): Promise<{ readonly from?: string; readonly limit: number }> {
  if (from === undefined) return { limit: WINDOW };
  if (!from.startsWith("~")) return { from, limit: WIDE };
  const { messages } = await readBefore(from.slice(1));
  return { from: messages[0]?.id ?? from.slice(1), limit: WIDE };
}

async function itemsOf(
  client: Client,
  { messages, viewer }: { readonly messages: readonly ClientMessage[]; readonly viewer: Viewer },
): Promise<readonly (readonly [string, string])[]> {
  const dayOf = new Intl.DateTimeFormat("en-GB", {
    timeZone: viewer.timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
  });
  let before = "";
  const items: (readonly [string, Html])[] = [];
  for (const message of messages) {
    const day = dayOf.format(message.at);
    if (day !== before) items.push([`day ${day}`, html`<p class="day"><span>${day}</span></p>`]);
    before = day;
    items.push([message.id, client.message(message, viewer)]);
  }
  return Promise.all(items.map(async ([key, content]) => [key, String(await keyed(key, content))] as const));
}

/** Before the first message: so that an empty channel does not look broken. */
async function beginningOf(): Promise<readonly [string, string]> {
  const words = html`<p class="beginning">This is the beginning. Type / to see what there is to do.</p>`;
  return ["day 0", String(await keyed("day 0", words))];
}

/** Every child of a list says which one it is. */
function keyed(key: string, content: Html): Html {
  return html`<div class="item" data-key="${key}">${content}</div>`;
}
