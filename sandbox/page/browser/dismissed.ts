import { all } from "./dom.ts";

// Private answers that somebody took from their screen: they stay away however often the list is drawn.

/** By the list and the key of the item in it. */
const dismissed = new Set<string>();

const nameOf = (list: HTMLElement, item: HTMLElement): string =>
  `${list.dataset["list"] ?? ""} ${item.dataset["key"] ?? ""}`;

/** Takes an item of a list from this screen, until the page is loaded again. */
export function dismiss(item: HTMLElement): void {
  const list = item.parentElement;
  if (list === null) return;
  dismissed.add(nameOf(list, item));
  item.hidden = true;
}

/** Hides what was dismissed among the items of a list that has just been drawn. */
export function hideDismissed(list: HTMLElement): void {
  if (dismissed.size === 0) return;
  for (const item of all(":scope > .item", list)) if (dismissed.has(nameOf(list, item))) item.hidden = true;
}
