import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { customId, readCustomId } from "../../adapters/discord/custom-ids.ts";
import { escaped, pieces, plain } from "../../adapters/discord/neutral-text.ts";
import { renderCard } from "../../adapters/discord/render-card.ts";
import { renderForm } from "../../adapters/discord/render-form.ts";
import { OPEN_FORM, type Block, type Card } from "../../src/chat.ts";

const card = (...blocks: Block[]): Card => ({ headline: "HIGH bulletin B-7K3-M9Q v1", blocks });
const description = (...blocks: Block[]) =>
  renderCard(card(...blocks)).embeds.map((embed) => embed.description);

describe("text", () => {
  it.each([
    ["*a* _b_ ~~c~~ `d` ||e||", String.raw`\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|`],
    [
      "# title\n-# small\n- item\n1. first",
      String.raw`\# title` +
        "\n" +
        String.raw`\-# small` +
        "\n" +
        String.raw`\- item` +
        "\n" +
        String.raw`1\. first`,
    ],
    ["> said", String.raw`\> said`],
    ["@everyone and @here, not a@b.example", String.raw`\@everyone and \@here, not a@b.example`],
    ["<@123> <#4> <t:0:R> </tip:5>", String.raw`\<@123\> \<#4\> \<t:0:R\> \</tip:5\>`],
    ["[a](https://evil.example/x)", String.raw`\[a\](hxxps://evil\[.\]example/x)`],
    [String.raw`\*not bold\*`, String.raw`\\\*not bold\\\*`],
    ["b. 1984-03-02, F-150", "b. 1984-03-02, F-150"],
  ])("shows %j letter by letter", (typed, shown) => {
    expect(escaped(typed)).toBe(shown);
  });

  it.each([
    ["http://a.example", "hxxp://a[.]example"],
    ["HTTPS://User@Evil.Example:8080/p.q", "hxxps://User@Evil[.]Example:8080/p.q"],
    ["discord://invite", "discord[:]//invite"],
    ["www.evil.example and discord.gg/abc", "www[.]evil[.]example and discord[.]gg/abc"],
    ["hxxps://already[.]gone", "hxxps://already[.]gone"],
    ["ht\u200btps://evil.example", "hxxps://evil[.]example"],
    ["\u202egnp.exe\u202c\ufeff\u00ad\u{e0041}", "gnp.exe"],
  ])("makes %j inert", (typed, shown) => {
    expect(plain(typed)).toBe(shown);
  });

  const token = fc.constantFrom(
    ..."@everyone|@here|<@1>|<@&2>|<#3>|https://e.x|discord.gg/x|www.x.y|**|__|~~|`|```|||\\|[a](b)|> |# |-# |- |1. |\n|\u202e|\u200b|\u2066|:|/|.|a|😀| ".split(
      "|",
    ),
  );
  it("never lets anything through, whatever is joined to what", () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const shown = escaped(tokens.join(""));
        expect(shown).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u);
        // What is left after the escapes are taken away is what Discord reads as markup.
        const read = shown.replaceAll(/\\[^0-9A-Za-z\s]/g, "\u0001");
        expect(read).not.toMatch(/[*_~`|<>[\]]|@everyone|@here|https?:\/\/|discord:|^\s*[#+-]|^\s*\d+[.)]/m);
        expect(pieces(shown).join("")).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });
});

describe("cards", () => {
  it("keeps the blocks in their order", () => {
    const at = new Date("2026-11-25T07:00:00Z");
    expect(
      description(
        { kind: "quote", text: "first\nsecond" },
        { kind: "facts", facts: [{ label: "ASKED", value: ["call ", { bold: "the owner" }] }] },
        { kind: "divider" },
        { kind: "note", text: ["until ", { at }] },
      ),
    ).toEqual(["> first\n> second\n**ASKED:** call **the owner**\n———\n-# until <t:1795590000:f> (07:00Z)"]);
  });

  it("goes on in a second embed, still as a quotation", () => {
    const [first, second] = description({ kind: "quote", text: "word ".repeat(1_000) });
    expect(first?.length).toBeLessThanOrEqual(4_096);
    expect(second).toMatch(/^> word/);
    expect(`${String(first)}${String(second)}`.match(/word/g)).toHaveLength(1_000);
  });

  it.each(["word ".repeat(3_000), "*".repeat(9_000), "😀".repeat(6_000), "line\n".repeat(3_000)])(
    "says so when it cannot show everything (%#)",
    (text) => {
      const shown = description({ kind: "text", text });
      expect(shown.at(-1)).toMatch(/\*\*Shortened: .*\/allpoints show/);
      expect(shown[0]?.length).toBeLessThanOrEqual(4_096);
      expect(shown.join("").length).toBeLessThanOrEqual(6_000);
      expect(shown.join("").length).toBeGreaterThan(5_000);
      // No half escape and no half character before the note.
      expect(shown.join("\n")).not.toMatch(/(?<!\\)(?:\\\\)*\\\n/);
      expect(shown.join("").isWellFormed()).toBe(true);
    },
  );

  it("empties what an edit leaves out", () => {
    expect(renderCard({ headline: "Ended", blocks: [] })).toEqual({
      content: "Ended",
      embeds: [],
      components: [],
      allowed_mentions: { parse: [] },
    });
  });

  it("puts five buttons in a row", () => {
    const buttons = Array.from({ length: 7 }, (_, index) => ({
      action: "a",
      subject: String(index),
      label: "x",
    }));
    const { components } = renderCard({ ...card(), buttons });
    expect(components.map((row) => row.components.length)).toEqual([5, 2]);
  });
});

describe("ids", () => {
  it.each([
    [{ first: "bulletin.acknowledge", second: "4bb6a9f0-9a8e-4a52-8b0a-111111111111" }, true],
    [{ first: OPEN_FORM, second: `${"f".repeat(40)}/${"s".repeat(50)}` }, true],
    [{ first: "note.open", second: "T-1|x", workspace: "500000000000000001" }, false],
  ])("come back as they went out (%#)", (id, inGuild) => {
    const written = customId(id);
    expect(written.length).toBeLessThanOrEqual(100);
    expect(readCustomId(written, inGuild)).toEqual(id);
  });

  it("that would not fit are a bug", () => {
    expect(() => customId({ first: "a".repeat(60), second: "b".repeat(60) })).toThrow(RangeError);
  });

  it("that are not ours are not read", () => {
    expect(readCustomId("somebody-elses", true)).toBeUndefined();
    expect(readCustomId("one|two", false)).toBeUndefined();
  });
});

describe("forms", () => {
  it("let an optional choice stay empty and several be chosen", () => {
    const options = [
      { value: "a", label: "A" },
      { value: "b", label: "B" },
    ];
    const { components } = renderForm({
      form: "tip",
      state: "s",
      title: "Tip",
      submit: "Send",
      fields: [
        { kind: "choice", id: "one", label: "One", required: true, options, value: ["b"] },
        { kind: "choice", id: "many", label: "Many", required: false, many: true, options },
      ],
    });
    expect(components.map((label) => "component" in label && label.component)).toMatchObject([
      { required: true, min_values: 1, max_values: 1, options: [{ default: false }, { default: true }] },
      { required: false, min_values: 0, max_values: 2 },
    ]);
  });
});
