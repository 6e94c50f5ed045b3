import { randomUUID } from "node:crypto";

import { Client } from "pg";
import { expect, vi } from "vitest";

import { addAgency, connectInstallation, setWatchOnDiscord } from "../../src/agencies/agency-store.ts";
import { useChannel } from "../../src/agencies/channel-store.ts";
import { addOfficer, giveRoles } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { createBot } from "../../src/bot/bot.ts";
import type { PrivateLevel } from "../../src/bot/command.ts";
import type { Role } from "../../src/bot/policy.ts";
import type { Answer, CommandInput, FormValues, InboundEvent, Platform, Sink } from "../../src/chat.ts";
import { openTable } from "../../src/features.ts";
import { openLog } from "../../src/log.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Tx } from "../../src/store/store.ts";
import type { Sensitivity } from "../../src/watch-list/entry.ts";
import { readIdentifiers } from "../../src/watch-list/identifier.ts";
import { indexEntry } from "../../src/watch-list/index-store.ts";
import { openMatcher } from "../../src/watch-list/matching/matcher.ts";
import type { Matcher } from "../../src/watch-list/matching/question.ts";
import { openTestDatabase, superuser, type TestDatabase } from "../support/database.ts";

export interface Agency {
  readonly id: string;
  readonly name: string;
  readonly workspace: string;
  /** Writes and approves its entries. */
  readonly analyst: Person;
  readonly supervisor: Person;
}
export interface Person {
  readonly id: string;
  readonly agency: string;
  readonly account: Pick<InboundEvent, "platform" | "workspace" | "user">;
}

export interface EntryMade {
  readonly id: string;
  readonly ref: string;
  /** As the index has it. */
  readonly number: number;
}
interface EntrySaid {
  readonly names?: readonly string[];
  readonly birthDates?: readonly string[];
  readonly identifiers?: string;
  readonly sensitivity?: Sensitivity;
  readonly exercise?: boolean;
  readonly tlp?: "amber" | "red";
  readonly cautions?: readonly string[];
  /** Only these agencies may match it. */
  readonly audience?: readonly Agency[];
  readonly days?: number;
  /** Anything else of its row. */
  readonly columns?: { readonly challenged_at?: Date; readonly review_due_at?: Date };
}

/** What an officer does through a platform that shows this much privately. */
export interface Screen {
  readonly command: (person: Person, command: string, input?: CommandInput) => Promise<Answer>;
  readonly press: (person: Person, action: string, subject: string) => Promise<Answer>;
  readonly form: (person: Person, values: FormValues, dedupeKey?: string) => Promise<Answer>;
  /** Answers the form that was shown. */
  readonly fill: (person: Person, shown: Answer, values: FormValues) => Promise<Answer>;
}

export type QueryBench = Awaited<ReturnType<typeof openQueryBench>>;

/** Agencies, their people and entries, and the bot with the watch-list query, on a database of its own. */
export async function openQueryBench() {
  const opened = await openTestDatabase();
  const { connection, keyring } = opened;
  const matcher = openMatcher({
    connection: connection.app,
    keyring,
  });
  const db: TestDatabase = {
    ...opened,
    async close() {
      await matcher.close();
      await opened.close();
    },
  };
  return {
    db,
    matcher,
    addAgency: () => newAgency(db),
    addPerson: (agency: Agency, roles: readonly Role[], platform: Platform = "slack") =>
      newPerson(db, agency, { roles, platform }),
    /** In force, and known to the matcher. */
    async addEntry(owner: Agency, said: EntrySaid = {}) {
      const made = await newEntry(db, owner, said);
      if (said.exercise !== true) await untilMatched(matcher, owner, { ...said, number: made.number });
      return made;
    },
    endEntry: (owner: Agency, { id }: EntryMade, state: "suspended" | "cancelled") =>
      as(db, owner.analyst, async (tx) => {
        await appendAudit(tx, owner.id, { action: `entry.${state}`, subject: `entry:${id}` });
        await tx
          .updateTable("entry")
          .set({ state, ...(state === "cancelled" && { end_reason: "error" }) })
          .where("id", "=", id)
          .execute();
      }),
    /** As if its owner had changed what those who ask learn of it, by the way that changes take. */
    async setSensitivity(
      owner: Agency,
      entry: EntryMade,
      change: { readonly to: Sensitivity; readonly name: string },
    ) {
      const { to: sensitivity, name } = change;
      const direct = new Client(superuser(connection.owner.database));
      await direct.connect();
      await direct.query("set session_replication_role = replica");
      await direct.query("update allpoints.entry set sensitivity = $2 where id = $1", [
        entry.id,
        sensitivity,
      ]);
      await direct.end();
      const indexed = { names: [name], birthDates: [], identifiers: [] };
      await as(db, owner.analyst, (tx) =>
        indexEntry(tx, keyring, { id: entry.id, agency: owner.id, sensitivity, ...indexed }),
      );
      await untilMatched(matcher, owner, { names: [name], sensitivity, number: entry.number });
    },
    setRoles: ({ id, agency }: Person, roles: readonly Role[]) =>
      as(db, { id, agency }, async (tx) => {
        await appendAudit(tx, agency, { action: "officer.roles", subject: `officer:${id}` });
        await giveRoles(tx, { agency, officer: id }, roles);
      }),
    allowDiscord: (agency: Agency) =>
      as(db, agency.supervisor, async (tx) => {
        await appendAudit(tx, agency.id, {
          action: "agency.watch-on-discord",
          subject: `agency:${agency.id}`,
        });
        await setWatchOnDiscord(tx, agency.id, true);
      }),
    as: <T>(person: Person, work: (tx: Tx) => Promise<T>) => as(db, person, work),
    screen: (level: PrivateLevel = "full") => screenOf(botOf(db, matcher, level)),
  };
}

