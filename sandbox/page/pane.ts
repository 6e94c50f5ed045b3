import { html } from "hono/html";

import type { ClientChannel, ClientPlace, ClientShortcut } from "../client.ts";
import type { Client, Html } from "./client.ts";
import { initialsOf } from "./drawing.ts";
import { pageAddress, roleOf, type Standing, type View } from "./view.ts";

// One chat client around its messages: workspaces, channels, who one is, the composer, the thread, the dialog of a form.

export interface PaneModel {
  readonly client: Client;
  readonly view: View;
  readonly places: readonly ClientPlace[];
  /** Which drawing of the places this is. */
  readonly edition: number;
  /** In the composer's menu. */
  readonly shortcuts: readonly ClientShortcut[];
  /** The messages, and those of the open thread. */
  readonly messages: Html;
  readonly thread: Html | undefined;
}

export function pane(model: PaneModel): Html {
  const { client, view, places } = model;
  const standing = view[client.platform];
  const place = places.find(({ id }) => id === standing.workspace);
  const channel = place?.channels.find(({ id }) => id === standing.channel);
  return html`<section
    class="pane ${client.platform}"
    data-pane="${client.platform}"
    data-workspace="${standing.workspace}"
    data-user="${standing.user}"
    data-channel="${standing.channel}"
    data-thread="${standing.thread ?? ""}"
    data-edition="${model.edition}"
    aria-label="${client.title}"
  >
    ${rail(model)}
    <div class="sidebar">
      <h2 class="place">${place?.name ?? client.title}</h2>
      ${place === undefined ? "" : personSwitcher(place, standing)} ${channelList(model, place)}
    </div>
    <div class="main">
      ${head(channel, place)}
      <div
        class="messages"
        data-list="${client.platform}"
        role="log"
        aria-label="Messages in ${nameOf(channel)}"
        tabindex="0"
      >
        ${model.messages}
      </div>
      <button type="button" class="latest" data-latest hidden>Newer messages</button>
      ${composer(model, { place: nameOf(channel), thread: undefined })}
    </div>
    ${threadPanel(model, channel)}
    <dialog class="form" data-dialog aria-labelledby="${client.platform}-form-title"></dialog>
  </section>`;
}

function nameOf(channel: ClientChannel | undefined): string {
  if (channel === undefined) return "no channel";
  return channel.kind === "direct" ? "Allpoints" : `#${channel.name}`;
}

function rail({ client, view, places }: PaneModel): Html {
  const standing = view[client.platform];
  return html`<nav class="rail" aria-label="${client.title}: workspaces">
    ${places.map(
      ({ id, name }) =>
        html`<a
          href="${pageAddress(view, { [client.platform]: { workspace: id, user: "", channel: "" } })}"
          data-go
          data-place="${id}"
          title="${name}"
          ${id === standing.workspace ? html`aria-current="true"` : ""}
          ><span class="mark" aria-hidden="true">${initialsOf(name)}</span
          ><span class="name">${name}</span></a
        >`,
    )}
  </nav>`;
}

function personSwitcher({ people }: ClientPlace, { user }: Standing): Html {
  return html`<label class="me"
    ><span>You are</span>
    <select data-person>
      ${people.map(({ id, name }) => {
        const role = roleOf(id);
        const words = role === undefined ? name : `${name} (${role})`;
        return html`<option value="${id}" ${id === user ? "selected" : ""}>${words}</option>`;
      })}
    </select>
    <span class="role" aria-hidden="true">${roleOf(user) ?? ""}</span></label
  >`;
}

