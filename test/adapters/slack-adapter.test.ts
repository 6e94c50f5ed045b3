import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { OPEN_FORM, type Card, type Form } from "../../src/chat.ts";
import { form, message, press, sent, submit, type as typeLine } from "../contracts/chat-adapter-subject.ts";
import { openSlack, otherChannel, otherUser, otherWorkspace, type SlackSubject } from "./slack-subject.ts";

const receipt: Card = {
  headline: "Received: T-7K3-M9Q",
  blocks: [{ kind: "text", text: "Nobody has read it yet." }],
  buttons: [{ action: "tip.person", subject: "T-7K3-M9Q", label: "Add person" }],
};
const page: Form = {
  form: "tip",
  state: "draft-1",
  title: "Report a threat",
  submit: "Send",
  fields: [
    { kind: "text", id: "what", label: "What was said?", required: true, maxLength: 3_000 },
    { kind: "text", id: "note", label: "Note", required: false, maxLength: 100 },
  ],
};
const second: Form = {
  form: "tip.person",
  state: "draft-2",
  title: "Person",
  submit: "Save",
  fields: [{ kind: "text", id: "note", label: "Note", required: false, maxLength: 100 }],
};

let slack: SlackSubject;
beforeEach(async () => {
  slack = await openSlack({ commandPrefix: "ap-" });
});
afterEach(async () => {
  await slack.close();
});

const after = async (ms: number): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
};
const callsOf = async (method: string) => slack.pretend.calls({ method });

describe("a command", () => {
  it("is answered in its own acknowledgment when the answer is a card", async () => {
    slack.answerWith(() => ({ kind: "card", card: receipt }));
    expect(message(await typeLine(slack, "/tip")).headline).toBe(receipt.headline);
    expect(await slack.pretend.calls({})).toEqual([]);
  });

  it("loses the prefix that the manifest put before it", async () => {
    await typeLine(slack, "/ap-bulletin status B-7K3-M9Q");
    expect(slack.events()).toMatchObject([
      { command: "bulletin", input: { kind: "words", words: "status B-7K3-M9Q" } },
    ]);
  });

  it("reaches the core also when nobody knows it, so that help answers", async () => {
    await typeLine(slack, "/whatever a & b <c>");
    expect(slack.events()).toMatchObject([{ command: "whatever", input: { words: "a & b <c>" } }]);
  });

  it(
    "is offered its form by a button when the form comes too late for a modal",
    { timeout: 15_000 },
    async () => {
      slack.answerWith(async (event) => {
        if (event.kind === "command") await after(3_100);
        return { kind: "form", form: page };
      });
      await typeLine(slack, "/tip");
      const { workspace, user } = slack;
      const offered = await expect
        .poll(async () => (await slack.pretend.privateAnswers({ workspace, user }))[0], { timeout: 5_000 })
        .toMatchObject({ headline: page.title, buttons: [{ label: "Open the form" }] })
        .then(async () => slack.pretend.privateAnswers({ workspace, user }));
      const opened = form(await press(slack, offered[0]?.id ?? "", "Open the form"));
      expect(opened.title).toBe(page.title);
      expect(slack.events()[1]).toMatchObject({ action: OPEN_FORM, subject: "tip/draft-1" });
    },
  );
});

