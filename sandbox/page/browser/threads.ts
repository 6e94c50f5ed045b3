import { all, find } from "./dom.ts";
import { keepDrafts, putDraftsBack } from "./drafts.ts";
import { toEnd } from "./lists.ts";

// A thread opens and closes over a channel that stays as it is: where one reads in it, and what one writes.

/** Puts the thread of a newer drawing in the place of the one that is open, if any is open in either. */
export function swapThread(pane: HTMLElement, fresh: HTMLElement): void {
  const [old, next] = [pane, fresh].map((one) => find(".thread", HTMLElement, one));
  const left = pane.dataset["thread"] ?? "";
  const mine = mayFocus(pane);
  if (old !== undefined) keepDrafts(old);
  old?.remove();
  pane.dataset["thread"] = fresh.dataset["thread"] ?? "";
  if (next !== undefined) enterThread(pane, next);
  if (mine) (find(".thread [data-line]", HTMLElement, pane) ?? wayBack(pane, left))?.focus();
}

function enterThread(pane: HTMLElement, thread: HTMLElement): void {
  thread.inert = pane.dataset["modal"] !== undefined;
  find(".main", HTMLElement, pane)?.after(thread);
  putDraftsBack(thread);
  for (const list of all(".messages", thread)) toEnd(list);
}

/** The focus is taken from nobody who is elsewhere by now. */
function mayFocus(pane: HTMLElement): boolean {
  const { activeElement, body } = document;
  return activeElement === null || activeElement === body || pane.contains(activeElement);
}

/** What opened the thread where that is on screen, or else the line of its channel. */
function wayBack(pane: HTMLElement, thread: string): HTMLElement | undefined {
  const openers = all(`.main [data-thread-of="${CSS.escape(thread)}"]`, pane).flatMap((opener) => {
    const menu = opener.closest("details");
    return [opener, ...(menu === null ? [] : all("summary", menu))];
  });
  return openers.find(isSeen) ?? find(".main [data-line]", HTMLElement, pane);
}

function isSeen(control: HTMLElement): boolean {
  const list = control.closest(".messages")?.getBoundingClientRect();
  const { top, bottom } = control.getBoundingClientRect();
  return list !== undefined && control.checkVisibility() && top >= list.top && bottom <= list.bottom;
}
