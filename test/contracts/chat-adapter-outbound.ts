import { expect, it } from "vitest";

import type { Card, ChannelRef } from "../../src/chat.ts";
import { plainCard, fullCard } from "./chat-adapter-samples.ts";
import { type Its, post, sent, change, channelView, callsTo } from "./chat-adapter-subject.ts";

export function postingContract(its: Its): void {
  it("shows a posted card to the channel's members: headline, lines, buttons", async () => {
    sent(await post(its(), fullCard));
    const [shown, ...others] = await channelView(its());
    expect(others).toEqual([]);
    expect(shown?.headline).toBe(fullCard.headline);
    const text = shown?.lines.join("\n");
    for (const words of [
      "Said he will",
      "John A. Smyth",
      "ASKED",
      "be aware",
      "TLP:AMBER",
      "Metro watch 555-0142",
    ])
      expect(text).toContain(words);
    expect(shown?.buttons.map(({ label }) => label)).toEqual([
      "Acknowledge for our agency",
      "Useful",
      "Wrong",
    ]);
  });

  it("shows the colour of the label at the side", async () => {
    sent(await post(its(), fullCard));
    expect((await channelView(its()))[0]?.colour?.toUpperCase()).toBe("#FFC000");
  });

  it("makes one message of the same key sent twice", async ({ skip }) => {
    const { repeatsBecause } = its();
    if (repeatsBecause !== undefined) skip(repeatsBecause);
    const first = sent(await post(its(), plainCard, { key: "one-delivery" }));
    expect(sent(await post(its(), plainCard, { key: "one-delivery" }))).toEqual(first);
    expect(await channelView(its())).toHaveLength(1);
  });

  it("makes two messages of two keys", async () => {
    sent(await post(its(), plainCard, { key: "first-delivery" }));
    sent(await post(its(), plainCard, { key: "second-delivery" }));
    expect(await channelView(its())).toHaveLength(2);
  });

  it("changes a card in place", async () => {
    const ref = sent(await post(its(), fullCard));
    const ended: Card = { headline: "CANCELLED B-7K3-M9Q: WRONG PERSON", tone: "ended", blocks: [] };
    expect(sent(await its().adapter.edit(its().installation, ref, ended))).toEqual(ref);
    const [shown, ...others] = await channelView(its());
    expect(others).toEqual([]);
    expect(shown).toMatchObject({ headline: ended.headline, edited: true, buttons: [] });
    expect(JSON.stringify(shown?.raw)).not.toContain("Smyth");
  });

  it("replies twice in the thread of a message", async () => {
    const { adapter, installation } = its();
    const ref = sent(await post(its(), plainCard));
    for (const [index, headline] of ["Acknowledged by Sgt Diaz", "A note was added"].entries())
      sent(
        await adapter.reply(installation, ref, {
          to: its().channel,
          card: { headline, blocks: [] },
          key: `reply-${String(index)}`,
          threadTitle: "B-7K3-M9Q",
        }),
      );
    const [shown, ...others] = await channelView(its());
    expect(others).toEqual([]);
    expect(shown?.thread.map(({ headline }) => headline)).toEqual([
      "Acknowledged by Sgt Diaz",
      "A note was added",
    ]);
  });

  it("sends a direct message, and changes it by the reference it got", async () => {
    const { adapter, installation, workspace, user, pretend } = its();
    const to: ChannelRef = { platform: adapter.platform, workspace, channel: user, direct: true };
    const ref = sent(await adapter.post(installation, { to, card: plainCard, key: "direct" }));
    sent(await adapter.edit(installation, ref, { headline: "No longer needed", blocks: [] }));
    const shown = await pretend.directMessages({ workspace, user });
    expect(shown.map(({ headline }) => headline)).toEqual(["No longer needed"]);
    expect(await channelView(its())).toEqual([]);
  });

  it("shortens, visibly, a card too long for the platform", async () => {
    const blocks = Array.from(
      { length: 60 },
      () => ({ kind: "text", text: "A long account. ".repeat(180) }) as const,
    );
    sent(await post(its(), { ...fullCard, blocks }));
    const [shown] = await channelView(its());
    expect(shown?.lines.join("\n")).toMatch(/shortened/i);
    expect(shown?.buttons).toHaveLength(3);
  });
}

export function refusalContract(its: Its): void {
  it("says message-gone when the message to change is not there", async () => {
    const ref = { ...its().channel, message: its().absent.message };
    expect(await its().adapter.edit(its().installation, ref, plainCard)).toMatchObject({
      kind: "message-gone",
    });
  });

  it("says channel-gone when the channel is archived", async () => {
    await change(its(), { archived: true });
    expect(await post(its(), plainCard)).toMatchObject({ kind: "channel-gone" });
  });

  it("says channel-gone when the bot was taken out of the channel", async () => {
    await change(its(), { botIsMember: false });
    expect(await post(its(), plainCard)).toMatchObject({ kind: "channel-gone" });
  });

  it("says channel-gone when there is no such channel", async () => {
    const to = { ...its().channel, channel: its().absent.channel };
    expect(await post(its(), plainCard, { to })).toMatchObject({ kind: "channel-gone" });
  });

  it("says tenant-gone when the token is refused, and sends again once it is accepted", async () => {
    await its().pretend.addFault({ kind: "token-revoked", method: its().postMethod });
    expect(await post(its(), plainCard)).toMatchObject({ kind: "tenant-gone" });
    sent(await post(its(), plainCard));
  });

  it("says tenant-gone after the app was removed, and passes the news on", async () => {
    await its().pretend.removeApp({ workspace: its().workspace });
    expect(await post(its(), plainCard)).toMatchObject({ kind: "tenant-gone" });
    await expect.poll(its().news).toContainEqual({
      kind: "removed",
      platform: its().adapter.platform,
      workspace: its().workspace,
    });
  });

  it("says rate-limited with at least the delay the platform asked for", async () => {
    await its().pretend.addFault({ kind: "rate-limited", method: its().postMethod, retryAfter: 2 });
    const outcome = await post(its(), plainCard);
    expect(outcome).toMatchObject({ kind: "rate-limited" });
    expect(outcome.kind === "rate-limited" && outcome.afterMs).toBeGreaterThanOrEqual(2_000);
    expect(await callsTo(its())).toBe(1);
  });

  it("says unknown when the platform failed, and does not try again by itself", async () => {
    await its().pretend.addFault({ kind: "server-error", method: its().postMethod });
    expect(await post(its(), plainCard)).toMatchObject({ kind: "unknown" });
    expect(await callsTo(its())).toBe(1);
  });

  it("says unavailable when nobody listens at the platform's address", async () => {
    const installation = { ...its().installation, apiBaseUrl: "http://127.0.0.1:9/api/" };
    const outcome = await its().adapter.post(installation, {
      to: its().channel,
      card: plainCard,
      key: "closed",
    });
    expect(outcome).toMatchObject({ kind: "unavailable" });
  });
}