describe("a form", () => {
  const answered = (how: Parameters<SlackSubject["answerWith"]>[0]) => {
    slack.answerWith((event) => (event.kind === "command" ? { kind: "form", form: page } : how(event)));
  };

  it("becomes the card that answers it, and further forms open on top of that", async () => {
    answered((event) =>
      event.kind === "button" ? { kind: "form", form: second } : { kind: "card", card: receipt },
    );
    const shown = form(await submit(slack, await typeLine(slack, "/tip"), { what: "He said Friday" }));
    expect(shown).toMatchObject({ title: "Allpoints", fields: [], buttons: [{ label: "Add person" }] });
    expect(shown.lines).toContain(receipt.headline);
    const onTop = form(await press(slack, shown.id, "Add person"));
    expect(onTop).toMatchObject({ title: "Person" });
    expect(slack.events()[2]).toMatchObject({ kind: "button", action: "tip.person", subject: "T-7K3-M9Q" });
    expect(slack.events()[2]).not.toHaveProperty("message");
    expect(slack.events()[2]).not.toHaveProperty("homeWorkspace");
    expect(await callsOf("views.push")).toMatchObject([{ status: 200 }]);
    await submit(slack, onTop, { note: "x" });
    expect(slack.events()[3]).toMatchObject({ form: "tip.person", state: "draft-2", values: { note: "x" } });
  });

  it("replaces the card under it where Slack stacks no more modals", async () => {
    answered((event) =>
      event.kind === "button" ? { kind: "form", form: second } : { kind: "card", card: receipt },
    );
    let shown = form(await submit(slack, await typeLine(slack, "/tip"), { what: "x" }));
    for (const _again of ["second", "third", "one too many"]) {
      const opened = form(await press(slack, shown.id, "Add person"));
      expect(opened.title).toBe("Person");
      shown = form(await submit(slack, opened, { note: "x" }));
      expect(shown.lines).toContain(receipt.headline);
    }
    expect(slack.logged()).toEqual([]);
  });

  it("goes on to a page that starts empty although a field has the same name", async () => {
    answered(() => ({ kind: "form", form: second }));
    const next = form(await submit(slack, await typeLine(slack, "/tip"), { what: "x", note: "of page 1" }));
    expect(next.fields).toMatchObject([{ id: "note" }]);
    expect(next.fields[0]).not.toHaveProperty("value", "of page 1");
  });

  it("is a new event when it comes back corrected, and the same when it comes twice", async () => {
    answered((event) =>
      event.kind === "form" && event.values["what"] === "He"
        ? { kind: "problems", form: page, problems: { what: "Write a sentence." } }
        : { kind: "card", card: receipt },
    );
    const opened = await typeLine(slack, "/tip");
    for (const what of ["He", "He", "He said Friday"]) await submit(slack, opened, { what });
    const [, first, twice, corrected] = slack.events().map(({ dedupeKey }) => dedupeKey);
    expect(twice).toBe(first);
    expect(corrected).not.toBe(first);
    expect(`${first}${corrected}`).not.toMatch(/Friday/);
  });

  it("closes when there is nothing to show", async () => {
    answered(() => ({ kind: "nothing" }));
    const shown = await submit(slack, await typeLine(slack, "/tip"), { what: "x" });
    expect(shown).toEqual({ kind: "nothing" });
  });

  it("keeps its place while a slow answer is made", { timeout: 15_000 }, async () => {
    answered(async () => {
      await after(2_800);
      return { kind: "problems", form: page, problems: { what: "Write a sentence." } };
    });
    const shown = form(await submit(slack, await typeLine(slack, "/tip"), { what: "He" }));
    expect(shown.lines).toContain("The answer will appear here.");
    await expect.poll(async () => (await callsOf("views.update")).length, { timeout: 5_000 }).toBe(1);
    expect(JSON.stringify((await callsOf("views.update"))[0]?.body)).toContain("Write a sentence.");
  });
});

describe("a button", () => {
  it("in a direct message names the conversation it went to", async () => {
    const { adapter, installation, workspace, user } = slack;
    const to = { platform: "slack", workspace, channel: user, direct: true } as const;
    const ref = sent(await adapter.post(installation, { to, card: receipt, key: "k" }));
    expect(ref).toMatchObject({ direct: true, channel: expect.stringMatching(/^D/) });
    await slack.pretend.press({ workspace, user, message: ref.message, button: "Add person" });
    expect(slack.events()).toMatchObject([{ kind: "button", message: ref }]);
  });

  it("keeps action and subject apart from the buttons beside it", async () => {
    const { adapter, installation, channel } = slack;
    const buttons = ["T-1", "T-2", "T-3"].map((subject) => ({ action: "tip.open", subject, label: subject }));
    const ref = sent(
      await adapter.post(installation, { to: channel, card: { ...receipt, buttons }, key: "k" }),
    );
    await press(slack, ref.message, "T-3");
    expect(slack.events()).toMatchObject([{ action: "tip.open", subject: "T-3" }]);
  });
});

