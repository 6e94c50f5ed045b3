import { sql } from "kysely";
import { vi } from "vitest";

import { appendAudit } from "../../../src/audit/audit-store.ts";
import { newRef } from "../../../src/refs.ts";
import { uuidv7 } from "../../../src/store/ids.ts";
import type { Keyring } from "../../../src/store/seal.ts";
import type { Tx } from "../../../src/store/store.ts";
import { readIdentifiers } from "../../../src/watch-list/identifier.ts";
import { indexEntries } from "../../../src/watch-list/index-store.ts";
import { openMatcher, type MatcherOptions } from "../../../src/watch-list/matching/matcher.ts";
import type { LaneFound, Matcher, Search } from "../../../src/watch-list/matching/question.ts";
import { openQueryBench, type Agency, type Person } from "../query-bench.ts";

/** What is said of one entry; everything else is the same for all. */
export interface Listed {
  readonly names?: readonly string[];
  readonly birthDates?: readonly string[];
  readonly identifiers?: string;
  readonly sensitivity?: "OPEN" | "AGENCY_ONLY" | "RESTRICTED";
  readonly audience?: readonly Agency[] | undefined;
  readonly tlp?: "amber" | "red";
  readonly days?: number;
}
export interface Made {
  readonly id: string;
  readonly ref: string;
  readonly number: number;
}

export type MatchingBench = Awaited<ReturnType<typeof openMatchingBench>>;

/** The watch-list with as many entries as are wanted, and as many processes that hold it. */
export async function openMatchingBench() {
  const bench = await openQueryBench();
  const open: Matcher[] = [];
  const trouble: unknown[] = [];
  return {
    ...bench,
    /** What any matcher had to say. */
    trouble,
    /** In force and indexed, in one transaction. */
    addMany: (owner: Agency, listed: readonly Listed[]) =>
      bench.as(owner.analyst, (tx) => addMany(tx, { keyring: bench.db.keyring, owner }, listed)),
    /** One more process. */
    async matcherOf(options: Partial<MatcherOptions> = {}): Promise<Matcher> {
      const { connection, keyring } = bench.db;
      const onTrouble = (error: unknown) => void trouble.push(error);
      const matcher = openMatcher({ connection: connection.app, keyring, onTrouble, ...options });
      open.push(matcher);
      await settled(matcher, options.index === "off" ? "warming" : "ready");
      return matcher;
    },
    async close() {
      await Promise.all(open.map((matcher) => matcher.close()));
      await bench.db.close();
    },
  };
}

export function settled(matcher: Matcher, state: "warming" | "ready"): Promise<void> {
  return vi.waitFor(async () => {
    const now = (await matcher.status()).state;
    if (now !== state) throw new Error(`it is ${now}`);
  }, 20_000);
}

/** Writes entries as their own agency's code would, in the transaction that is handed in. */
export async function addMany(
  tx: Tx,
  { keyring, owner }: { readonly keyring: Keyring; readonly owner: Agency },
  listed: readonly Listed[],
): Promise<readonly Made[]> {
  const { rows } = await sql<{ now: Date }>`select clock.now() as now`.execute(tx);
  const now = rows[0]?.now ?? new Date();
  const entries = listed.map((one) => ({ one, id: uuidv7(), ref: newRef("entry") }));
  const made: Made[] = [];
  for (let at = 0; at < entries.length; at += 200) {
    const rowsMade = await tx
      .insertInto("entry")
      .values(entries.slice(at, at + 200).map(({ one, id, ref }) => rowOf(owner, one, { id, ref, now })))
      .returning(["id", "ref", "number"])
      .execute();
    made.push(...rowsMade);
  }
  const named = entries.flatMap(({ one, id }) =>
    (one.audience ?? []).map((agency) => ({
      agency_id: owner.id,
      entry_id: id,
      audience_agency_id: agency.id,
    })),
  );
  if (named.length > 0) await tx.insertInto("entry_audience").values(named).execute();
  await indexEntries(
    tx,
    keyring,
    entries.map(({ one, id }) => ({
      id,
      agency: owner.id,
      sensitivity: one.sensitivity ?? "OPEN",
      names: one.names ?? [],
      birthDates: one.birthDates ?? [],
      identifiers: readIdentifiers(one.identifiers ?? "").identifiers,
    })),
  );
  await appendAudit(tx, owner.id, { action: "entry.approve", subject: "entry:many" });
  return made;
}

function rowOf(
  owner: Agency,
  { sensitivity = "OPEN", audience, tlp = "amber", days = 90 }: Listed,
  { id, ref, now }: { readonly id: string; readonly ref: string; readonly now: Date },
) {
  const until = new Date(now.getTime() + days * 86_400_000);
  return {
    id,
    ref,
    agency_id: owner.id,
    state: "active" as const,
    author_id: owner.analyst.id,
    approver_id: owner.supervisor.id,
    approved_at: now,
    last_validated_at: now,
    review_due_at: until,
    expires_at: until,
    valid_days: days,
    content_sealed: Buffer.from("sealed"),
    content_hash: Buffer.from("hash"),
    predicate: "vpf4_expressed_intent_le" as const,
    offence_length: 10,
    facts_length: 100,
    source_length: 10,
    relevance_length: 30,
    first_amendment: false,
    sensitivity,
    tlp,
    pap: "red" as const,
    legal_status: "no_warrant" as const,
    requested_action: "contact_originator" as const,
    cautions: ["armed"],
    source_grade: "B" as const,
    information_grade: "3" as const,
    juvenile: false,
    audience: audience === undefined ? ("all" as const) : ("named" as const),
    hidden_danger_signed_by: owner.supervisor.id,
  };
}

/** A question of this person's agency. */
export function searchOf(
  person: Pick<Person, "agency">,
  asked: Partial<Search> & { readonly born?: Search["born"] },
): Search {
  return { agency: person.agency, now: new Date(), also: [], ...asked };
}

export const bornOn = (date: string) => ({ readings: [date], years: 0 });

/** Every number of a lane's answer. */
export function numbersOf({ groups }: LaneFound): readonly number[] {
  return groups.flatMap(({ numbers }) => numbers);
}
