import { z } from "zod";

import { choice, form, lineText, longText, say } from "../bot/answers.ts";
import { formPage, type Call, type FormContent, type FormPage } from "../bot/command.ts";
import { oneOf, textValue } from "../bot/forms.ts";
import { wantNew } from "../deliveries/delivery-store.ts";
import { emptyForm, notFound } from "../errors.ts";
import { addTipNote, findTip, type NoteKind } from "./tip-store.ts";
import { mayRead, yesNo, type Tip } from "./tip.ts";

// What an officer adds to a tip later, by button, each saved alone.

const weaponAccess = {
  unknown: "Unknown",
  none: "None that we know of",
  claimed: "Claimed by the person",
  seen: "Seen by somebody",
  prohibited: "Seen or claimed, and not allowed to have any",
} as const;

async function addableTip(call: Call, id: string): Promise<Tip> {
  const tip = await findTip(call.tx, call.tools.keyring, id);
  if (tip === undefined || !mayRead(call.officer, tip) || (tip.state !== "new" && tip.state !== "taken")) {
    throw notFound("open tip");
  }
  return tip;
}

interface Addition {
  readonly kind: NoteKind;
  readonly content: FormContent;
  readonly values: z.ZodObject<Record<string, z.ZodType>>;
}

function additionPage({ kind, content, values }: Addition): FormPage {
  return formPage({
    form: `tip.${kind}`,
    deed: "tip.submit",
    async open(call, subject) {
      await addableTip(call, subject);
      return content;
    },
    values,
    async submit(call, subject, given) {
      const tip = await addableTip(call, subject);
      const labels = new Map(content.fields.map(({ id, label }) => [id, label]));
      const words = Object.fromEntries(
        Object.entries(given).flatMap(([id, value]) =>
          typeof value === "string" ? [[labels.get(id) ?? id, value]] : [],
        ),
      );
      if (Object.keys(words).length === 0) throw emptyForm();
      const { tx, officer, tools } = call;
      await addTipNote(tx, { keyring: tools.keyring, officer, tip: tip.id, kind, words });
      for (const installation of await wantNew(tx, { subjectId: tip.id, kinds: ["intake"] }))
        call.wake.add(installation);
      await call.audit({ action: `tip.add.${kind}`, subject: `tip:${tip.id}` });
      return say(`Added to ${tip.ref}.`, "The desk sees it when they open the tip.");
    },
  });
}

export const notePages: readonly FormPage[] = [
  additionPage({
    kind: "person",
    content: form("Add a person", "Add", [
      lineText("name", "Name", { hint: "As you know it; nicknames too." }),
      lineText("born", "Birth date", { maxLength: 40, hint: "1984-03-02, or about how old" }),
      longText("identifiers", "Plate, phone, handle, address", { maxLength: 1000 }),
      longText("description", "Description", {
        maxLength: 1000,
        hint: "What helps to recognise the person. Facts only.",
      }),
      choice(["supervised", "On probation or parole?"], { ...yesNo, unknown: "Unknown" }),
    ]),
    values: z.object({
      name: textValue(200),
      born: textValue(40),
      identifiers: textValue(1000),
      description: textValue(1000),
      supervised: oneOf({ ...yesNo, unknown: "Unknown" }).optional(),
    }),
  }),
  additionPage({
    kind: "online",
    content: form("Add an online post", "Add", [
      lineText("app", "App or site", { maxLength: 80 }),
      lineText("account", "Account", { maxLength: 120 }),
      longText("link", "Link", {
        maxLength: 500,
        hint: "Kept unopened and made unclickable. Do not reply to the post.",
      }),
      lineText("posted", "Posted when", { maxLength: 80 }),
      longText("words", "The exact words", { maxLength: 3000 }),
    ]),
    values: z.object({
      app: textValue(80),
      account: textValue(120),
      link: textValue(500),
      posted: textValue(80),
      words: textValue(3000),
    }),
  }),
  additionPage({
    kind: "weapons",
    content: form("Weapons and plans", "Add", [
      choice(["access", "Access to weapons"], weaponAccess),
      longText("what", "What, and how is it known?", { maxLength: 1000 }),
      longText("steps", "Steps taken", {
        maxLength: 1000,
        hint: "Bought, practised, watched a place: what was seen?",
      }),
      longText("target", "Named target", { maxLength: 500 }),
      choice(
        ["self", "A danger to themselves too?"],
        { ...yesNo, unknown: "Unknown" },
        { hint: "Then think of help as well: crisis team, co-responder." },
      ),
    ]),
    values: z.object({
      access: oneOf(weaponAccess).optional(),
      what: textValue(1000),
      steps: textValue(1000),
      target: textValue(500),
      self: oneOf({ ...yesNo, unknown: "Unknown" }).optional(),
    }),
  }),
];
