import { describe, expect, it } from "vitest";

import { markdownPieces, mrkdwnPieces, plainPieces } from "../../sandbox/page/slack/slack-markup.ts";
import { drawPieces } from "../../sandbox/page/slack/slack-pieces.ts";
import { readMrkdwn } from "../../sandbox/slack/mrkdwn.ts";
import type { Reader } from "../../sandbox/slack/mrkdwn.ts";

const names: Readonly<Record<string, string>> = { U1: "Sgt Diaz", C1: "intake" };
const reader: Reader = { timeZone: "America/New_York", nameOf: (id) => names[id] ?? id };
const seconds = 1_795_331_640; // Sun 22 Nov 2026 07:14 UTC
const moment = '<time datetime="2026-11-22T07:14:00.000Z">';

const mrkdwn = async (source: string, autoLink = true): Promise<string> =>
  String(await drawPieces(mrkdwnPieces(source, { reader, autoLink })));
const wordsIn = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

describe("mrkdwn as Slack draws it", () => {
  it.each([
    ["bold, italic, struck", "*b* _i_ ~s~", "<b>b</b> <i>i</i> <s>s</s>"],
    ["one in the other", "_*both*_ *_too_*", "<i><b>both</b></i> <b><i>too</i></b>"],
    ["markers inside words stay", "2*3*4 snake_case_name", "2*3*4 snake_case_name"],
    ["a marker without its other stays", "*a b", "*a b"],
    ["markers reach over no line", "*a\nb*", "*a\nb*"],
    ["nothing is marked in code", "`*x*` is code", "<code>*x*</code> is code"],
    ["a block of code keeps its lines", "see ```a\n*b*``` there", "see <pre>a\n*b*</pre> there"],
    ["a block of code is set apart once", "a\n```b```\nc", "a<pre>b</pre>c"],
    ["lines of a quotation stand together", "&gt; a\n&gt; *b*\nc", "<blockquote>a\n<b>b</b></blockquote>c"],
    ["a bare > quotes, too", "so:\n>a", "so:<blockquote>a</blockquote>"],
    ["entities are decoded once, then escaped", "&lt;b&gt; &amp;lt;", "&lt;b&gt; &amp;lt;"],
    ["a person", "<@U1>", '<span class="mention">@Sgt Diaz</span>'],
    ["a channel", "<#C1>", '<span class="mention">#intake</span>'],
    [
      "everybody",
      "<!here|x> @everyone",
      '<span class="mention">@here</span> <span class="mention">@everyone</span>',
    ],
    ["a group", "<!subteam^S1|@desk>", '<span class="mention">@desk</span>'],
    [
      "an address is text",
      "<https://x.test/?a&amp;b|go>",
      '<span class="link" title="https://x.test/?a&amp;b">go</span>',
    ],
    [
      "a bare address",
      "at https://x.test now",
      'at <span class="link" title="https://x.test">https://x.test</span> now',
    ],
    ["no token", "<b>", "&lt;b&gt;"],
    ["a date", `<!date^${seconds}^{date_short_pretty} {time}|x>`, `${moment}Sun 22 Nov 02:14 EST</time>`],
    ["formatting around a date", `*<!date^${seconds}^{time}|x>*`, `<b>${moment}02:14 EST</time></b>`],
    ["a date's fallback", `<!date^${seconds}^{zulu}|07:14Z>`, `${moment}07:14Z</time>`],
    ["a time beyond all dates", "<!date^99999999999999999^{time}|soon>", "soon"],
    ["zero-width characters go", "*\u200Bx*", "*x*"],
    ["what looks like a token set aside", "\uE0000\uE001 <@U1>", '0 <span class="mention">@Sgt Diaz</span>'],
    ["a TLP label", "LES · TLP:AMBER (x)", 'LES · <span class="tlp tlp-amber">TLP:AMBER</span> (x)'],
    ["its strict sister", "TLP:AMBER+STRICT", '<span class="tlp tlp-amber">TLP:AMBER+STRICT</span>'],
    ["no label of TLP", "TLP:AMBERLY TLP:WHITE", "TLP:AMBERLY TLP:WHITE"],
  ])("%s", async (_name, source, expected) => {
    expect(await mrkdwn(source)).toBe(expected);
  });

  it("finds no bare addresses and mentions where told not to look", async () => {
    expect(await mrkdwn("hey @here, https://x.test", false)).toBe("hey @here, https://x.test");
  });

  it.each([
    "*b* _i_ ~s~ `c` ```p```",
    "_*both*_",
    "2*3*4 a_b_c",
    "*until <@U1>* (x)",
    "**a**",
    "a ~b c~d e~ f",
  ])("reads %s as the pretend platform does", async (source) => {
    const words = readMrkdwn(source, { reader, autoLink: false }).replaceAll(" (notifies them)", "");
    expect(wordsIn(await mrkdwn(source, false))).toBe(words);
  });

  it.each([
    "*a ",
    "a* ",
    "*",
    "_a _b",
    "`",
    "```x",
    "&gt;",
    "<",
    "<@U1> ",
    "\uE000",
    "TLP:",
    "https://",
    "> \n",
  ])("takes time by the length of the text alone: %j", async (part) => {
    // Four times what Slack takes: where time grows with the square, this takes a minute.
    const source = part.repeat(Math.ceil(160_000 / part.length));
    const before = process.threadCpuUsage();
    await mrkdwn(source);
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(4_000);
  });
});

describe("other text", () => {
  it("is left alone where it is plain", async () => {
    expect(String(await drawPieces(plainPieces("*x* <!channel> &lt;")))).toBe("*x* &lt;!channel&gt; &lt;");
  });

  it.each([
    ["a title and bold", "# One\n**b**", "<b>One</b>\n<b>b</b>"],
    ["italic and struck", "*i* _i_ ~~s~~", "<i>i</i> <i>i</i> <s>s</s>"],
    ["an address", "[go](https://x.test)", '<span class="link" title="https://x.test">go</span>'],
    ["HTML is text", "<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"],
  ])("Markdown: %s", async (_name, source, expected) => {
    expect(String(await drawPieces(markdownPieces(source)))).toBe(expected);
  });
});
