import { all, announce, around, drawn, find, paneOf, platforms, type Platform } from "./dom.ts";
import { toEnd } from "./lists.ts";
import { listenAnew } from "./live.ts";
import { get } from "./net.ts";
import { since, standingOf, viewQuery, type Standing } from "./standing.ts";

// Going from place to place in the clients: another workspace, person, channel or thread.

/** Channels with something new in them, by "platform workspace channel". */
const unread = new Set<string>();
/** Lines that were begun and not sent, by where they were begun. */
const drafts = new Map<string, string>();

async function go(platform: Platform, to: Partial<Standing>): Promise<void> {
  const query = viewQuery({ [platform]: { from: "", ...to } });
  const answer = await get(`/pane/${platform}?${query}&since=${since()}`);
  if (answer === undefined) return;
  keepDrafts(platform);
  const focus = signOfFocus();
  const pane = drawn(await answer.text());
  paneOf(platform).replaceWith(pane);
  history.replaceState(undefined, "", `/?${viewQuery()}`);
  enter(platform);
  if (focus !== undefined) find(focus, HTMLElement, pane)?.focus();
  const place = find(".main .head h3", HTMLElement, pane)?.textContent ?? "";
  announce(`${place}, ${find("[data-person]", HTMLSelectElement, pane)?.selectedOptions[0]?.text ?? ""}`);
  listenAnew();
}

/** What a client needs after it was drawn. */
function enter(platform: Platform): void {
  const pane = paneOf(platform);
  const { workspace, channel } = standingOf(platform);
  unread.delete(`${platform} ${workspace} ${channel}`);
  showUnread(platform);
  for (const list of all(".messages", pane)) toEnd(list);
  for (const composer of all("[data-composer]", pane)) {
    const line = find("[data-line]", HTMLTextAreaElement, composer);
    const draft = drafts.get(draftKey(platform, composer));
    if (line !== undefined && draft !== undefined) line.value = draft;
  }
}

/** Only what stands around the messages: somebody may be writing. */
export async function refreshPlaces(platform: Platform): Promise<void> {
  const answer = await get(`/pane/${platform}?${viewQuery()}&since=${since()}`);
  if (answer === undefined) return;
  const fresh = drawn(await answer.text());
  for (const part of [".rail", ".sidebar"]) {
    const [before, after] = [paneOf(platform).querySelector(part), fresh.querySelector(part)];
    if (before !== null && after !== null && !before.contains(document.activeElement))
      before.replaceWith(after);
  }
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

function keepDrafts(platform: Platform): void {
  for (const composer of all("[data-composer]", paneOf(platform))) {
    const line = find("[data-line]", HTMLTextAreaElement, composer);
    if (line !== undefined) drafts.set(draftKey(platform, composer), line.value);
  }
}

function draftKey(platform: Platform, composer: HTMLElement): string {
  const { workspace, user, channel } = standingOf(platform);
  return [platform, workspace, user, channel, composer.dataset["under"] ?? ""].join(" ");
}

/** The control that has the focus, as it will be found in the next drawing. */
function signOfFocus(): string | undefined {
  const active = document.activeElement;
  const sign = ["data-room", "data-place", "data-person"].find((name) => active?.hasAttribute(name));
  if (sign === undefined || active === null) return undefined;
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
    const platform =
      chosen.closest("[data-pane]")?.getAttribute("data-pane") === "discord" ? "discord" : "slack";
    void go(platform, { user: chosen.value, thread: "" });
  });
  document.addEventListener("click", (event) => {
    const opener = around(event, "[data-thread-of]");
    const platform = platforms.find((one) => opener !== undefined && paneOf(one).contains(opener));
    if (platform !== undefined) void go(platform, { thread: opener?.dataset["threadOf"] ?? "" });
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

/** A link says where both clients stand; only the one that moves is drawn anew. */
function follow(link: HTMLAnchorElement): void {
  const asked = new URL(link.href).searchParams;
  const platform = platforms.find((one) => paneOf(one).contains(link));
  if (platform === undefined) return;
  const [workspace = "", user = "", channel = "", thread = ""] = (asked.get(platform) ?? "").split(",");
  void go(platform, { workspace, user, channel, thread });
}
