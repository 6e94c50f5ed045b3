import { addNotice } from "../agencies/notice-store.ts";
import { knownRoles } from "../agencies/officer.ts";
import { appendAudit } from "../audit/audit-store.ts";
import { can } from "../bot/policy.ts";
import { requestInChannels, requestToPerson } from "../deliveries/delivery-store.ts";
import { eachDue, type Due, type FollowUp } from "../follow-ups.ts";
import { businessNow } from "../store/clock-store.ts";
import type { Keyring } from "../store/seal.ts";
import type { Store, Tx } from "../store/store.ts";
import { findEntry } from "./entry-store.ts";
import type { Band } from "./matching/question.ts";
import { shownOf, tellDesk } from "./query-follow-up.ts";
import { listHitEntries, recordHit, recordHitGiving, type Unfollowed } from "./query-hit-store.ts";
import { addFound } from "./query-store.ts";
import { isUrgent, readInputs } from "./query.ts";
import { judgeOf, type RetroJudge } from "./retro-judge.ts";
import {
  askerOf,
  countLateHits,
  countNames,
  deleteRetroKeys,
  deleteRetroWaiting,
  findRetroCandidates,
  findRetroEntry,
  holdQuery,
  listNameTokens,
  listRetroWaiting,
  rolesInForce,
  skipRetroWaiting,
  wasHit,
  type RetroEntry,
} from "./retro-store.ts";
import { formsOfPerson, MOST_LATE } from "./retro.ts";

const system = { agency: null, id: "system" } as const;
const CHUNK = 500;
const SKIPPED = 10_000;
/** So many questions of five days are judged at most, the latest first: the commonest name has no more. */
const MOST_CANDIDATES = 500;

/** What was kept of questions for entries to come is deleted after five days. */
export const forgetRetroKeys: FollowUp = {
  name: "retro-keys",
  run: async (store) => ({
    wake: [],
    again: (await store.transaction(system, (tx) => deleteRetroKeys(tx, CHUNK))) === CHUNK,
  }),
};

/**
 * An entry came into force, or changed: whoever asked about the person within the five days before is told that there
 * is an answer, and the entry's owner that they asked. Once for a question and an entry, whoever else is at it.
 */
export const retroHits = eachDue({
  name: "retro-hits",
  // Whoever asked may still be where the person is.
  prompt: true,
  // A few at a time: an entry that somebody approves by hand goes before all of an import that are left.
  limit: 5,
  find: async (tx, chunk) => ((await skipRetroWaiting(tx, SKIPPED)) ? [] : listRetroWaiting(tx, chunk)),
  async work(store, waiting, keyring) {
    const found = await store.transaction({ agency: waiting.agency, id: "system" }, (tx) =>
      findAskers(tx, keyring, waiting),
    );
    const wake = found === undefined ? [] : await compareAll(store, keyring, { ...found, id: waiting.id });
    await store.transaction(system, (tx) => deleteRetroWaiting(tx, waiting));
    return wake;
  },
});

interface Found {
  readonly entry: RetroEntry;
  readonly judge: RetroJudge;
  readonly candidates: readonly Due[];
}

/** Undefined: it is over, or an exercise. */
async function findAskers(
  tx: Tx,
  keyring: Keyring,
  { id, at }: Due & { readonly at: string },
): Promise<Found | undefined> {
  const entry = await findRetroEntry(tx, id);
  const words = entry && (await findEntry(tx, keyring, id));
  if (entry === undefined || words === undefined) return undefined;
  const person = words.content;
  const forms = formsOfPerson(person);
  const candidates = await findRetroCandidates(tx, keyring, { forms, at, limit: MOST_CANDIDATES });
  if (candidates.length === 0) return undefined;
  const tokens = await listNameTokens(tx, entry.number);
  const counts = await countNames(tx, entry.number);
  return { entry, judge: judgeOf({ entry, person, tokens, counts }), candidates };
}

interface Comparing extends Pick<Found, "entry" | "judge"> {
  readonly id: string;
}

