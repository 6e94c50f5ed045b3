import type { Shows } from "../acts.ts";
import { closeForms, confirmed, showForm } from "./dialogs.ts";
import { around, find, paneAround, paneOf, type Platform } from "./dom.ts";
import { post } from "./net.ts";
import { toLatest } from "./scrolling.ts";
import { standingOf } from "./standing.ts";

// What a person does goes to the platform; what the platform shows for it comes back here or over the stream.

/** Sends an act and shows what it brings up. True when nothing was wrong with it. */
export async function act(
  platform: Platform,
  what: { readonly act: string } & Readonly<Record<string, unknown>>,
  composer?: HTMLElement,
): Promise<boolean> {
  const { workspace, user, channel } = standingOf(platform);
  notice(platform, "", composer);
  const answer = await post(`/act/${platform}`, { workspace, user, channel, ...what });
  const shows: Shows = "error" in answer ? { show: "error", text: answer.error } : (answer.said as Shows);
  // Whoever went elsewhere meanwhile is not followed.
  const now = standingOf(platform);
  if (now.workspace !== workspace || now.user !== user) return true;
  switch (shows.show) {
    case "form":
      showForm(platform, shows);
      return true;
    case "error":
      notice(platform, shows.text, composer);
      return false;
    case "message":
    case "nothing":
      if (what.act === "submit" || what.act === "close") closeForms(platform);
      if (what.act !== "close") toLatest(platform);
      return true;
  }
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
    if (message instanceof HTMLElement) message.hidden = true;
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
