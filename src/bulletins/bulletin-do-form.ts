import { z } from "zod";

import { findOwnAgency } from "../agencies/agency-store.ts";
import { choice, form, longText, problems } from "../bot/answers.ts";
import { formPage, type Problems } from "../bot/command.ts";
import { anyOf, oneOf, textValue } from "../bot/forms.ts";
import {
  cautions,
  legalStatuses,
  papFor,
  requestedActions,
  type LegalStatus,
  type RequestedAction,
} from "../labels.ts";
import { findEntryFacts } from "./bulletin-basis-store.ts";
import { given, identifierProblem, keepPage, ownDraft, value, wordsSoFar } from "./bulletin-draft.ts";
import type { BulletinRow } from "./bulletin-store.ts";
import { afterDo } from "./bulletin-who-form.ts";
import { namesSomebody, repeatedWord } from "./bulletin.ts";

// Page 2: what receivers are asked to do, and whom it is about.

export const doPage = formPage({
  form: "bulletin.do",
  deed: "bulletin.write",
  async open(call, subject) {
    const row = await ownDraft(call, subject);
    const words = wordsSoFar(call, row);
    const entry = row.entry_id === null ? undefined : await findEntryFacts(call.tx, { id: row.entry_id });
    const known = Object.keys(cautions);
    return form("Bulletin 2/3: what to do", "Save", [
      choice(["legal", "Legal status"], legalStatuses, {
        required: true,
        value: given(row.legal_status ?? entry?.legalStatus),
      }),
      choice(["action", "What do you ask for?"], requestedActions, {
        required: true,
        value: given(row.requested_action ?? entry?.requestedAction),
      }),
      choice(["cautions", "Cautions, as reported"], cautions, {
        many: true,
        value: (row.cautions ?? entry?.cautions ?? []).filter((code) => known.includes(code)),
      }),
      longText("person", "Person and vehicle", {
        maxLength: 800,
        hint: "Shown only where personal details may be shown. Needs an approved entry.",
        ...value(words.person),
      }),
      longText("summary", "Summary without the person", {
        maxLength: 800,
        hint: "Needed with a person or an entry: what everybody else reads. Without one they get whom to call.",
        ...value(words.summary),
      }),
    ]);
  },
  values: z.object({
    legal: oneOf(legalStatuses),
    action: oneOf(requestedActions),
    cautions: anyOf(cautions),
    person: textValue(800),
    summary: textValue(800),
  }),
  async submit(call, subject, { legal, action, cautions: codes, person, summary }) {
    const row = await ownDraft(call, subject);
    const { areas } = await findOwnAgency(call.tx, call.officer.agency);
    const wrong =
      actionProblem(legal, action) ??
      personProblem(row, person) ??
      summaryProblem(row, { person, summary, areas });
    if (wrong !== undefined) return wrong;
    const next = await keepPage(call, row, {
      legal_status: legal,
      requested_action: action,
      pap: papFor(action),
      cautions: codes,
      personal: namesSomebody(row.basis, person),
      // Of what names nobody the whole text may be shown: a second one would only differ from it.
      words: { person, summary: row.basis === "situational" ? undefined : summary },
    });
    return afterDo(call, next);
  },
});

function actionProblem(legal: LegalStatus, action: RequestedAction): Problems | undefined {
  if (action !== "detain_with_pc" || legal === "warrant" || legal === "pc_exists") return undefined;
  return problems({
    action: "Detaining needs a warrant or probable cause. Ask for less, or correct the legal status.",
  });
}

function personProblem({ basis, tlp }: BulletinRow, person: string | undefined): Problems | undefined {
  if (person === undefined) return undefined;
  if (basis === "situational") {
    return problems({
      person: "A situational bulletin names no person or vehicle. Name an entry on page 3 first.",
    });
  }
  return tlp === "clear"
    ? problems({
        person: "This is TLP:CLEAR, and what names a person is never without limit. Change page 3 first.",
      })
    : undefined;
}

interface Described {
  readonly person: string | undefined;
  readonly summary: string | undefined;
  readonly areas: readonly string[];
}

function summaryProblem({ basis }: BulletinRow, { person, summary, areas }: Described): Problems | undefined {
  if (summary === undefined) {
    return namesSomebody(basis, person)
      ? problems({
          summary: "Say it without the person: channels not cleared for personal details read this.",
        })
      : undefined;
  }
  const word = repeatedWord(person ?? "", summary, areas);
  if (word !== undefined) {
    return problems({ summary: `This repeats “${word}” from the person and vehicle. Say it without.` });
  }
  return identifierProblem({ summary });
}
