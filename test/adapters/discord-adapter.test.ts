import { afterEach, beforeEach, expect, it } from "vitest";

import { discordAdapter } from "../../adapters/discord/discord-adapter.ts";
import type { Shown, ShownMessage } from "../../sandbox/pretend.ts";
import { OPEN_FORM, type Answer, type Card, type ChannelRef, type Form } from "../../src/chat.ts";
import { openDiscord, type DiscordSubject } from "./discord-subject.ts";

let subject: DiscordSubject;
beforeEach(async () => {
  subject = await openDiscord();
});
afterEach(async () => {
  await subject.close();
});

const card: Card = {
  headline: "NEW TIP T-7K3-M9Q",
  blocks: [],
  buttons: [{ action: "tip.open", subject: "T-7K3-M9Q", label: "Open" }],
};
const cardAnswer: Answer = { kind: "card", card };
const form: Form = {
  form: "tip",
  state: "draft-1",
  title: "Report a threat",
  submit: "Send",
  fields: [{ kind: "text", id: "what", label: "What was said or seen?", required: true, maxLength: 3_000 }],
};

async function type(line: string): Promise<Shown> {
  const { pretend, workspace, user, channel } = subject;
  return pretend.type({ workspace, user, channel: channel.channel, line });
}
async function press(message: string, button: string, channel?: string): Promise<Shown> {
  const { pretend, workspace, user } = subject;
  return pretend.press({ workspace, user, message, button, ...(channel !== undefined && { channel }) });
}
async function submit(shown: Shown, values: Record<string, string>): Promise<Shown> {
  const { pretend, workspace, user } = subject;
  if (shown.kind !== "form") throw new Error(`No form: ${JSON.stringify(shown)}`);
  return pretend.submit({ workspace, user, form: shown.id, values });
}
async function post(to: ChannelRef = subject.channel) {
  const outcome = await subject.adapter.post(subject.installation, { to, card, key: crypto.randomUUID() });
  if (outcome.kind !== "sent") throw new Error(JSON.stringify(outcome));
  return outcome.message;
}
function message(shown: Shown): ShownMessage {
  if (shown.kind !== "message") throw new Error(`No message: ${JSON.stringify(shown)}`);
  return shown.message;
}

it("tells a person whose server nobody connected, and asks the core nothing", async () => {
  subject.disconnect();
  const shown = message(await type("/tip"));
  expect(shown).toMatchObject({
    headline: "This server is not connected to Allpoints.",
    onlyFor: subject.user,
  });
  expect(subject.events()).toEqual([]);
  const { pretend, workspace, user, channel } = subject;
  const line = "/bulletin status B";
  expect(await pretend.complete({ workspace, user, channel: channel.channel, line })).toEqual([]);
});

it("reads a group of sub-commands as one verb, and every option as a string", async () => {
  subject.answerWith(() => cardAnswer);
  await type("/allpoints officer approve code:K7-P2 days:3");
  expect(subject.events()).toMatchObject([
    {
      command: "allpoints",
      input: { kind: "options", verb: "officer approve", options: { code: "K7-P2", days: "3" } },
    },
  ]);
});

it("offers what the core knows of a reference being typed, 25 at most", async () => {
  const all = Array.from({ length: 30 }, (_, index) => ({
    value: `B-${String(index)}`,
    label: `Bulletin ${String(index)}`,
  }));
  subject.answerWith(() => ({ kind: "choices", choices: all }));
  const { pretend, workspace, user, channel } = subject;
  const offered = await pretend.complete({
    workspace,
    user,
    channel: channel.channel,
    line: "/bulletin status B-7",
  });
  expect(offered).toEqual(all.slice(0, 25));
  expect(subject.events()).toMatchObject([
    { kind: "complete", command: "bulletin", verb: "status", typed: "B-7" },
  ]);
});

it("asks to open the form by a button when it was ready too late for a modal", async () => {
  subject.answerWith(async (event) => {
    if (event.kind === "command") await new Promise((done) => setTimeout(done, 2_200));
    return { kind: "form", form };
  });
  const late = message(await type("/tip"));
  expect(late.buttons.map(({ label }) => label)).toEqual(["Open the form"]);
  expect(await press(late.id, "Open the form")).toMatchObject({ kind: "form", title: "Report a threat" });
  expect(subject.events()[1]).toMatchObject({ kind: "button", action: OPEN_FORM, subject: "tip/draft-1" });
});

it("joins the pages of a form by a Continue button", async () => {
  subject.answerWith((event) => ({
    kind: "form",
    form: event.kind === "command" ? form : { ...form, state: "draft-2", title: "Person" },
    lead: "Saved: T-7K3-M9Q.",
  }));
  const between = message(await submit(await type("/tip"), { what: "Something" }));
  expect(between).toMatchObject({ headline: "Saved: T-7K3-M9Q.", onlyFor: subject.user });
  expect(between.lines.join("\n")).toContain("Next: Person.");
  expect(await press(between.id, "Continue")).toMatchObject({ kind: "form", title: "Person" });
});

it("lists what is wrong with a form by the names of its fields", async () => {
  subject.answerWith((event) =>
    event.kind === "form"
      ? { kind: "problems", form, problems: { what: "Write at least a sentence." } }
      : { kind: "form", form },
  );
  const refused = message(await submit(await type("/tip"), { what: "He" }));
  expect(refused.lines).toContain("What was said or seen?: Write at least a sentence.");
  expect(refused.buttons.map(({ label }) => label)).toEqual(["Try again"]);
});

