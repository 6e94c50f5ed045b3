import { z } from "zod";

import { choice, form, lineText, longText, problems } from "../bot/answers.ts";
import { formPage, verb, type Call, type Feature } from "../bot/command.ts";
import { neededText, oneOf, openForm, textValue } from "../bot/forms.ts";
import { wordInput } from "../bot/input.ts";
import type { Answer, Field } from "../chat.ts";
import { durationWords } from "../clock.ts";
import { tooMany, watchOff, type BotError } from "../errors.ts";
import { uuidv7 } from "../store/ids.ts";
import {
  answered,
  auditRefusal,
  history,
  isOff,
  ownQuery,
  refuse,
  showAgain,
  showLast,
  tells,
} from "./query-answer-command.ts";
import { showAsker } from "./query-hit-command.ts";
import { tellAuditors } from "./query-limit.ts";
import { look, open } from "./query-look.ts";
import { findAsking, holdOfficer, listQueries, recordQuery, type Asking, type Query } from "./query-store.ts";
import {
  hourlyLimit,
  inputKinds,
  inputLimits,
  MOST_COUNTED,
  purposes,
  readCaseRef,
  readInputs,
  tooLittle,
  type Asked,
  type Purpose,
  type QueryInputs,
} from "./query.ts";
import { keepRetroKeys } from "./retro-store.ts";

// ------------------------------------------------------------------------------------------------ asking

function fieldsOf(purpose: Purpose | undefined, before: Partial<QueryInputs>): readonly Field[] {
  const { caseRef, unit, name, born, identifiers } = before;
  const number = caseRef !== undefined && unit !== undefined ? `${caseRef} for ${unit}` : caseRef;
  return [
    choice(["purpose", "Why are you asking?"], purposes, {
      required: true,
      ...(purpose !== undefined && { value: [purpose] }),
    }),
    lineText("ref", "CAD or case number, and for which unit", {
      required: true,
      maxLength: 60,
      hint: "24-118833, or for somebody: 24-118833 for 4A12. None yet? NONE and your unit: NONE 4A12",
      ...(number !== undefined && { value: number }),
    }),
    lineText("name", "Name", {
      maxLength: inputLimits.name,
      hint: "All of it, in any order, spelling and script. Similar spellings are searched too.",
      ...(name !== undefined && { value: name }),
    }),
    lineText("born", "Birth date", {
      maxLength: inputLimits.born,
      hint: "1984-03-02, 3/2/1984, March 1984 or 1984; 1984 ±2 for two years either way",
      ...(born !== undefined && { value: born }),
    }),
    longText("identifiers", "Plate, phone, e-mail, handle or VIN", {
      maxLength: inputLimits.identifiers,
      hint: "One a line. A plate with its state: MD ABC1234. Part of one: MD AB?12* (? one sign, * any number)",
      ...(identifiers !== undefined && { value: identifiers }),
    }),
  ];
}

const watchPage = formPage({
  form: "watch",
  deed: "watch.ask",
  async open(call, subject) {
    const before = subject === "new" ? undefined : await ownQuery(call, subject);
    const [last] = before === undefined ? await listQueries(call.tx, call.officer.id, 1) : [];
    const fields = fieldsOf(before?.purpose ?? last?.purpose, repeatable(call, before) ?? {});
    return form("Check the watch-list", "Search", fields);
  },
  values: z.object({
    purpose: oneOf(purposes),
    ref: neededText(60, "Give the CAD or case number, or NONE and your unit."),
    name: textValue(inputLimits.name),
    born: textValue(inputLimits.born),
    identifiers: textValue(inputLimits.identifiers),
  }),
  async submit(call, _subject, { purpose, ref, ...given }) {
    if (await isOff(call)) return refuse(call, watchOff());
    // Before anything is counted or looked for, so that two questions at once are two questions.
    await holdOfficer(call.tx, call.officer.id);
    const asking = await findAsking(call.tx, call.officer.id);
    const caseRef = readCaseRef(ref);
    const asked = readInputs(given, asking.now);
    const wrong = { ...caseProblem(call, caseRef), ...asked.problems };
    if (caseRef === undefined || Object.keys(wrong).length > 0) return problems(wrong);
    if (tooLittle(asked)) {
      await auditRefusal(call, "TOO_LITTLE");
      return problems(unread(asked) ?? { name: TOO_LITTLE });
    }
    const tooOften = overLimit(call, asking);
    if (tooOften !== undefined) {
      await tellAuditors(call);
      return refuse(call, tooOften);
    }
    return ask(call, { purpose, inputs: { ...caseRef, ...given }, asked, now: asking.now });
  },
});

/** What was asked before, while it may be shown, where it may be shown. */
function repeatable({ event, tools }: Call, query: Query | undefined): Partial<QueryInputs> | undefined {
  return query?.fresh === true && tools.privateLevel[event.platform] === "full" ? query.inputs : undefined;
}

/** Something was there, and nothing of it was understood. */
function unread({ unread: pieces }: Asked): Record<string, string> | undefined {
  return pieces.length === 0 ? undefined : { identifiers: UNREAD };
}

