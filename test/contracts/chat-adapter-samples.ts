import type { Card, Form } from "../../src/chat.ts";

export const MOMENT = new Date("2026-11-25T07:00:00Z");
export const NASTY =
  "@everyone @here <!channel> <!here> <@123456789012345678> <@U123> <@&123456789012345678> <#C123|x> " +
  "https://evil.example/a?b www.evil.example <https://evil.example|bank> [bank](https://evil.example) " +
  "**b** __u__ ||s|| ```c``` \u202egnp.exe\u202c a\u200bb \u2066c\u2069 \ufeff";

export const plainCard: Card = {
  headline: "Received: T-7K3-M9Q",
  blocks: [{ kind: "text", text: "Nobody has read it yet." }],
};
export const fullCard: Card = {
  headline: "HIGH officer-safety bulletin B-7K3-M9Q v1",
  tone: "amber",
  blocks: [
    { kind: "quote", text: "Said he will go to the Elm St station" },
    { kind: "text", text: [{ bold: "John A. Smyth" }, ", b. 1984-03-02"] },
    { kind: "facts", facts: [{ label: "ASKED", value: "be aware, document and report" }] },
    { kind: "divider" },
    { kind: "note", text: ["LES · TLP:AMBER · until ", { at: MOMENT }, " · Metro watch 555-0142"] },
  ],
  buttons: [
    {
      action: "bulletin.acknowledge",
      subject: "4bb6a9f0-9a8e-4a52-8b0a-111111111111",
      label: "Acknowledge for our agency",
      tone: "primary",
    },
    { action: "bulletin.useful", subject: "B-7K3-M9Q", label: "Useful" },
    {
      action: "bulletin.wrong",
      subject: "B-7K3-M9Q",
      label: "Wrong",
      tone: "danger",
      confirm: "Is it about the wrong person?",
    },
  ],
};

export const tipForm: Form = {
  form: "tip",
  state: "draft-1",
  title: "Report a threat",
  submit: "Send",
  fields: [
    {
      kind: "text",
      id: "what",
      label: "What was said or seen?",
      hint: "Exact words and when, if you have them.",
      required: true,
      long: true,
      maxLength: 3_000,
    },
    {
      kind: "text",
      id: "who",
      label: "Who might do it?",
      required: false,
      long: true,
      maxLength: 3_000,
      value: "unknown",
    },
    {
      kind: "choice",
      id: "when",
      label: "How soon?",
      required: true,
      options: [
        { value: "now", label: "Now or within 24 h" },
        { value: "days", label: "Days" },
      ],
    },
    {
      kind: "choice",
      id: "source",
      label: "How do you know?",
      required: false,
      many: true,
      options: [
        { value: "heard", label: "I saw or heard it" },
        { value: "told", label: "Somebody told me" },
        { value: "online", label: "Online" },
      ],
    },
  ],
};
export const tipValues = {
  what: "He said *Friday*",
  when: "Days",
  "How do you know?": ["I saw or heard it", "told"],
};
export const personForm: Form = {
  form: "tip.person",
  state: "draft-2",
  title: "Person",
  submit: "Save",
  fields: [{ kind: "text", id: "name", label: "Name", required: false, maxLength: 200 }],
};

export function prefilled(page: Form, id: string, value: string): Form {
  return {
    ...page,
    fields: page.fields.map((field) =>
      field.kind === "text" && field.id === id ? { ...field, value } : field,
    ),
  };
}
