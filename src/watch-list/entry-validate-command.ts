import { z } from "zod";

import { choice, form, longText, problems, say } from "../bot/answers.ts";
import { formPage, type Call } from "../bot/command.ts";
import { neededText, oneOf } from "../bot/forms.ts";
import { refusalWords } from "../bot/policy.ts";
import { inBoth } from "../clock.ts";
import { badInput, notAllowed } from "../errors.ts";
import { yesNo } from "../tips/tip.ts";
import { liftSuspension } from "./confirmation-suspension-store.ts";
import { recheckSource } from "./entry-draft-command.ts";
import { showEntryMoved } from "./entry-notice.ts";
import { holdEntry, validateEntry } from "./entry-review-store.ts";
import { mayValidate, openEntry, wordsAllowed } from "./entry-show-command.ts";
import {
  isSensitive,
  JUVENILE_DAYS,
  lengthOf,
  readSubject,
  shownSubject,
  validity,
  type Entry,
  type SuspendedReason,
} from "./entry.ts";
import { indexEntry } from "./index-store.ts";

const LEAST_REASON = 20;
const AS_BEFORE = "same";
const validFor = { [AS_BEFORE]: "As long as before", ...validity } as const;

/** A second person says that an entry still holds: what was due is done, and what was suspended is found again. */
export const validatePage = formPage({
  form: "entry.validate",
  deed: "entry.read",
  async open(call, subject) {
    const { ref, juvenile } = await openLiving(call, subject);
    return form(`Validate ${ref}`, "Validate", [
      choice(["holds", "Is it still true, and still needed?"], yesNo, {
        required: true,
        hint: "Facts, predicate, names and cautions, as /entry show has them. If not: change or cancel it.",
      }),
      longText("reason", "How do you know?", {
        required: true,
        maxLength: 500,
        hint: `At least ${LEAST_REASON} characters: what was checked, and where. Kept with the entry.`,
      }),
      choice(["valid", "Valid for"], validFor, {
        required: true,
        hint:
          juvenile === true
            ? `From now, for a juvenile at most ${JUVENILE_DAYS} days.`
            : "From now. The next review is due in a year at most.",
        value: [AS_BEFORE],
      }),
    ]);
  },
  values: z.object({
    holds: oneOf(yesNo),
    reason: neededText(500).refine(
      (text) => lengthOf(text) >= LEAST_REASON,
      `At least ${LEAST_REASON} characters.`,
    ),
    valid: oneOf(validFor),
  }),
  async submit(call, subject, { holds, reason, valid }) {
    const entry = await openLiving(call, subject);
    const { ref, juvenile } = entry;
    if (holds === "no") {
      return problems({ holds: `Then it is not validated: change it (/entry show ${ref}) or cancel it.` });
    }
    const validDays = valid === AS_BEFORE ? undefined : Number(valid);
    if (juvenile === true && validDays !== undefined && validDays > JUVENILE_DAYS) {
      return problems({ valid: `A juvenile's entry is valid for at most ${JUVENILE_DAYS} days.` });
    }
    await recheckSource(call, entry);
    return validate(call, entry, { shown: readSubject(subject).shown, reason, validDays });
  },
});

interface Validation {
  readonly shown: string;
  readonly reason: string;
  readonly validDays: number | undefined;
}

async function validate(call: Call, entry: Entry, validation: Validation) {
  const { tx, tools, officer } = call;
  const { ref, id } = entry;
  const held = await holdEntry(tx, id);
  if (!(await validateEntry(tx, tools.keyring, { entry, officer: officer.id, ...validation }))) {
    throw badInput(`${ref} is not what you were shown, or is over`, `Read it again: /entry show ${ref}.`);
  }
  const now = await openEntry(call, id);
  const returned = held?.state === "suspended";
  if (returned) await putBack(call, now, held.suspendedReason);
  await call.audit({
    action: "entry.validate",
    subject: `entry:${id}`,
    detail: { returned, days: validation.validDays ?? 0 },
  });
  const when = (at: Date | null) =>
    at === null ? "" : inBoth(at, officer.zone, now.lastValidatedAt ?? undefined);
  return say(
    `Validated: ${ref}`,
    `Valid until ${when(now.expiresAt)}. Next review due ${when(now.reviewDueAt)}.`,
    ...(returned ? ["It was suspended: queries find it again from now on."] : []),
  );
}

async function putBack(call: Call, now: Entry, reason: SuspendedReason | null): Promise<void> {
  const { tx, tools, officer } = call;
  const { id, agency, sensitivity, content } = now;
  if (sensitivity === null) throw new Error("an entry is active without a sensitivity");
  await indexEntry(tx, tools.keyring, { id, agency, sensitivity, ...content });
  await showEntryMoved(call, now);
  // The agency answers for its entries again.
  if (reason === "confirmations_unanswered") await liftSuspension(tx, { agency, officer: officer.id });
}

/** What was approved and is not over, for a second person who can read it. */
async function openLiving(call: Call, subject: string): Promise<Entry> {
  const entry = await openEntry(call, readSubject(subject).ref);
  const { ref, state, author, challengedAt } = entry;
  if (!mayValidate(call, entry)) {
    if (author === call.officer.id) throw notAllowed("validating your own entry", "a second person");
    const { deed, who } = refusalWords(isSensitive(entry) ? "entry.validate-sensitive" : "entry.validate");
    throw notAllowed(deed, who);
  }
  if (!wordsAllowed(call)) {
    throw badInput(`${ref} cannot be read on this platform, so not validated`, "Use your agency's Slack.");
  }
  if (state !== "active" && state !== "suspended") {
    throw badInput(`${ref} is not in force: it is ${state}`, `See /entry show ${ref}.`);
  }
  if (challengedAt !== null) {
    throw badInput(`${ref} is under review`, "A privacy officer decides first: /entry challenge.");
  }
  return entry;
}

/** The form for the entry as it stands: what is changed meanwhile is not validated by it. */
export async function validateSubject(call: Call, ref: string): Promise<string> {
  return shownSubject(await openEntry(call, ref));
}
