import type { TourStep } from "../tour-step.ts";
import { all, find } from "./dom.ts";
import type { Pace } from "./tour-turn.ts";

// The tour's bar: what it says, and its buttons.

export type State = "paused" | "playing" | "stuck" | "finished";

export interface Bar {
  readonly show: () => void;
  readonly hide: () => void;
  /** Which step this is, and its sentence. */
  readonly tell: (steps: readonly TourStep[], at: number) => void;
  /** A second sentence, under the step's own. */
  readonly trouble: (words: string) => void;
  readonly state: (state: State) => void;
  readonly pace: () => Pace;
  /** Calls back when a person acts anywhere but in the bar. */
  readonly onTakeOver: (giveWay: () => void) => void;
  readonly on: (buttons: Readonly<Record<"play" | "next" | "back" | "stop", () => unknown>>) => void;
}

const normal: Pace = { read: 30, point: 600, letter: 18, field: 150, look: 1_200 };
const paces: Readonly<Record<string, Pace>> = {
  slow: { read: 55, point: 1_200, letter: 45, field: 500, look: 2_500 },
  normal,
  fast: { read: 2, point: 80, letter: 0, field: 0, look: 80 },
};

const playLabels: Readonly<Record<State, string>> = {
  playing: "Pause",
  paused: "Go on",
  stuck: "Go on",
  finished: "Play again",
};

/** The bar of this page; undefined where there is none. */
export function openBar(root: Document): Bar | undefined {
  const bar = find("[data-tour]", HTMLElement, root);
  if (bar === undefined) return undefined;
  const put = (part: string, words: string): void => {
    for (const place of all(`[data-tour-${part}]`, bar)) {
      place.textContent = words;
      if (part === "trouble") place.hidden = words === "";
    }
  };
  const button = (name: string) => find(`[data-tour-${name}]`, HTMLButtonElement, bar);
  return {
    show() {
      bar.hidden = false;
      button("play")?.focus();
    },
    hide: () => (bar.hidden = true),
    tell(steps, at) {
      const step = steps[at];
      if (step === undefined) return;
      put("chapter", step.chapter);
      put("count", `Step ${at + 1} of ${steps.length}`);
      put("who", `${step.who}, in ${step.channel}`);
      put("say", step.say);
      put("trouble", "");
    },
    trouble: (words) => put("trouble", words),
    state(state) {
      bar.dataset["tourState"] = state;
      put("play", playLabels[state]);
      if (state === "finished") put("trouble", "The story is finished. Look around, or play it again.");
    },
    pace() {
      const speed = find("[data-tour-speed]", HTMLSelectElement, bar)?.value ?? "";
      return paces[speed] ?? normal;
    },
    onTakeOver: (giveWay) => watchHands(root, bar, giveWay),
    on(buttons) {
      for (const [name, press] of Object.entries(buttons)) button(name)?.addEventListener("click", press);
    },
  };
}

/** Just after this, a change of focus is the person's own. */
const OWN_MS = 300;

/**
 * Tells a person's hands from the tour's: what a script does is not trusted by the browser. Forms that the tour opens
 * take the focus; whoever holds it in the bar gets it back, so that Pause stays under their finger.
 */
function watchHands(root: Document, bar: HTMLElement, giveWay: () => void): void {
  let touched = Number.NEGATIVE_INFINITY;
  const touch = ({ isTrusted, target, timeStamp }: Event): void => {
    if (!isTrusted) return;
    touched = timeStamp;
    if (target instanceof Element && target.closest(".clients, #panel") !== null) giveWay();
  };
  for (const kind of ["pointerdown", "keydown"]) root.addEventListener(kind, touch, { capture: true });
  root.addEventListener("focusin", ({ relatedTarget: before, timeStamp }) => {
    const own = timeStamp - touched < OWN_MS;
    if (!own && before instanceof HTMLElement && bar.contains(before)) before.focus();
  });
}
