import { hideDismissed } from "./dismissed.ts";
import { all, announce, around, drawn, find, paneAround, paneOf, platforms, type Platform } from "./dom.ts";
import { keepDrafts, putDraftsBack } from "./drafts.ts";
import { toEnd } from "./lists.ts";
import { listenAnew } from "./live.ts";
import { get } from "./net.ts";
import { since, standingOf, viewQuery, type Standing } from "./standing.ts";
import { swapThread } from "./threads.ts";

// Going from place to place in the clients: another workspace, person, channel or thread.

/** Channels with something new in them, by "platform workspace channel". */
const unread = new Set<string>();
/** Where each client is asked to go, until it is drawn there: what was asked before comes too late. */
const wishes = new Map<Platform, Partial<Standing>>();

const somewhereElse = { thread: "", from: "" };

/** To another workspace, person or channel: a thread alone changes nothing around it. */
const isMove = (to: Partial<Standing>): boolean => Object.keys(to).some((part) => part !== "thread");

/** Goes on from what is asked for already, so that two quick clicks are one way. */
async function go(platform: Platform, to: Partial<Standing>): Promise<void> {
  const before = wishes.get(platform) ?? {};
  // A thread is in the channel that is being left.
  if (isMove(before) && !isMove(to)) return;
  const wish = { ...before, ...to };
  wishes.set(platform, wish);
  const fresh = await drawnPane(platform, wish);
  if (wishes.get(platform) !== wish) return;
  wishes.delete(platform);
  const pane = paneOf(platform);
  if (fresh === undefined) {
    stay(pane);
    return;
  }
  if (!isMove(wish) && isSameRoom(pane, fresh)) swapThread(pane, fresh);
  else swapPane(platform, fresh);
  history.replaceState(undefined, "", `/?${viewQuery()}`);
  listenAnew();
}

/** A client as the server draws it there; undefined where it does not answer. */
async function drawnPane(platform: Platform, there: Partial<Standing>): Promise<HTMLElement | undefined> {
  const answer = await get(`/pane/${platform}?${viewQuery({ [platform]: there })}&since=${since()}`);
  const html = await answer?.text().catch(() => undefined);
  return html === undefined ? undefined : drawn(html);
}

function isSameRoom(one: HTMLElement, other: HTMLElement): boolean {
  return ["workspace", "user", "channel"].every((part) => one.dataset[part] === other.dataset[part]);
}

/** Nobody becomes somebody else by a choice that came to nothing. */
function stay(pane: HTMLElement): void {
  const people = find("[data-person]", HTMLSelectElement, pane);
  if (people !== undefined) people.value = pane.dataset["user"] ?? "";
}

function swapPane(platform: Platform, fresh: HTMLElement): void {
  const pane = paneOf(platform);
  keepDrafts(pane);
  const focus = signOfFocus(pane);
  pane.replaceWith(fresh);
  enter(platform);
  if (focus !== undefined) find(focus, HTMLElement, fresh)?.focus();
  const place = find(".main .head h3", HTMLElement, fresh)?.textContent ?? "";
  announce(`${place}, ${find("[data-person]", HTMLSelectElement, fresh)?.selectedOptions[0]?.text ?? ""}`);
}

/** What a client needs after it was drawn. */
function enter(platform: Platform): void {
  const pane = paneOf(platform);
  const { workspace, channel } = standingOf(platform);
  unread.delete(`${platform} ${workspace} ${channel}`);
  showUnread(platform);
  putDraftsBack(pane);
  for (const list of all(".messages", pane)) {
    hideDismissed(list);
    toEnd(list);
  }
}

/** Only what stands around the messages: somebody may be writing. All of it where their channel is not there any more. */
export async function refreshPlaces(platform: Platform): Promise<void> {
  const pane = paneOf(platform);
  const fresh = await drawnPane(platform, {});
  // Who went elsewhere meanwhile has been drawn anew, and who is on the way will be.
  if (fresh === undefined || !pane.isConnected || wishes.has(platform)) return;
  if (!isSameRoom(pane, fresh)) {
    await go(platform, somewhereElse);
    return;
  }
  const focus = signOfFocus(pane);
  for (const part of [".rail", ".sidebar"]) {
    const [before, after] = [pane, fresh].map((one) => find(part, HTMLElement, one));
    if (before === undefined || after === undefined) continue;
    const focused = before.contains(document.activeElement);
    // Behind an open form.
    after.inert = before.inert;
    before.replaceWith(after);
    if (focused && focus !== undefined) find(focus, HTMLElement, after)?.focus();
  }
  pane.dataset["edition"] = fresh.dataset["edition"] ?? "";
  showUnread(platform);
}

export function markUnread(platform: Platform, workspace: string, channel: string): void {
  unread.add(`${platform} ${workspace} ${channel}`);
  showUnread(platform);
}

function showUnread(platform: Platform): void {
  const pane = paneOf(platform);
  const { workspace } = standingOf(platform);
  const mark = (link: HTMLElement, is: boolean): void => {
    link.classList.toggle("unread", is);
    const words = find(".sr-only", HTMLElement, link);
    if (is && words === undefined) {
      const said = document.createElement("span");
      said.className = "sr-only";
      said.textContent = " (new messages)";
      link.append(said);
    } else if (!is) words?.remove();
  };
  for (const link of all("[data-room]", pane))
    mark(link, unread.has(`${platform} ${workspace} ${link.dataset["room"] ?? ""}`));
  for (const link of all("[data-place]", pane)) {
    const key = `${platform} ${link.dataset["place"] ?? ""} `;
    mark(link, link.dataset["place"] !== workspace && [...unread].some((one) => one.startsWith(key)));
  }
}

const signs = ["data-room", "data-place", "data-person", "data-line"];

/** The control that has the focus, as it will be found in the next drawing. */
function signOfFocus(pane: HTMLElement): string | undefined {
  const active = document.activeElement;
  const sign = signs.find((name) => active?.hasAttribute(name));
  if (sign === undefined || active === null || !pane.contains(active)) return undefined;
  return `[${sign}="${CSS.escape(active.getAttribute(sign) ?? "")}"]`;
}

export function startPanes(): void {
  document.addEventListener("click", (event) => {
    const link = around(event, "a[data-go]");
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follow(link);
  });
  document.addEventListener("change", (event) => {
    const chosen = around(event, "[data-person]");
    if (!(chosen instanceof HTMLSelectElement)) return;
    void go(paneAround(chosen).platform, { user: chosen.value, ...somewhereElse });
  });
  document.addEventListener("click", (event) => {
    const opener = around(event, "[data-thread-of]");
    if (opener === undefined) return;
    opener.closest("details")?.removeAttribute("open");
    void go(paneAround(opener).platform, { thread: opener.dataset["threadOf"] ?? "" });
  });
  document.addEventListener("click", (event) => {
    const button = around(event, "[data-sidebar]");
    const pane = button?.closest("[data-pane]");
    if (button === undefined || !(pane instanceof HTMLElement)) return;
    const open = pane.toggleAttribute("data-sidebar-open");
    button.setAttribute("aria-expanded", String(open));
  });
  for (const platform of platforms) enter(platform);
}

/**
 * A link's address is for another tab: it says where everything stood when it was drawn. Here it changes what it is
 * about, and nothing else.
 */
function follow(link: HTMLAnchorElement): void {
  const { room, place } = link.dataset;
  const to =
    place !== undefined
      ? { workspace: place, user: "", channel: "", ...somewhereElse }
      : room !== undefined
        ? { channel: room, ...somewhereElse }
        : { thread: "" };
  void go(paneAround(link).platform, to);
}
