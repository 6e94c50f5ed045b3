import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { lookUpContract, removalContract } from "./chat-adapter-afterwards.ts";
import { answeringContract, formContract } from "./chat-adapter-inbound.ts";
import { postingContract, refusalContract } from "./chat-adapter-outbound.ts";
import { plainCard } from "./chat-adapter-samples.ts";
import { type Subject, type Its, post, sent } from "./chat-adapter-subject.ts";
import { textContract, platformContract } from "./chat-adapter-text.ts";

/** What every adapter must do. A new platform starts by calling this. */
export function chatAdapterContract(name: string, open: () => Promise<Subject>): void {
  describe(`${name} keeps the chat adapter contract`, () => {
    let subject: Subject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.close();
    });
    const its: Its = () => subject;

    describe("posting", () => {
      postingContract(its);
    });
    describe("refusals", () => {
      refusalContract(its);
    });
    describe("taking away", () => {
      removalContract(its);
    });
    describe("looking for a post", () => {
      lookUpContract(its);
    });
    describe("answering", () => {
      answeringContract(its);
    });
    describe("forms", () => {
      formContract(its);
    });
    describe("text is data", () => {
      textContract(its);
    });
    describe("the platform itself", () => {
      platformContract(its);
    });
  });

  it(`${name} leaves no connection open after it stopped`, async () => {
    const before = connections();
    const subject = await open();
    const { pretend, workspace, user, channel } = subject;
    subject.answerWith(() => ({ kind: "card", card: plainCard }));
    await pretend.type({ workspace, user, channel: channel.channel, line: "/tip" });
    sent(await post(subject, plainCard));
    await subject.close();
    await expect.poll(connections, { timeout: 3_000 }).toBeLessThanOrEqual(before);
  });
}

function connections(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource.startsWith("TCP")).length;
}
