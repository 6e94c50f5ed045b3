import { expect, it } from "vitest";

import type { Card } from "../../src/chat.ts";
import { MOMENT, NASTY } from "./chat-adapter-samples.ts";
import { type Its, post, sent, type, change, channelView, message } from "./chat-adapter-subject.ts";

export function textContract(its: Its): void {
  const nasty: Card = {
    headline: `Line 1 ${NASTY.slice(0, 140)}`,
    blocks: [
      { kind: "text", text: NASTY },
      { kind: "text", text: [NASTY, { bold: NASTY }, { at: MOMENT }] },
      { kind: "quote", text: NASTY },
      { kind: "facts", facts: [{ label: NASTY.slice(0, 60), value: NASTY }] },
      { kind: "note", text: NASTY },
    ],
    buttons: [{ action: "tip.open", subject: "T-1", label: "Open @everyone" }],
  };

  it("notifies nobody, links nowhere and turns no letters around, in a channel and in an answer", async () => {
    sent(await post(its(), nasty));
    its().answerWith(() => ({ kind: "card", card: nasty }));
    const shown = [...(await channelView(its())), message(await type(its(), "/tip"))];
    expect(shown).toHaveLength(2);
    for (const { lines, raw } of shown) {
      const text = lines.join("\n");
      expect(text).not.toMatch(/notifies/i);
      expect(text).not.toMatch(/https?:\/\//i);
      expect(text).toContain("hxxps://evil[.]example");
      // oxlint-disable-next-line no-control-regex -- these are what must be gone
      expect(text + JSON.stringify(raw)).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/);
    }
  });

  it("shows markup as it was typed", async () => {
    const typed = "*stars* _lines_ ~waves~ `ticks` [a](b) & < > #1";
    sent(await post(its(), { headline: "Markup", blocks: [{ kind: "text", text: typed }] }));
    expect((await channelView(its()))[0]?.lines.join("\n")).toContain(typed);
  });

  it("shows a moment in the reader's zone and in Zulu", async () => {
    const card: Card = {
      headline: "Until",
      blocks: [{ kind: "text", text: ["Until ", { at: MOMENT }, ", then discard"] }],
    };
    its().answerWith(() => ({ kind: "card", card }));
    const { lines } = message(await type(its(), "/tip"));
    expect(lines.join("\n")).toMatch(/Until .*25 Nov 02:00 EST \(07:00Z\), then discard/);
  });
}

export function platformContract(its: Its): void {
  it("tells what kind of channel it is", async () => {
    const { adapter, installation, channel } = its();
    const facts = await adapter.inspect(installation, channel);
    expect(facts).toMatchObject({ private: true, sharedOutside: false, archived: false, canPost: true });
    expect(facts?.name).toMatch(/./);
    await change(its(), { private: false });
    expect(await adapter.inspect(installation, channel)).toMatchObject({ private: false });
  });

  it("knows nothing of a channel that is not there", async () => {
    const absent = { ...its().channel, channel: its().absent.channel };
    expect(await its().adapter.inspect(its().installation, absent)).toBeUndefined();
  });

  it("passes on that a channel changed", async () => {
    await change(its(), { archived: true });
    const { platform, workspace, channel } = its().channel;
    await expect.poll(its().news).toContainEqual({ kind: "channel-changed", platform, workspace, channel });
  });

  it("tells whose token it is", async () => {
    const { apiBaseUrl, token, botUser } = its().installation;
    expect(await its().adapter.identify({ apiBaseUrl, token })).toMatchObject({ botUser });
  });
}
