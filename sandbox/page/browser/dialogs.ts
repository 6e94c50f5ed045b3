import { all, drawn, find, paneAround, paneOf, type Platform } from "./dom.ts";
import { carryOver, refocusing } from "./entered.ts";

// Dialogs: the platform's modal, inside its own client. The other client and the page's bar stay within reach.

/** Where the focus goes back to, by platform. */
const cameFrom = new Map<Platform, string>();
const behind = ".rail, .sidebar, .main, .thread";

interface DrawnForm {
  readonly form: string;
  readonly html: string;
}

/** Shows a form, and begins in it: at what is wrong with it, or at its first field. */
export function showForm(platform: Platform, shows: DrawnForm): void {
  const pane = paneOf(platform);
  const dialog = find("[data-dialog]", HTMLDialogElement, pane);
  if (dialog === undefined) return;
  const { activeElement } = document;
  if (!dialog.open && activeElement instanceof HTMLElement && pane.contains(activeElement))
    cameFrom.set(platform, signOf(activeElement));
  fill(dialog, shows);
  if (!dialog.open) dialog.show();
  pane.dataset["modal"] = "";
  for (const part of all(behind, pane)) part.inert = true;
  (find("[aria-invalid='true']", HTMLElement, dialog) ?? firstField(dialog))?.focus();
}

/** Draws the form that is open anew: what was entered stays, and where the focus is. Another form is shown as ever. */
export function redrawForm(platform: Platform, shows: DrawnForm): void {
  const dialog = find("[data-dialog]", HTMLDialogElement, paneOf(platform));
  const before = dialog && find("form", HTMLElement, dialog);
  if (dialog?.dataset["shows"] !== shows.form || before === undefined) {
    showForm(platform, shows);
    return;
  }
  const { activeElement } = document;
  const refocus = dialog.contains(activeElement) && activeElement ? refocusing(activeElement) : () => true;
  fill(dialog, shows);
  carryOver(before, dialog);
  if (!refocus(dialog)) firstField(dialog)?.focus();
}

function fill(dialog: HTMLDialogElement, { form, html }: DrawnForm): void {
  const fresh = drawn(html);
  const words = document.createElement("p");
  words.className = "form-notice";
  words.setAttribute("role", "alert");
  words.dataset["formNotice"] = "";
  words.hidden = true;
  fresh.querySelector("footer")?.before(words);
  dialog.replaceChildren(fresh);
  dialog.dataset["shows"] = form;
}

function firstField(dialog: HTMLElement): HTMLElement | undefined {
  return (
    find(".body input, .body textarea, .body select", HTMLElement, dialog) ??
    find("button", HTMLElement, dialog)
  );
}

function signOf(element: HTMLElement): string {
  const sign = ["data-press", "data-line", "data-shortcut", "data-room"].find((name) =>
    element.hasAttribute(name),
  );
  if (sign === undefined) return "[data-line]";
  const value = element.getAttribute(sign) ?? "";
  return value === "" ? `[${sign}]` : `[${sign}="${CSS.escape(value)}"]`;
}

export function closeForms(platform: Platform): void {
  const pane = paneOf(platform);
  const dialog = find("[data-dialog]", HTMLDialogElement, pane);
  if (dialog?.open !== true) return;
  dialog.close();
  dialog.replaceChildren();
  delete dialog.dataset["shows"];
  delete pane.dataset["modal"];
  for (const part of all(behind, pane)) part.inert = false;
  find(cameFrom.get(platform) ?? "[data-line]", HTMLElement, pane)?.focus();
}

/** Slack's own question before a button that asks for one. True without it. */
export async function confirmed(button: HTMLElement): Promise<boolean> {
  const { confirmTitle, confirmText, confirmYes, confirmNo } = button.dataset;
  if (confirmTitle === undefined) return true;
  const { pane } = paneAround(button);
  const question = document.createElement("dialog");
  question.className = "form confirm";
  question.setAttribute("aria-label", confirmTitle);
  const title = document.createElement("h2");
  title.textContent = confirmTitle;
  const text = document.createElement("p");
  text.textContent = confirmText ?? "";
  const [no, yes] = [answerButton(confirmNo ?? "Cancel", "no"), answerButton(confirmYes ?? "OK", "yes")];
  if (button.dataset["confirmDanger"] !== undefined) yes.classList.add("danger");
  const choice = document.createElement("form");
  choice.method = "dialog";
  const footer = document.createElement("footer");
  footer.append(no, yes);
  choice.append(title, text, footer);
  question.append(choice);
  pane.append(question);
  const { promise, resolve } = Promise.withResolvers<void>();
  question.addEventListener("close", () => resolve());
  question.showModal();
  await promise;
  question.remove();
  button.focus();
  return question.returnValue === "yes";
}

function answerButton(label: string, value: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.textContent = label;
  button.value = value;
  button.className = value;
  return button;
}
