import { z } from "zod";

import { choice, form, lineText, longText, problems } from "../bot/answers.ts";
import { formPage, type Call, type FormPage } from "../bot/command.ts";
import { anyOf, neededText, oneOf, openForm, textValue } from "../bot/forms.ts";
import type { Answer } from "../chat.ts";
import { cautions, legalStatuses, papFor, requestedActions } from "../labels.ts";
import { businessNow } from "../store/clock-store.ts";
import { informationGrades, sourceGrades, yesNo } from "../tips/tip.ts";
import { audienceChoices, chosenAudience, readAudience } from "./entry-audience.ts";
import { beginDraft, openDraft, openSource, openWritten, saveDraft } from "./entry-draft-command.ts";
import { readPerson } from "./entry-person.ts";
import { showEntry } from "./entry-show-command.ts";
import {
  DEFAULT_VALIDITY,
  JUVENILE_DAYS,
  LEAST_FACTS,
  LEAST_RELATION,
  LEAST_RELEVANCE,
  lengthOf,
  predicates,
  sensitivities,
  tlpChoices,
  validity,
  type Entry,
} from "./entry.ts";

// Each page is saved before the next one opens: a locked phone loses nothing. A page's subject is the entry's
// reference; the first one also opens on "new" or on the reference of a tip.

const isEntry = (subject: string) => subject.startsWith("E-");

/** Together at most 4,500 characters, so that whoever approves sees all of it on either platform, a change too. */
const most = {
  names: 300,
  born: 100,
  identifiers: 400,
  description: 500,
  offence: 120,
  facts: 1500,
  sources: 300,
};
const mostWords = 400;

export const personPage = formPage({
  form: "entry.person",
  deed: "entry.write",
  async open(call, subject) {
    if (!isEntry(subject)) await openSource(call, subject);
    const entry = isEntry(subject)
      ? await openWritten(call, subject, ({ hash }) => hash !== null)
      : undefined;
    const { names = [], birthDates = [], identifiers = [], description = "" } = entry?.content ?? {};
    return form("Entry 1 of 4: person", "Save, go on", [
      longText("names", "Names", {
        maxLength: most.names,
        hint: "One a line, other names and spellings too. None? Give an identifier.",
        value: names.join("\n"),
      }),
      longText("born", "Birth date", {
        maxLength: most.born,
        hint: "1984-03-02 or 3/2/1984 (month first); one a line if several are claimed. Unknown? Leave empty.",
        value: birthDates.join("\n"),
      }),
      longText("identifiers", "Plate, phone, e-mail, handle, VIN", {
        maxLength: most.identifiers,
        hint: "One a line: MD ABC1234 · +1 410 555 0142 · @handle (x)",
        value: identifiers.map(({ shown }) => shown).join("\n"),
      }),
      longText("description", "Description", {
        maxLength: most.description,
        hint: "Only what helps to recognise. Race, religion or politics are never a reason.",
        value: description,
      }),
      choice(["juvenile", "Under 18?"], yesNo, {
        required: true,
        hint: "Yes: a privacy officer decides, and it is valid for at most 180 days.",
        value: chosen(entry?.juvenile),
      }),
    ]);
  },
  values: z.object({
    names: textValue(most.names),
    born: textValue(most.born),
    identifiers: textValue(most.identifiers),
    description: textValue(most.description),
    juvenile: oneOf(yesNo),
  }),
  async submit(call, subject, { description, juvenile, ...written }) {
    const now = await businessNow(call.tx);
    const read = readPerson({ ...written, juvenile: juvenile === "yes" }, now);
    if ("problems" in read) return problems(read.problems);
    const { juvenile: young, ...words } = read.person;
    const entry = isEntry(subject)
      ? await openDraft(call, subject)
      : await beginDraft(call, await openSource(call, subject));
    await saveDraft(call, entry, { juvenile: young, words: { ...words, description } });
    return goOn(call, entry.ref);
  },
});