function as<T>(
  { store }: TestDatabase,
  { agency, id }: Pick<Person, "agency" | "id">,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return store.transaction({ agency, id }, work);
}

/** Committed is found within a second: nobody has to wait for it in a test that is about something else. */
async function untilMatched(
  matcher: Matcher,
  { id: agency }: Agency,
  {
    number,
    sensitivity,
    names = [],
    birthDates = [],
    identifiers = "",
  }: EntrySaid & { readonly number: number },
): Promise<void> {
  if (names.length + birthDates.length > 0) {
    await vi.waitFor(async () => {
      const search = { name: names[0] ?? "Nobody", born: undefined, agency, now: new Date(), also: [number] };
      const { open, restricted } = await matcher.search(search);
      expect((sensitivity === "RESTRICTED" ? restricted : open).judged.has(number)).toBe(true);
    }, 5_000);
  }
  for (const { kind, value } of readIdentifiers(identifiers).identifiers) {
    if (kind !== "plate") continue;
    // oxlint-disable-next-line no-await-in-loop
    await vi.waitFor(async () => {
      const plates = await matcher.plates({ pattern: value, agency, limit: 1 });
      expect(plates[sensitivity === "RESTRICTED" ? "restricted" : "open"]).toEqual([value]);
    }, 5_000);
  }
}

function botOf({ store, keyring }: TestDatabase, matcher: Matcher, level: PrivateLevel): Sink {
  const privateLevel = { slack: level, discord: level };
  return createBot({
    store,
    tools: { keyring, inspect: async () => undefined, privateLevel, matcher },
    table: openTable(),
    log: openLog({ to: { write: (line) => expect.unreachable(line) } }),
    kick: () => {},
    news: async () => {},
    stranger: async () => undefined,
  });
}

function screenOf(bot: Sink): Screen {
  const arrival = ({ account }: Person) => ({ ...account, dedupeKey: randomUUID() });
  return {
    command: (person, command, input = { kind: "words", words: "" }) =>
      bot.receive({ ...arrival(person), kind: "command", command, input }),
    press: (person, action, subject) => bot.receive({ ...arrival(person), kind: "button", action, subject }),
    form: (person, values, dedupeKey = randomUUID()) =>
      bot.receive({ ...arrival(person), dedupeKey, kind: "form", form: "watch", state: "new.0", values }),
    fill(person, shown, values) {
      if (shown.kind !== "form") throw new Error(`not a form: ${said(shown)}`);
      const { form, state } = shown.form;
      return bot.receive({ ...arrival(person), kind: "form", form, state, values });
    },
  };
}

async function newAgency(db: TestDatabase): Promise<Agency> {
  const name = `Agency ${randomUUID().slice(0, 8)}`;
  const workspace = `T${randomUUID().slice(0, 8)}`;
  const id = await db.store.transaction({ agency: null, id: "operator" }, async (tx) => {
    const contact = { contactName: `${name} watch`, contactPhone: "555-0142" };
    const added = await addAgency(tx, {
      name,
      ori: undefined,
      zone: "America/New_York",
      ...contact,
      areas: ["riverton"],
    });
    await tx.updateTable("agency").set({ state: "active" }).where("id", "=", added.id).execute();
    await connectInstallation(tx, db.keyring, {
      agency: added.id,
      platform: "slack",
      workspace,
      application: "A1",
      botUser: "U0",
      token: "xoxb-1",
      apiBaseUrl: "https://slack.example/api/",
      environment: "commercial",
    });
    await appendAudit(tx, null, { action: "agency.add", subject: `agency:${added.id}` });
    return added.id;
  });
  const place = { id, workspace };
  const analyst = await newPerson(db, place, { roles: ["analyst"], platform: "slack" });
  const roles = ["supervisor", "watch_commander", "privacy_officer"] as const;
  const supervisor = await newPerson(db, place, { roles, platform: "slack" });
  await openDesk(db, { analyst, workspace });
  return { id, name, workspace, analyst, supervisor };
}

