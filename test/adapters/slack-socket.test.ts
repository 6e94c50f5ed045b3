import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { fullCard, plainCard, tipForm, tipValues } from "../contracts/chat-adapter-samples.ts";
import {
  form,
  message,
  post,
  press,
  sent,
  submit,
  type as typeLine,
} from "../contracts/chat-adapter-subject.ts";
import { openSlack, type SlackSubject } from "./slack-subject.ts";

describe("Slack over a socket", () => {
  let slack: SlackSubject;
  beforeEach(async () => {
    slack = await openSlack({ mode: "socket" });
  });
  afterEach(async () => {
    await slack.close();
  });

  it("takes commands, presses and forms, and answers in the acknowledgment", async () => {
    slack.answerWith(() => ({ kind: "card", card: plainCard }));
    expect(message(await typeLine(slack, "/tip")).headline).toBe(plainCard.headline);
    const ref = sent(await post(slack, fullCard));
    slack.answerWith((event) =>
      event.kind === "form" ? { kind: "card", card: plainCard } : { kind: "form", form: tipForm },
    );
    const opened = await press(slack, ref.message, "Useful");
    expect(form(await submit(slack, opened, tipValues)).lines).toContain(plainCard.headline);
    expect(slack.events().map(({ kind }) => kind)).toEqual(["command", "button", "form"]);
    expect(slack.adapter.address()).toBeUndefined();
  });

  it("leaves nothing open after it stopped", async () => {
    const before = sockets();
    await slack.adapter.stop();
    await expect.poll(sockets, { timeout: 3_000 }).toBeLessThan(before);
    const shown = await typeLine(slack, "/tip");
    expect(shown.kind).toBe("error");
  });
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource.startsWith("TCP")).length;
}