describe("a shortcut", () => {
  const shortcut = async () => {
    const { workspace, user, channel, pretend } = slack;
    return pretend.shortcut({ workspace, user, channel: channel.channel, name: "Report a threat" });
  };

  it("from anywhere is the command without words", async () => {
    slack.answerWith(() => ({ kind: "form", form: page }));
    expect(form(await shortcut()).title).toBe(page.title);
    expect(slack.events()).toMatchObject([
      { kind: "command", command: "tip", input: { kind: "words", words: "" } },
    ]);
  });

  it("shows a card in a modal, having no channel for a private message", async () => {
    slack.answerWith(() => ({ kind: "card", card: receipt }));
    expect(form(await shortcut()).lines).toContain(receipt.headline);
  });

  it("keeps its place while a slow answer is made", { timeout: 15_000 }, async () => {
    slack.answerWith(async () => {
      await after(2_800);
      return { kind: "card", card: receipt };
    });
    expect(form(await shortcut()).lines).toContain("The answer will appear here.");
    await expect.poll(async () => (await callsOf("views.update")).length, { timeout: 5_000 }).toBe(1);
  });
});

describe("a workspace that nobody connected", () => {
  it("is told so, privately, and the core hears nothing", async () => {
    slack.answerWith(() => ({ kind: "form", form: page }));
    const opened = await typeLine(slack, "/tip");
    slack.disconnect();
    const told = "This workspace is not connected to Allpoints";
    expect(message(await typeLine(slack, "/tip")).headline).toBe(told);
    expect(form(await submit(slack, opened, { what: "x" })).lines).toContain(told);
    expect(slack.events()).toHaveLength(1);
  });
});

describe("two agencies' workspaces", () => {
  it("never see each other's token, in fan-out and in answers", async () => {
    slack.answerWith(() => ({ kind: "form", form: page }));
    const { adapter, installation, otherInstallation, channel, user, workspace, pretend } = slack;
    const other = { platform: "slack", workspace: otherWorkspace, channel: otherChannel } as const;
    const post = { card: receipt, key: "k" };
    // The first call of each kind was the one that leaked: both orders.
    for (const round of [1, 2]) {
      sent(await adapter.post(installation, { to: channel, ...post, key: `a${round}` }));
      sent(await adapter.post(otherInstallation, { to: other, ...post, key: `b${round}` }));
      await pretend.type({ workspace: otherWorkspace, user: otherUser, channel: otherChannel, line: "/tip" });
      await pretend.type({ workspace, user, channel: channel.channel, line: "/tip" });
    }
    await adapter.inspect(otherInstallation, other);
    await adapter.inspect(installation, channel);
    const calls = await pretend.calls({});
    expect(calls.map(({ method, token }) => [method, token])).toEqual([
      ...[1, 2].flatMap(() => [
        ["chat.postMessage", installation.token],
        ["chat.postMessage", otherInstallation.token],
        ["views.open", otherInstallation.token],
        ["views.open", installation.token],
      ]),
      ["conversations.info", otherInstallation.token],
      ["conversations.info", installation.token],
    ]);
  });

  it("use a new token from the next call on", async () => {
    const { adapter, installation, channel, pretend } = slack;
    const post = { to: channel, card: receipt };
    sent(await adapter.post(installation, { ...post, key: "1" }));
    await adapter.post({ ...installation, token: "xoxb-rotated" }, { ...post, key: "2" });
    const calls = await pretend.calls({ method: "chat.postMessage" });
    expect(calls.map(({ token }) => token)).toEqual([installation.token, "xoxb-rotated"]);
  });
});

describe("what is posted", () => {
  it("carries the opaque delivery and asks Slack to unfold and link nothing", async () => {
    const { adapter, installation, channel } = slack;
    sent(await adapter.post(installation, { to: channel, card: receipt, key: "delivery-1" }));
    const [call] = await callsOf("chat.postMessage");
    const body = JSON.stringify(call?.body).replaceAll("\\", "");
    expect(body).toContain('"event_payload":{"delivery":"delivery-1"}');
    expect(call?.body).toMatchObject({ parse: "none" });
    for (const name of ["unfurl_links", "unfurl_media", "link_names"]) {
      const { [name]: value } = { ...(call?.body as Record<string, unknown>) };
      expect(String(value)).toBe("false");
    }
  });
});

describe("the log", () => {
  it("never holds what people typed", async () => {
    slack.answerWith(() => ({ kind: "form", form: page }));
    await slack.pretend.addFault({ kind: "server-error", method: "views.open" });
    await typeLine(slack, "/tip Secretive Person");
    expect(slack.logged().join("\n")).toMatch(/did not show an answer/);
    expect(slack.logged().join("\n")).not.toMatch(/Secretive|xoxb/);
  });
});