function channelList(model: PaneModel, place: ClientPlace | undefined): Html {
  const { client, view } = model;
  const standing = view[client.platform];
  const open = (place?.channels ?? []).filter(
    ({ archived, members }) => !archived && (members === undefined || members.includes(standing.user)),
  );
  const link = (channel: ClientChannel): Html => {
    const { thread: _thread, from: _from, ...rest } = standing;
    const address = pageAddress(view, { [client.platform]: { ...rest, channel: channel.id } });
    return html`<li>
      <a
        href="${address}"
        data-go
        data-room="${channel.id}"
        ${channel.id === standing.channel ? html`aria-current="page"` : ""}
        ><span
          class="sign ${channel.kind === "direct" ? "direct" : channel.private ? "private" : "public"}"
          aria-hidden="true"
          >#</span
        >
        ${channel.kind === "direct" ? "Allpoints" : channel.name}</a
      >
    </li>`;
  };
  const rooms = open.filter(({ kind }) => kind === "channel");
  const direct = open.filter(({ kind }) => kind === "direct");
  return html`<nav class="channels" aria-label="${client.title}: channels">
    <h3>Channels</h3>
    <ul>
      ${rooms.map(link)}
    </ul>
    ${
      direct.length === 0
        ? ""
        : html`<h3>Direct messages</h3>
            <ul>
              ${direct.map(link)}
            </ul>`
    }
  </nav>`;
}

function head(channel: ClientChannel | undefined, place: ClientPlace | undefined): Html {
  return html`<header class="head">
    <button type="button" class="show-sidebar" data-sidebar aria-expanded="false">Channels</button>
    <h3>${nameOf(channel)}</h3>
    <p>${aboutChannel(channel, place)}</p>
  </header>`;
}

function aboutChannel(channel: ClientChannel | undefined, place: ClientPlace | undefined): string {
  if (channel === undefined || place === undefined) return "";
  const { kind, members, sharedOutside } = channel;
  const facts =
    kind === "direct"
      ? ["direct messages from the app"]
      : [
          channel.private ? "private" : "public",
          countOf(members?.length ?? place.people.length),
          ...(sharedOutside ? ["shared with another organisation"] : []),
        ];
  return [...facts, ...(place.installed ? [] : ["the app is not installed here"])].join(" · ");
}

function countOf(people: number): string {
  return people === 1 ? "1 person" : `${people} people`;
}

function composer(
  { client, shortcuts }: PaneModel,
  { place, thread }: { readonly place: string; readonly thread: string | undefined },
): Html {
  const id = `${client.platform}-${thread === undefined ? "line" : "thread-line"}`;
  const label = thread === undefined ? `Message ${place}` : "Reply in the thread";
  const offered = thread === undefined ? shortcuts.filter(({ on }) => on === "anywhere") : [];
  return html`<form class="composer" data-composer data-under="${thread ?? ""}">
    <p class="notice" role="alert" data-notice hidden></p>
    <ul class="suggestions" id="${id}-suggestions" role="listbox" aria-label="Suggestions" hidden></ul>
    <p class="hint" data-hint hidden></p>
    <div class="writing">
      ${
        offered.length === 0
          ? ""
          : html`<details class="menu shortcuts">
              <summary aria-label="Shortcuts" title="Shortcuts">+</summary>
              <div>
                ${offered.map(
                  ({ name }) => html`<button type="button" data-shortcut="${name}">${name}</button>`,
                )}
              </div>
            </details>`
      }
      <textarea
        id="${id}"
        data-line
        rows="1"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded="false"
        aria-controls="${id}-suggestions"
        aria-label="${label}"
        placeholder="${label}"
        autocomplete="off"
        spellcheck="false"
      ></textarea>
      <button type="submit" class="send" aria-label="Send">
        <span aria-hidden="true">➤</span>
      </button>
    </div>
  </form>`;
}

function threadPanel(model: PaneModel, channel: ClientChannel | undefined): Html {
  const { client, view, thread } = model;
  const standing = view[client.platform];
  if (thread === undefined) return html``;
  const { thread: _thread, ...without } = standing;
  return html`<aside class="thread" aria-label="Thread in ${nameOf(channel)}">
    <header class="head">
      <h3>Thread</h3>
      <p>${nameOf(channel)}</p>
      <a href="${pageAddress(view, { [client.platform]: without })}" data-go aria-label="Close the thread"
        >✕</a
      >
    </header>
    <div class="messages" data-list="${client.platform}-thread" role="log" aria-label="Replies" tabindex="0">
      ${thread}
    </div>
    ${composer(model, { place: nameOf(channel), thread: standing.thread })}
  </aside>`;
}
