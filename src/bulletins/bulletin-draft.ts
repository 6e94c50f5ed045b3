import { problems } from "../bot/answers.ts";
import type { Call, FormPage, Problems } from "../bot/command.ts";
import { openForm } from "../bot/forms.ts";
import type { Answer } from "../chat.ts";
import { draftChanged, notFound } from "../errors.ts";
import { identifierIn, identifierWords } from "./bulletin-identifiers.ts";
import { findBulletin, openContent, savePage, type BulletinRow, type Page } from "./bulletin-store.ts";
import { openStates, type BulletinContent } from "./bulletin.ts";

// What the three pages of a bulletin have in common. Each is saved before the next opens, so that a locked phone
// loses nothing.

/** The author's own bulletin while it can still be changed. Anybody else's looks as if there were none. */
export async function ownDraft({ tx, officer }: Call, ref: string): Promise<BulletinRow> {
  const row = await findBulletin(tx, ref);
  const open: readonly string[] = openStates;
  if (row === undefined || row.author_id !== officer.id || !open.includes(row.state)) throw notFound(ref);
  return row;
}

/** What was written before is shown again only where a private answer may show it. */
export function wordsSoFar(call: Call, row: BulletinRow): Partial<BulletinContent> {
  const full = call.tools.privateLevel[call.event.platform] === "full";
  return (full ? openContent(call.tools.keyring, row) : undefined) ?? {};
}

/** Saves a page, whatever comes next. */
export async function keepPage(call: Call, row: BulletinRow, page: Page): Promise<BulletinRow> {
  const next = await savePage(call.tx, call.tools.keyring, { row, page });
  if (next === undefined) throw draftChanged(row.ref);
  await call.audit({
    action: "bulletin.save",
    subject: `bulletin:${row.id}`,
    detail: { ref: row.ref, state: row.state },
  });
  return next;
}

/** Opens the next page, and says what is safe already. */
export async function openNext(call: Call, page: FormPage, { ref }: BulletinRow): Promise<Answer> {
  const opened = await openForm(call, page, ref);
  return opened.kind === "form" ? { ...opened, lead: `Saved as ${ref}. Go on with the next page.` } : opened;
}

/** A choice that may have been made before. */
export function given(value: string | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [value];
}

/** A text that may have been written before. */
export function value(words: string | undefined) {
  return words === undefined || words === "" ? {} : { value: words };
}

/** A sentence at the first of these fields that holds a plate, a number or an account, if one does. */
export function identifierProblem(
  fields: Readonly<Record<string, string | undefined>>,
): Problems | undefined {
  for (const [id, words = ""] of Object.entries(fields)) {
    const kind = identifierIn(words);
    if (kind === undefined) continue;
    return problems({
      [id]: `This looks like it holds ${identifierWords[kind]}, and here nobody and no vehicle is named. Take it out, or rest the bulletin on an entry (page 3).`,
    });
  }
  return undefined;
}
