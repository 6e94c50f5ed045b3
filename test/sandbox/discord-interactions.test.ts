import type { APIModalInteractionResponseCallbackData, Client, Interaction } from "discord.js";
import { MessageFlags, Routes } from "discord.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Stage } from "./discord-stage.ts";
import {
  application,
  atDesk,
  desk,
  diaz,
  formOf,
  guild,
  messageOf,
  okafor,
  openStage,
} from "./discord-stage.ts";

const commands = [
  { name: "tip", description: "Report a threat" },
  {
    name: "bulletin",
    description: "Bulletins",
    options: [
      {
        type: 1,
        name: "cancel",
        description: "Cancel one",
        options: [
          { type: 3, name: "ref", description: "Which one", required: true, autocomplete: true },
          {
            type: 3,
            name: "reason",
            description: "Why",
            choices: [
              { name: "Wrong person", value: "wrong_person" },
              { name: "Resolved", value: "resolved" },
            ],
          },
          { type: 3, name: "note", description: "More" },
        ],
      },
    ],
  },
  { type: 3, name: "Make a tip from this" },
];

const tipForm: APIModalInteractionResponseCallbackData = {
  custom_id: "tip/1",
  title: "Report a threat",
  components: [
    { type: 18, label: "What?", component: { type: 4, custom_id: "what", style: 2, max_length: 20 } },
    {
      type: 18,
      label: "Who?",
      description: "Unknown? Leave empty.",
      component: { type: 4, custom_id: "who", style: 1, required: false, value: "a neighbour" },
    },
    {
      type: 18,
      label: "How soon?",
      component: {
        type: 3,
        custom_id: "soon",
        required: false,
        min_values: 0,
        options: [
          { label: "Now or within 24 h", value: "now" },
          { label: "Days", value: "days" },
        ],
      },
    },
    {
      type: 18,
      label: "How do you know?",
      component: {
        type: 21,
        custom_id: "know",
        options: [
          { label: "I saw it", value: "saw" },
          { label: "Online", value: "online", default: true },
        ],
      },
    },
    {
      type: 18,
      label: "Weapons",
      component: {
        type: 22,
        custom_id: "weapons",
        required: false,
        options: [
          { label: "Rifle", value: "rifle" },
          { label: "Knife", value: "knife" },
        ],
      },
    },
  ],
};

const button = (custom_id: string, label: string) =>
  ({ type: 1, components: [{ type: 2, style: 1, custom_id, label }] }) as const;

let stage: Stage;
let client: Client<true>;
beforeEach(async () => {
  stage = await openStage();
  await stage.rest.put(Routes.applicationCommands(application), { body: commands });
  client = await stage.connect();
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.close();
});

/** Answers the next interaction, and tells how that went. */
function onNext<T>(answer: (interaction: Interaction) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    client.once("interactionCreate", (interaction) => void answer(interaction).then(resolve, reject));
  });
}

test("a deferred private answer is shown when it is filled in, in the reader's zone", async () => {
  const answering = onNext(async (interaction) => {
    if (!interaction.isChatInputCommand()) throw new Error("not a command");
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply("**Cancelled** at <t:1763795640:f>\n\\*as typed\\*");
    return [
      interaction.options.getSubcommand(),
      interaction.options.getString("ref"),
      interaction.memberPermissions?.has("UseApplicationCommands"),
    ];
  });
  const shown = messageOf(await stage.people.type({ ...atDesk, line: "/bulletin cancel ref:B-7K3-M9Q" }));
  expect(shown.lines).toEqual(["Cancelled at Sat 22 Nov 02:14 EST", "*as typed*"]);
  expect(shown.onlyFor).toBe(diaz);
  expect(await answering).toEqual(["cancel", "B-7K3-M9Q", true]);
  expect(await stage.people.channel({ workspace: guild, channel: desk })).toEqual([]);
  expect(await stage.people.privateAnswers({ workspace: guild, user: diaz })).toEqual([shown]);
});

