import type { RefLetter, TourStep } from "../tour-step.ts";
import { find } from "./dom.ts";
import { get } from "./net.ts";
import { perform, stand } from "./tour-acts.ts";
import { openBar, type Bar, type State } from "./tour-controls.ts";
import { appears, openForm, refIn, rest, seen } from "./tour-screen.ts";
import { awaited, done, quoted, type Outcome, type Turn } from "./tour-turn.ts";

// "Play the story": plays the steps one after another, and gives way to whoever pauses it.
//
//   paused ──play, next──▶ playing ──pause, end of one step──▶ paused
//                             │ ──something is not there──▶ stuck ──play, next──▶ playing (the step from its beginning)
//                             └ ──after the last step──▶ finished ──play──▶ playing (from the first step)

interface Tour {
  readonly steps: readonly TourStep[];
  state: State;
  /** The step that is played next, or is being played. */
  at: number;
  /** How many of its actions are done. */
  acted: number;
  /** Somebody else may have done something: steps that are done already are passed over. */
  handedBack: boolean;
  /** Pause after this step. */
  single: boolean;
  /** The step whose sentence stands in the bar. */
  told: number;
  readonly memory: Map<RefLetter, string>;
  pausing: AbortController;
  /** Ends when nothing is being done any more. */
  running: Promise<void>;
}

const START_PATIENCE_MS = 120_000;
const names: Readonly<Record<RefLetter, string>> = { T: "tip", E: "entry", B: "bulletin" };

/** Wires the tour's bar and the button that opens it. */
export function startTour(root: Document): void {
  const opener = find("[data-tour-start]", HTMLElement, root);
  const bar = openBar(root);
  if (opener === undefined || bar === undefined) return;
  let tour: Tour | undefined;
  const begin = async (): Promise<void> => {
    bar.show();
    const steps = tour === undefined ? await (await get("/tour.json"))?.json() : undefined;
    if (tour === undefined && steps === undefined)
      return bar.trouble(
        "The story could not be read: is the sandbox still running? Close this and try again.",
      );
    tour ??= newTour(steps as readonly TourStep[]);
    if (tour.state !== "playing") play(tour, bar, { single: false });
  };
  opener.addEventListener("click", () => void begin());
  bar.on({
    play: () => tour && (tour.state === "playing" ? pause(tour, bar) : play(tour, bar, { single: false })),
    next: () => tour && play(tour, bar, { single: true }),
    back: () => tour && back(tour, bar),
    stop() {
      if (tour !== undefined) pause(tour, bar);
      tour = undefined;
      bar.hide();
      opener.focus();
    },
  });
  const giveWay = (): void => {
    if (tour !== undefined) pause(tour, bar);
  };
  bar.onTakeOver(giveWay);
  // The page does not listen while nobody looks at it.
  root.addEventListener("visibilitychange", () => root.hidden && giveWay());
}

function newTour(steps: readonly TourStep[]): Tour {
  return {
    steps,
    state: "paused",
    at: 0,
    acted: 0,
    handedBack: false,
    single: false,
    told: -1,
    memory: new Map(),
    pausing: new AbortController(),
    running: Promise.resolve(),
  };
}

function play(tour: Tour, bar: Bar, { single }: { readonly single: boolean }): void {
  tour.single = single;
  if (tour.state === "playing") return;
  if (tour.state === "finished") startOver(tour);
  tour.state = "playing";
  tour.pausing = new AbortController();
  bar.state(tour.state);
  tour.running = tour.running.then(() => run(tour, bar));
}

function startOver(tour: Tour): void {
  Object.assign(tour, { at: 0, acted: 0 });
  tour.memory.clear();
  // The last step opened it.
  find("#panel:not([hidden]) [data-panel-close]", HTMLElement)?.click();
}

function pause(tour: Tour, bar: Bar): void {
  if (tour.state !== "playing") return;
  tour.pausing.abort();
  rested(tour, bar, "paused");
}

/** Only the pointer goes back: what was done stays done. */
function back(tour: Tour, bar: Bar): void {
  pause(tour, bar);
  Object.assign(tour, { at: Math.max(0, tour.at - 1), acted: 0 });
  rested(tour, bar, "paused");
  tell(tour, bar);
}

/** Puts the step's sentence into the bar. */
function tell(tour: Tour, bar: Bar): void {
  bar.tell(tour.steps, tour.at);
  tour.told = tour.at;
}

function rested(tour: Tour, bar: Bar, state: State): void {
  tour.state = state;
  tour.handedBack = true;
  bar.state(state);
}

