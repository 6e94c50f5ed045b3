import { expect, it } from "vitest";

import { findsPosts, type ChannelRef, type MessageRef, type Sought } from "../../src/chat.ts";
import { plainCard } from "./chat-adapter-samples.ts";
import { type Its, type Subject, post, sent, change, channelView } from "./chat-adapter-subject.ts";

const MINUTE = 60_000;

export function removalContract(its: Its): void {
  const remove = async (message: MessageRef) => its().adapter.remove(its().installation, message);

  it("takes a message away, and leaves the others", async () => {
    const ref = sent(await post(its(), { headline: "First", blocks: [] }));
    sent(await post(its(), { headline: "Second", blocks: [] }));
    expect(sent(await remove(ref))).toEqual(ref);
    expect((await channelView(its())).map(({ headline }) => headline)).toEqual(["Second"]);
  });

  it("says message-gone when there is nothing to take away", async () => {
    const ref = sent(await post(its(), plainCard));
    sent(await remove(ref));
    expect(await remove(ref)).toMatchObject({ kind: "message-gone" });
    expect(await remove({ ...ref, message: its().absent.message })).toMatchObject({ kind: "message-gone" });
  });

  it("says message-gone when the message to change was taken away", async () => {
    const ref = sent(await post(its(), plainCard));
    sent(await remove(ref));
    expect(await its().adapter.edit(its().installation, ref, plainCard)).toMatchObject({
      kind: "message-gone",
    });
  });

  it("takes a reply and a direct message away", async () => {
    const { pretend, workspace, user } = its();
    const under = sent(await post(its(), plainCard));
    const direct: ChannelRef = { ...its().channel, channel: user, direct: true };
    sent(await remove(sent(await replyTo(its(), under, "reply"))));
    sent(await remove(sent(await post(its(), plainCard, { to: direct }))));
    expect((await channelView(its()))[0]?.thread).toEqual([]);
    expect(await pretend.directMessages({ workspace, user })).toEqual([]);
  });

  it("says edit-refused when somebody else's message is to be changed or taken away", async () => {
    const { pretend, workspace, user, channel, adapter, installation } = its();
    const { id } = await pretend.say({ workspace, user, channel: channel.channel, text: "Not yours" });
    const ref = { ...channel, message: id };
    expect(await adapter.edit(installation, ref, plainCard)).toMatchObject({ kind: "edit-refused" });
    expect(await remove(ref)).toMatchObject({ kind: "edit-refused" });
    expect((await channelView(its()))[0]?.lines).toContain("Not yours");
  });
}

export function lookUpContract(its: Its): void {
  it("finds a post by its key, among others", async ({ skip }) => {
    const find = finder(its(), skip);
    const ref = sent(await post(its(), plainCard, { key: "wanted" }));
    sent(await post(its(), plainCard, { key: "another" }));
    expect(await find({})).toEqual({ kind: "found", message: ref });
  });

  it("says absent when it never arrived", async ({ skip }) => {
    const find = finder(its(), skip);
    sent(await post(its(), plainCard, { key: "another" }));
    expect(await find({})).toEqual({ kind: "absent" });
  });

  it("finds a post although our clock is ahead of the platform's", async ({ skip }) => {
    const find = finder(its(), skip);
    const ref = sent(await post(its(), plainCard, { key: "wanted" }));
    const since = new Date(Date.now() + MINUTE / 2);
    expect(await find({ since })).toEqual({ kind: "found", message: ref });
  });

  it("finds a post that was changed since, down to its tombstone", async ({ skip }) => {
    const find = finder(its(), skip);
    const ref = sent(await post(its(), plainCard, { key: "wanted" }));
    sent(await its().adapter.edit(its().installation, ref, { headline: "CANCELLED", blocks: [] }));
    expect(await find({})).toEqual({ kind: "found", message: ref });
  });

  it("finds a reply in its thread, and only there", async ({ skip }) => {
    const find = finder(its(), skip);
    const under = sent(await post(its(), plainCard));
    const ref = sent(await replyTo(its(), under, "wanted"));
    expect(await find({ under })).toEqual({ kind: "found", message: ref });
    expect(await find({})).toEqual({ kind: "absent" });
  });

  it("finds a direct message", async ({ skip }) => {
    const find = finder(its(), skip);
    const to = { ...its().channel, channel: its().user, direct: true };
    const ref = sent(await post(its(), plainCard, { to, key: "wanted" }));
    expect(await find({ to })).toEqual({ kind: "found", message: ref });
    expect(await find({ to, key: "another" })).toEqual({ kind: "absent" });
  });

  it("says absent of a post that was taken away", async ({ skip }) => {
    const find = finder(its(), skip);
    const ref = sent(await post(its(), plainCard, { key: "wanted" }));
    sent(await its().adapter.remove(its().installation, ref));
    expect(await find({})).toEqual({ kind: "absent" });
  });

  it("says cannot when the channel cannot be read", async ({ skip }) => {
    const find = finder(its(), skip);
    await change(its(), { botIsMember: false });
    expect(await find({})).toMatchObject({ kind: "cannot" });
  });

  it("says later while the platform fails or wants a rest", async ({ skip }) => {
    const find = finder(its(), skip);
    const { pretend } = its();
    await pretend.addFault({ kind: "server-error" });
    expect(await find({})).toMatchObject({ kind: "later", reason: "HTTP 500" });
    await pretend.addFault({ kind: "rate-limited", retryAfter: 7 });
    expect(await find({})).toMatchObject({ kind: "later", afterMs: 7_000 });
    expect(await find({})).toEqual({ kind: "absent" });
  });
}

/** Skips where the adapter looks for nothing. */
function finder({ adapter, installation, channel }: Subject, skip: (because: string) => never) {
  if (!findsPosts(adapter))
    return skip("the same key twice makes one message, so nothing is ever looked for");
  const usual = { to: channel, key: "wanted", since: new Date() };
  return async (sought: Partial<Sought>) => adapter.find(installation, { ...usual, ...sought });
}

async function replyTo({ adapter, installation, channel }: Subject, under: MessageRef, key: string) {
  return adapter.reply(installation, under, { to: channel, card: plainCard, key, threadTitle: "B-7K3-M9Q" });
}
