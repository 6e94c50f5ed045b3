import type { Patch } from "../lists.ts";
import { hideDismissed } from "./dismissed.ts";
import { all, drawn } from "./dom.ts";

// The lists of the page, kept as the server says: what is different is replaced, everything else stays as it is.

/** What each element was made of: after a reconnection everything comes again, and most of it is here already. */
const madeOf = new WeakMap<Element, string>();
const AT_END = 60;

export function isAtEnd(list: HTMLElement): boolean {
  return list.scrollHeight - list.scrollTop - list.clientHeight < AT_END;
}

export function toEnd(list: HTMLElement): void {
  list.scrollTop = list.scrollHeight;
}

/** Brings a list to where it should stand; the reader's place in it stays. */
export function applyPatch(patch: Patch): void {
  for (const list of all(`[data-list="${patch.list}"]`)) {
    const staying = new Set(patch.order);
    const putBack = keepPlace(list, (key) => staying.has(key));
    arrange(list, patch);
    hideDismissed(list);
    list.dataset["earlier"] = String(patch.earlier);
    list.dataset["later"] = String(patch.later);
    putBack();
    list.dispatchEvent(new CustomEvent("arranged", { bubbles: true }));
  }
}

/**
 * Looks where the reader of a list is, before something changes in it; call what comes back afterwards. Messages are
 * read from the end on, and whoever is there stays there; everybody else stays with what they see.
 */
function keepPlace(list: HTMLElement, stays: (key: string) => boolean): () => void {
  const follow = list.matches(".messages") && isAtEnd(list) && list.dataset["frozen"] !== "true";
  if (follow) return () => toEnd(list);
  const mark = landmark(list, stays);
  return () => {
    // By its key: the element may be a new one.
    const element = [...list.children].find((child) => keyOf(child) === mark?.key);
    if (element === undefined || mark === undefined) return;
    list.scrollTop += element.getBoundingClientRect().top - mark.top;
  };
}

/** A heading of a day is no landmark: it stays the first however much comes in under it. */
const isHeading = (key: string): boolean => key.startsWith("day ");

/** The first item on screen that will still be there, and how far down it is. */
function landmark(
  list: HTMLElement,
  stays: (key: string) => boolean,
): { readonly key: string; readonly top: number } | undefined {
  const edge = list.getBoundingClientRect().top;
  for (const element of list.children) {
    const key = keyOf(element);
    const { top, bottom } = element.getBoundingClientRect();
    if (bottom > edge && !isHeading(key) && stays(key)) return { key, top };
  }
  return undefined;
}

function arrange(list: HTMLElement, { order, items }: Patch): void {
  const wanted = new Set(order);
  // First of all, so that what stays is in line already and need not be moved: moving takes the focus away.
  for (const gone of [...list.children].filter((child) => !wanted.has(keyOf(child)))) gone.remove();
  const have = new Map([...list.children].map((child) => [keyOf(child), child]));
  let next = list.firstElementChild;
  for (const key of order) {
    const before = have.get(key);
    const inLine = before !== undefined && before === next;
    const element = current(before, items[key]);
    if (element === undefined) continue;
    if (inLine) next = element.nextElementSibling;
    else list.insertBefore(element, next);
  }
}

function keyOf(item: Element): string {
  return item.getAttribute("data-key") ?? "";
}

/** The element for an item: the one that is there, or a new one in its place. */
function current(there: Element | undefined, html: string | undefined): Element | undefined {
  if (html === undefined || (there !== undefined && madeOf.get(there) === html)) return there;
  const made = drawn(html);
  madeOf.set(made, html);
  if (there === undefined) return made;
  const focused = there.contains(document.activeElement) ? signOf(document.activeElement) : undefined;
  there.replaceWith(made);
  const again = focused === undefined ? null : made.querySelector(focused);
  if (again instanceof HTMLElement) again.focus();
  return made;
}

const signs = ["data-press", "data-thread-of", "data-shortcut", "data-fault"];

/** How to find the same control in a newer drawing. */
function signOf(element: Element | null): string | undefined {
  const sign = signs.find((name) => element?.hasAttribute(name));
  return sign === undefined ? undefined : `[${sign}="${CSS.escape(element?.getAttribute(sign) ?? "")}"]`;
}
