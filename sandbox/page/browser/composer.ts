import type { Suggestion, Suggestions } from "../suggest.ts";
import { act, notice } from "./acts.ts";
import { all, around, find, paneAround } from "./dom.ts";
import { fit, giveBack, targetOf, write } from "./drafts.ts";
import { get } from "./net.ts";
import { viewQuery } from "./standing.ts";

// The line that people type: messages, and commands with what the platform offers for them.

const WAIT_MS = 60;

export function startComposer(): void {
  document.addEventListener("submit", (event) => {
    const composer = around(event, "[data-composer]");
    if (composer === undefined) return;
    event.preventDefault();
    void send(composer);
  });
  document.addEventListener("input", (event) => {
    const line = around(event, "[data-line]");
    if (!(line instanceof HTMLTextAreaElement)) return;
    fit(line);
    offerSoon(line);
  });
  document.addEventListener("keydown", (event) => {
    const line = around(event, "[data-line]");
    if (line instanceof HTMLTextAreaElement && keys[event.key]?.(line, event) === true)
      event.preventDefault();
  });
  document.addEventListener("focusout", (event) => {
    const line = around(event, "[data-line]");
    // The line that has the focus still has it when only the window lost it.
    if (!(line instanceof HTMLTextAreaElement) || line === document.activeElement) return;
    asked += 1;
    close(line);
  });
  // Choosing with the mouse does not take the focus from the line.
  document.addEventListener("mousedown", (event) => {
    if (around(event, ".suggestions") !== undefined) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const row = around(event, ".suggestions [role=option]");
    const line = row && find("[data-line]", HTMLTextAreaElement, row.closest("[data-composer]") ?? undefined);
    if (row !== undefined && line !== undefined) choose(line, row);
  });
}

async function send(composer: HTMLElement): Promise<void> {
  const line = find("[data-line]", HTMLTextAreaElement, composer);
  if (line === undefined || line.value.trim() === "" || composer.getAttribute("aria-busy") === "true") return;
  const text = line.value;
  const under = composer.dataset["under"] ?? "";
  const { platform } = paneAround(composer);
  // What was asked for the line so far is not wanted any more.
  asked += 1;
  close(line);
  setHint(line, undefined);
  const target = targetOf(composer);
  write(line, "");
  composer.setAttribute("aria-busy", "true");
  const done = await act(
    platform,
    { act: "type", line: text, ...(under === "" ? {} : { thread: under }) },
    composer,
  );
  composer.removeAttribute("aria-busy");
  // What the platform refused is to be put right.
  if (!done) giveBack(target, text);
}

/** What a key does; true when it did something, and is not for the browser any more. */
type Key = (line: HTMLTextAreaElement, event: KeyboardEvent) => boolean;

const step =
  (by: 1 | -1): Key =>
  (line) => {
    const rows = rowsOf(line);
    if (rows.length === 0) return false;
    const at = rows.findIndex(isChosen);
    select(line, at < 0 && by < 0 ? rows.length - 1 : (at + by + rows.length) % rows.length);
    return true;
  };

const keys: Readonly<Record<string, Key>> = {
  ArrowDown: step(1),
  ArrowUp: step(-1),
  Tab: (line, { shiftKey }) => {
    const rows = rowsOf(line);
    const row = rows.find(isChosen) ?? rows[0];
    if (row === undefined || shiftKey) return false;
    choose(line, row);
    return true;
  },
  Escape: (line, event) => {
    if (rowsOf(line).length === 0) return false;
    close(line);
    event.stopPropagation();
    return true;
  },
  Enter: (line, { shiftKey, isComposing }) => {
    if (shiftKey || isComposing) return false;
    const row = rowsOf(line).find(isChosen);
    if (row === undefined) line.form?.requestSubmit();
    else choose(line, row);
    return true;
  },
};

const isChosen = (row: HTMLElement): boolean => row.getAttribute("aria-selected") === "true";

let asked = 0;

function offerSoon(line: HTMLTextAreaElement): void {
  asked += 1;
  const mine = asked;
  notice(paneAround(line).platform, "", line.form ?? undefined);
  if (!line.value.startsWith("/")) {
    close(line);
    setHint(line, undefined);
    return;
  }
  setTimeout(() => void offer(line, () => mine === asked), WAIT_MS);
}

async function offer(line: HTMLTextAreaElement, stillWanted: () => boolean): Promise<void> {
  if (!stillWanted()) return;
  const { platform } = paneAround(line);
  const text = encodeURIComponent(line.value.slice(0, 4_000));
  const answer = await get(`/suggest/${platform}?${viewQuery()}&line=${text}`);
  const found = (await answer?.json()) as Suggestions | undefined;
  if (found === undefined || !stillWanted() || !line.isConnected) return;
  show(line, found.items);
  setHint(line, found.hint);
}

function show(line: HTMLTextAreaElement, items: readonly Suggestion[]): void {
  const list = listOf(line);
  if (list === undefined) return;
  list.replaceChildren(
    ...items.map(({ line: whole, label, about }, index) => {
      const row = document.createElement("li");
      row.id = `${list.id}-${index}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.dataset["whole"] = whole;
      const name = document.createElement("b");
      name.textContent = label;
      const words = document.createElement("span");
      words.textContent = about;
      row.append(name, " ", words);
      return row;
    }),
  );
  list.hidden = items.length === 0;
  line.setAttribute("aria-expanded", String(items.length > 0));
  line.removeAttribute("aria-activedescendant");
}

function select(line: HTMLTextAreaElement, index: number): void {
  for (const [at, row] of rowsOf(line).entries()) {
    row.setAttribute("aria-selected", String(at === index));
    if (at !== index) continue;
    line.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }
}

function choose(line: HTMLTextAreaElement, row: HTMLElement): void {
  line.value = row.dataset["whole"] ?? line.value;
  line.focus();
  line.setSelectionRange(line.value.length, line.value.length);
  close(line);
  offerSoon(line);
}

function close(line: HTMLTextAreaElement): void {
  show(line, []);
}

function setHint(line: HTMLTextAreaElement, hint: string | undefined): void {
  const place = find("[data-hint]", HTMLElement, line.form ?? undefined);
  if (place === undefined) return;
  place.textContent = hint ?? "";
  place.hidden = hint === undefined;
}

function listOf(line: HTMLTextAreaElement): HTMLElement | undefined {
  return find(".suggestions", HTMLElement, line.form ?? undefined);
}

function rowsOf(line: HTMLTextAreaElement): readonly HTMLElement[] {
  return all("[role=option]", listOf(line));
}
