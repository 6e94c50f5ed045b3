import { html } from "hono/html";

import type { ClientMessage } from "../../client.ts";
import { isObject, listAt, objectAt, stringAt } from "../../shared/json.ts";
import type { Html, Viewer } from "../client.ts";
import { avatar } from "./avatar.ts";
import { discordComponents } from "./discord-components.ts";
import { discordEmbed } from "./discord-embed.ts";
import { discordText, type TextReader } from "./discord-text.ts";

/** One message as Discord's client shows it, with its buttons, its thread and its menu. */
export function discordMessage(message: ClientMessage, viewer: Viewer): Html {
  const { id, author, deleted, pending } = message;
  const hidden = message.private ? html`data-private` : "";
  return html`<article class="message" data-message="${id}" ${hidden}>
    ${answersLine(message)} ${avatar(author)}
    <header class="byline">
      <bdi class="author">${author.name}</bdi>
      ${author.app && html`<span class="app">APP</span>`} ${moment(message.at, viewer)}
    </header>
    ${deleted || pending ? standIn(message) : said(message, viewer)} ${thread(message, viewer)}
    ${message.private && privateLine} ${menu(message, viewer)}
  </article>`;
}

/** Small, above: the command that was used, or the message that is replied to. */
function answersLine({ answers, content }: ClientMessage): Html | undefined {
  if (answers === undefined) return undefined;
  const { name, what } = answers;
  const replies = stringAt(objectAt(content, "message_reference"), "message_id") !== undefined;
  return replies
    ? html`<p class="answers"><bdi class="name">${name}</bdi> <bdi class="words">${what}</bdi></p>`
    : html`<p class="answers"><bdi class="name">${name}</bdi> used <bdi class="command">${what}</bdi></p>`;
}

/** "11/22/26, 2:14 AM" in the viewer's zone. */
function moment(at: number, { timeZone }: Viewer): Html {
  const words = new Intl.DateTimeFormat("en-US", {
    dateStyle: "short",
    timeStyle: "short",
    timeZone,
  }).format(at);
  return html`<time datetime="${new Date(at).toISOString()}" title="${timeZone}">${words}</time>`;
}

function standIn({ deleted, author }: ClientMessage): Html {
  return deleted
    ? html`<p class="gone">This message was deleted.</p>`
    : html`<p class="thinking"><bdi>${author.name}</bdi> is thinking…</p>`;
}

const SUPPRESS_EMBEDS = 4;

function said(message: ClientMessage, viewer: Viewer): Html {
  const { content, edited } = message;
  const reader = readerOf(message, viewer);
  const words = stringAt(content, "content") ?? "";
  const flags = isObject(content) ? Number(content["flags"] ?? 0) : 0;
  const embeds = (flags & SUPPRESS_EMBEDS) === 0 ? listAt(content, "embeds") : [];
  const mark = edited && html`<span class="edited">(edited)</span>`;
  return html`<div class="said">
    ${words !== "" && html`<div class="content">${discordText(words, reader)}${mark}</div>`}
    ${embeds.map((embed) => discordEmbed(embed, reader))}
    ${discordComponents(listAt(content, "components"), reader)} ${words === "" && mark}
  </div>`;
}

/** Left out, a channel message may mention everybody and an app's answer to a person may not. */
function readerOf({ content, names, author, answers }: ClientMessage, { timeZone }: Viewer): TextReader {
  const allowed = isObject(content) ? content["allowed_mentions"] : undefined;
  const everyone = isObject(allowed)
    ? listAt(allowed, "parse").includes("everyone")
    : !(author.app && answers !== undefined);
  return { timeZone, names, everyone };
}

function thread({ id, replies }: ClientMessage, viewer: Viewer): Html | undefined {
  if (replies === undefined || viewer.inThread) return undefined;
  const { count, lastAt } = replies;
  return html`<button type="button" class="replies" data-thread-of="${id}">
    <b>Thread</b> · <span class="count">${count} ${count === 1 ? "message" : "messages"}</span>
    ${count > 0 && html`<span class="last">last ${moment(lastAt, viewer)}</span>`}
  </button>`;
}

const privateLine = html`<p class="only-you">
  <span class="eye" aria-hidden="true"></span> Only you can see this ·
  <button type="button" data-dismiss>Dismiss message</button>
</p>`;

/** What the app offers for a message that everybody sees. */
function menu(message: ClientMessage, { shortcuts }: Viewer): Html | undefined {
  if (shortcuts.length === 0 || message.private || message.deleted || message.pending) return undefined;
  return html`<details class="menu">
    <summary aria-label="More actions" title="More actions">⋯</summary>
    <div>
      ${shortcuts.map((name) => html`<button type="button" data-shortcut="${name}">${name}</button>`)}
    </div>
  </details>`;
}
