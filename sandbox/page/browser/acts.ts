import type { Shows } from "../acts.ts";
import { closeForms, confirmed, redrawForm, showForm } from "./dialogs.ts";
import { dismiss } from "./dismissed.ts";
import { all, around, find, paneAround, paneOf, type Platform } from "./dom.ts";
import { post } from "./net.ts";
import { toLatest, toThreadEnd } from "./scrolling.ts";
import { standingOf } from "./standing.ts";

// What a person does goes to the platform; what the platform shows for it comes back here or over the stream.

type Act = { readonly act: string } & Readonly<Record<string, unknown>>;

/** Sends an act and shows what it brings up. True when nothing was wrong with it. */
export async function act(platform: Platform, what: Act, composer?: HTMLElement): Promise<boolean> {
  const { workspace, user, channel } = standingOf(platform);
  notice(platform, "", composer);
  const known = messagesIn(platform);
  const answer = await post(`/act/${platform}`, { workspace, user, channel, ...what });
  const shows: Shows = "error" in answer ? { show: "error", text: answer.error } : (answer.said as Shows);
  // Whoever went elsewhere meanwhile is not followed.
  const now = standingOf(platform);
  const isFine = shows.show !== "error";
  if (now.workspace !== workspace || now.user !== user) return isFine;
  // A button in a form has the app change it under the person's hands.
  if (shows.show === "form") (what.act === "press" ? redrawForm : showForm)(platform, shows);
  else if (shows.show === "error") notice(platform, shows.text, composer);
  else {
    if (what.act === "submit" || what.act === "close") closeForms(platform);
    const isNew = shows.show === "message" && !known.has(shows.message);
    if (now.channel === channel) goAlong(platform, what, isNew);
  }
  return isFine;
}

/** To what somebody has written, and to new answers. What was only edited is seen where it stands. */
function goAlong(platform: Platform, what: Act, isNew: boolean): void {
  const inThread = find(".thread [data-composer]", HTMLElement, paneOf(platform));
  // A thread lies over its channel, and platforms put private answers into the channel.
  if (isNew && inThread !== undefined)
    notice(platform, "The answer is in the channel: close the thread to see it.", inThread);
  if (what["thread"] !== undefined) toThreadEnd(platform);
  else if (what.act === "type" || isNew) toLatest(platform);
}

/** What is in the page already. */
function messagesIn(platform: Platform): ReadonlySet<string> {
  return new Set(all("[data-message]", paneOf(platform)).map(({ dataset }) => dataset["message"] ?? ""));
}

/** What the platform says to an act that failed: in the form that is open, or by the line that was typed. */
export function notice(platform: Platform, text: string, composer?: HTMLElement): void {
  const pane = paneOf(platform);
  const place =
    find("dialog[open] [data-form-notice]", HTMLElement, pane) ??
    find("[data-notice]", HTMLElement, composer?.isConnected === true ? composer : pane);
  if (place === undefined) return;
  place.textContent = text;
  place.hidden = text === "";
}

export function startActs(): void {
  document.addEventListener("click", (event) => {
    const button = around(event, "[data-press]");
    if (button !== undefined) void press(button);
  });
  document.addEventListener("click", (event) => {
    const button = around(event, "[data-shortcut]");
    if (button === undefined) return;
    const { platform } = paneAround(button);
    button.closest("details")?.removeAttribute("open");
    const message = button.closest<HTMLElement>("[data-message]")?.dataset["message"];
    void act(platform, { act: "shortcut", name: button.dataset["shortcut"], message });
  });
  document.addEventListener("click", (event) => {
    const message = around(event, "[data-dismiss]")?.closest<HTMLElement>(".item");
    if (message instanceof HTMLElement) dismiss(message);
  });
  // One menu at a time, and none after a click elsewhere or Escape.
  document.addEventListener("click", (event) => closeMenus(around(event, "details.menu")));
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") closeMenus(undefined);
  });
}

function closeMenus(except: HTMLElement | undefined): void {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (menu !== except) menu.removeAttribute("open");
}

async function press(button: HTMLElement): Promise<void> {
  const { platform } = paneAround(button);
  if (button.getAttribute("aria-busy") === "true" || !(await confirmed(button))) return;
  button.setAttribute("aria-busy", "true");
  const message =
    button.closest<HTMLElement>("[data-message]")?.dataset["message"] ??
    button.closest<HTMLElement>("[data-form]")?.dataset["form"];
  try {
    await act(platform, { act: "press", message, button: button.dataset["press"] });
  } finally {
    button.removeAttribute("aria-busy");
  }
}