test.each([
  [
    "/bulletin cancel B-7K3-M9Q reason:wrong_person",
    { ref: "B-7K3-M9Q", reason: "wrong_person", note: null },
  ],
  ["/bulletin cancel reason:Resolved B-7K3-M9Q", { ref: "B-7K3-M9Q", reason: "resolved", note: null }],
  [
    '/bulletin cancel ref:"B 7" note:seen at 12:30 by us',
    { ref: "B 7", reason: null, note: "seen at 12:30 by us" },
  ],
])("%s is taken apart by the registered options", async (line, expected) => {
  const answering = onNext(async (interaction) => {
    if (!interaction.isChatInputCommand()) throw new Error("not a command");
    await interaction.reply({ content: "ok", flags: MessageFlags.Ephemeral });
    const read = (name: string) => interaction.options.getString(name);
    return { ref: read("ref"), reason: read("reason"), note: read("note") };
  });
  await stage.people.type({ ...atDesk, line });
  expect(await answering).toEqual(expected);
});

test.each([
  ["/nothing", 'There is no command "/nothing" here.'],
  ["/bulletin", '"/bulletin" is followed by one of: cancel.'],
  ["/bulletin cancel", 'The option "ref" is required.'],
  ["/bulletin cancel B-1 reason:spite", '"reason" offers no "spite".'],
  ["/bulletin cancel B-1 reasn:resolved", 'There is no option "reasn" left to fill in.'],
])("the client itself refuses %s", async (line, text) => {
  expect(await stage.people.type({ ...atDesk, line })).toEqual({ kind: "error", text });
});

test("autocomplete asks the app with what was typed so far", async () => {
  const answering = onNext(async (interaction) => {
    if (!interaction.isAutocomplete()) throw new Error("not autocomplete");
    await interaction.respond([{ name: "B-7K3-M9Q (draft)", value: "B-7K3-M9Q" }]);
    return interaction.options.getFocused();
  });
  const offers = await stage.people.complete({ ...atDesk, line: "/bulletin cancel B-7" });
  expect(offers).toEqual([{ value: "B-7K3-M9Q", label: "B-7K3-M9Q (draft)" }]);
  expect(await answering).toBe("B-7");
  expect(await stage.people.complete({ ...atDesk, line: "/bulletin cancel B-7 reason:wr" })).toEqual([
    { value: "wrong_person", label: "Wrong person" },
  ]);
});

test("a modal sends what was entered and what was prefilled", async () => {
  void onNext(async (interaction) => {
    if (interaction.isChatInputCommand()) await interaction.showModal(tipForm);
  });
  const form = formOf(await stage.people.type({ ...atDesk, line: "/tip" }));
  expect(form.fields.map(({ label, kind, required, value }) => ({ label, kind, required, value }))).toEqual([
    { label: "What?", kind: "text", required: true, value: undefined },
    { label: "Who?", kind: "text", required: false, value: "a neighbour" },
    { label: "How soon?", kind: "choice", required: false, value: [] },
    { label: "How do you know?", kind: "choice", required: true, value: ["online"] },
    { label: "Weapons", kind: "choice", required: false, value: [] },
  ]);
  const answering = onNext(async (interaction) => {
    if (!interaction.isModalSubmit()) throw new Error("not a modal");
    const { fields } = interaction;
    await interaction.reply({ content: "Received", flags: MessageFlags.Ephemeral });
    return [
      interaction.customId,
      fields.getTextInputValue("what"),
      fields.getTextInputValue("who"),
      fields.getStringSelectValues("soon"),
      fields.getRadioGroup("know"),
      fields.getCheckboxGroup("weapons"),
    ];
  });
  const act = { workspace: guild, user: diaz, form: form.id };
  const values = { what: "a threat", "How soon?": "Days", weapons: ["Knife", "rifle"] };
  expect(messageOf(await stage.people.submit({ ...act, values })).lines).toEqual(["Received"]);
  expect(await answering).toEqual([
    "tip/1",
    "a threat",
    "a neighbour",
    ["days"],
    "online",
    ["knife", "rifle"],
  ]);
  await expect(stage.people.submit({ ...act, values })).rejects.toThrow("no such form open");
});

