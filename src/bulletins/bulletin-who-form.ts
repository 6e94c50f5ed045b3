import { z } from "zod";

import { agencyContact, findOwnAgency, listAgencies } from "../agencies/agency-store.ts";
import { areaCodes, contactWords, knownAreas } from "../agencies/agency.ts";
import { choice, form, lineText, longText, problems } from "../bot/answers.ts";
import { formPage, type Call, type Problems } from "../bot/command.ts";
import { neededText, oneOf, textValue } from "../bot/forms.ts";
import type { Answer } from "../chat.ts";
import { notFound } from "../errors.ts";
import { parseRef } from "../refs.ts";
import { findEntryFacts, findTipFacts, type EntryFacts } from "./bulletin-basis-store.ts";
import { given, keepPage, openNext, ownDraft, value, wordsSoFar } from "./bulletin-draft.ts";
import { identifierIn, identifierWords } from "./bulletin-identifiers.ts";
import { previewAnswer } from "./bulletin-preview.ts";
import { openContent, type BulletinRow } from "./bulletin-store.ts";
import { areasWords, emergencyValidFor, namesSomebody, validFor, type BulletinContent } from "./bulletin.ts";

// Page 3: who may see it, and what it rests on.

const tlpChoices = {
  green: "TLP:GREEN: law enforcement only",
  amber: "TLP:AMBER: receiving agencies and those they serve",
  "amber+strict": "TLP:AMBER+STRICT: receiving agencies only",
  clear: "TLP:CLEAR: no limit",
} as const;

const audienceValues = {
  tlp: oneOf(tlpChoices),
  areas: neededText(500),
  phone: textValue(100),
};

async function audienceFields(call: Call, row: BulletinRow) {
  const { agency } = call.officer;
  const areas = row.areas ?? (await findOwnAgency(call.tx, agency)).areas;
  const phone = wordsSoFar(call, row).phone ?? contactWords(await agencyContact(call.tx, agency));
  return [
    choice(["tlp", "Who may see it?"], tlpChoices, {
      required: true,
      value: given(row.tlp ?? (row.personal === true ? "amber" : "green")),
    }),
    lineText("areas", "Which areas?", {
      required: true,
      maxLength: 500,
      hint: "Separated by commas. Channels that asked for one of them get it.",
      value: areasWords(areas),
    }),
    lineText("phone", "Whom to call, day and night", { maxLength: 100, value: phone }),
  ];
}

export const whoPage = formPage({
  form: "bulletin.who",
  deed: "bulletin.write",
  async open(call, subject) {
    const row = await ownDraft(call, subject);
    const entry = row.entry_id === null ? undefined : await findEntryFacts(call.tx, { id: row.entry_id });
    return form("Bulletin 3/3: who", "Save", [
      lineText("entry", "Basis: which approved entry?", {
        maxLength: 20,
        hint: "E-… of your agency, active. Empty: situational, which names no person.",
        ...value(entry?.ref),
      }),
      ...(await audienceFields(call, row)),
      choice(["valid", "For how long?"], validFor, {
        required: true,
        value: [String(row.valid_hours ?? 72)],
      }),
    ]);
  },
  values: z.object({ entry: textValue(20), ...audienceValues, valid: oneOf(validFor) }),
  async submit(call, subject, { entry: typed, tlp, areas, phone, valid }) {
    const row = await ownDraft(call, subject);
    const ref = typed === undefined ? undefined : (parseRef(typed)?.ref ?? typed);
    const entry = ref === undefined ? undefined : await findEntryFacts(call.tx, { ref });
    const written: Written = openContent(call.tools.keyring, row) ?? {};
    const basis = entry === undefined ? "situational" : "entry";
    const personal = namesSomebody(basis, written.person);
    const wrong =
      entryProblem(ref, entry) ??
      (entry === undefined ? namelessProblem(written) : summaryProblem(row, written)) ??
      (await audienceProblem(call, { tlp, areas, personal }));
    if (wrong !== undefined) return wrong;
    const next = await keepPage(call, row, {
      basis,
      personal,
      ...(await basisColumns(call, row, entry)),
      tlp,
      areas: [...areaCodes(areas)],
      valid_hours: Number(valid),
      words: { phone, ...(entry === undefined && { summary: undefined }) },
    });
    return previewAnswer(call, next);
  },
});

/** What it takes over from the entry, or from the tip that it was begun from. */
async function basisColumns({ tx }: Call, row: BulletinRow, entry: EntryFacts | undefined) {
  const id = row.tip_id;
  const tip = id === null ? undefined : await findTipFacts(tx, { id });
  return {
    entry_id: entry?.id ?? null,
    exercise: (entry ?? tip)?.exercise ?? false,
    ...gradeColumns(row, entry),
  };
}

