import { expect, it } from "vitest";

import { OPEN_FORM, type Answer, type Form, type InboundEvent } from "../../src/chat.ts";
import { plainCard, fullCard, tipForm, tipValues, personForm, prefilled } from "./chat-adapter-samples.ts";
import {
  type Its,
  post,
  sent,
  type,
  press,
  submit,
  channelView,
  lastPrivateHeadline,
  message,
  form,
  toForm,
  linesOf,
} from "./chat-adapter-subject.ts";

export function answeringContract(its: Its): void {
  it("answers a command with a card that only its author sees", async () => {
    const { pretend, workspace, user, channel, adapter } = its();
    its().answerWith(() => ({ kind: "card", card: fullCard }));
    const shown = message(await type(its(), "/tip"));
    expect(shown).toMatchObject({ headline: fullCard.headline, onlyFor: user });
    expect(shown.buttons).toHaveLength(3);
    expect(its().events()).toMatchObject([
      {
        kind: "command",
        command: "tip",
        platform: adapter.platform,
        workspace,
        user,
        channel: channel.channel,
      },
    ]);
    expect(await channelView(its())).toEqual([]);
    expect(await pretend.privateAnswers({ workspace, user })).toHaveLength(1);
  });

  it("passes on what was typed after a command", async () => {
    its().answerWith(() => ({ kind: "card", card: plainCard }));
    await type(its(), "/bulletin status B-7K3-M9Q");
    const [event] = its().events();
    expect(event).toMatchObject({ kind: "command", command: "bulletin" });
    expect(event?.kind === "command" && JSON.stringify(event.input)).toMatch(/status.*B-7K3-M9Q/);
  });

  it("carries a press back with action, subject and message unchanged", async () => {
    const ref = sent(await post(its(), fullCard));
    its().answerWith(() => ({ kind: "card", card: plainCard }));
    const shown = message(await press(its(), ref.message, "Acknowledge for our agency"));
    expect(shown).toMatchObject({ headline: plainCard.headline, onlyFor: its().user });
    expect(its().events()).toMatchObject([
      {
        kind: "button",
        action: "bulletin.acknowledge",
        subject: "4bb6a9f0-9a8e-4a52-8b0a-111111111111",
        message: ref,
      },
    ]);
    const [posted] = await channelView(its());
    expect(posted).toMatchObject({ headline: fullCard.headline, edited: false, thread: [] });
  });

  it("carries a press in a private answer without naming a message", async () => {
    its().answerWith(() => ({ kind: "card", card: fullCard }));
    const { id } = message(await type(its(), "/tip"));
    its().answerWith(() => ({ kind: "card", card: plainCard }));
    const shown = message(await press(its(), id, "Useful"));
    expect(shown).toMatchObject({ headline: plainCard.headline, onlyFor: its().user });
    const event = its().events()[1];
    expect(event).toMatchObject({ kind: "button", action: "bulletin.useful", subject: "B-7K3-M9Q" });
    expect(event).not.toHaveProperty("message");
  });

  it("shows nothing, and no failure, when the answer is nothing", async () => {
    const ref = sent(await post(its(), fullCard));
    its().answerWith(() => ({ kind: "nothing" }));
    expect(await press(its(), ref.message, "Useful")).toEqual({ kind: "nothing" });
  });

  it("counts a press on a button that asks only when it was confirmed", async () => {
    const ref = sent(await post(its(), fullCard));
    its().answerWith(() => ({ kind: "card", card: plainCard }));
    const [posted] = await channelView(its());
    const asked = its().asksInMessage === true ? message(await press(its(), ref.message, "Wrong")) : posted;
    const asks = its().asksInMessage === true ? "Are you sure? Wrong" : "Is it about the wrong person?";
    expect(JSON.stringify(asked?.raw)).toContain(asks);
    expect(its().events()).toEqual([]);
    const yes = its().asksInMessage === true ? "Yes: Wrong" : "Wrong";
    expect(message(await press(its(), asked?.id ?? "", yes)).headline).toBe(plainCard.headline);
    expect(its().events()).toMatchObject([
      { kind: "button", action: "bulletin.wrong", subject: "B-7K3-M9Q" },
    ]);
  });

  it("shows an answer that took longer than the platform waits", { timeout: 15_000 }, async () => {
    its().answerWith(async () => {
      await new Promise((done) => setTimeout(done, 3_300));
      return { kind: "card", card: plainCard };
    });
    await type(its(), "/tip");
    await expect.poll(() => lastPrivateHeadline(its()), { timeout: 5_000 }).toBe(plainCard.headline);
    expect(await channelView(its())).toEqual([]);
  });

  it("hands over the words of a message chosen with the shortcut", async () => {
    const { pretend, workspace, user, channel } = its();
    const { id } = await pretend.say({
      workspace,
      user,
      channel: channel.channel,
      text: "He said Friday, at noon.",
    });
    its().answerWith(() => ({ kind: "form", form: tipForm }));
    const name = "Make a tip from this";
    const shown = await pretend.shortcut({ workspace, user, channel: channel.channel, name, message: id });
    expect(shown).toMatchObject({ kind: "form", title: tipForm.title });
    expect(its().events()).toMatchObject([{ kind: "message-shortcut", text: "He said Friday, at noon." }]);
  });

  it("gives every event a key of its own, short enough to store", async () => {
    const ref = sent(await post(its(), fullCard));
    its().answerWith((event) =>
      event.kind === "command" ? { kind: "form", form: tipForm } : { kind: "card", card: plainCard },
    );
    await submit(its(), await type(its(), "/tip"), tipValues);
    await type(its(), "/tip");
    await press(its(), ref.message, "Useful");
    await press(its(), ref.message, "Useful");
    const keys = its()
      .events()
      .map(({ dedupeKey }) => dedupeKey);
    expect(keys).toHaveLength(5);
    expect(new Set(keys).size).toBe(5);
    for (const key of keys) expect(key).toMatch(/^.{1,120}$/);
  });

  it("lets an answer under way finish when it is stopped", async () => {
    const begun = Promise.withResolvers<undefined>();
    its().answerWith(async () => {
      begun.resolve(undefined);
      await new Promise((done) => setTimeout(done, 300));
      return { kind: "card", card: plainCard };
    });
    const shown = type(its(), "/tip");
    await begun.promise;
    await its().adapter.stop();
    expect(message(await shown).headline).toBe(plainCard.headline);
  });
}

