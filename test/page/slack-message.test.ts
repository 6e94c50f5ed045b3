import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { barOf } from "../../sandbox/page/slack/slack-attachments.ts";
import { slackMessage } from "../../sandbox/page/slack/slack-message.ts";
import type { KitBlock } from "../../sandbox/slack/block-kit.ts";
import { drawn, lineOf, messageOf, strangers, viewer } from "./slack-samples.ts";

const words = { type: "mrkdwn", text: "*Seen* at <#C1>" } as const;
const button = {
  type: "button",
  action_id: "ack",
  value: "B-1",
  text: { type: "plain_text", text: "Got it" },
} as const;

describe("a message in the Slack client", () => {
  it("shows who wrote it, when in the viewer's zone, and the words", async () => {
    const line = await drawn({ text: "a *b*" });
    expect(line).toContain('<article class="message" data-message="1795331640.000100">');
    expect(line).toContain('<b class="author">Sgt Diaz</b><time datetime="2026-11-22T07:14:00.000Z"');
    expect(line).toContain(">2:14 AM</time>");
    expect(line).toContain('<div class="text">a<b>b</b></div>');
    expect(line).toContain('aria-hidden="true">SD</span>');
    expect(line).not.toContain("APP");
  });

  it("marks the app", async () => {
    const line = await drawn({ text: "x" }, { author: { id: "B1", name: "Allpoints", app: true } });
    expect(line).toContain('<span class="app-badge">APP</span>');
    expect(line).toContain('class="avatar app"');
  });

  it("gives the same person the same colour, and others others", async () => {
    const tint = async (id: string): Promise<string | undefined> =>
      /tint-[0-7]/.exec(await drawn({ text: "x" }, { author: { id, name: "x", app: false } }))?.[0];
    const all = await Promise.all(["U1", "U2", "U3", "U4", "U1"].map(tint));
    expect(all[4]).toBe(all[0]);
    expect(new Set(all).size).toBeGreaterThan(2);
  });

  it("says that an answer is private, and offers nothing to do with it", async () => {
    const line = await drawn({ text: "x" }, { private: true });
    expect(line).toContain("data-private");
    expect(line).toContain("Only visible to you");
    expect(line).not.toContain("More actions");
    expect(await drawn({ text: "x" })).not.toContain("Only visible to you");
  });

  it("says that it was edited", async () => {
    expect(await drawn({ text: "x" }, { edited: true })).toContain('<span class="edited">(edited)</span>');
    expect(await drawn({ blocks: [{ type: "divider" }] }, { edited: true })).toContain("(edited)");
    expect(await drawn({ text: "x" })).not.toContain("(edited)");
  });

  it("leaves a tombstone with its thread, and nothing of the words", async () => {
    const line = await drawn({ text: "secret" }, { deleted: true, replies: { count: 1, lastAt: 0 } });
    expect(line).toContain("This message was deleted.");
    expect(line).toContain('data-thread-of="1795331640.000100"');
    expect(line).toContain("<b>1 reply</b>");
    expect(line).not.toContain("secret");
    expect(line).not.toContain("Sgt Diaz");
    expect(line).not.toContain("data-shortcut");
  });

  it("opens its thread and the shortcuts from its menu", async () => {
    const line = await drawn({ text: "x" }, { replies: { count: 2, lastAt: 0 } });
    expect(line).toContain('<summary aria-label="More actions"');
    expect(line).toContain('<button type="button" data-shortcut="Make a tip from this">');
    expect(line.match(/data-thread-of="1795331640.000100"/g)).toHaveLength(2);
  });

  it("opens no thread inside its thread", async () => {
    const message = messageOf({ text: "x" }, { replies: { count: 2, lastAt: 0 } });
    const line = await lineOf(slackMessage(message, { ...viewer, inThread: true }));
    expect(line).not.toContain("data-thread-of");
    expect(line).toContain("data-shortcut");
  });
});

