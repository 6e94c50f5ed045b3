import { findOwnAgency, listAgencies } from "../agencies/agency-store.ts";
import { card, note, say, show, text } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer } from "../chat.ts";
import { notFound, watchOff, type BotError } from "../errors.ts";
import { businessNow } from "../store/clock-store.ts";
import { withStanding } from "./confirmation-standing.ts";
import { hitCard, noHitCard, waitingCard } from "./query-card.ts";
import { look, open, type Opened } from "./query-look.ts";
import { findQuery, listQueries, type Query } from "./query-store.ts";
import { hourlyLimit, purposes, readInputs } from "./query.ts";
import { openedLate } from "./retro-answer.ts";
import { listLateHits } from "./retro-store.ts";

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

/** Whether anything of an answer is shown on this platform at all. */
export function tells({ tools, event }: Pick<Call, "tools" | "event">): boolean {
  return tools.privateLevel[event.platform] !== "none";
}

/** The answer to a question, from its record and from those of its hits that may be shown now. */
export async function answered(
  call: Call,
  query: Query,
  { hits, more, counted, tooWide }: Pick<Opened, "hits" | "more" | "counted" | "tooWide">,
): Promise<Answer> {
  const { officer, tx } = call;
  if (!tells(call)) return show(waitingCard(query));
  const words = call.tools.privateLevel[call.event.platform] === "full";
  const telling = { zone: officer.zone, limit: hourlyLimit(officer.roles), words, tooWide };
  const place = new Map(query.found.map(({ entryId }, at) => [entryId, at]));
  const placed = hits.flatMap((hit) => {
    const at = place.get(hit.entryId);
    return at === undefined ? [] : [{ ...hit, place: at }];
  });
  if (placed.length === 0 && counted.length === 0) return show(noHitCard(query, telling));
  const contacts = new Map((await listAgencies(tx)).map((agency) => [agency.id, agency]));
  return show(hitCard(query, { hits: placed, more, counted, contacts }, telling));
}

/** Once more, for fifteen minutes: of what was found then, what may still be shown now. */
export async function showAgain(call: Call, idOrRef: string): Promise<Answer> {
  const query = await ownQuery(call, idOrRef);
  if (await isOff(call)) return refuse(call, watchOff());
  const late = await listLateHits(call.tx, query.id);
  if (!query.fresh && late.length === 0) return withStanding(call, query.id, tooOld(query));
  const before = query.found.filter(
    ({ entryId, sensitivity }) => sensitivity !== "RESTRICTED" && (query.fresh || late.includes(entryId)),
  );
  // Whoever was shown alone then is not to be lost in a group that has grown since.
  const looked = await look(call, readInputs(query.inputs, query.at), {
    now: await businessNow(call.tx),
    before,
  });
  const opened = await open(call, looked, {
    query: query.id,
    action: "query.again",
    tells: tells(call),
    before,
  });
  const came = opened.hits.some(({ entryId }) => late.includes(entryId));
  const now =
    query.fresh || came
      ? await answered(call, query, { ...opened, counted: query.fresh ? query.counted : [] })
      : // It fits no longer: as if it had not come.
        tooOld(query);
  const answer =
    late.length > 0 && tells(call) ? await openedLate(call, { query: query.id, came, answer: now }) : now;
  return withStanding(call, query.id, answer);
}

function tooOld({ ref }: Query): Answer {
  return say(`${ref} was more than 15 minutes ago.`, "It cannot be shown again. Ask once more: /watch.");
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
