import type { RefLetter, Sign } from "../tour-step.ts";
import { all, find, paneOf, type Platform } from "./dom.ts";

// What the tour sees: it finds everything anew by its words, as a reader does, and remembers no element.

const PATIENCE_MS = 10_000;

/** What was read, with one space for any white space. */
export function textOf(element: Element): string {
  return element.textContent.replaceAll(/\s+/g, " ").trim();
}

function contains(element: Element, words: readonly string[]): boolean {
  const text = textOf(element);
  return words.every((one) => text.includes(one));
}

/** Waits until `look` finds something; undefined when it never did, or when the signal was given. */
export function appears<What>(
  look: () => What | undefined,
  { signal, limitMs = PATIENCE_MS }: { readonly signal: AbortSignal; readonly limitMs?: number },
): Promise<What | undefined> {
  const first = look();
  if (first !== undefined || signal.aborted) return Promise.resolve(first);
  const { promise, resolve } = Promise.withResolvers<What | undefined>();
  const observer = new MutationObserver(() => {
    const found = look();
    if (found !== undefined) resolve(found);
  });
  const giveUp = (): void => resolve(undefined);
  observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true });
  const timer = setTimeout(giveUp, limitMs);
  signal.addEventListener("abort", giveUp, { once: true });
  return promise.finally(() => {
    observer.disconnect();
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  });
}

/** Lets time pass, at most until the signal. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await appears(() => undefined, { signal, limitMs: ms });
}

interface Wanted {
  readonly words: readonly string[];
  readonly inThread?: boolean;
  readonly having?: (message: HTMLElement) => boolean;
}

/** The newest message on screen that contains all these words. */
export function newestMessage(
  platform: Platform,
  { words, inThread = false, having = () => true }: Wanted,
): HTMLElement | undefined {
  const list = `[data-list="${platform}${inThread ? "-thread" : ""}"]`;
  return all(`${list} [data-message]`, paneOf(platform)).findLast(
    (message) => message.closest("[hidden]") === null && contains(message, words) && having(message),
  );
}

export function openForm(platform: Platform): HTMLFormElement | undefined {
  return find("dialog[data-dialog][open] [data-form]", HTMLFormElement, paneOf(platform));
}

export function isBusy(element: Element): boolean {
  return element.getAttribute("aria-busy") === "true";
}

export function buttonIn(element: Element | undefined, label: string): HTMLButtonElement | undefined {
  if (element === undefined) return undefined;
  return [...element.querySelectorAll<HTMLButtonElement>("button[data-press]")].find(
    (button) => textOf(button) === label && !button.disabled,
  );
}

/** What the platform says to something that failed. */
export function refusal(platform: Platform): HTMLElement | undefined {
  return find("[data-form-notice]:not([hidden]), [data-notice]:not([hidden])", HTMLElement, paneOf(platform));
}

/** The message, the form or the panel in which all the words of a sign stand. */
export function seen(platform: Platform, { where, words }: Sign): HTMLElement | undefined {
  if (where === "panel") {
    const verified = find("[data-verified]", HTMLElement);
    return verified !== undefined && contains(verified, words) ? verified : undefined;
  }
  if (where === "thread") return newestMessage(platform, { words, inThread: true });
  const form = openForm(platform);
  return form !== undefined && contains(form, words) ? form : newestMessage(platform, { words });
}

/** The first reference with this letter: "T-7K3-M9Q". */
export function refIn(element: Element, letter: RefLetter): string | undefined {
  return new RegExp(`(?<![0-9A-Z-])${letter}-[0-9A-Z]{3}-[0-9A-Z]{3}`).exec(textOf(element))?.[0];
}