describe("blocks in the Slack client", () => {
  const blocks = (...all: readonly KitBlock[]): Promise<string> =>
    drawn({ text: "for the notification", blocks: all });

  it("are shown instead of the text", async () => {
    const line = await blocks({ type: "header", text: { type: "plain_text", text: "Title *x*" } });
    expect(line).toContain('<h4 class="block header">Title *x*</h4>');
    expect(line).not.toContain("notification");
  });

  it("draw a section with its fields and what stands beside it", async () => {
    const line = await blocks({ type: "section", text: words, fields: [words, words], accessory: button });
    expect(line.match(/<b>Seen<\/b>at<span class="mention">#metro-intake<\/span>/g)).toHaveLength(3);
    expect(line).toContain('<div class="fields"><div class="text">');
    expect(line).toContain('data-press="ack|B-1"');
  });

  it("look for bare addresses unless the text is verbatim", async () => {
    const text = { type: "mrkdwn", text: "https://x.test" } as const;
    expect(await blocks({ type: "section", text })).toContain('class="link"');
    expect(await blocks({ type: "section", text: { ...text, verbatim: true } })).not.toContain(
      'class="link"',
    );
  });

  it("draw context, dividers and images in words", async () => {
    const elements = [
      { type: "image", alt_text: "A seal" },
      { type: "mrkdwn", text: "*small*" },
    ];
    const line = await blocks(
      { type: "context", elements },
      { type: "divider" },
      { type: "image", alt_text: "A map" },
    );
    expect(line).toContain('aria-label="A seal"');
    expect(line).toContain('<div class="text"><b>small</b></div>');
    expect(line).toContain('<hr class="block">');
    expect(line).toContain("<span>A map</span>");
    expect(line).not.toContain("<img");
  });

  it("draw buttons by their style, named as the platform names them", async () => {
    const line = await blocks({
      type: "actions",
      elements: [
        { ...button, style: "primary" },
        { type: "button", action_id: "no", style: "danger", text: { type: "plain_text", text: "No" } },
        { ...button, accessibility_label: "Got bulletin 1" },
      ],
    });
    expect(line).toContain(
      '<button type="button" class="button primary" data-press="ack|B-1">Got it</button>',
    );
    expect(line).toContain('<button type="button" class="button danger" data-press="no">No</button>');
    expect(line).toContain('class="button default" data-press="ack|B-1" aria-label="Got bulletin 1"');
  });

  it("hand over what is asked before a press", async () => {
    const plain = (text: string): object => ({ type: "plain_text", text });
    const confirm = {
      title: plain("Sure?"),
      text: plain('All "of" it'),
      confirm: plain("Yes"),
      deny: plain("No"),
    };
    const ask = (extra: object): Promise<string> =>
      blocks({ type: "actions", elements: [{ ...button, confirm: { ...confirm, ...extra } }] });
    expect(await ask({})).toContain(
      'data-confirm-title="Sure?" data-confirm-text="All &quot;of&quot; it" data-confirm-yes="Yes" data-confirm-no="No"',
    );
    expect(await ask({})).not.toContain("data-confirm-danger");
    expect(await ask({ style: "danger" })).toContain("data-confirm-danger");
  });

  it("draw menus that nobody can use here as such", async () => {
    const line = await blocks({
      type: "actions",
      elements: [{ type: "static_select", action_id: "a", options: [] }],
    });
    expect(line).toContain('class="button idle" disabled>Select an item</button>');
  });

  it("draw rich text, also where it is not what Slack would send", async () => {
    const elements = [
      {
        type: "rich_text_section",
        elements: [
          { type: "text", text: "b", style: { bold: true, italic: true } },
          { type: "user", user_id: "U1" },
          { type: "link", url: "https://x.test" },
          { type: "constructor", text: "kept" },
        ],
      },
      {
        type: "rich_text_list",
        style: "ordered",
        elements: [{ type: "rich_text_section", elements: [{ text: "one" }] }],
      },
      { type: "rich_text_preformatted", elements: [{ type: "text", text: "<p>" }] },
      { type: "rich_text_quote", elements: "no list" },
    ];
    const line = await blocks({ type: "rich_text", elements });
    expect(line).toContain("<i><b>b</b></i>");
    expect(line).toContain("@Ofc. Reyes");
    expect(line).toContain("kept");
    expect(line).toContain('title="https://x.test">https://x.test</span>');
    expect(line).toContain("<ol><li><div>one</div></li></ol>");
    expect(line).toContain("<pre>&lt;p&gt;</pre>");
  });
});

describe("attachments in the Slack client", () => {
  it.each([
    ["#FFC000", "amber"],
    ["ffc000", "amber"],
    ["#FF2B2B", "red"],
    ["#33FF00", "green"],
    ["#FFFFFF", "clear"],
    ["#9E9E9E", "ended"],
    ["danger", "danger"],
    ["#A0A0A1", "ended"],
    ["url(x)", "other"],
    ["constructor", "other"],
    [undefined, "other"],
  ])("%s has the bar %s", (colour, bar) => {
    expect(barOf(colour)).toBe(`bar-${bar}`);
  });

  it("stand after the blocks, beside their bar", async () => {
    const line = await drawn({
      blocks: [{ type: "divider" }],
      attachments: [
        { color: "#FF2B2B", fallback: "not shown", blocks: [{ type: "actions", elements: [button] }] },
      ],
    });
    expect(line).toMatch(
      /<hr class="block"><div class="attachment"><div class="beside bar-red">.*data-press="ack\|B-1"/,
    );
    expect(line).not.toContain("not shown");
  });

  it("show their old fields where they have no blocks, and the fallback where they have nothing else", async () => {
    const old = {
      pretext: "before",
      title: "*T*",
      text: "t",
      fields: [{ title: "F", value: "v" }],
      footer: "end",
    };
    const line = await drawn({ attachments: [old, { fallback: "instead" }] });
    expect(line).toMatch(/before.*<b>T<\/b>.*>t<.*>F<.*>v<.*>end<.*>instead</);
  });
});

describe("hostile text in the Slack client", () => {
  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...'<img onerror=x>|</article>|"><script>|<!date^1^{time}|<@U1|<!channel>|<http://x"|```|`|*|_|~|>|&gt;|&lt;|\'|\n'.split(
            "|",
          ),
          ...'|,\u202E,\uE000,\uE0000\uE001,\u200B,TLP:RED,https://x,@here,> ,<!date^9^{time}|">,[a](b"),&#60;'.split(
            ",",
          ),
        ),
        fc.string({ unit: "grapheme" }),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(""));

  it("finds what is not ours", () => {
    for (const html of [
      "<img>",
      '<p onclick="x"></p>',
      "<p>",
      "</p>",
      "a < b",
      "a > b",
      '<p class="<b>"></p>',
      "<p><b></p></b>",
    ])
      expect(strangers(html), html).not.toEqual([]);
  });

  it("is never HTML, wherever it stands", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const plain = { type: "plain_text", text } as const;
        const own = { type: "mrkdwn", text } as const;
        const confirm = { title: plain, text: own, confirm: plain, deny: plain };
        const act = {
          type: "button",
          action_id: text,
          value: text,
          text: plain,
          confirm,
          accessibility_label: text,
        };
        const element = { type: text, text, url: text, user_id: text, style: { bold: true } };
        const names = { U1: text };
        const author = { id: text, name: text, app: false };
        const all: readonly KitBlock[] = [
          { type: "section", text: own, fields: [plain, own], accessory: act },
          { type: "header", text: plain },
          { type: "context", elements: [own, plain, { type: "image", alt_text: text }] },
          { type: "actions", elements: [act, { type: "static_select", placeholder: plain }] },
          { type: "image", alt_text: text },
          { type: "markdown", text },
          {
            type: "rich_text",
            elements: [{ type: "rich_text_section", elements: [element, { ...element, type: "link" }] }],
          },
          { type: text, text },
        ];
        const attachments = [
          {
            color: text,
            pretext: text,
            title: text,
            text,
            footer: text,
            fields: [{ title: text, value: text }],
          },
        ];
        const drawings = [
          messageOf({ text }, { id: text, author, names, edited: true }),
          messageOf({ text, mrkdwn: false }, { names, private: true }),
          messageOf(
            { blocks: all, attachments },
            { id: text, author, names, replies: { count: 2, lastAt: 0 } },
          ),
        ].map((message) => slackMessage(message, { ...viewer, shortcuts: [text] }));
        for (const drawing of drawings) expect(strangers(String(await drawing))).toEqual([]);
      }),
    );
  });

  it("keeps every character of a long message", async () => {
    const text = `"><script>alert(1)</script>\u202E${"<x".repeat(20_000)}`;
    const html = String(await slackMessage(messageOf({ text, mrkdwn: false }), viewer));
    expect(strangers(html)).toEqual([]);
    expect(html.match(/&lt;x/g)).toHaveLength(20_000);
    expect(html).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\u202E");
  });
});
