import type { Action, Place, TourStep } from "../tour-step.ts";
import { find, paneOf } from "./dom.ts";
import { enter, fieldIn, submitOf, type Values } from "./tour-fields.ts";
import { appears, buttonIn, isBusy, newestMessage, openForm, refusal, rest, seen } from "./tour-screen.ts";
import { awaited, closeForms, done, isStill, quoted, use, type Outcome, type Turn } from "./tour-turn.ts";

// What the tour does: it goes to places, types, presses and fills in through the page, as a person would.

export function perform(action: Action, turn: Turn): Promise<Outcome> {
  const { pane, channel } = turn.step;
  const old = refusal(pane);
  if (old !== undefined) old.hidden = true;
  toNewest(pane);
  switch (action.kind) {
    case "type":
      return typeLine(action.line, turn);
    case "press":
      return press(action, turn);
    case "fill":
      return fill(action.values, turn);
    case "thread":
      return openThread(action.under, turn);
    case "see":
      return awaited(
        () => seen(pane, { where: "client", words: action.words }),
        turn,
        `${quoted(action.words)} in ${channel}`,
      );
    case "verify":
      return verify(turn);
  }
}

/** Somebody may have scrolled up. */
function toNewest(platform: TourStep["pane"]): void {
  find("[data-latest]:not([hidden])", HTMLElement, paneOf(platform))?.click();
}

interface Move {
  readonly part: keyof Place;
  readonly go: (pane: HTMLElement, id: string) => boolean;
}

const moves: readonly Move[] = [
  { part: "workspace", go: (pane, id) => follow(pane, `[data-place="${CSS.escape(id)}"]`) },
  {
    part: "user",
    go(pane, id) {
      const people = find("[data-person]", HTMLSelectElement, pane);
      if (people === undefined) return false;
      people.value = id;
      people.dispatchEvent(new Event("change", { bubbles: true }));
      return people.value === id;
    },
  },
  { part: "channel", go: toRoom },
];

function toRoom(pane: HTMLElement, id: string): boolean {
  return follow(pane, `[data-room="${CSS.escape(id)}"]`);
}

function follow(pane: HTMLElement, link: string): boolean {
  const found = find(link, HTMLElement, pane);
  found?.click();
  return found !== undefined;
}

/** Becomes the person of this step, in their channel, with no thread in the way. */
export async function stand(turn: Turn): Promise<Outcome> {
  const { pane: platform, place, shows, who, channel } = turn.step;
  const missing: Outcome = { kind: "missing", what: `${who} in ${channel} to be on screen` };
  if (document.documentElement.dataset["showing"] !== platform)
    find(`[data-show="${platform}"]`, HTMLElement)?.click();
  const at = (part: string): string => paneOf(platform).dataset[part] ?? "";
  if (moves.some(({ part }) => at(part) !== place[part])) {
    const closed = await closeForms(turn);
    if (closed.kind !== "done") return closed;
  }
  for (const { part, go } of moves) {
    if (at(part) === place[part]) continue;
    if (!go(paneOf(platform), place[part])) return missing;
    const there = await awaited(() => at(part) === place[part] || undefined, turn, missing.what);
    if (there.kind !== "done") return there;
  }
  if (at("thread") === "" || shows.where === "thread") return done;
  toRoom(paneOf(platform), place.channel);
  return awaited(() => at("thread") === "" || undefined, turn, missing.what);
}

async function typeLine(line: string, turn: Turn): Promise<Outcome> {
  const closed = await closeForms(turn);
  if (closed.kind !== "done") return closed;
  const { step, pace, signal } = turn;
  const spell = async (composer: HTMLFormElement): Promise<void> => {
    const letters = isStill() || pace().letter === 0 ? [line] : [...line];
    let text = "";
    for (const letter of letters) {
      if (signal.aborted) return;
      text += letter;
      write(composer, text);
      await rest(pace().letter, signal);
    }
    await rest(pace().point, signal);
  };
  return use(
    {
      look: () => find(".main [data-composer]", HTMLFormElement, paneOf(step.pane)),
      what: `the line for writing in ${step.channel}`,
      ring: (composer) => find(".writing", HTMLElement, composer),
      before: spell,
      act(composer) {
        write(composer, line);
        composer.requestSubmit();
      },
    },
    turn,
  );
}

function write(composer: HTMLFormElement, text: string): void {
  const place = find("[data-line]", HTMLTextAreaElement, composer);
  if (place === undefined) return;
  place.value = text;
  place.dispatchEvent(new Event("input", { bubbles: true }));
}

async function press({ button, under }: Extract<Action, { kind: "press" }>, turn: Turn): Promise<Outcome> {
  const { pane, channel } = turn.step;
  const act = (control: HTMLElement): void => control.click();
  if (under === undefined) {
    const what = `an open form with the button “${button}”`;
    return use({ look: () => buttonIn(openForm(pane), button), what, act }, turn);
  }
  const closed = await closeForms(turn);
  if (closed.kind !== "done") return closed;
  const having = (message: HTMLElement): boolean => buttonIn(message, button) !== undefined;
  const look = () => buttonIn(newestMessage(pane, { words: under, having }), button);
  return use({ look, what: `the button “${button}” under ${quoted(under)} in ${channel}`, act }, turn);
}

async function fill(values: Values, turn: Turn): Promise<Outcome> {
  const { pane } = turn.step;
  const [first = ""] = Object.keys(values);
  const look = (): HTMLFormElement | undefined => {
    const form = openForm(pane);
    return form !== undefined && !isBusy(form) && fieldIn(form, first) !== undefined ? form : undefined;
  };
  const there = await awaited(look, turn, `the open form that asks “${first}”`);
  if (there.kind !== "done") return there;
  for (const [label, value] of Object.entries(values)) {
    const form = look();
    const field = form === undefined ? undefined : fieldIn(form, label);
    if (field === undefined || !enter(field, value))
      return {
        kind: "missing",
        what: `${quoted([[value].flat().join(", ")])} under “${label}” in the open form`,
      };
    field.scrollIntoView({ block: "nearest" });
    await rest(turn.pace().field, turn.signal);
    if (turn.signal.aborted) return { kind: "paused" };
  }
  return use(
    {
      look: () => submitOf(look()),
      what: "a button that sends the form",
      act: () => look()?.requestSubmit(),
    },
    turn,
  );
}

async function openThread(under: readonly string[], turn: Turn): Promise<Outcome> {
  const { pane, channel } = turn.step;
  const closed = await closeForms(turn);
  if (closed.kind !== "done") return closed;
  const opener = (message: HTMLElement | undefined) =>
    message === undefined ? undefined : find("[data-thread-of]", HTMLElement, message);
  const having = (message: HTMLElement): boolean => opener(message) !== undefined;
  const look = () => opener(newestMessage(pane, { words: under, having }));
  return use(
    { look, what: `the thread under ${quoted(under)} in ${channel}`, act: (button) => button.click() },
    turn,
  );
}

async function verify(turn: Turn): Promise<Outcome> {
  const panel = find("#panel", HTMLElement);
  if (panel?.hidden === true) find("[data-panel-open]", HTMLElement)?.click();
  const look = () => find("[data-verify]", HTMLElement);
  const pressed = await use(
    { look, what: "the button Verify in the panel for the sceptic", act: (button) => button.click() },
    turn,
  );
  if (pressed.kind === "done")
    await appears(() => (isBusy(look() ?? document.body) ? undefined : true), turn);
  return pressed;
}
