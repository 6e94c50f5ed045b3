import { describe, expect, it } from "vitest";

import { readMrkdwn, readPlain } from "../../sandbox/slack/mrkdwn.ts";
import type { Manner } from "../../sandbox/slack/mrkdwn.ts";

const names: Readonly<Record<string, string>> = { U1: "Sgt Diaz", C1: "intake" };
const manner: Manner = {
  reader: { timeZone: "America/New_York", nameOf: (id) => names[id] ?? id },
  autoLink: true,
};
const at = 1795331640; // Sun 22 Nov 2026 07:14 UTC

describe("mrkdwn as a person reads it", () => {
  it.each([
    [
      "formatting goes",
      "*bold*, _italic_, ~gone~, `code` and ```block```",
      "bold, italic, gone, code and block",
    ],
    ["nested formatting goes", "*_both_*", "both"],
    ["markers inside words stay", "2*3*4 snake_case_name", "2*3*4 snake_case_name"],
    ["formatting may span a date", `*until <!date^${at}^{time}|x>*`, "until 02:14 EST"],
    ["entities are decoded once", "&lt;b&gt; &amp;amp;", "<b> &amp;"],
    ["quote bars go", "&gt; said\n>more", "said\nmore"],
    ["zero-width characters go, but have stopped the markup", "*\u200Bx\u200B* @\u200Bhere", "*x* @here"],
    ["direction marks stay for a test to find", "a\u202Eb", "a\u202Eb"],
    [
      "a mention of everybody",
      "<!channel> <!here|here>",
      "@channel (notifies everyone) @here (notifies everyone)",
    ],
    ["a bare mention of everybody", "hey @everyone", "hey @everyone (notifies everyone)"],
    ["a mention of a person", "<@U1> <@U1|x>", "@Sgt Diaz (notifies them) @Sgt Diaz (notifies them)"],
    ["a mention of a group", "<!subteam^S1|@desk>", "@@desk (notifies the group)"],
    ["a channel", "<#C1>", "#intake"],
    [
      "a link under another name",
      "<http://evil.test/?a&amp;b|click>",
      "click (link to http://evil.test/?a&b)",
    ],
    ["a link", "<https://evil.test>", "https://evil.test (link)"],
    ["a bare link", "see https://evil.test/x now", "see https://evil.test/x (link) now"],
    ["an escaped link is no link markup", "&lt;!channel&gt;", "<!channel>"],
    ["what is no token stays", "<b>", "<b>"],
  ])("%s", (_name, source, expected) => {
    expect(readMrkdwn(source, manner)).toBe(expected);
  });

  it.each([
    [
      "date and time in the reader's zone",
      `<!date^${at}^{date_short_pretty} {time}|x>`,
      "Sun 22 Nov 02:14 EST",
    ],
    ["date alone", `<!date^${at}^{date}|x>`, "Sun 22 Nov"],
    ["words around it", `<!date^${at}^until {time}|x>`, "until 02:14 EST"],
    ["a format Slack does not know", `<!date^${at}^{zulu}|07:14Z>`, "07:14Z"],
    ["a time that is none", "<!date^soon^{time}|07:14Z>", "07:14Z"],
    ["no fallback: shown as written", `<!date^${at}^{time}>`, `<!date^${at}^{time}>`],
  ])("a date: %s", (_name, source, expected) => {
    expect(readMrkdwn(source, manner)).toBe(expected);
  });

  it("shows a notification the fallback of a date", () => {
    expect(readMrkdwn(`<!date^${at}^{time}|07:14Z>`, { ...manner, datesAsFallback: true })).toBe("07:14Z");
  });

  it("finds no bare links and mentions where told not to look", () => {
    const text = "hey @here, https://evil.test";
    expect(readMrkdwn(text, { ...manner, autoLink: false })).toBe(text);
  });

  it("leaves plain text alone", () => {
    expect(readPlain("*x* <!channel> &lt;")).toBe("*x* <!channel> <");
  });
});