test("the client does not send a modal that lacks an answer or holds too long a one", async () => {
  void onNext(async (interaction) => {
    if (interaction.isChatInputCommand()) await interaction.showModal(tipForm);
  });
  const { id } = formOf(await stage.people.type({ ...atDesk, line: "/tip" }));
  const problem = async (what: string) => {
    const shown = await stage.people.submit({ workspace: guild, user: diaz, form: id, values: { what } });
    return formOf(shown).fields.flatMap((field) => field.problem ?? []);
  };
  expect(await problem("")).toEqual(["This field is required."]);
  expect(await problem("x".repeat(21))).toEqual(["Must be 20 or fewer in length."]);
});

test("a modal cannot follow a modal, nor a deferral", async () => {
  const opening = onNext(async (interaction) => {
    if (!interaction.isChatInputCommand()) throw new Error("not a command");
    await interaction.showModal(tipForm);
    const again = { body: { type: 9, data: tipForm }, auth: false };
    return stage.rest.post(Routes.interactionCallback(interaction.id, interaction.token), again);
  });
  const { id } = formOf(await stage.people.type({ ...atDesk, line: "/tip" }));
  await expect(opening).rejects.toMatchObject({ code: 40060 });
  const following = onNext(async (interaction) => {
    const body = { type: 9, data: tipForm };
    const path = Routes.interactionCallback(interaction.id, interaction.token);
    const refused: unknown = await stage.rest
      .post(path, { body, auth: false })
      .catch((error: unknown) => error);
    await stage.rest.post(path, { body: { type: 6 }, auth: false });
    return refused;
  });
  const shown = await stage.people.submit({ workspace: guild, user: diaz, form: id, values: { what: "x" } });
  expect(await following).toMatchObject({
    code: 50035,
    rawError: { errors: { type: { _errors: [{ code: "BASE_TYPE_CHOICES" }] } } },
  });
  expect(shown).toEqual({ kind: "nothing" });
});

test("a press on a channel message updates it, for everybody", async () => {
  const sent = await stage.rest.post(Routes.channelMessages(desk), {
    body: { content: "New tip", components: [button("tip.take:T-1", "Take it")] },
  });
  const { id } = sent as { id: string };
  const answering = onNext(async (interaction) => {
    if (!interaction.isButton()) throw new Error("not a button");
    await interaction.update({ content: "Taken by Sgt Diaz", components: [] });
    return [interaction.customId, interaction.message.id, interaction.channelId];
  });
  const shown = await stage.people.press({ workspace: guild, user: diaz, message: id, button: "Take it" });
  expect(messageOf(shown)).toMatchObject({ id, lines: ["Taken by Sgt Diaz"], edited: true, buttons: [] });
  expect(await answering).toEqual(["tip.take:T-1", id, desk]);
  expect(await stage.people.channel({ workspace: guild, channel: desk })).toMatchObject([
    { lines: ["Taken by Sgt Diaz"] },
  ]);
  await expect(
    stage.people.press({ workspace: guild, user: diaz, message: id, button: "Take it" }),
  ).rejects.toThrow("no button");
});

