import { badInput } from "../errors.ts";
import type { TipFacts } from "./bulletin-basis-store.ts";

/** Refuses a tip that may not become a bulletin (INV-21); the database refuses it as well. */
export function checkTip({ ref, grade, protectedSpeech }: TipFacts): void {
  if (grade === undefined) {
    throw badInput(`${ref} is not graded`, "Grade it first: nobody is told what nobody has judged.");
  }
  if (protectedSpeech) {
    throw badInput(
      `${ref} is graded as opinion or protest only, and nobody is warned of that`,
      "If an act is threatened, grade the tip again and say which.",
    );
  }
}
