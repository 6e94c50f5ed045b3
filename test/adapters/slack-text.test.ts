import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { neutral, split } from "../../adapters/slack/neutral-text.ts";
import { textObjects } from "../../adapters/slack/text-objects.ts";
import type { Inline, Text } from "../../src/chat.ts";

const AT = new Date("2026-11-25T07:00:00Z");

describe("text from people", () => {
  it.each([
    ["https://evil.example/a?b", "hxxps://evil[.]example/a?b"],
    ["HTTP://a.b.c", "hxxp://a[.]b[.]c"],
    ["https://bank.com@evil.example/", "hxxps://bank[.]com@evil[.]example/"],
    ["see www.evil.example now", "see www[.]evil[.]example now"],
    ["ftp://x.y slack://open", "ftp[:]//x[.]y slack[:]//open"],
    ["ht\u200btps:\u2060//x.y", "hxxps://x[.]y"],
    ["already hxxps://x[.]y", "already hxxps://x[.]y"],
    ["St. John, 5.56 mm, U.S.A", "St. John, 5.56 mm, U.S.A"],
  ])("opens nothing when touched: %j", (typed, shown) => {
    expect(neutral(typed)).toBe(shown);
  });

  it("cannot turn letters around or hide any", () => {
    expect(neutral("\u202egnp.exe\u202c a\u200bb \u2066c\u2069 \ufeff\u00ad\u0007d\r\ne \u{e0041}")).toBe(
      "gnp.exe ab c d\ne ",
    );
    expect(neutral("broken \ud83d half")).toBe("broken \ufffd half");
  });

  it("keeps the characters of a handle and of an exact quotation", () => {
    const typed = "*stars* _lines_ john_doe_99 ~waves~ `ticks` :gun:";
    expect(textObjects(typed, { limit: 3_000 })).toEqual([{ type: "plain_text", text: typed, emoji: false }]);
  });

  it("stands in an object of its own beside a moment when it would format", () => {
    expect(textObjects(["seen *here* until ", { at: AT }], { limit: 3_000 })).toEqual([
      { type: "plain_text", text: "seen *here* until ", emoji: false },
      {
        type: "mrkdwn",
        text: "<!date^1795590000^{date_short_pretty} {time}|Wed 25 Nov 2026 07:00 UTC> (07:00Z)",
        verbatim: true,
      },
    ]);
  });

  it("is set apart line by line when it is a quotation", () => {
    expect(textObjects("one & two\nthree", { limit: 3_000, quote: true })).toEqual([
      { type: "mrkdwn", text: ">one &amp; two\n>three", verbatim: true },
    ]);
    expect(textObjects("*one*\ntwo", { limit: 3_000, quote: true })).toMatchObject([
      { type: "plain_text", text: "&gt; *one*\n&gt; two" },
    ]);
  });

  it("loses no word however it is split", () => {
    const words = fc.array(fc.constantFrom("a", "bb", " ", "\n", "cccccccc", "&", "<", "\u{1f600}"), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 5, max: 20 }), (parts, limit) => {
        const text = parts.join("");
        const pieces = split(text, limit, (char) => (char === "&" ? 5 : char.length));
        expect(pieces.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
        for (const piece of pieces) expect(piece.replaceAll("&", "&amp;").length).toBeLessThanOrEqual(limit);
      }),
    );
  });
});

const nasty = fc
  .array(
    fc.constantFrom(
      "<!channel>",
      "<!here>",
      "<@U123>",
      "<#C1|x>",
      "<https://evil.example|bank>",
      "<!date^1^{date}|x>",
      "https://evil.example/x",
      "https:",
      "//evil.example",
      "www.",
      "evil.example",
      "&lt;",
      "&",
      "<",
      ">",
      "|",
      "*",
      "_",
      "~",
      "`",
      "```",
      "\n",
      " ",
      "word",
      "\u202e",
      "\u200b",
      "\ufeff",
      ":skull:",
      "@everyone",
      "\ud83d",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));
const inline: fc.Arbitrary<Inline> = fc.oneof(
  nasty,
  nasty.map((bold) => ({ bold })),
  fc.constant({ at: AT }),
);
const text: fc.Arbitrary<Text> = fc.oneof(nasty, fc.array(inline, { maxLength: 5 }));

describe("whatever people type", () => {
  it("means the same to Slack as to its author: nothing", () => {
    fc.assert(
      fc.property(text, fc.boolean(), fc.integer({ min: 120, max: 300 }), (typed, quote, limit) => {
        for (const object of textObjects(typed, { limit, quote })) {
          expect(object.text.length).toBeLessThanOrEqual(limit);
          expect(object.text.length).toBeGreaterThan(0);
          expect(object.text).not.toMatch(
            /https?:\/\/|www\.\w|[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/i,
          );
          expect(object.text.isWellFormed()).toBe(true);
          const own = object.text.replaceAll(/<!date\^\d+\^\{date_short_pretty\} \{time\}\|[\w: ]+>/g, "");
          expect(own).not.toMatch(/[<]/);
          // The only marks left in mrkdwn are our own: stars in pairs around bold words, one mark before a quoted line.
          const formatted = object.type === "mrkdwn" ? own : "";
          expect(formatted).not.toMatch(/[~`]|:\w+:/);
          expect(formatted.replaceAll(/\*[^*\n]+\*/g, "")).not.toContain("*");
          expect(quote ? formatted.replaceAll(/^>/gm, "") : formatted).not.toMatch(/^\s*(?:>|&gt;)/m);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is no quotation because it was cut just before a mark", () => {
    // The words of a counterexample that once got through.
    const words: Text = [
      "<https://evil.example|bank><!channel><@U123><#C1|x>evil.example//evil.example",
      "<<!channel>",
    ];
    for (const { text: piece } of textObjects(words, { limit: 120, quote: true })) {
      expect(piece.replaceAll(/^>/gm, "")).not.toMatch(/^\s*(?:>|&gt;)/m);
    }
  });

  it("is neutral after one passage", () => {
    fc.assert(
      fc.property(nasty, (typed) => {
        expect(neutral(neutral(typed))).toBe(neutral(typed));
      }),
    );
  });
});
