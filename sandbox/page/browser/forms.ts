import type { Shows } from "../acts.ts";
import { act } from "./acts.ts";
import { redrawForm } from "./dialogs.ts";
import { find, paneAround, paneOf, platforms, type Platform } from "./dom.ts";
import { get } from "./net.ts";
import { standingOf, viewQuery } from "./standing.ts";

// What people do with an open form: fill it in and send it, or close it.

/** The app changed a form that is open here. */
export async function refreshForm(platform: Platform, user: string, form: string): Promise<void> {
  const dialog = find("[data-dialog]", HTMLDialogElement, paneOf(platform));
  if (dialog?.dataset["shows"] !== form || standingOf(platform).user !== user) return;
  const answer = await get(`/form/${platform}?${viewQuery()}&form=${encodeURIComponent(form)}`);
  const shows = (await answer?.json()) as Shows | undefined;
  if (shows?.show === "form" && dialog.dataset["shows"] === form) redrawForm(platform, shows);
}

export function startForms(): void {
  document.addEventListener("submit", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLFormElement) || target.dataset["form"] === undefined) return;
    event.preventDefault();
    void submit(target);
  });
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-close]") : null;
    const form = button?.closest<HTMLElement>("[data-form]");
    if (form) void act(paneAround(form).platform, { act: "close", form: form.dataset["form"] });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = platforms
      .map((platform) => find("dialog[data-dialog][open] [data-form]", HTMLElement, paneOf(platform)))
      .find((form) => form?.contains(document.activeElement));
    if (open === undefined) return;
    event.preventDefault();
    void act(paneAround(open).platform, { act: "close", form: open.dataset["form"] });
  });
}

async function submit(form: HTMLFormElement): Promise<void> {
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  await act(paneAround(form).platform, { act: "submit", form: form.dataset["form"], values: valuesOf(form) });
  form.removeAttribute("aria-busy");
}

/** What was entered, by field id: a text as it is, choices as a list. */
function valuesOf(form: HTMLFormElement): Record<string, string | string[]> {
  const values: Record<string, string | string[]> = {};
  for (const field of form.querySelectorAll("input, textarea, select")) {
    if (field instanceof HTMLTextAreaElement) values[field.name] = field.value;
    else if (field instanceof HTMLSelectElement)
      values[field.name] = [...field.selectedOptions]
        .map(({ value }) => value)
        .filter((value) => value !== "");
    else if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio"))
      values[field.name] = [...[values[field.name] ?? []].flat(), ...(field.checked ? [field.value] : [])];
    else if (field instanceof HTMLInputElement) values[field.name] = field.value;
  }
  return values;
}