/** With each in a transaction of its own, so that one that fails keeps none of the others from being told. */
async function compareAll(
  store: Store,
  keyring: Keyring,
  { candidates, ...comparing }: Found & Comparing,
): Promise<readonly string[]> {
  const wake: string[] = [];
  const failed: unknown[] = [];
  for (const candidate of candidates) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      const woken = await compare(store, keyring, { ...comparing, candidate });
      // As it is now it waits for its turn again, or it is over.
      if (woken === "changed") break;
      wake.push(...woken);
    } catch (error) {
      failed.push(error);
    }
  }
  // The entry stays waiting, and is tried again: those who were told are not told twice.
  if (failed.length > 0)
    throw new AggregateError(failed, "an entry could not be compared with every question");
  return wake;
}

function compare(
  store: Store,
  keyring: Keyring,
  { id, entry, judge, candidate }: Comparing & { readonly candidate: Due },
): Promise<readonly string[] | "changed"> {
  return store.transaction({ agency: candidate.agency, id: "system" }, async (tx) => {
    const query = await holdQuery(tx, keyring, candidate.id);
    // Hundreds of questions after it was first read.
    if (!isSame(entry, await findRetroEntry(tx, id))) return "changed";
    if (query === undefined || query.found.some(({ entryId }) => entryId === id)) return [];
    if (await wasHit(tx, query.id, id)) return [];
    const asked = readInputs(query.inputs, query.at);
    const band = judge({ asked, agency: query.agency, now: await businessNow(tx) });
    return band === undefined ? [] : tell(tx, keyring, { entry, id, query, band });
  });
}

/** To the same agencies, about the same words, as secret as it was. */
function isSame(entry: RetroEntry, now: RetroEntry | undefined): boolean {
  return (
    now !== undefined &&
    now.version === entry.version &&
    now.sensitivity === entry.sensitivity &&
    String(now.audience) === String(entry.audience)
  );
}

interface Told {
  readonly entry: RetroEntry;
  readonly id: string;
  readonly query: Unfollowed;
  readonly band: Band;
}

/** Both sides, or the entry's owner alone. */
async function tell(tx: Tx, keyring: Keyring, { entry, id, query, band }: Told): Promise<readonly string[]> {
  const [listed] = await listHitEntries(tx, [id]);
  if (listed === undefined) return [];
  const { sensitivity, owner } = entry;
  const tells =
    sensitivity !== "RESTRICTED" &&
    (await mayAsk(tx, query)) &&
    (await countLateHits(tx, query.id)) < MOST_LATE[band];
  const shown = tells ? shownOf[sensitivity] : "nothing";
  const asker = await askerOf(tx, keyring, query);
  const hit = await recordHit(tx, keyring, { query, entry: listed, sensitivity, shown, asker, retro: true });
  if (hit === undefined) return [];
  await recordHitGiving(tx, { query, entry: listed, shown });
  const woken = await tellDesk(tx, { hit, owner, query });
  if (!tells) return woken;
  await addFound(tx, keyring, { id: query.id, one: { entryId: id, sensitivity, band } });
  return [...woken, ...(await tellAsker(tx, query))];
}

/** Whoever may not ask any more is told nothing of what they asked. */
async function mayAsk(tx: Tx, { officer, agency }: Unfollowed): Promise<boolean> {
  return can({ id: officer, agency, roles: knownRoles(await rolesInForce(tx, officer)) }, "watch.ask");
}

/** That there is something, without saying what: the same words as for every answer that comes later. */
async function tellAsker(
  tx: Tx,
  { id, ref, agency, officer, purpose }: Unfollowed,
): Promise<readonly string[]> {
  const subjectId = await addNotice(tx, { agency, kind: "confirmation_news", ref });
  const card = { kind: "notice", subjectId, agency, urgency: isUrgent(purpose) ? 2 : 3 } as const;
  const person = await requestToPerson(tx, { ...card, officerId: officer });
  const woken = person.length > 0 ? person : await requestInChannels(tx, { ...card, use: "desk" });
  await appendAudit(tx, agency, {
    action: "query.late-answer",
    subject: `query:${id}`,
    detail: { posted: woken.length > 0 },
  });
  return woken;
}
