import { Client } from "pg";

import { noticeWords } from "../../src/agencies/notice.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { Answer, Card } from "../../src/chat.ts";
import { openNotices } from "../../src/features.ts";
import { confirmationNews, confirmationSteps } from "../../src/watch-list/confirmation-follow-up.ts";
import { suspendEntries } from "../../src/watch-list/confirmation-suspension.ts";
import { outcomeNews } from "../../src/watch-list/outcome-owner.ts";
import { queryFollowUp } from "../../src/watch-list/query-follow-up.ts";
import { listHitEntries, recordHit } from "../../src/watch-list/query-hit-store.ts";
import { addFound } from "../../src/watch-list/query-store.ts";
import type { Purpose } from "../../src/watch-list/query.ts";
import { holdQuery } from "../../src/watch-list/retro-store.ts";
import { superuser } from "../support/database.ts";
import {
  asked,
  freshName,
  openQueryBench,
  said,
  type Agency,
  type EntryMade,
  type Person,
} from "./query-bench.ts";

export type Sensitivity = "OPEN" | "AGENCY_ONLY" | "RESTRICTED";

/** One question with one hit. */
export interface HitMade {
  readonly name: string;
  readonly entry: EntryMade;
  readonly query: { readonly id: string; readonly ref: string };
  /** Of the buttons under the hit. */
  readonly subject: string;
}

export type ConfirmationBench = Awaited<ReturnType<typeof openConfirmationBench>>;

/** The query bench with everything that follows a hit. */
export async function openConfirmationBench() {
  const bench = await openQueryBench();
  const { db } = bench;
  const run = (job: typeof confirmationSteps) => job.run(db.jobs, db.keyring);
  /** Past every policy and trigger. */
  const root = new Client({
    ...superuser(db.connection.owner.database),
    options: "-c search_path=allpoints -c session_replication_role=replica",
  });
  await root.connect();
  let arrives = true;

  /** What the platform does with the cards that were asked for. */
  async function deliver(): Promise<void> {
    if (!arrives) return;
    await root.query(`update delivery set state = 'applied', message = 'm', applied_version = wanted_version,
      applied_at = clock.now() where kind = 'confirmation' and state = 'pending'`);
  }

  /** Everything that is due now, as the sweep does it. */
  async function follow(): Promise<readonly string[]> {
    const wake: string[] = [];
    for (const job of [queryFollowUp, confirmationSteps, confirmationNews, suspendEntries, outcomeNews]) {
      // oxlint-disable-next-line no-await-in-loop
      const followed = await run(job);
      for (const { error } of followed.failed ?? []) throw error;
      wake.push(...followed.wake);
    }
    await deliver();
    return wake;
  }

  async function lastQuery(officer: Person): Promise<HitMade["query"]> {
    return bench.as(officer, (tx) =>
      tx
        .selectFrom("query")
        .select(["id", "ref"])
        .where("officer_id", "=", officer.id)
        .orderBy("at", "desc")
        .limit(1)
        .executeTakeFirstOrThrow(),
    );
  }

  async function ask(officer: Person, name: string, purpose: Purpose): Promise<HitMade["query"]> {
    await bench.screen().form(officer, asked({ name, purpose: [purpose] }));
    return lastQuery(officer);
  }

  return {
    ...bench,
    db: {
      ...db,
      async close() {
        await root.end();
        await db.close();
      },
    },
    root,
    follow,
    run,
    /** Whether cards arrive from now on. */
    platform: (state: "up" | "down") => void (arrives = state === "up"),
    /** No job has looked at it since. `field`: "review_due_at = clock.now() - interval '15 days'". */
    neglect: (entry: EntryMade, field: string) =>
      root.query(`update entry set ${field} where id = $1`, [entry.id]),
    /** An entry came into force after it was asked about: what its follow-up writes then. */
    async hitLate(
      { id: query, officer }: { readonly id: string; readonly officer: Person },
      entry: EntryMade,
    ) {
      await db.jobs.transaction({ agency: officer.agency, id: "system" }, async (tx) => {
        const held = await holdQuery(tx, db.keyring, query);
        const [listed] = await db.jobs.transaction({ agency: null, id: "system" }, (all) =>
          listHitEntries(all, [entry.id]),
        );
        if (held === undefined || listed === undefined) throw new Error("no such question, or entry");
        const found = { entryId: entry.id, sensitivity: "OPEN", band: "STRONG" } as const;
        await appendAudit(tx, officer.agency, { action: "query.late-answer", subject: `query:${query}` });
        await addFound(tx, db.keyring, { id: query, one: found });
        const asker = { name: "Ofc. Example", caseRef: "24-118833" };
        await recordHit(tx, db.keyring, {
          query: held,
          entry: listed,
          sensitivity: "OPEN",
          shown: "full",
          asker,
          retro: true,
        });
      });
    },
    lastQuery,
    ask,
    /** As time passes, with everything that falls due. */
    async pass(interval: string) {
      await db.moveClock(interval);
      return follow();
    },
    async hit(
      owner: Agency,
      officer: Person,
      said: { readonly sensitivity?: Sensitivity; readonly purpose?: Purpose } = {},
    ): Promise<HitMade> {
      const name = freshName();
      const entry = await bench.addEntry(owner, { names: [name], sensitivity: said.sensitivity ?? "OPEN" });
      const query = await ask(officer, name, said.purpose ?? "traffic_stop");
      await follow();
      return { name, entry, query, subject: `${query.id}.0` };
    },
    /** The request about a hit, as its owner's row has it. */
    requestOf: (owner: Agency, { query }: Pick<HitMade, "query">) =>
      bench.as(owner.analyst, (tx) =>
        tx.selectFrom("confirmation").selectAll().where("query_id", "=", query.id).executeTakeFirst(),
      ),
    /** The cards of one kind that lie, or will lie, in an agency's channels, as they look now. */
    async cards(agency: Agency, kind: "confirmation" | "notice"): Promise<readonly CardMade[]> {
      const system = { agency: agency.id, id: "system" };
      const notices = openNotices({
        keyring: db.keyring,
        privateLevel: { slack: "full", discord: "none" },
      });
      return db.jobs.transaction(system, async (tx) => {
        const rows = await tx
          .selectFrom("delivery as d")
          .innerJoin("channel as c", "c.id", "d.channel_id")
          .selectAll("d")
          .select(["c.platform", "c.use", "c.channel_ref as channelRef"])
          .where("d.agency_id", "=", agency.id)
          .where("d.kind", "=", kind)
          .orderBy("d.created_at")
          .orderBy("d.id")
          .execute();
        const rendered = await notices.render(
          tx,
          rows.map((row) => ({
            id: row.id,
            ref: row.ref,
            kind,
            subjectId: row.subject_id,
            ownerAgency: row.owner_agency_id,
            agency: row.agency_id,
            zone: "UTC",
            platform: row.platform,
            level: row.level,
            repeated: false,
          })),
        );
        return rendered.map(({ card }, place) => {
          const { use = "", urgency = 0, subject_id: subject = "", channelRef = "" } = rows[place] ?? {};
          return { card, use, urgency, subject, channelRef, wanted: rows[place]?.wanted_version ?? 0 };
        });
      });
    },
    audits: (agency: Agency, subject: string) =>
      bench.as(agency.analyst, (tx) =>
        tx
          .selectFrom("audit")
          .select(["action", "outcome", "detail"])
          .where("subject", "=", subject)
          .orderBy("at")
          .execute(),
      ),
  };
}

