import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { discordText } from "../../sandbox/page/discord/discord-text.ts";
import { strangersIn, wordsOf } from "./discord-messages.ts";

const id = "300000000000000001";
const reader = { timeZone: "America/New_York", names: { [id]: "Sgt <Diaz>" }, everyone: false };

/** Line breaks that are followed by blanks are the template's. */
async function read(source: string, everyone = false): Promise<string> {
  return String(await discordText(source, { ...reader, everyone })).replaceAll(/\n +/g, "");
}

describe("Discord's marks", () => {
  it.each([
    ["**bold** and *slanted*", "<strong>bold</strong> and <em>slanted</em>"],
    ["_slanted_ __under__ ~~gone~~", "<em>slanted</em> <u>under</u> <s>gone</s>"],
    ["||hidden||", '<span class="spoiler">hidden</span>'],
    ["***both***", "<strong><em>both</em></strong>"],
    ["***a* b**", "<strong><em>a</em> b</strong>"],
    ["**a *b***", "<strong>a <em>b</em></strong>"],
    ["**bold over\ntwo lines**", "<strong>bold over\ntwo lines</strong>"],
    ["`a*b*c`", "<code>a*b*c</code>"],
    ["snake_case_name and so_on_", "snake_case_name and so_on_"],
    ["2 * 3 * 4 ** 5**", "2 * 3 * 4 ** 5**"],
    ["**never closed _here", "**never closed _here"],
    ["**** ____ ||||", "**** ____ ||||"],
    ["**a ~~b** c~~", "<strong>a ~~b</strong> c~~"],
    [String.raw`\*\*plain\*\* \_x\_ \> \<b\>`, "**plain** _x_ &gt; &lt;b&gt;"],
  ])("%s", async (source, expected) => {
    expect(await read(source)).toBe(`<div class="text">${expected}</div>`);
  });

  it.each([
    ["> said\n> so", '<blockquote><div class="text">said\nso</div></blockquote>'],
    ["a\n>>> b\n> c", '<div class="text">a</div><blockquote><div class="text">b\n&gt; c</div></blockquote>'],
    ["> > once", '<blockquote><div class="text">&gt; once</div></blockquote>'],
    ["> >>> once", '<blockquote><div class="text">&gt;&gt;&gt; once</div></blockquote>'],
    ["> -# small", '<blockquote><div class="subtext">small</div></blockquote>'],
    ["# One\n## Two", '<div class="heading-1">One</div><div class="heading-2">Two</div>'],
    ["- one\n- two", "<ul><li>one</li><li>two</li></ul>"],
    ["```ts\nx **y**\n```\nz", '<div class="text"><pre><code>x **y**</code></pre>z</div>'],
    ["\\# no heading", '<div class="text"># no heading</div>'],
  ])("at the beginning of a line: %s", async (source, expected) => {
    expect(await read(source)).toBe(expected);
  });
});

describe("what stands for something else", () => {
  it("shows a time in the reader's zone", async () => {
    expect(await read("<t:1763795640:f>")).toContain(
      '<time class="moment" datetime="2025-11-22T07:14:00.000Z">Sat 22 Nov 02:14 EST</time>',
    );
  });

  it("leaves a time beyond the calendar as it was typed", async () => {
    expect(await read("<t:99999999999999999:f>")).toContain("&lt;t:99999999999999999:f&gt;");
  });

  it("names the people and channels that are mentioned", async () => {
    expect(await read(`<@${id}> <#${id}> <@&1>`)).toBe(
      '<div class="text"><bdi class="mention">@Sgt &lt;Diaz&gt;</bdi> <bdi class="mention">#Sgt &lt;Diaz&gt;</bdi> <bdi class="mention">@role</bdi></div>',
    );
  });

  it("says no name of what this person does not see", async () => {
    expect(wordsOf(await read("<@77> <#88>"))).toBe("@unknown-user #No Access");
  });

  it("marks @everyone only where it notifies", async () => {
    expect(await read("@everyone", true)).toContain('<bdi class="mention">@everyone</bdi>');
    expect(await read("@everyone")).toBe('<div class="text">@everyone</div>');
  });

  it.each([
    ["[map](https://evil.example/a)", '<span class="link" title="https://evil.example/a">map</span>'],
    [
      "see https://a.example/x_y_z.",
      'see <span class="link" title="https://a.example/x_y_z">https://a.example/x_y_z</span>.',
    ],
    ["<https://a.example/>", '<span class="link" title="https://a.example/">https://a.example/</span>'],
  ])("shows where %s would lead, and does not lead there", async (source, expected) => {
    expect(await read(source)).toBe(`<div class="text">${expected}</div>`);
  });

  it.each(["RED", "AMBER", "GREEN", "CLEAR"])(
    "gives TLP:%s its colour, and keeps the text",
    async (label) => {
      const html = await read(`**LES · TLP:${label}** (all)`);
      expect(html).toContain(`<span class="tlp tlp-${label.toLowerCase()}">TLP:${label}</span>`);
      expect(wordsOf(html)).toBe(`LES · TLP:${label} (all)`);
    },
  );

  it("gives TLP:AMBER+STRICT amber, and other words nothing", async () => {
    expect(await read("TLP:AMBER+STRICT")).toContain('<span class="tlp tlp-amber">TLP:AMBER+STRICT</span>');
    expect(await read("TLP:AMBERISH TLP:BLUE")).not.toContain("<span");
  });
});

describe("hostile text", () => {
  it.each([
    ["an element", `<img src=x onerror=alert(1)>`],
    ["the end of ours", `</article></div><script>alert(1)</script>`],
    ["the end of an attribute", `"><b onclick="x">`],
    ["an attribute in a link", `[x](https://a.example/"onmouseover="x)`],
    ["the end of a fence", "```\n</pre><script>```"],
    ["somebody's place letters", `\u{E000}0\u{E001} \u{E002}<b>`],
    ["40 kB that turn around", `**\u{202E}${"<x>".repeat(13_000)}`],
  ])("%s has no HTML of its own", async (_what, source) => {
    const html = await read(source, true);
    expect(strangersIn(html)).toEqual([]);
  });

  it("cannot stand for what was set aside", async () => {
    expect(await read("\u{E000}0\u{E001} `x`")).toBe('<div class="text">0 <code>x</code></div>');
  });

  it("keeps all its words", async () => {
    const source = `<img src=x onerror=alert(1)> </article>"><script>alert('&amp;')</script>`;
    expect(wordsOf(await read(source))).toBe(source);
  });

  const parts = fc.constantFrom(
    ..."** * _ __ ~~ || ` ``` > >>> -# # - [a]( ) https://a.example \\ < </div> <script> \" ' & @everyone \n a".split(
      " ",
    ),
    `<@${id}>`,
    "<t:1763795640:f>",
    "<t:999999999999999:R>",
    "\n",
    " ",
    "\u{E000}1\u{E001}",
  );
  const texts = fc.oneof(
    fc.array(parts, { maxLength: 40 }).map((some) => some.join("")),
    fc.string({ unit: "binary", maxLength: 200 }),
  );

  it("never becomes HTML, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (source) => {
        expect(strangersIn(await read(source, true)), source).toEqual([]);
      }),
    );
  });

  it.each(["**a ", "*", "_a", "[", "`", "> ", "||a ", "https://", "<", "***a* ", "```"])(
    "of 40 kB of %j is read in good time",
    async (part) => {
      const before = performance.now();
      await read(part.repeat(40_000 / part.length));
      expect(performance.now() - before).toBeLessThan(2_000);
    },
  );
});
