import { expect, test } from "vitest";

import type { Reader } from "../../sandbox/discord/markdown.ts";
import { asRead } from "../../sandbox/discord/markdown.ts";
import { addMessage } from "../../sandbox/discord/messages.ts";
import { shownMessage, utc } from "../../sandbox/discord/shown.ts";
import type { MessageBody } from "../../sandbox/discord/world.ts";
import { createWorld } from "../../sandbox/discord/world.ts";

const id = "300000000000000001";
const nobody = { everyone: false, user: () => false, role: () => false };
const reader: Reader = { timeZone: "America/New_York", nameOf: () => "Sgt Diaz", mentions: nobody };

test.each([
  ["**bold** and *slanted*, ~~gone~~, __under__, ||hidden||", "bold and slanted, gone, under, hidden"],
  ["\\*\\*not bold\\*\\* \\_x\\_ \\> quoted", "**not bold** _x_ > quoted"],
  ["reason wrong_person or not_ours", "reason wrong_person or not_ours"],
  ["> said\n-# small\n## Title", "said\nsmall\nTitle"],
  ["`a*b*c` ```\nx **y**```", "a*b*c x **y**"],
  [
    "<t:1763795640:f>|<t:1763795640>|<t:1763795640:t>|<t:1763795640:D>",
    "Sat 22 Nov 02:14 EST|Sat 22 Nov 02:14 EST|02:14 EST|Sat 22 Nov",
  ],
  ["\\<t:1763795640:f>", "<t:1763795640:f>"],
  ["[click](https://evil.example/a)", "click (https://evil.example/a)"],
  ["\\[click\\](https://evil.example/a)", "[click](https://evil.example/a)"],
  [`<@${id}> @everyone`, "@Sgt Diaz @everyone"],
  ["a\u{200B}b", "ab"],
])("%s is read as %s", (source, expected) => {
  expect(asRead(source, reader)).toBe(expected);
});

function linesOf(body: MessageBody): readonly string[] {
  const world = createWorld({ id: "1", token: "t", botUser: "2", name: "Allpoints" });
  world.people.set(id, { id, name: "Sgt Diaz", timeZone: "UTC" });
  return shownMessage(world, addMessage(world, { channel: "3", author: "2", body }), utc).lines;
}

test.each<[string, MessageBody, readonly string[]]>([
  [
    "allows all when nothing is said",
    { content: `@everyone <@${id}>` },
    [`@everyone (notifies everyone) @Sgt Diaz (notifies Sgt Diaz)`],
  ],
  ["is not stopped by a backslash", { content: "\\@here" }, ["@here (notifies everyone)"]],
  [
    "is stopped by an empty list",
    { content: `@everyone <@${id}>`, allowed_mentions: { parse: [] } },
    ["@everyone @Sgt Diaz"],
  ],
  [
    "reaches the people named",
    { content: `@everyone <@${id}>`, allowed_mentions: { users: [id] } },
    ["@everyone @Sgt Diaz (notifies Sgt Diaz)"],
  ],
  ["never comes from an embed", { embeds: [{ description: "@everyone" }] }, ["@everyone"]],
  [
    "comes from a text display",
    { flags: 32_768, components: [{ type: 10, content: "@everyone" }] },
    ["@everyone (notifies everyone)"],
  ],
])("a mention %s", (_name, body, expected) => {
  expect(linesOf(body)).toEqual(expected);
});

test("an embed is read from top to bottom; its footer is plain text", () => {
  const embed = {
    title: "HIGH \\*bulletin\\*",
    description: "**Said** he will\n\nshoot",
    fields: [{ name: "Until", value: "<t:1763795640:f>" }],
    footer: { text: "LES \\* <t:1763795640:f>" },
  };
  expect(linesOf({ content: "top", embeds: [embed] })).toEqual([
    "top",
    "HIGH *bulletin*",
    "Said he will",
    "shoot",
    "Until: Sat 22 Nov 07:14 UTC",
    "LES \\* <t:1763795640:f>",
  ]);
});