async function openDesk(
  db: TestDatabase,
  { analyst, workspace }: { readonly analyst: Person; readonly workspace: string },
): Promise<void> {
  const { agency } = analyst;
  await as(db, analyst, async (tx) => {
    const { id: installation } = await tx.selectFrom("installation").select("id").executeTakeFirstOrThrow();
    await useChannel(tx, {
      agency,
      officer: analyst.id,
      installation,
      at: { platform: "slack", workspace, channel: "C1" },
      use: "desk",
      facts: { name: "desk", private: true, sharedOutside: false, archived: false, canPost: true },
    });
    await appendAudit(tx, agency, { action: "channel.use", subject: "channel:desk" });
  });
}

async function newPerson(
  db: TestDatabase,
  { id: agency, workspace }: Pick<Agency, "id" | "workspace">,
  { roles, platform }: { readonly roles: readonly Role[]; readonly platform: Platform },
): Promise<Person> {
  const account = { platform, workspace, user: `U${randomUUID().slice(0, 8)}` };
  const id = await db.store.transaction({ agency, id: "operator" }, async (tx) => {
    await appendAudit(tx, agency, { action: "officer.link", subject: "officer:new" });
    return addOfficer(tx, db.keyring, { agency, name: `Ofc. ${account.user}`, roles, account });
  });
  return { id, agency, account };
}

/** An approved entry, in force and found, as its own agency's code would write it. */
function newEntry(db: TestDatabase, owner: Agency, said: EntrySaid): Promise<EntryMade> {
  const id = uuidv7();
  const ref = newRef("entry");
  const { sensitivity = "OPEN", days = 90, audience } = said;
  return as(db, owner.analyst, async (tx) => {
    const { rows } = await db.store.pool.query<{ now: Date; until: Date }>(
      "select clock.now() as now, clock.now() + make_interval(days => $1) as until",
      [days],
    );
    const [{ now, until } = { now: new Date(), until: new Date() }] = rows;
    const { number } = await tx
      .insertInto("entry")
      .values({
        id,
        agency_id: owner.id,
        ref,
        state: "active",
        exercise: said.exercise ?? false,
        author_id: owner.analyst.id,
        approver_id: owner.supervisor.id,
        approved_at: now,
        last_validated_at: now,
        review_due_at: until,
        expires_at: until,
        valid_days: days,
        content_sealed: Buffer.from("sealed"),
        content_hash: Buffer.from("hash"),
        predicate: "vpf4_expressed_intent_le",
        offence_length: 10,
        facts_length: 100,
        source_length: 10,
        relevance_length: 30,
        first_amendment: false,
        sensitivity,
        tlp: said.tlp ?? "amber",
        pap: "red",
        legal_status: "no_warrant",
        requested_action: "contact_originator",
        cautions: [...(said.cautions ?? ["armed"])],
        source_grade: "B",
        information_grade: "3",
        juvenile: false,
        audience: audience === undefined ? "all" : "named",
        hidden_danger_signed_by: owner.supervisor.id,
        ...said.columns,
      })
      .returning("number")
      .executeTakeFirstOrThrow();
    for (const agency of audience ?? []) {
      // oxlint-disable-next-line no-await-in-loop
      await tx
        .insertInto("entry_audience")
        .values({ agency_id: owner.id, entry_id: id, audience_agency_id: agency.id })
        .execute();
    }
    await indexEntry(tx, db.keyring, {
      id,
      agency: owner.id,
      sensitivity,
      names: said.names ?? [],
      birthDates: said.birthDates ?? [],
      identifiers: readIdentifiers(said.identifiers ?? "").identifiers,
    });
    await appendAudit(tx, owner.id, { action: "entry.approve", subject: `entry:${id}` });
    return { id, ref, number };
  });
}

/** A name that no other test uses, so that tests of one file do not find each other's entries. */
export function freshName(): string {
  const word = () =>
    randomUUID()
      .slice(0, 8)
      .replaceAll(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit)));
  return `Jon${word()} Smyth${word()}`;
}

export const asked = (values: FormValues): FormValues => ({
  purpose: ["traffic_stop"],
  ref: "24-118833",
  ...values,
});

/** Everything that can be read on an answer's card. */
export function said(answer: Answer): string {
  return JSON.stringify(answer.kind === "card" ? answer.card : answer);
}
