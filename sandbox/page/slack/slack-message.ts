import { html } from "hono/html";

import type { ClientMessage } from "../../client.ts";
import type { Reader } from "../../slack/mrkdwn.ts";
import type { Content } from "../../slack/world.ts";
import type { Html, Viewer } from "../client.ts";
import { drawAttachment } from "./slack-attachments.ts";
import { avatar } from "./slack-avatar.ts";
import { drawBlocks } from "./slack-blocks.ts";
import { clockTime } from "./slack-clock.ts";
import { mrkdwnPieces, plainPieces } from "./slack-markup.ts";
import { drawPieces } from "./slack-pieces.ts";

/** One message as Slack's client draws it, with the hooks of hooks.md. */
export function slackMessage(message: ClientMessage, viewer: Viewer): Html {
  const { id, author, deleted } = message;
  return html`<article
    class="message${message.private ? " private" : ""}${deleted ? " deleted" : ""}"
    data-message="${id}"
    ${message.private ? "data-private" : ""}
  >
    ${
      message.private
        ? html`<p class="only"><span class="eye" aria-hidden="true"></span>Only visible to you</p>`
        : ""
    }
    ${deleted ? html`<span class="avatar tombstone" aria-hidden="true">✕</span>` : avatar(author)}
    <div class="said">
      ${deleted ? tombstone(message, viewer) : html`${byline(message, viewer)} ${content(message, viewer)}`}
      ${replies(message, viewer)}
    </div>
    ${menu(message, viewer)}
  </article>`;
}

function byline(message: ClientMessage, viewer: Viewer): Html {
  const { author } = message;
  return html`<p class="byline">
    <b class="author">${author.name}</b> ${author.app ? html`<span class="app-badge">APP</span>` : ""}
    ${clockTime(message.at, viewer)}
  </p>`;
}

function tombstone({ at }: ClientMessage, viewer: Viewer): Html {
  return html`<p class="gone">This message was deleted. ${clockTime(at, viewer)}</p>`;
}

function content({ content: taken, names, edited }: ClientMessage, viewer: Viewer): Html {
  // The pretend platform hands on what it looked through itself.
  const { text, blocks, attachments, mrkdwn, autoLink } = taken as Content;
  const reader: Reader = {
    timeZone: viewer.timeZone,
    nameOf: (id) => (Object.hasOwn(names, id) ? (names[id] ?? id) : id),
  };
  const mark = edited ? html`<span class="edited">(edited)</span>` : "";
  const own = drawPieces(mrkdwn ? mrkdwnPieces(text, { reader, autoLink }) : plainPieces(text));
  // Beside blocks, the text is only for notifications.
  const bare = blocks.length === 0 && text !== "";
  return html`<div class="content">
    ${bare ? html`<div class="text">${own} ${mark}</div>` : drawBlocks(blocks, reader)}
    ${attachments.map((attachment) => drawAttachment(attachment, reader))} ${bare ? "" : mark}
  </div>`;
}

function replies({ id, replies: thread }: ClientMessage, viewer: Viewer): Html {
  if (thread === undefined || thread.count === 0 || viewer.inThread) return html``;
  return html`<button type="button" class="replies" data-thread-of="${id}">
    <b>${thread.count} ${thread.count === 1 ? "reply" : "replies"}</b>
    <span>Last reply ${clockTime(thread.lastAt, viewer)}</span>
  </button>`;
}

/** What can be done with a message: nothing where it is private or gone. */
function menu(message: ClientMessage, { shortcuts, inThread }: Viewer): Html {
  if (message.private || message.deleted || message.pending) return html``;
  if (inThread && shortcuts.length === 0) return html``;
  return html`<details class="menu">
    <summary aria-label="More actions" title="More actions">⋮</summary>
    <div>
      ${inThread ? "" : html`<button type="button" data-thread-of="${message.id}">Reply in thread</button>`}
      ${shortcuts.map((name) => html`<button type="button" data-shortcut="${name}">${name}</button>`)}
    </div>
  </details>`;
}
