import { describe, expect, it } from "vitest";

import { app, drawn, person, strangersIn, viewer, wordsOf } from "./discord-messages.ts";

const embed = {
  color: 0xff_c0_00,
  author: { name: "*The* author" },
  title: "**Title**",
  description: "> said\nrest",
  fields: [
    { name: "Area", value: "_riverton_", inline: true },
    { name: "Long", value: "x" },
  ],
  footer: { text: "<t:1:f>" },
};
const press = { type: 2, style: 1, label: "Acknowledge", custom_id: `ack:"B-1"` };

describe("a message", () => {
  it("says who wrote what, and when in the viewer's zone", async () => {
    const html = await drawn({});
    expect(html).toMatch(/^<article class="message" data-message="500000000000000001">/);
    expect(html).toContain('<bdi class="author">Sgt Ruiz</bdi>');
    expect(html).toContain('datetime="2026-11-22T07:14:00.000Z"');
    expect(wordsOf(html)).toBe("SR Sgt Ruiz 11/22/26, 2:14 AM hello ⋯ Report as tip");
  });

  it("marks the app, and nobody else", async () => {
    expect(wordsOf(await drawn({ author: app }))).toContain("Allpoints APP ");
    expect(await drawn({ author: app })).toContain("tint-app");
    expect(await drawn({})).not.toContain("APP");
  });

  it("gives a person one colour, and others another", async () => {
    const tint = async (id: string): Promise<string | undefined> =>
      /tint-\w+/.exec(await drawn({ author: { ...person, id } }))?.[0];
    expect(await tint("300000000000000001")).toBe(await tint("300000000000000001"));
    expect(await tint("300000000000000002")).not.toBe(await tint("300000000000000001"));
  });

  it("says that it was edited", async () => {
    expect(await drawn({ edited: true })).toContain('hello</div><span class="edited">(edited)</span></div>');
    expect(await drawn({ edited: true, content: { embeds: [embed] } })).toContain("(edited)");
    expect((await drawn({ edited: true })).split("(edited)")).toHaveLength(2);
    expect(await drawn({})).not.toContain("(edited)");
  });

  it("tells a used command from a reply", async () => {
    const used = await drawn({ author: app, answers: { name: "Sgt Ruiz", what: "/bulletin status" } });
    expect(wordsOf(used)).toMatch(/^Sgt Ruiz used \/bulletin status /);
    const content = { content: "yes", message_reference: { message_id: "1" } };
    const reply = await drawn({ content, answers: { name: "Allpoints", what: "B-1 · Threat" } });
    expect(wordsOf(reply)).toMatch(/^Allpoints B-1 · Threat /);
  });

  it("shows its thread, but not inside it", async () => {
    const replies = { count: 2, lastAt: Date.parse("2026-11-22T08:00:00Z") };
    const html = await drawn({ replies });
    expect(html).toContain('data-thread-of="500000000000000001"');
    expect(wordsOf(html)).toContain("Thread · 2 messages last 11/22/26, 3:00 AM");
    expect(wordsOf(await drawn({ replies: { ...replies, count: 1 } }))).toContain("1 message last");
    expect(wordsOf(await drawn({ replies: { ...replies, count: 0 } }))).not.toContain("last");
    expect(await drawn({ replies }, { ...viewer, inThread: true })).not.toContain("data-thread-of");
  });

  it("offers the shortcuts, on what everybody sees", async () => {
    const offer = '<button type="button" data-shortcut="Report as tip">Report as tip</button>';
    expect(await drawn({})).toContain(offer);
    for (const state of ["private", "deleted", "pending"] as const)
      // oxlint-disable-next-line no-await-in-loop
      expect(await drawn({ [state]: true })).not.toContain("data-shortcut");
    expect(await drawn({}, { ...viewer, shortcuts: [] })).not.toContain("<details");
  });
});

describe("states of a message", () => {
  it("a private answer says so and can be dismissed", async () => {
    const html = await drawn({ author: app, private: true });
    expect(html).toContain("data-private");
    expect(html).toContain('<button type="button" data-dismiss>Dismiss message</button>');
    expect(wordsOf(html)).toContain("Only you can see this · Dismiss message");
    expect(await drawn({})).not.toMatch(/data-private|data-dismiss/);
  });

  it("an answer that is still to come", async () => {
    expect(wordsOf(await drawn({ author: app, pending: true }))).toContain("Allpoints is thinking…");
  });

  it("a deleted one keeps nothing of what it said", async () => {
    const html = await drawn({ deleted: true, content: { content: "secret", components: [press] } });
    expect(wordsOf(html)).toContain("This message was deleted.");
    expect(html).not.toMatch(/secret|data-press/);
  });
});