const predicatePage = formPage({
  form: "entry.predicate",
  deed: "entry.write",
  async open(call, ref) {
    const { predicate, offence, content } = await openWritten(call, ref, (entry) => entry.predicate !== null);
    return form("Entry 2 of 4: predicate", "Save, go on", [
      choice(["predicate", "Why is this person on the list?"], predicates, {
        required: true,
        value: one(predicate),
      }),
      lineText("offence", "Which offence?", {
        required: true,
        maxLength: most.offence,
        hint: "Statute or offence code, such as 18 USC 115. Nothing about the person.",
        value: offence ?? "",
      }),
      longText("facts", "Facts", {
        required: true,
        maxLength: most.facts,
        hint: `At least ${LEAST_FACTS} characters: what was said or done, when, how known. Words quoted, not judged.`,
        value: content.facts ?? "",
      }),
      longText("sources", "Documents", {
        required: true,
        maxLength: most.sources,
        hint: "Own case number and reports. Never who told it.",
        value: content.sources ?? "",
      }),
      longText("relevance", "Why does it matter to other agencies?", {
        required: true,
        maxLength: mostWords,
        value: content.relevance ?? "",
      }),
    ]);
  },
  values: z.object({
    predicate: oneOf(predicates),
    offence: neededText(most.offence).refine(
      (text) => lengthOf(text) >= 3 && /\d/.test(text),
      "A statute or an offence code, such as 18 USC 115.",
    ),
    facts: longEnough(most.facts, LEAST_FACTS),
    sources: longEnough(most.sources, 3),
    relevance: longEnough(mostWords, LEAST_RELEVANCE),
  }),
  async submit(call, ref, { predicate, offence, ...words }) {
    await saveDraft(call, await openDraft(call, ref), { predicate, offence, words });
    return goOn(call, ref);
  },
});

function longEnough(longest: number, least: number) {
  return neededText(longest).refine((text) => lengthOf(text) >= least, `At least ${least} characters.`);
}

const handlingPage = formPage({
  form: "entry.handling",
  deed: "entry.write",
  async open(call, ref) {
    const entry = await openWritten(call, ref, ({ legalStatus }) => legalStatus !== null);
    return form("Entry 3 of 4: handling", "Save, go on", [
      choice(["speech", "Opinion, religion or protest involved?"], yesNo, {
        required: true,
        hint: "Criticism, insult and protest are protected. Yes: a privacy officer decides.",
        value: chosen(entry.firstAmendment),
      }),
      longText("relation", "If yes: how is the act directly related?", {
        maxLength: mostWords,
        hint: "Which act is threatened, and what ties it to what was said.",
        value: entry.content.directRelation ?? "",
      }),
      choice(["cautions", "Cautions, as reported"], cautions, { many: true, value: entry.cautions ?? [] }),
      choice(["legal", "Legal status"], legalStatuses, { required: true, value: one(entry.legalStatus) }),
      choice(["action", "What is asked of officers?"], requestedActions, {
        required: true,
        value: one(entry.requestedAction),
      }),
    ]);
  },
  values: z.object({
    speech: oneOf(yesNo),
    relation: textValue(mostWords),
    cautions: anyOf(cautions),
    legal: oneOf(legalStatuses),
    action: oneOf(requestedActions),
  }),
  async submit(call, ref, { speech, relation, cautions: codes, legal, action }) {
    const entry = await openDraft(call, ref);
    const firstAmendment = speech === "yes";
    if (firstAmendment && lengthOf(relation) < LEAST_RELATION) {
      return problems({
        relation: `Say how the act is directly related, in at least ${LEAST_RELATION} characters.`,
      });
    }
    if (action === "detain_with_pc" && legal !== "warrant" && legal !== "pc_exists") {
      return problems({
        action: "Nobody is detained without a warrant or probable cause: choose that, or ask for less.",
      });
    }
    await saveDraft(call, entry, {
      firstAmendment,
      cautions: codes,
      legalStatus: legal,
      requestedAction: action,
      pap: papFor(action),
      words: { directRelation: firstAmendment ? relation : undefined },
    });
    return goOn(call, ref);
  },
});