async function run(tour: Tour, bar: Bar): Promise<void> {
  const { signal } = tour.pausing;
  const ready = () => (find("[data-progress]:not([hidden])", HTMLElement) === undefined ? true : undefined);
  await appears(ready, { signal, limitMs: START_PATIENCE_MS });
  while (!signal.aborted) {
    const { at } = tour;
    const step = tour.steps[at];
    if (step === undefined) return;
    const outcome = await playStep(tour, bar, { step: filled(step, tour.memory), pace: bar.pace, signal });
    // Somebody went back while its result was being looked at.
    if (outcome.kind === "paused" || tour.at !== at) return;
    if (outcome.kind !== "done") {
      tour.acted = 0;
      bar.trouble(troubleOf(outcome, step));
      rested(tour, bar, "stuck");
      return;
    }
    Object.assign(tour, { at: at + 1, acted: 0 });
    goOn(tour, bar);
  }
}

/** After a step: on to the next, or a rest. */
function goOn(tour: Tour, bar: Bar): void {
  const finished = tour.at === tour.steps.length;
  if (!finished && !tour.single) return;
  tour.pausing.abort();
  rested(tour, bar, finished ? "finished" : "paused");
}

async function playStep(tour: Tour, bar: Bar, turn: Turn): Promise<Outcome> {
  const { step, pace, signal } = turn;
  const isRead = tour.told === tour.at || tour.single;
  tell(tour, bar);
  const unknown = missingRef(step);
  if (unknown !== undefined) return { kind: "missing", what: `the ${unknown} that an earlier step makes` };
  const there = await stand(turn);
  if (there.kind !== "done") return there;
  if (tour.handedBack && (await takeBack(tour, bar, turn))) return done;
  tour.handedBack = false;
  if (!isRead) await rest(step.say.length * pace().read, signal);
  for (const action of step.do.slice(tour.acted)) {
    const outcome = await perform(action, turn);
    if (outcome.kind !== "done") return outcome;
    tour.acted += 1;
  }
  return lookAtIt(tour, turn);
}

/** After somebody else's turn: true when they have done this step. */
async function takeBack(tour: Tour, bar: Bar, { step, pace, signal }: Turn): Promise<boolean> {
  const already = seen(step.pane, step.shows);
  const isDeed = step.do.some(({ kind }) => kind !== "see");
  if (already !== undefined && isDeed) {
    learn(tour, step, already);
    bar.trouble("This is done already.");
    await rest(pace().look, signal);
    return true;
  }
  // The form it was in has been closed, or left behind.
  if (tour.acted < step.do.length && openForm(step.pane) === undefined) tour.acted = 0;
  return false;
}

/** What the step brought up, when it is there. */
async function lookAtIt(tour: Tour, turn: Turn): Promise<Outcome> {
  const { step, pace, signal } = turn;
  const what = `${quoted(step.shows.words)} in ${step.channel}`;
  const shown = await awaited(() => seen(step.pane, step.shows), turn, what);
  const where = seen(step.pane, step.shows);
  if (shown.kind !== "done" || where === undefined) return shown;
  learn(tour, step, where);
  if (tour.single) return shown;
  where.classList.add("tour-seen");
  await rest(pace().look, signal);
  where.classList.remove("tour-seen");
  return shown;
}

function learn({ memory }: Tour, { shows }: TourStep, where: HTMLElement): void {
  const ref = shows.learn && refIn(where, shows.learn);
  if (shows.learn !== undefined && ref !== undefined) memory.set(shows.learn, ref);
}

/** The step with the references that are known by now. */
function filled(step: TourStep, memory: ReadonlyMap<RefLetter, string>): TourStep {
  const put = (text: string): string =>
    text.replaceAll(/\{([TEB])\}/g, (hole, letter: RefLetter) => memory.get(letter) ?? hole);
  return JSON.parse(JSON.stringify(step), (_key, value: unknown) =>
    typeof value === "string" ? put(value) : value,
  ) as TourStep;
}

function missingRef(step: TourStep): string | undefined {
  const [, letter] = /\{([TEB])\}/.exec(JSON.stringify([step.do, step.shows])) ?? [];
  return letter === undefined ? undefined : names[letter as RefLetter];
}

function troubleOf(outcome: Exclude<Outcome, { kind: "done" | "paused" }>, { pane }: TourStep): string {
  const whatNow = "Go back one step, or do it yourself and press Go on.";
  return outcome.kind === "missing"
    ? `This step needs ${outcome.what}. ${whatNow}`
    : `${pane === "slack" ? "Slack" : "Discord"} says: ${outcome.text} ${whatNow}`;
}