test("a private answer can be pressed by its reader only, and opens forms that know it", async () => {
  void onNext(async (interaction) => {
    if (interaction.isChatInputCommand()) {
      await interaction.reply({
        content: "Received",
        components: [button("add", "Add person")],
        flags: MessageFlags.Ephemeral,
      });
    }
  });
  const receipt = messageOf(await stage.people.type({ ...atDesk, line: "/tip" }));
  const press = { workspace: guild, message: receipt.id, button: "add" };
  await expect(stage.people.press({ ...press, user: okafor })).rejects.toThrow("Det. Okafor sees no message");
  void onNext(async (interaction) => {
    if (interaction.isButton()) await interaction.showModal(tipForm);
  });
  const form = formOf(await stage.people.press({ ...press, user: diaz }));
  const answering = onNext(async (interaction) => {
    if (!interaction.isModalSubmit() || !interaction.isFromMessage())
      throw new Error("not a modal of a message");
    await interaction.deferUpdate();
    await interaction.editReply("Person added");
    return interaction.message.flags.has(MessageFlags.Ephemeral);
  });
  const shown = messageOf(
    await stage.people.submit({ workspace: guild, user: diaz, form: form.id, values: { what: "x" } }),
  );
  expect(shown).toMatchObject({ id: receipt.id, lines: ["Person added"], onlyFor: diaz });
  expect(await answering).toBe(true);
});

test("a press in a direct message comes from a user, not from a guild's member", async () => {
  const conversation = await stage.rest.post(Routes.userChannels(), { body: { recipient_id: okafor } });
  const { id: channel } = conversation as { id: string };
  const body = { content: "Shown in a query", components: [button("got", "Received")] };
  const { id } = (await stage.rest.post(Routes.channelMessages(channel), { body })) as { id: string };
  const answering = onNext(async (interaction) => {
    if (!interaction.isButton()) throw new Error("not a button");
    await interaction.update({ content: "Thanks", components: [] });
    return [interaction.guildId, interaction.member, interaction.user.id, interaction.channelId];
  });
  const press = { workspace: guild, message: id, button: "Received" };
  await expect(stage.people.press({ ...press, user: diaz })).rejects.toThrow("Sgt Diaz sees no message");
  expect(messageOf(await stage.people.press({ ...press, user: okafor })).lines).toEqual(["Thanks"]);
  expect(await answering).toEqual([null, null, okafor, channel]);
});

test("a message command brings the message along", async () => {
  const said = await stage.people.say({ ...atDesk, user: okafor, text: "he said he will shoot" });
  const answering = onNext(async (interaction) => {
    if (!interaction.isMessageContextMenuCommand()) throw new Error("not a message command");
    await interaction.reply({ content: "Opened", flags: MessageFlags.Ephemeral });
    return interaction.targetMessage.content;
  });
  const shown = await stage.people.shortcut({ ...atDesk, name: "Make a tip from this", message: said.id });
  expect(messageOf(shown).lines).toEqual(["Opened"]);
  expect(await answering).toBe("he said he will shoot");
});

test("an interaction nobody answers dies after three seconds", async () => {
  const seen = onNext(async (interaction) => interaction);
  const shown = await stage.people.type({ ...atDesk, line: "/tip" });
  expect(shown).toEqual({ kind: "error", text: "The application did not respond" });
  const { id, token } = await seen;
  const late = stage.rest.post(Routes.interactionCallback(id, token), {
    body: { type: 4, data: { content: "late" } },
    auth: false,
  });
  await expect(late).rejects.toMatchObject({ code: 10062, status: 404 });
});

test("a token edits and follows up for fifteen minutes", async () => {
  const answering = onNext(async (interaction) => {
    if (!interaction.isChatInputCommand()) throw new Error("not a command");
    const early: unknown = await interaction.webhook.send("too early").catch((error: unknown) => error);
    await interaction.reply({ content: "first", flags: MessageFlags.Ephemeral });
    await interaction.followUp({ content: "second", flags: MessageFlags.Ephemeral });
    return { early, interaction };
  });
  await stage.people.type({ ...atDesk, line: "/tip" });
  const { early, interaction } = await answering;
  expect(early).toMatchObject({ code: 10015 });
  const answers = await stage.people.privateAnswers({ workspace: guild, user: diaz });
  expect(answers.map(({ lines }) => lines)).toEqual([["first"], ["second"]]);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 15 * 60_000 + 1_000 });
  await expect(interaction.editReply("later")).rejects.toMatchObject({ code: 50027, status: 401 });
});