export function formContract(its: Its): void {
  it("opens a form, prefilled, in answer to a command", async () => {
    its().answerWith(() => ({ kind: "form", form: tipForm }));
    const shown = form(await type(its(), "/tip"));
    expect(shown).toMatchObject({ title: "Report a threat" });
    expect(shown.fields).toMatchObject([
      { id: "what", label: "What was said or seen?", kind: "text", required: true },
      { id: "who", label: "Who might do it?", kind: "text", required: false, value: "unknown" },
      { id: "when", label: "How soon?", kind: "choice", required: true },
      { id: "source", label: "How do you know?", kind: "choice", required: false, many: true },
    ]);
    expect(shown.fields[0]?.hint).toBe("Exact words and when, if you have them.");
    expect(shown.fields[2]?.options).toEqual([
      { value: "now", label: "Now or within 24 h" },
      { value: "days", label: "Days" },
    ]);
  });

  it("opens a form in answer to a press", async () => {
    const ref = sent(await post(its(), fullCard));
    its().answerWith(() => ({ kind: "form", form: tipForm }));
    expect(form(await press(its(), ref.message, "Useful")).title).toBe("Report a threat");
  });

  it("carries what was entered back and answers it privately", async () => {
    its().answerWith(answering(() => ({ kind: "card", card: plainCard }), tipForm));
    const shown = await submit(its(), await type(its(), "/tip"), tipValues);
    const event = its().events()[1];
    expect(event).toMatchObject({ kind: "form", form: "tip", state: "draft-1", user: its().user });
    expect(event?.kind === "form" && event.values).toEqual({
      what: "He said *Friday*",
      who: "unknown",
      when: ["days"],
      source: ["heard", "told"],
    });
    expect(linesOf(shown)).toContain(plainCard.headline);
    expect(await channelView(its())).toEqual([]);
  });

  it("leaves out the fields that were left empty", async () => {
    its().answerWith(answering(() => ({ kind: "card", card: plainCard }), tipForm));
    await submit(its(), await type(its(), "/tip"), { what: "He said Friday", who: "", when: "now" });
    const event = its().events()[1];
    expect(event?.kind === "form" && event.values).toEqual({ what: "He said Friday", when: ["now"] });
  });

  it("says what is wrong with a submission and keeps the answers", async () => {
    const sentence = "Write at least a sentence.";
    const refilled = prefilled(tipForm, "what", "He");
    its().answerWith(
      answering(() => ({ kind: "problems", form: refilled, problems: { what: sentence } }), refilled),
    );
    const refused = await submit(its(), await type(its(), "/tip"), { ...tipValues, what: "He" });
    expect(linesOf(refused)).toContain(sentence);
    const again = await toForm(its(), refused);
    expect(again.fields.find(({ id }) => id === "what")?.value).toBe("He");
  });

  it("goes on to the next page", async () => {
    its().answerWith(
      answering(() => ({ kind: "form", form: personForm, lead: "Saved: T-7K3-M9Q." }), personForm),
    );
    const next = await toForm(its(), await submit(its(), await type(its(), "/tip"), tipValues));
    expect(next).toMatchObject({ title: "Person", fields: [{ id: "name" }] });
    await submit(its(), next, { name: "John" });
    expect(its().events().at(-1)).toMatchObject({
      kind: "form",
      form: "tip.person",
      state: "draft-2",
      values: { name: "John" },
    });
  });
}

/** What a core does: the form named by *Continue* or *Try again* is opened from its draft. */
const answering =
  (toSubmission: (event: InboundEvent) => Answer, reopened: Form) => (event: InboundEvent) => {
    if (event.kind === "form") return toSubmission(event);
    if (event.kind === "button" && event.action === OPEN_FORM)
      return { kind: "form", form: reopened } as const;
    return { kind: "form", form: tipForm } as const;
  };