const sharingPage = formPage({
  form: "entry.sharing",
  deed: "entry.write",
  async open(call, ref) {
    const entry = await openDraft(call, ref);
    const days = String(entry.validDays ?? (entry.juvenile === true ? JUVENILE_DAYS : DEFAULT_VALIDITY));
    return form("Entry 4 of 4: sharing", "Save, go on", [
      choice(["sensitivity", "What does somebody who asks learn?"], sensitivities, {
        required: true,
        value: one(entry.sensitivity),
      }),
      choice(["audience", "Whose queries may match it?"], await audienceChoices(call), {
        required: true,
        many: true,
        value: chosenAudience(entry),
      }),
      choice(["tlp", "Who may know"], tlpChoices, { required: true, value: [entry.tlp ?? "amber"] }),
      choice(["valid", "Valid for"], validity, {
        required: true,
        hint: "From approval; first review after 90 days at most. A juvenile's: at most 180 days.",
        value: [days],
      }),
    ]);
  },
  values: z.object({
    sensitivity: oneOf(sensitivities),
    audience: z.array(z.string(), "Please choose.").min(1, "Please choose."),
    tlp: oneOf(tlpChoices),
    valid: oneOf(validity),
  }),
  async submit(call, ref, { sensitivity, audience, tlp, valid }) {
    const entry = await openDraft(call, ref);
    const read = readAudience(audience, await audienceChoices(call));
    if ("problem" in read) return problems({ audience: read.problem });
    const validDays = Number(valid);
    if (entry.juvenile === true && validDays > JUVENILE_DAYS) {
      return problems({ valid: `A juvenile's entry is valid for at most ${JUVENILE_DAYS} days.` });
    }
    await saveDraft(call, entry, { sensitivity, tlp, validDays, ...read.audience });
    return goOn(call, ref);
  },
});

/** Only where no tip brought a grade, or the analyst sets another one. */
const gradePage = formPage({
  form: "entry.grade",
  deed: "entry.write",
  async open(call, ref) {
    const { sourceGrade, informationGrade } = await openDraft(call, ref);
    return form("Grade of the entry", "Save, go on", [
      choice(["source", "Source"], sourceGrades, {
        required: true,
        hint: "How reliable is whoever told us? First time: F.",
        value: one(sourceGrade),
      }),
      choice(["information", "Information"], informationGrades, {
        required: true,
        hint: "How true is it, whoever said it? F6 alone supports no entry.",
        value: one(informationGrade),
      }),
    ]);
  },
  values: z.object({ source: oneOf(sourceGrades), information: oneOf(informationGrades) }),
  async submit(call, ref, { source, information }) {
    await saveDraft(call, await openDraft(call, ref), { sourceGrade: source, informationGrade: information });
    return goOn(call, ref);
  },
});

export const entryPages: readonly FormPage[] = [
  personPage,
  predicatePage,
  handlingPage,
  sharingPage,
  gradePage,
];

function one(value: string | null): readonly string[] {
  return value === null ? [] : [value];
}
function chosen(value: boolean | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [value ? "yes" : "no"];
}

/** The next page that nobody has filled in yet; after the last one the whole entry, to be read before it is sent. */
async function goOn(call: Call, ref: string): Promise<Answer> {
  const next = nextPage(await openDraft(call, ref));
  if (next === undefined) return showEntry(call, ref);
  const opened = await openForm(call, next, ref);
  return opened.kind === "form" ? { ...opened, lead: `Saved: ${ref}. Next: ${opened.form.title}.` } : opened;
}

function nextPage(entry: Entry): FormPage | undefined {
  if (entry.predicate === null) return predicatePage;
  if (entry.legalStatus === null) return handlingPage;
  if (entry.sensitivity === null) return sharingPage;
  return entry.sourceGrade === null ? gradePage : undefined;
}
