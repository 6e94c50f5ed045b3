import { randomBytes } from "node:crypto";

import { z } from "zod";

import type { Answer, Field, Form, FormValues } from "../chat.ts";
import { cleanText, tooLong } from "../text.ts";
import type { Call, FormContent, FormPage } from "./command.ts";
import { dropDraft, findDraft, keepDraft } from "./draft-store.ts";

/** A text field: cleaned; empty counts as absent. */
export function textValue(max = 3000) {
  return z
    .string()
    .transform(cleanText)
    .transform((value) => (value === "" ? undefined : value))
    .optional()
    .refine((value) => value === undefined || !tooLong(value, max), `At most ${max} characters.`);
}
/** A required text field. */
export function neededText(max = 3000, sentence = "Please fill this in.") {
  return z
    .string(sentence)
    .transform(cleanText)
    .refine((value) => value !== "", sentence)
    .refine((value) => !tooLong(value, max), `At most ${max} characters.`);
}
/** A select of one: the platforms give a list. */
export function oneOf<const Words extends Readonly<Record<string, string>>>(words: Words) {
  const values = Object.keys(words) as [keyof Words & string, ...(keyof Words & string)[]];
  return z.tuple([z.enum(values)], "Please choose one.").transform(([value]) => value);
}
export function anyOf<const Words extends Readonly<Record<string, string>>>(words: Words) {
  const values = Object.keys(words) as [keyof Words & string, ...(keyof Words & string)[]];
  return z.array(z.enum(values)).default([]);
}

// The state is fresh at each opening, because phones reuse the first prefill they saw for one.
function freshState(subject: string): string {
  return `${subject}.${randomBytes(4).toString("hex")}`;
}
function subjectOf(state: string): string {
  return state.slice(0, Math.max(0, state.lastIndexOf(".")));
}

/** Opens a page afresh. */
export async function openForm(call: Call, page: FormPage, subject: string): Promise<Answer> {
  return { kind: "form", form: asForm(page, freshState(subject), await page.open(call, subject)) };
}

/** Opens a page that was shown before, with what the person had entered if it is still kept. */
export async function reopenForm(call: Call, page: FormPage, state: string): Promise<Answer> {
  const subject = subjectOf(state);
  const content = await page.open(call, subject);
  const { officer, tools, tx } = call;
  const values = await findDraft(tx, {
    officer,
    keyring: tools.keyring,
    draft: { form: page.form, subject },
  });
  const filled = values === undefined ? content : withValues(content, values);
  return { kind: "form", form: asForm(page, freshState(subject), filled) };
}

/** Judges a submission by the page's schema and hands it on; what is refused is kept for another try. */
export async function submitForm(
  call: Call,
  page: FormPage,
  { state, values }: { readonly state: string; readonly values: FormValues },
): Promise<Answer> {
  const subject = subjectOf(state);
  const { officer, tools, tx } = call;
  const draft = { form: page.form, subject };
  // Slack keeps a refused modal open with everything in it; on Discord it is gone, so the answers are kept here.
  const keeping = call.event.platform === "discord";
  const parsed = page.values.safeParse(values);
  const outcome = parsed.success
    ? await page.submit(call, subject, parsed.data as never)
    : ({ kind: "field-problems", problems: problemsOf(parsed.error) } as const);
  if (outcome.kind !== "field-problems") {
    if (keeping) await dropDraft(tx, { officer, keyring: tools.keyring, draft });
    return outcome;
  }
  if (keeping) await keepDraft(tx, { officer, keyring: tools.keyring, draft, values });
  const content = withValues(await page.open(call, subject), values);
  return { kind: "problems", form: asForm(page, state, content), problems: outcome.problems };
}

function problemsOf(error: z.ZodError): Record<string, string> {
  const sentences: Record<string, string> = {};
  for (const { path, message } of error.issues) sentences[String(path[0])] ??= message;
  return sentences;
}

function asForm({ form }: FormPage, state: string, content: FormContent): Form {
  return { form, state, ...content };
}

function withValues(content: FormContent, values: FormValues): FormContent {
  return { ...content, fields: content.fields.map((field) => withValue(field, values[field.id])) };
}

function withValue(field: Field, value: string | readonly string[] | undefined): Field {
  if (value === undefined) return field;
  if (field.kind === "text") return typeof value === "string" ? { ...field, value } : field;
  return typeof value === "string" ? field : { ...field, value };
}
