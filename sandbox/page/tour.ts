import { aBulletin, anEntry, aTip, subscriptions } from "./tour-first-half.ts";
import { acknowledged, atTheCarDoor, itArrives, theRecord, wrongPerson } from "./tour-second-half.ts";
import type { TourStep } from "./tour-step.ts";

// "Play the story": what the guided tour says and does, step by step. browser/tour.ts plays it.

/** The whole tour, in order. It goes to the browser as JSON. */
export const tourSteps: readonly TourStep[] = [
  ...aTip,
  ...anEntry,
  ...subscriptions,
  ...aBulletin,
  ...itArrives,
  ...acknowledged,
  ...atTheCarDoor,
  ...wrongPerson,
  ...theRecord,
];
