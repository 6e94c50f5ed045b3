import { findOwnAgency, listAgencies } from "../agencies/agency-store.ts";
import { card, note, say, show, text } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer } from "../chat.ts";
import { notFound, watchOff, type BotError } from "../errors.ts";
import { hitCard, noHitCard, waitingCard } from "./query-card.ts";
import { look, type Fitting } from "./query-look.ts";
import { findQuery, listQueries, type Query } from "./query-store.ts";
import { hourlyLimit, purposes, readInputs, stricter } from "./query.ts";

// What whoever asked is answered, at once and for fifteen minutes; and how they are refused.

/** A refusal that stays written down: an error would undo the audit with everything else. */
export async function refuse(call: Call, error: BotError): Promise<Answer> {
  await auditRefusal(call, error.code);
  return say(error.message);
}
export function auditRefusal(call: Call, code: string): Promise<void> {
  return call.audit({
    action: "query.ask",
    subject: `officer:${call.officer.id}`,
    outcome: "denied",
    detail: { code },
  });
}

/** Discord keeps what is typed there: each agency's privacy officer decides whether that may be. */
export async function isOff({ event, officer, tx }: Call): Promise<boolean> {
  return event.platform === "discord" && !(await findOwnAgency(tx, officer.agency)).watch_on_discord;
}

/** One's own question, for who may still ask. To anybody else it does not exist. */
export async function ownQuery(call: Call, idOrRef: string): Promise<Query> {
  const query = await findQuery(call.tx, call.tools.keyring, idOrRef);
  // Not every way here has asked it: /allpoints show is anybody's.
  if (query === undefined || query.officer !== call.officer.id || !can(call.officer, "watch.ask")) {
    throw notFound(idOrRef.length === 36 ? "query" : idOrRef);
  }
  return query;
}

interface Answered {
  readonly answer: Answer;
  /** What was shown, for the asker's audit, which says nothing of what was not. */
  readonly shown: { readonly entries: readonly string[]; readonly owners: readonly string[] };
}

/** The answer to a question, from its record and from those of its hits that may be shown now. */
export async function answered(
  call: Call,
  query: Query,
  { hits, more }: { readonly hits: readonly Fitting[]; readonly more: boolean },
): Promise<Answered> {
  const { officer, tx } = call;
  const level = call.tools.privateLevel[call.event.platform];
  const nothing = { entries: [], owners: [] };
  if (level === "none") return { answer: show(waitingCard(query)), shown: nothing };
  const telling = { zone: officer.zone, limit: hourlyLimit(officer.roles), words: level === "full" };
  if (hits.length === 0) return { answer: show(noHitCard(query, telling)), shown: nothing };
  const contacts = new Map((await listAgencies(tx)).map((agency) => [agency.id, agency]));
  const of = (sensitivity: string) => hits.filter(({ candidate }) => candidate.sensitivity === sensitivity);
  return {
    answer: show(hitCard(query, { hits, more, contacts }, telling)),
    shown: {
      entries: of("OPEN").map(({ candidate }) => candidate.ref),
      owners: [...new Set(of("AGENCY_ONLY").map(({ candidate }) => candidate.ownerAgency))],
    },
  };
}

/** Once more, for fifteen minutes: of what was found then, what may still be shown now. */
export async function showAgain(call: Call, idOrRef: string): Promise<Answer> {
  const query = await ownQuery(call, idOrRef);
  if (await isOff(call)) return refuse(call, watchOff());
  if (!query.fresh) {
    return say(
      `${query.ref} was more than 15 minutes ago.`,
      "It cannot be shown again. Ask once more: /watch.",
    );
  }
  const before = new Map(query.found.map((one) => [one.entryId, one]));
  const { open } = await look(call, readInputs(query.inputs));
  const hits = open.flatMap((hit) => {
    const then = before.get(hit.candidate.entryId);
    if (then === undefined) return [];
    const sensitivity = stricter(then.sensitivity, hit.candidate.sensitivity);
    return sensitivity === "RESTRICTED" ? [] : [{ ...hit, candidate: { ...hit.candidate, sensitivity } }];
  });
  const { answer, shown } = await answered(call, query, { hits, more: open.length > hits.length });
  await call.audit({ action: "query.again", subject: `query:${query.id}`, detail: shown });
  return answer;
}

export async function showLast(call: Call): Promise<Answer> {
  const [last] = await listQueries(call.tx, call.officer.id, 1);
  if (last?.fresh !== true) return say("You asked nothing in the last 15 minutes.", "Ask with /watch.");
  return showAgain(call, last.id);
}

export async function history({ tx, officer }: Call): Promise<Answer> {
  const queries = await listQueries(tx, officer.id, 10);
  if (queries.length === 0) return say("You have asked nothing yet.");
  return show(
    card("Your last queries", [
      ...queries.map(({ ref, at, purpose }) =>
        text([{ bold: ref }, " · ", { at }, ` · ${purposes[purpose]}`]),
      ),
      note(
        "What was asked and answered is not repeated here. /allpoints again shows the last one for 15 minutes.",
      ),
    ]),
  );
}
