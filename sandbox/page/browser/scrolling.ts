import { all, around, find, paneOf, platforms, type Platform } from "./dom.ts";
import { isAtEnd, toEnd } from "./lists.ts";
import { listenAnew } from "./live.ts";

// The window of a channel moves with its reader: the page holds no more than stands around what is seen.

/** So near to an end of the window, the next part is fetched; pixels. */
const EDGE = 300;
/** So many messages stay above when the window moves down. */
const ABOVE = 60;

interface Position {
  /** Where the window begins now; "": the newest are shown. */
  readonly from: string;
  readonly keys: readonly string[];
  readonly earlier: boolean;
  readonly later: boolean;
  readonly nearTop: boolean;
  readonly nearEnd: boolean;
  readonly atEnd: boolean;
}

/** Where the window should begin. Away from the end it stays where it is, whatever comes in below. */
function windowFor({ from, keys, earlier, later, nearTop, nearEnd, atEnd }: Position): string {
  const [first = ""] = keys;
  if (earlier && nearTop) return `~${first}`;
  if (later && nearEnd) return keys[Math.max(0, keys.length - ABOVE)] ?? "";
  if (later) return from;
  if (atEnd) return "";
  return from === "" ? first : from;
}

function positionOf(list: HTMLElement, from: string): Position {
  const items = all(":scope > .item", list).map((item) => item.dataset["key"] ?? "");
  const below = list.scrollHeight - list.scrollTop - list.clientHeight;
  return {
    from,
    keys: items.filter((key) => !key.startsWith("day ")),
    earlier: list.dataset["earlier"] === "true",
    later: list.dataset["later"] === "true",
    nearTop: list.scrollTop < EDGE,
    nearEnd: below < EDGE,
    atEnd: isAtEnd(list),
  };
}

/** On their way to the newest messages: until these are there, it does not count where the reader is. */
const onTheWay = new WeakSet<HTMLElement>();

function look(list: HTMLElement): void {
  if (onTheWay.has(list)) return;
  list.dataset["end"] = String(isAtEnd(list));
  const platform = platforms.find((one) => one === list.dataset["list"]);
  if (platform === undefined) return;
  const pane = paneOf(platform);
  const before = pane.dataset["from"] ?? "";
  const position = positionOf(list, before);
  const from = windowFor(position);
  const latest = find("[data-latest]", HTMLElement, pane);
  if (latest !== undefined) latest.hidden = position.atEnd && !position.later;
  list.dataset["frozen"] = String(from !== "");
  if (from === before) return;
  pane.dataset["from"] = from;
  listenAnew();
}

export function startScrolling(): void {
  const due = new Set<HTMLElement>();
  const soon = ({ target }: Event): void => {
    if (!(target instanceof HTMLElement) || !target.matches(".messages[data-list]") || due.has(target))
      return;
    due.add(target);
    requestAnimationFrame(() => {
      due.delete(target);
      if (target.isConnected) look(target);
    });
  };
  document.addEventListener("scroll", soon, { capture: true, passive: true });
  document.addEventListener("arranged", soon);
  // Where a reader is at the end they stay there when the panel opens below, or the window is made smaller.
  const clients = find(".clients", HTMLElement);
  if (clients !== undefined)
    new ResizeObserver(() => {
      for (const list of all(".messages[data-end=true]", clients)) toEnd(list);
    }).observe(clients);
  document.addEventListener("click", (event) => {
    const button = around(event, "[data-latest]");
    const platform = platforms.find((one) => button !== undefined && paneOf(one).contains(button));
    if (platform !== undefined) toLatest(platform);
  });
}

/** Back to the newest messages, and with them from now on. */
export function toLatest(platform: Platform): void {
  const pane = paneOf(platform);
  const list = find(".main .messages", HTMLElement, pane);
  if (list === undefined) return;
  list.dataset["frozen"] = "false";
  toEnd(list);
  if ((pane.dataset["from"] ?? "") === "") return;
  pane.dataset["from"] = "";
  // What comes next is the newest window: the reader goes along.
  onTheWay.add(list);
  const arrive = (): void => {
    onTheWay.delete(list);
    toEnd(list);
  };
  list.addEventListener("arranged", arrive, { once: true });
  listenAnew();
}

/** To the last reply, and with the replies from now on. */
export function toThreadEnd(platform: Platform): void {
  const list = find(".thread .messages", HTMLElement, paneOf(platform));
  if (list !== undefined) toEnd(list);
}