function entryProblem(ref: string | undefined, entry: EntryFacts | undefined): Problems | undefined {
  if (ref === undefined || entry?.active === true) return undefined;
  return problems({ entry: "I find no active entry of your agency with that reference." });
}

type Written = Partial<BulletinContent>;

/** What rests on no entry names no person and no vehicle, neither in its field nor in a sentence. */
function namelessProblem({ person, headline, known, unknown }: Written): Problems | undefined {
  if (person !== undefined) {
    return problems({
      entry:
        "You name a person or a vehicle, so this needs an active entry: its reference here. Or go back and name none.",
    });
  }
  // What kind of thing it is, and not the thing: this page may be shown where the others may not.
  const kind = identifierIn([headline, known, unknown].join("\n"));
  if (kind === undefined) return undefined;
  return problems({
    entry: `Page 1 looks like it holds ${identifierWords[kind]}, so this needs an active entry: its reference here. Or take it out there.`,
  });
}

function summaryProblem({ ref }: BulletinRow, { summary }: Written): Problems | undefined {
  if (summary !== undefined) return undefined;
  return problems({
    entry: `What rests on an entry needs a summary, for channels not cleared for personal details: /bulletin show ${ref}, then page 2.`,
  });
}

/** The entry's own grade; without one, what the tip was graded, or "cannot be judged". */
function gradeColumns(row: BulletinRow, entry: EntryFacts | undefined) {
  const kept = entry === undefined && row.entry_id === null;
  return {
    source_grade: entry?.grade?.source ?? (kept ? row.source_grade : null) ?? ("F" as const),
    information_grade: entry?.grade?.information ?? (kept ? row.information_grade : null) ?? ("6" as const),
  };
}

async function audienceProblem(
  { tx }: Call,
  { tlp, areas, personal }: Audience,
): Promise<Problems | undefined> {
  const known = knownAreas(areas, await listAgencies(tx));
  if ("problem" in known) return problems({ areas: known.problem });
  if (known.codes.length === 0) return problems({ areas: "Name at least one area." });
  if (tlp === "clear" && personal) {
    return problems({ tlp: "What names a person is never without limit." });
  }
  return undefined;
}

interface Audience {
  readonly tlp: keyof typeof tlpChoices;
  readonly areas: string;
  readonly personal: boolean;
}

/** Page 3 of an emergency: its basis is the danger itself, stated. */
export const dangerPage = formPage({
  form: "bulletin.danger",
  deed: "bulletin.emergency",
  async open(call, subject) {
    const row = await ownDraft(call, subject);
    return form("Bulletin 3/3: emergency", "Save", [
      longText("danger", "What is the imminent danger?", {
        required: true,
        maxLength: 600,
        hint: "Who is in danger of what, how soon, how you know. A second person reviews it in 30 minutes.",
        ...value(wordsSoFar(call, row).danger),
      }),
      ...(await audienceFields(call, row)),
      choice(["valid", "For how long?"], emergencyValidFor, {
        required: true,
        value: [String(row.valid_hours ?? 24)],
      }),
    ]);
  },
  values: z.object({
    danger: neededText(600).refine(
      (words) => words.length >= 20,
      "Say it in a sentence: at least 20 characters.",
    ),
    ...audienceValues,
    valid: oneOf(emergencyValidFor),
  }),
  async submit(call, subject, { danger, tlp, areas, phone, valid }) {
    const row = await ownDraft(call, subject);
    if (row.basis !== "emergency") throw notFound(subject);
    const { headline, known, unknown } = openContent(call.tools.keyring, row) ?? {};
    const told = [headline, known, unknown, danger].join("\n");
    const personal = row.personal === true || identifierIn(told) !== undefined;
    const wrong = await audienceProblem(call, { tlp, areas, personal });
    if (wrong !== undefined) return wrong;
    const next = await keepPage(call, row, {
      source_grade: row.source_grade ?? "F",
      information_grade: row.information_grade ?? "6",
      tlp,
      areas: [...areaCodes(areas)],
      valid_hours: Number(valid),
      danger_length: danger.length,
      words: { danger, phone },
    });
    return previewAnswer(call, next);
  },
});

/** Page 3 of this bulletin if it was not filled in yet, or the preview. */
export async function afterDo(call: Call, row: BulletinRow): Promise<Answer> {
  if (row.valid_hours !== null) return previewAnswer(call, row);
  return openNext(call, lastPage(row), row);
}

/** An emergency rests on its danger, everything else on an entry or on naming nobody. */
export function lastPage({ basis }: BulletinRow) {
  return basis === "emergency" ? dangerPage : whoPage;
}