it("shows nothing after a form when there is nothing to show", async () => {
  subject.answerWith((event) => (event.kind === "form" ? { kind: "nothing" } : { kind: "form", form }));
  await submit(await type("/tip"), { what: "Something" });
  const { pretend, workspace, user } = subject;
  await expect
    .poll(async () => pretend.calls({ method: "DELETE /webhooks/:id/:token/messages/:id" }))
    .toHaveLength(1);
  expect(await pretend.privateAnswers({ workspace, user })).toEqual([]);
});

it("counts what is done in a thread as done in its channel, and can change a reply there", async () => {
  const { adapter, installation, channel } = subject;
  const under = await post();
  const reply = await adapter.reply(installation, under, {
    to: channel,
    card,
    key: "r",
    threadTitle: "T-7K3-M9Q",
  });
  if (reply.kind !== "sent") throw new Error(JSON.stringify(reply));
  expect(reply.message.channel).toBe(under.message);
  subject.answerWith(() => cardAnswer);
  await press(reply.message.message, "Open", reply.message.channel);
  expect(subject.events()).toMatchObject([{ channel: channel.channel, message: reply.message }]);
  expect(await adapter.edit(installation, reply.message, { headline: "Taken", blocks: [] })).toMatchObject({
    kind: "sent",
  });
});

it("knows the server of a button pressed in a direct message", async () => {
  const { workspace, user, pretend } = subject;
  const ref = await post({ platform: "discord", workspace, channel: user, direct: true });
  subject.answerWith(() => ({ kind: "form", form }));
  const opened = await press(ref.message, "Open", ref.channel);
  subject.answerWith(() => cardAnswer);
  await submit(opened, { what: "Something" });
  expect(subject.events()).toMatchObject([
    { kind: "button", workspace, user, action: "tip.open", subject: "T-7K3-M9Q", message: ref },
    { kind: "form", workspace, user, form: "tip", state: "draft-1" },
  ]);
  expect(await pretend.directMessages({ workspace, user })).toHaveLength(1);
});

it("forbids every mention in everything it sends", async () => {
  subject.answerWith(() => cardAnswer);
  await type("/tip");
  const ref = await post();
  await subject.adapter.edit(subject.installation, ref, card);
  await subject.adapter.reply(subject.installation, ref, {
    to: subject.channel,
    card,
    key: "r",
    threadTitle: "T",
  });
  const calls = await subject.pretend.calls({});
  const bodies = calls
    .map(({ body }) => JSON.stringify(body ?? {}))
    .filter((body) => body.includes('"content"'));
  expect(bodies).toHaveLength(4);
  for (const body of bodies) expect(body).toContain('"allowed_mentions":{"parse":[]}');
});

it("keeps answering after an answer that Discord would not take", async () => {
  const method = "POST /interactions/:id/:token/callback";
  subject.answerWith(() => cardAnswer);
  await subject.pretend.addFault({ kind: "server-error", method, times: 2 });
  expect(await type("/tip")).toMatchObject({ kind: "error" });
  expect(subject.logged()).toContain("An answer could not be shown");
  expect(message(await type("/tip")).headline).toBe(card.headline);
});

it("says that it could not answer when the core cannot be reached", async () => {
  subject.answerWith(async () => {
    throw new Error("The database is gone");
  });
  expect(message(await type("/tip"))).toMatchObject({
    headline: "Allpoints could not answer.",
    onlyFor: subject.user,
  });
});

it("takes the prefix off the names of commands", async () => {
  await subject.close();
  subject = await openDiscord({ commandPrefix: "ap-" });
  subject.answerWith(() => cardAnswer);
  await type("/ap-tip");
  expect(subject.events()).toMatchObject([{ kind: "command", command: "tip" }]);
});

it("does not start with a token that Discord refuses", async () => {
  const { installation } = subject;
  const quiet = () => undefined;
  const adapter = discordAdapter({
    token: "wrong",
    application: installation.application,
    apiBaseUrl: installation.apiBaseUrl,
    installations: { find: async () => installation },
    log: { info: quiet, warn: quiet, error: quiet },
  });
  await expect(
    adapter.start({ receive: async () => ({ kind: "nothing" }), news: async () => {} }),
  ).rejects.toThrow(/token/i);
  await adapter.stop();
});

it("asks in a direct message too, and the confirmed press still says which server it is about", async () => {
  const { pretend, workspace, user } = subject;
  subject.answerWith(() => cardAnswer);
  const asking: Card = {
    ...card,
    buttons: [{ action: "bulletin.send-now", subject: "B-7K3-M9Q", label: "Send now", confirm: "Really?" }],
  };
  const to = { ...subject.channel, channel: user, direct: true };
  await subject.adapter.post(subject.installation, { to, card: asking, key: crypto.randomUUID() });
  const [direct] = await pretend.directMessages({ workspace, user });
  const question = message(await press(direct?.id ?? "", "Send now", direct?.channel));
  expect(question.lines.join(" ")).toContain("Nothing is done yet");
  expect(subject.events()).toEqual([]);
  await press(question.id, "Yes: Send now");
  expect(subject.events()).toMatchObject([
    { kind: "button", action: "bulletin.send-now", subject: "B-7K3-M9Q", workspace },
  ]);
});
