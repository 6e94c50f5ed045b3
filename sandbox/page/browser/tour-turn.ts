import type { TourStep } from "../tour-step.ts";
import { find } from "./dom.ts";
import { appears, isBusy, openForm, refusal, rest } from "./tour-screen.ts";

// What every action of the tour is made of: wait for a control, show which it is, use it.

/** How fast it goes, in milliseconds. */
export interface Pace {
  /** For each character of the sentence, before anything happens. */
  readonly read: number;
  /** With a ring around what is about to be used. */
  readonly point: number;
  readonly letter: number;
  readonly field: number;
  /** For looking at what came of it. */
  readonly look: number;
}

/** One step being played. */
export interface Turn {
  readonly step: TourStep;
  readonly pace: () => Pace;
  /** Given when somebody pauses. */
  readonly signal: AbortSignal;
}

export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "paused" }
  /** What the step needs and the screen does not show, as the object of a sentence. */
  | { readonly kind: "missing"; readonly what: string }
  /** The platform's own words. */
  | { readonly kind: "refused"; readonly text: string };

export const done: Outcome = { kind: "done" };
const paused: Outcome = { kind: "paused" };

export function quoted(words: readonly string[]): string {
  return words.map((one) => `“${one}”`).join(" and ");
}

/** What the app was refused is told there too, and need not be about this step. */
const REFUSED_MS = 1_500;

/** Waits for something on screen. */
export async function awaited(look: () => unknown, turn: Turn, what: string): Promise<Outcome> {
  const { signal, step } = turn;
  const found = await appears(() => look() ?? refusal(step.pane), { signal });
  if (found === undefined) return signal.aborted ? paused : { kind: "missing", what };
  if (look() !== undefined) return done;
  if ((await appears(look, { signal, limitMs: REFUSED_MS })) !== undefined) return done;
  const text = refusal(step.pane)?.textContent;
  return signal.aborted ? paused : text === undefined ? { kind: "missing", what } : { kind: "refused", text };
}

interface Use<Control> {
  /** It, if it is on screen; asked again after every wait, since the page draws itself anew. */
  readonly look: () => Control | undefined;
  readonly what: string;
  /** Where the ring goes; by default around the control. */
  readonly ring?: (control: Control) => HTMLElement | undefined;
  /** What is to be seen before it is used; by default it is only pointed at. */
  readonly before?: (control: Control) => Promise<unknown>;
  readonly act: (control: Control) => void;
}

export async function use<Control extends HTMLElement>(
  { look, what, ring, before, act }: Use<Control>,
  turn: Turn,
): Promise<Outcome> {
  const idle = (): Control | undefined => {
    const control = look();
    return control === undefined || isBusy(control) ? undefined : control;
  };
  const there = await awaited(idle, turn, what);
  const first = idle();
  if (there.kind !== "done" || first === undefined) return there;
  const takeAway = pointAt(ring?.(first) ?? first);
  await (before?.(first) ?? rest(turn.pace().point, turn.signal));
  takeAway();
  if (turn.signal.aborted) return paused;
  const control = idle();
  if (control === undefined) return { kind: "missing", what };
  act(control);
  return done;
}

/** Puts a ring around a control; returns how to take it away. */
function pointAt(control: HTMLElement): () => void {
  control.scrollIntoView({ block: "nearest", behavior: isStill() ? "auto" : "smooth" });
  control.classList.add("tour-target");
  return () => control.classList.remove("tour-target");
}

/** The reader asked for no motion. */
export function isStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

const MOST_STACKED = 4;

/** Closes the form that is open, and what that uncovers. */
export async function closeForms(turn: Turn): Promise<Outcome> {
  const { pane } = turn.step;
  for (let tries = 0; tries < MOST_STACKED && openForm(pane) !== undefined; tries += 1) {
    const open = openForm(pane);
    await appears(() => openForm(pane) !== open || open === undefined || !isBusy(open) || undefined, turn);
    if (turn.signal.aborted) return paused;
    if (openForm(pane) !== open) continue;
    find("[data-close]", HTMLElement, open)?.click();
    await appears(() => openForm(pane) !== open || undefined, turn);
  }
  return openForm(pane) === undefined ? done : { kind: "missing", what: "the open form to be closed" };
}
