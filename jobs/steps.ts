/** The steps of a delivery's way, in order: where a test may stop the process to see what is left of it. */
export const steps = [
  "woken",
  "claimed",
  "intent_uncommitted",
  "intended",
  "calling",
  "answered",
  "result_uncommitted",
  "settled",
  "looking_up",
  "looked_up",
  "swept",
] as const;
export type Step = (typeof steps)[number];

/** Told of each step at once, before the next begins. */
export type AtStep = (step: Step) => void;