const UNREAD =
  "I find no identifier in this. Write one a line: MD ABC1234, 410-555-0142, jo@example.com, @jo on X, a VIN of 17 signs.";
const TOO_LITTLE =
  "Too little to find one person by: give a full name, a name with a birth date, or a plate, phone, e-mail, handle or VIN.";

function caseProblem({ officer }: Call, caseRef: ReturnType<typeof readCaseRef>): Record<string, string> {
  if (caseRef === undefined) {
    return {
      ref: "Write the number alone (24-118833), with a unit (24-118833 for 4A12), or NONE and your unit.",
    };
  }
  if (officer.roles.includes("dispatcher") && caseRef.unit === undefined) {
    return { ref: `Say for which unit you ask: ${caseRef.caseRef} for 4A12.` };
  }
  return {};
}

function overLimit({ officer }: Call, { inHour, freeAt, now }: Asking): BotError | undefined {
  if (inHour < hourlyLimit(officer.roles).hard) return undefined;
  return tooMany("queries", durationWords(freeAt.getTime() - now.getTime()));
}

interface Question {
  readonly purpose: Purpose;
  readonly inputs: QueryInputs;
  readonly asked: Asked;
  /** By the business clock. */
  readonly now: Date;
}

/** Looks, writes down what was found for its owners' sake, and answers from the record. */
async function ask(call: Call, { purpose, inputs, asked, now }: Question): Promise<Answer> {
  const { tx, officer, tools } = call;
  const id = uuidv7();
  const looked = await look(call, asked, { now });
  const opened = await open(call, looked, {
    query: id,
    action: "query.ask",
    purpose,
    inputs: inputKinds(asked),
    tells: tells(call),
  });
  const { hits, silent } = opened;
  const counted = opened.counted.slice(0, MOST_COUNTED);
  const query = { id, purpose, inputs, found: [...hits, ...silent], counted };
  await recordQuery(tx, { keyring: tools.keyring, officer, query });
  await keepRetroKeys(tx, tools.keyring, { id, agency: officer.agency, asked });
  call.made("query", id);
  // Of entries that nobody may notice none is counted: this row says no more than the answer does.
  if (counted.length > 0 && tells(call)) {
    const groups = counted.map(({ entries, agencies }) => `${entries} of ${agencies}`);
    await call.audit({ action: "query.count", subject: `query:${id}`, detail: { groups } });
  }
  return answered(call, await ownQuery(call, id), { ...opened, counted });
}

// ------------------------------------------------------------------------------------------------ commands

const watchInput = z.object({
  purpose: z.enum(Object.keys(purposes) as [Purpose, ...Purpose[]]).optional(),
  ref: wordInput(inputLimits.caseRef).optional().describe("CAD or case number, or NONE"),
  for: wordInput(inputLimits.unit).optional().describe("unit"),
});

/** The form, with what the command said already in it. */
async function openWatch(call: Call, given: z.infer<typeof watchInput>, subject = "new"): Promise<Answer> {
  if (await isOff(call)) return refuse(call, watchOff());
  const opened = await openForm(call, watchPage, subject);
  if (opened.kind !== "form") return opened;
  const unit = given.for === undefined ? "" : ` for ${given.for}`;
  const said: Readonly<Record<string, string | undefined>> = {
    purpose: given.purpose,
    ref: given.ref === undefined && unit === "" ? undefined : `${given.ref ?? "NONE"}${unit}`,
  };
  const fields = opened.form.fields.map((field): Field => {
    const value = said[field.id];
    if (value === undefined) return field;
    return field.kind === "choice" ? { ...field, value: [value] } : { ...field, value };
  });
  return { ...opened, form: { ...opened.form, fields } };
}

const watchVerb = {
  help: "Check the watch-list: opens a form",
  deed: "watch.ask",
  input: watchInput,
  run: openWatch,
} as const;

/** /watch: asking the watch-list, and looking at one's own questions again. */
export const queryFeature: Feature = {
  commands: [
    { name: "watch", help: "Check the watch-list", verbs: [verb({ verb: "", ...watchVerb })] },
    {
      name: "allpoints",
      help: "Your account, your queue, your agency",
      verbs: [
        verb({ verb: "watch", only: "slack", ...watchVerb }),
        verb({
          verb: "again",
          help: "Show your last watch-list answer again, for 15 minutes",
          deed: "watch.ask",
          input: z.object({}),
          run: showLast,
        }),
        verb({
          verb: "history",
          help: "Your last ten watch-list queries, without content",
          deed: "watch.ask",
          input: z.object({}),
          run: history,
        }),
      ],
    },
  ],
  forms: [watchPage],
  presses: [
    { action: "query.again", deed: "watch.ask", run: showAgain },
    {
      action: "query.change",
      deed: "watch.ask",
      run: async (call, id) => openWatch(call, {}, (await ownQuery(call, id)).id),
    },
    { action: "hit.who", deed: "entry.read", run: showAsker },
  ],
  again: [{ kind: "query", deed: "watch.ask", show: showAgain }],
  show: { letter: "Q", run: showAgain },
};