/** What its owner no longer stands by, and how its row says so. */
export const neglected = [
  ["whose review was missed by two weeks", "review_due_at = clock.now() - interval '14 days'"],
  ["whose challenge nobody decided for a month", "challenged_at = clock.now() - interval '30 days'"],
] as const;

interface CardMade {
  readonly card: Card;
  readonly use: string;
  readonly urgency: number;
  readonly subject: string;
  readonly channelRef: string;
  readonly wanted: number;
}

/** An owner, an agency that asks, its officer, and what they do to each other. */
export async function openConfirmationDuo() {
  const bench = await openConfirmationBench();
  const owner = await bench.addAgency();
  const asking = await bench.addAgency();
  const officer = await bench.addPerson(asking, ["officer"]);
  const allpoints = (person: Person, words: string) =>
    bench.screen().command(person, "allpoints", { kind: "words", words });
  const press = (hit: Pick<HitMade, "subject">, person = officer) =>
    bench.screen().press(person, "confirm.ask", hit.subject);
  const open = (id: string, person = owner.analyst) => bench.screen().press(person, "confirm.answer", id);

  return {
    bench,
    owner,
    asking,
    officer,
    press,
    /** A hit whose owner was asked, and has the card. */
    asked: async (to = owner, options: Parameters<ConfirmationBench["hit"]>[2] = {}) => {
      const hit = await bench.hit(to, officer, options);
      const answer = await press(hit);
      await bench.follow();
      const request = await bench.requestOf(to, hit);
      if (request === undefined) throw new Error(`nothing was asked: ${said(answer)}`);
      return { ...hit, answer, id: request.id };
    },
    open,
    /** "needs_time 240": with how long. */
    answer: async (id: string, words: string, person = owner.analyst): Promise<Answer> => {
      const [chosen = "", time] = words.split(" ");
      const shown = await open(id, person);
      return bench.screen().fill(person, shown, {
        answer: [chosen],
        ...(time !== undefined && { time: [time] }),
      });
    },
    queue: (person: Person) => allpoints(person, "queue"),
    show: (person: Person, ref: string) => allpoints(person, `show ${ref}`),
    /** How often the asker was told that there is something, without being told what. */
    notices: async ({ query }: Pick<HitMade, "query">): Promise<number> => {
      const cards = await bench.cards(asking, "notice");
      return cards.filter(({ card }) => card.headline === noticeWords.confirmation_news(query.ref)).length;
    },
    suspendOfficer: (person: Person) =>
      bench.as(person, async (tx) => {
        await appendAudit(tx, person.agency, { action: "officer.suspend", subject: `officer:${person.id}` });
        await tx.updateTable("officer").set({ state: "suspended" }).where("id", "=", person.id).execute();
      }),
  };
}
