import { describe, expect, it } from "vitest";

import {
  actionOf,
  answerRoom,
  cardMessage,
  cardView,
  messageRoom,
} from "../../adapters/slack/card-blocks.ts";
import { fieldErrors, formView } from "../../adapters/slack/form-view.ts";
import type { Button, Card, Form } from "../../src/chat.ts";

const button = (action: string, subject: string): Button => ({
  action,
  subject,
  label: `${action} ${subject}`,
});

function typesOf(
  blocks: readonly { readonly type?: string }[] | undefined,
): (string | undefined)[] | undefined {
  return blocks?.map(({ type }) => type);
}

describe("a card in Slack", () => {
  it("keeps its text in the open and puts labels and buttons beside the coloured bar", () => {
    const { text, blocks, attachments } = cardMessage(
      {
        headline: "HIGH bulletin <B-7K3-M9Q>",
        tone: "red",
        blocks: [
          { kind: "text", text: "Armed." },
          { kind: "note", text: "TLP:RED" },
        ],
        buttons: [button("bulletin.acknowledge", "1")],
      },
      messageRoom,
    );
    expect(text).toBe("HIGH bulletin &lt;B-7K3-M9Q&gt;");
    expect(typesOf(blocks)).toEqual(["header", "section"]);
    expect(attachments).toMatchObject([{ color: "#FF2B2B", fallback: text }]);
    expect(typesOf(attachments[0]?.blocks)).toEqual(["context", "actions"]);
  });

  it("needs no bar to be plain", () => {
    const card: Card = { headline: "x", blocks: [{ kind: "divider" }], buttons: [button("a", "1")] };
    const { blocks, attachments } = cardMessage(card, messageRoom);
    expect(typesOf(blocks)).toEqual(["header", "divider", "actions"]);
    expect(attachments).toEqual([]);
  });

  it("shows facts as label and value, long ones as text of their own", () => {
    const { blocks } = cardMessage(
      {
        headline: "x",
        blocks: [
          {
            kind: "facts",
            facts: [
              { label: "Plate", value: "ABC1234" },
              { label: "Handle", value: "_j_" },
              { label: "Words", value: "w ".repeat(1_400) },
              { label: "Empty", value: "" },
            ],
          },
        ],
      },
      answerRoom,
    );
    expect(blocks.slice(1)).toMatchObject([
      {
        fields: [
          { type: "mrkdwn", text: "*Plate*\nABC1234" },
          { type: "plain_text", text: "Handle\n_j_" },
        ],
      },
      { text: { text: "*Words*" } },
      { text: { type: "plain_text" } },
      { fields: [{ text: "*Empty*\n–" }] },
    ]);
  });

  it("names each action once in a block and finds the action again", () => {
    const buttons = ["1", "2", "3", "4", "5", "6", "7"].map((subject) => button("tip.open", subject));
    const { blocks } = cardMessage({ headline: "x", blocks: [], buttons }, messageRoom);
    const rows = blocks.flatMap((block) => (block.type === "actions" ? [block.elements] : []));
    const ids = rows.map((row) =>
      row.flatMap((element) => ("action_id" in element ? [element.action_id ?? ""] : [])),
    );
    expect(ids.map((row) => row.length)).toEqual([5, 2]);
    for (const row of ids) {
      expect(new Set(row).size).toBe(row.length);
      for (const id of row) expect(actionOf(id)).toBe("tip.open");
    }
    expect(rows.flat()).toMatchObject(buttons.map(({ subject }) => ({ value: subject })));
  });

  it.each([
    ["many blocks", Array.from({ length: 200 }, () => ({ kind: "divider" }) as const)],
    [
      "many words",
      Array.from({ length: 30 }, () => ({ kind: "text", text: "long & <longer> ".repeat(200) }) as const),
    ],
  ])("says that it was shortened when it has %s, and keeps label and buttons", (_what, body) => {
    const card: Card = {
      headline: "x",
      tone: "amber",
      blocks: [...body, { kind: "note", text: "TLP:AMBER" }],
      buttons: [button("a", "1")],
    };
    const { blocks, attachments } = cardMessage(card, messageRoom);
    expect(blocks.length + (attachments[0]?.blocks?.length ?? 0)).toBeLessThanOrEqual(50);
    expect(JSON.stringify(blocks).length).toBeLessThan(12_000);
    expect(JSON.stringify(blocks.at(-1))).toContain("shortened");
    expect(typesOf(attachments[0]?.blocks)).toEqual(["context", "actions"]);
    expect(cardView(card).blocks.length).toBeLessThanOrEqual(100);
  });

  it("takes a headline longer than a header", () => {
    const { blocks } = cardMessage({ headline: "h & ".repeat(37), blocks: [] }, messageRoom);
    expect(blocks).toMatchObject([{ type: "section", text: { text: `*${"h &amp; ".repeat(37).trim()}*` } }]);
  });
});

const page: Form = {
  form: "tip",
  state: "s1",
  title: "A title of more than 24 characters",
  submit: "Send",
  fields: [
    {
      kind: "text",
      id: "what",
      label: "What & <why>?",
      required: true,
      maxLength: 9_000,
      value: "*as* typed",
    },
    {
      kind: "choice",
      id: "how",
      label: "How?",
      required: false,
      many: true,
      options: [
        { value: "a", label: "A" },
        { value: "b", label: "B" },
      ],
      value: ["b", "gone"],
    },
  ],
};

describe("a form in Slack", () => {
  it("stays within Slack's lengths and keeps what was entered as it is", () => {
    expect(formView(page)).toMatchObject({
      title: { text: "A title of more than…" },
      callback_id: "tip",
      blocks: [
        {
          block_id: "what",
          optional: false,
          label: { text: "What &amp; &lt;why&gt;?" },
          element: { max_length: 3_000, initial_value: "*as* typed" },
        },
        {
          block_id: "how",
          optional: true,
          element: { type: "multi_static_select", initial_options: [{ value: "b" }] },
        },
      ],
    });
  });

  it("marks the fields at fault, and none where the fault is with no field", () => {
    expect(fieldErrors(page, { what: "Too short.", other: "?" })).toEqual({ what: "Too short." });
    expect(fieldErrors(page, { other: "?" })).toBeUndefined();
  });
});
