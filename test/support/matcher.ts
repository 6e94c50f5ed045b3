import type { Matcher } from "../../src/watch-list/matching/question.ts";

const nobody = () => Promise.reject(new Error("nobody asks the watch-list in this test"));

/** For bots that have no watch-list. */
export const noMatcher: Matcher = {
  search: nobody,
  plates: nobody,
  status: nobody,
  close: () => Promise.resolve(),
};
