import { z } from "zod";

import { choice, form, lineText, longText } from "../bot/answers.ts";
import { formPage, type Call } from "../bot/command.ts";
import { neededText, oneOf, textValue } from "../bot/forms.ts";
import { can, refusalWords } from "../bot/policy.ts";
import type { Answer } from "../chat.ts";
import { badInput, notAllowed, notFound } from "../errors.ts";
import { parseRef } from "../refs.ts";
import { findEntryFacts, findTipFacts } from "./bulletin-basis-store.ts";
import { checkTip } from "./bulletin-basis.ts";
import { doPage } from "./bulletin-do-form.ts";
import {
  given,
  identifierProblem,
  keepPage,
  openNext,
  ownDraft,
  value,
  wordsSoFar,
} from "./bulletin-draft.ts";
import { beginBulletin, type BulletinRow } from "./bulletin-store.ts";
import { afterDo } from "./bulletin-who-form.ts";
import { bulletinTypes, severities } from "./bulletin.ts";

// Page 1: what to tell.

/** What a new bulletin starts from: nothing, an emergency, an entry or a tip. */
async function origin(call: Call, subject: string) {
  const { officer, tx } = call;
  if (subject === "emergency") {
    if (can(officer, "bulletin.emergency")) return { basis: "emergency" as const };
    const { deed, who } = refusalWords("bulletin.emergency");
    throw notAllowed(deed, who);
  }
  if (subject === "new") return { basis: null };
  if (parseRef(subject)?.kind === "tip") {
    const tip = await findTipFacts(tx, { ref: subject });
    if (tip === undefined) throw notFound(subject);
    if (!tip.open) throw badInput(`${tip.ref} is no longer open`, `See /allpoints show ${tip.ref}.`);
    checkTip(tip);
    return { basis: null, tip, grade: tip.grade };
  }
  const entry = await findEntryFacts(tx, { ref: subject });
  if (entry === undefined) throw notFound(subject);
  return { basis: "entry" as const, entry, grade: entry.grade };
}

const isDraftRef = (subject: string) => parseRef(subject)?.kind === "bulletin";

export const whatPage = formPage({
  form: "bulletin.what",
  deed: "bulletin.write",
  async open(call, subject) {
    const row = isDraftRef(subject) ? await ownDraft(call, subject) : undefined;
    if (row === undefined) await origin(call, subject);
    const words = row === undefined ? {} : wordsSoFar(call, row);
    return form("Bulletin 1/3: what", "Save", [
      choice(["type", "What kind?"], bulletinTypes, { required: true, value: given(row?.type) }),
      choice(["severity", "How severe?"], severities, { required: true, value: given(row?.severity) }),
      lineText("headline", "The bottom line, in one line", {
        required: true,
        maxLength: 160,
        hint: "Who is in danger of what? Reported, not confirmed.",
        ...value(words.headline),
      }),
      longText("known", "What do we know?", {
        required: true,
        maxLength: 1500,
        hint: "Words as they were said, in quotes, with date and medium. Never name who told you.",
        ...value(words.known),
      }),
      longText("unknown", "What do we not know?", { maxLength: 600, ...value(words.unknown) }),
    ]);
  },
  values: z.object({
    type: oneOf(bulletinTypes),
    severity: oneOf(severities),
    headline: neededText(160),
    known: neededText(1500),
    unknown: textValue(600),
  }),
  async submit(call, subject, { type, severity, ...words }) {
    const before = isDraftRef(subject) ? await ownDraft(call, subject) : undefined;
    const wrong = before && mustNameNobody(before) ? identifierProblem(words) : undefined;
    if (wrong !== undefined) return wrong;
    const row = before ?? (await begin(call, subject));
    return nextStep(call, await keepPage(call, row, { type, severity, words }));
  },
});

/** Of any other, page 3 says later what it may name. */
function mustNameNobody({ basis, tlp }: BulletinRow): boolean {
  return basis === "situational" || tlp === "clear";
}

async function begin(call: Call, subject: string): Promise<BulletinRow> {
  const { agency, id } = call.officer;
  const row = await beginBulletin(call.tx, { agency, author: id, ...(await origin(call, subject)) });
  call.made("bulletin", row.id);
  return row;
}

/** The first page that was not filled in yet, or the preview. */
export async function nextStep(call: Call, row: BulletinRow): Promise<Answer> {
  return row.legal_status === null ? openNext(call, doPage, row) : afterDo(call, row);
}