describe("embeds", () => {
  it("show everything in Discord's order; author and footer keep their marks", async () => {
    const html = await drawn({ content: { embeds: [embed] } });
    expect(html).toContain('<div class="embed bar-amber">');
    expect(wordsOf(html)).toContain("*The* author Title said rest Area riverton Long x <t:1:f>");
    expect(html).toContain('<div class="inline"><dt>');
    expect(html).toContain('<div class="whole"><dt>');
  });

  it.each([
    [0xff_2b_2b, "bar-red"],
    [0xff_c0_00, "bar-amber"],
    [0x33_ff_00, "bar-green"],
    [0xff_ff_ff, "bar-clear"],
    [0x80_80_80, "bar-grey"],
    [0x12_34_56, "bar-other"],
    [0, "bar-none"],
    [undefined, "bar-none"],
  ])("of colour %s have the bar %s", async (color, bar) => {
    expect(await drawn({ content: { embeds: [{ description: "x", color }] } })).toContain(`embed ${bar}"`);
  });

  it("are not shown where they are suppressed", async () => {
    expect(await drawn({ content: { content: "x", embeds: [embed], flags: 4 } })).not.toContain("embed");
  });

  it("never notify", async () => {
    const content = { content: "@everyone", embeds: [{ description: "@here" }] };
    const html = await drawn({ content });
    expect(html).toContain('<bdi class="mention">@everyone</bdi>');
    expect(html).not.toContain('<bdi class="mention">@here</bdi>');
  });
});

describe("whom a message may notify", () => {
  const pill = '<bdi class="mention">@everyone</bdi>';
  it.each([
    ["says so", { content: { content: "@everyone", allowed_mentions: { parse: ["everyone"] } } }, true],
    ["forbids it", { content: { content: "@everyone", allowed_mentions: { parse: [] } } }, false],
    [
      "answers as the app",
      { content: { content: "@everyone" }, author: app, answers: { name: "x", what: "/y" } },
      false,
    ],
    ["is a person's", { content: { content: "@everyone" } }, true],
  ])("when it %s", async (_what, given, notifies) => {
    expect((await drawn(given)).includes(pill)).toBe(notifies);
  });
});

describe("components", () => {
  const withRow = (...components: readonly object[]): object => ({ components: [{ type: 1, components }] });

  it.each([
    [1, "primary"],
    [2, "secondary"],
    [3, "success"],
    [4, "danger"],
  ])("a button of style %i is %s", async (style, name) => {
    const html = await drawn({ content: withRow({ ...press, style }) });
    expect(html).toContain(
      `<button type="button" class="button ${name}" data-press="ack:&quot;B-1&quot;">Acknowledge</button>`,
    );
  });

  it("a disabled button cannot be pressed", async () => {
    expect(await drawn({ content: withRow({ ...press, disabled: true }) })).toContain("disabled>Acknowledge");
  });

  it("an emoji stands before the words", async () => {
    expect(wordsOf(await drawn({ content: withRow({ ...press, emoji: { name: "✅" } }) }))).toContain(
      "✅ Acknowledge",
    );
  });

  it("a link is words", async () => {
    const html = await drawn({
      content: withRow({ type: 2, style: 5, label: "Docs", url: "https://x.example" }),
    });
    expect(html).toContain('<span class="link" title="https://x.example">Docs</span>');
    expect(html).not.toContain("href");
  });

  it("containers hold texts, sections and rows", async () => {
    const text = { type: 10, content: "**Inside** @everyone" };
    const inside = [
      text,
      { type: 14 },
      { type: 9, components: [{ type: 10, content: "beside" }], accessory: press },
      { type: 12 },
    ];
    const html = await drawn({
      content: { components: [{ type: 17, accent_color: 0x33_ff_00, components: inside }] },
    });
    expect(html).toContain('<div class="container bar-green">');
    expect(wordsOf(html)).toContain("Inside @everyone beside Acknowledge Not shown here");
    expect(html).toContain("<hr />");
  });

  it("a choice only shows that it is there", async () => {
    expect(wordsOf(await drawn({ content: withRow({ type: 3, placeholder: "Pick" }) }))).toContain("Pick");
  });
});

describe("hostile content", () => {
  const evil = `</article>"><img src=x onerror=alert(1)>\u{202E}<script>`;

  it("is text wherever it stands", async () => {
    const html = await drawn({
      author: { id: evil, name: evil, app: true },
      answers: { name: evil, what: evil },
      id: evil,
      edited: true,
      private: true,
      content: {
        content: evil,
        embeds: [
          {
            title: evil,
            description: evil,
            author: { name: evil },
            footer: { text: evil },
            fields: [{ name: evil, value: evil }],
          },
        ],
        components: [
          {
            type: 1,
            components: [
              { type: 2, label: evil, custom_id: evil },
              { type: 2, label: evil, url: evil },
              { type: 3, placeholder: evil },
            ],
          },
        ],
      },
    });
    expect(strangersIn(html)).toEqual([]);
    expect(html).not.toContain("<img");
  });

  it("keeps a name that turns the direction of writing to itself", async () => {
    expect(await drawn({ author: { ...person, name: "\u{202E}x" } })).toContain(
      '<bdi class="author">\u{202E}x</bdi>',
    );
  });

  it.each([
    null,
    undefined,
    "text",
    [],
    { embeds: [null, 1, []], components: [null, "x", { type: "x" }], content: 5 },
  ])("%j is drawn as nothing", async (content) => {
    expect(strangersIn(await drawn({ content }))).toEqual([]);
  });
});
