import { randomUUID } from "node:crypto";

import { sql } from "kysely";
import { expect } from "vitest";

import { accountFeature } from "../../src/agencies/account-command.ts";
import { addAgency, connectInstallation } from "../../src/agencies/agency-store.ts";
import { useChannel } from "../../src/agencies/channel-store.ts";
import { addOfficer } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { createBot } from "../../src/bot/bot.ts";
import type { PrivateLevel } from "../../src/bot/command.ts";
import type { Role } from "../../src/bot/policy.ts";
import { tableOf, type Table } from "../../src/bot/routes.ts";
import type { Answer, Card, Form, FormValues, InboundEvent, Sink } from "../../src/chat.ts";
import type { FollowUp } from "../../src/follow-ups.ts";
import { openLog } from "../../src/log.ts";
import type { Tx } from "../../src/store/store.ts";
import { tipFeature } from "../../src/tips/tip-command.ts";
import { entryFeature } from "../../src/watch-list/entry-command.ts";
import { entryQueue } from "../../src/watch-list/entry-list-command.ts";
import { showEntry } from "../../src/watch-list/entry-show-command.ts";
import { askKeys, readIdentifiers } from "../../src/watch-list/identifier.ts";
import { importFeature, importQueue } from "../../src/watch-list/import/batch-command.ts";
import { blindIdentifier } from "../../src/watch-list/index-store.ts";
import { findIdentified, openHits } from "../../src/watch-list/open-hits-store.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { noMatcher } from "../support/matcher.ts";

export interface Person {
  readonly id: string;
  readonly agency: string;
  readonly workspace: string;
  readonly user: string;
}

const seats = {
  analyst: ["analyst"],
  colleague: ["analyst"],
  supervisor: ["supervisor"],
  commander: ["watch_commander"],
  privacy: ["privacy_officer"],
  patrol: ["officer"],
} as const satisfies Record<string, readonly Role[]>;
export type Agency = { readonly id: string; readonly name: string } & Readonly<
  Record<keyof typeof seats, Person>
>;

export type EntryBench = Awaited<ReturnType<typeof openEntryBench>>;

/** Agencies with somebody in every seat, and the bot with tips and entries, on a database of its own. */
export async function openEntryBench() {
  const db = await openTestDatabase();
  const bots = new Map<PrivateLevel, Sink>();
  const bot = (level: PrivateLevel) => {
    const made = bots.get(level) ?? botOf(db, level);
    bots.set(level, made);
    return made;
  };
  const arrival = ({ workspace, user }: Person) =>
    ({ platform: "slack", workspace, user, dedupeKey: randomUUID() }) as const;
  const receive = (event: InboundEvent, level: PrivateLevel = "full") => bot(level).receive(event);

  return {
    db,
    receive,
    addAgency: () => newAgency(db),
    types: (person: Person, line: string, level?: PrivateLevel) => {
      const [command = "", ...words] = line.split(" ");
      const input = { kind: "words", words: words.join(" ") } as const;
      return receive({ ...arrival(person), kind: "command", command, input }, level);
    },
    presses: (person: Person, [action, subject]: readonly [string, string], level?: PrivateLevel) =>
      receive({ ...arrival(person), kind: "button", action, subject }, level),
    /** Answers the form that was shown. */
    fills: (person: Person, shown: Answer, values: FormValues) => {
      const { form, state } = formIn(shown);
      return receive({ ...arrival(person), kind: "form", form, state, values });
    },
    as: <T>(person: Person, work: (tx: Tx) => Promise<T>) =>
      db.store.transaction({ agency: person.agency, id: person.id }, work),
    /** The row of an entry of this person's agency, as it is. */
    row: (person: Person, ref: string) =>
      db.store.transaction({ agency: person.agency, id: person.id }, (tx) =>
        tx.selectFrom("entry").selectAll().where("ref", "=", ref).executeTakeFirstOrThrow(),
      ),
    /** What the audit of this person's agency says of it, of one action, the oldest first. */
    audited: (person: Person, action: string) =>
      db.store.transaction({ agency: person.agency, id: person.id }, async (tx) => {
        const { rows } = await sql<{ actor: string; subject: string; detail: Record<string, unknown> }>`
          select actor, subject, detail from audit where action = ${action} and outcome = 'ok' order by event_id`.execute(
          tx,
        );
        return rows;
      }),
    /** The kinds of notices about it, the oldest first. */
    notices: (person: Person, ref: string) =>
      db.store.transaction({ agency: person.agency, id: person.id }, async (tx) => {
        const rows = await tx
          .selectFrom("notice")
          .select("kind")
          .where("ref", "=", ref)
          .orderBy("id")
          .execute();
        return rows.map(({ kind }) => kind);
      }),
    /** Runs it in two processes at once, and once more. */
    async follow({ run }: FollowUp) {
      const done = await Promise.all([run(db.jobs, db.keyring), run(db.jobs, db.keyring)]);
      const again = await run(db.jobs, db.keyring);
      expect([...done, again].flatMap(({ failed = [] }) => failed)).toEqual([]);
    },
    /** As the query's follow-up writes it: somebody was shown this entry. */
    async gave(owner: Person, ref: string, { to, level = "full" }: Given) {
      await db.store.transaction({ agency: owner.agency, id: owner.id }, async (tx) => {
        const { id } = await tx
          .selectFrom("entry")
          .select("id")
          .where("ref", "=", ref)
          .executeTakeFirstOrThrow();
        await appendAudit(tx, owner.agency, { action: "hit.test", subject: `entry:${id}` });
        await tx
          .insertInto("dissemination")
          .values({
            id: randomUUID(),
            kind: "query_hit",
            object: `entry:${id}`,
            version: 1,
            owner_agency_id: owner.agency,
            agency_id: to.agency,
            officer_id: to.id,
            reason: "traffic_stop",
            tlp: "amber",
            level,
          })
          .execute();
      });
    },
    /** Whether rows of the index lead to an entry of this person's agency. */
    indexed: (person: Person, ref: string) =>
      db.store.transaction({ agency: person.agency, id: person.id }, async (tx) => {
        const { rows } = await sql<Record<"names" | "births" | "identifiers", boolean>>`
          select exists (select from entry_name n where n.entry_number = e.number) as names,
                 exists (select from entry_birth b where b.entry_number = e.number) as births,
                 exists (select from identifier i where i.entry_id = e.id) as identifiers
            from entry e where e.ref = ${ref}`.execute(tx);
        return rows[0];
      }),
    /** References of what this person's agency would be shown, or would silently hit, by the person's handle. */
    finds: (person: Person, { name, identifiers = handleOf(name ?? "") }: AskedFor) =>
      db.store.transaction({ agency: person.agency, id: person.id }, async (tx) => {
        const keys = readIdentifiers(identifiers).identifiers.flatMap((one) =>
          askKeys(one).map(({ key }) => ({
            kind: one.kind,
            blind: blindIdentifier(db.keyring, one.kind, key),
          })),
        );
        const rows = await findIdentified(tx, keys);
        const of = (lane: string) => rows.filter((row) => row.lane === lane).map(({ number }) => number);
        const { open, silent } = await openHits(tx, {
          query: randomUUID(),
          action: "query.ask",
          tells: true,
          open: of("open"),
          restricted: of("restricted"),
        });
        return {
          open: open.map(({ ref, challenged }) => (challenged ? `${ref} under review` : ref)),
          silent: silent.map(({ ref }) => ref),
        };
      }),
  };
}

interface Given {
  readonly to: Person;
  readonly level?: "full" | "owner_only" | "nothing";
}

interface AskedFor {
  readonly name?: string;
  readonly identifiers?: string;
}

/** As `pages.person` gives everybody one. */
export const handleOf = (name: string) => `@${name.replaceAll(" ", "").toLowerCase()}`;

const toolsOf = ({ keyring }: TestDatabase, level: PrivateLevel) => ({
  keyring,
  inspect: async () => undefined,
  matcher: noMatcher,
  privateLevel: { slack: level, discord: level },
});

function botOf(db: TestDatabase, level: PrivateLevel): Sink {
  return createBot({
    store: db.store,
    tools: toolsOf(db, level),
    table: table(),
    log: openLog({ to: { write: (line) => expect.unreachable(line) } }),
    kick: () => {},
    news: async () => {},
    stranger: async () => undefined,
  });
}

function table(): Table {
  const show = new Map([["E", showEntry]]);
  const account = accountFeature({
    table: () => tableOf([entryFeature]),
    show,
    queue: [entryQueue, importQueue],
  });
  return tableOf([tipFeature, entryFeature, importFeature, account]);
}

async function newAgency(db: TestDatabase): Promise<Agency> {
  const name = `Agency ${randomUUID().slice(0, 8)}`;
  const workspace = `T${randomUUID().slice(0, 8)}`;
  const { id, installation } = await db.store.transaction({ agency: null, id: "operator" }, async (tx) => {
    const contact = { contactName: `${name} watch`, contactPhone: "555-0142" };
    const added = await addAgency(tx, {
      name,
      ori: undefined,
      zone: "America/New_York",
      ...contact,
      areas: ["riverton"],
    });
    await tx.updateTable("agency").set({ state: "active" }).where("id", "=", added.id).execute();
    const connected = await connectInstallation(tx, db.keyring, {
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
    return { id: added.id, installation: connected };
  });
  return db.store.transaction({ agency: id, id: "operator" }, async (tx) => {
    await appendAudit(tx, id, { action: "agency.settle", subject: `agency:${id}` });
    const people: Record<string, Person> = {};
    for (const [seat, roles] of Object.entries(seats)) {
      const account = { platform: "slack", workspace, user: `U${randomUUID().slice(0, 8)}` } as const;
      // oxlint-disable-next-line no-await-in-loop
      const officer = await addOfficer(tx, db.keyring, { agency: id, name: `Det. ${seat}`, roles, account });
      people[seat] = { id: officer, agency: id, workspace, user: account.user };
    }
    const settled = { id, name, ...people } as Agency;
    await useChannel(tx, {
      agency: id,
      officer: settled.analyst.id,
      installation,
      at: { platform: "slack", workspace, channel: "C1" },
      use: "desk",
      facts: { name: "desk", private: true, sharedOutside: false, archived: false, canPost: true },
    });
    return settled;
  });
}

export const facts =
  "On 20 Nov he wrote to two people that he will shoot the next cop he sees at the Elm St station.";

/** What an analyst enters, page by page. */
export const pages = {
  person: (name: string): FormValues => ({
    names: name,
    born: "3/2/1984",
    identifiers: handleOf(name),
    description: "tall, scar on the left hand",
    juvenile: ["no"],
  }),
  predicate: {
    predicate: ["vpf4_expressed_intent_le"],
    offence: "18 USC 115",
    facts,
    sources: "Case 24-118833, two written statements",
    relevance: "He moves between three counties of the region.",
  },
  handling: { speech: ["no"], cautions: ["armed"], legal: ["no_warrant"], action: ["contact_originator"] },
  sharing: { sensitivity: ["OPEN"], audience: ["all"], tlp: ["amber"], valid: ["365"] },
  grade: { source: ["B"], information: ["3"] },
} as const;

export interface Written {
  readonly name?: string;
  readonly person?: FormValues;
  readonly predicate?: FormValues;
  readonly handling?: FormValues;
  readonly sharing?: FormValues;
}

/** Fills in every page without a tip; the preview is the answer to the last one. */
export async function write(bench: EntryBench, author: Person, written: Written = {}) {
  const name = written.name ?? freshName();
  let shown = await bench.types(author, "entry new");
  for (const values of [
    { ...pages.person(name), ...written.person },
    { ...pages.predicate, ...written.predicate },
    { ...pages.handling, ...written.handling },
    { ...pages.sharing, ...written.sharing },
    pages.grade,
  ]) {
    // oxlint-disable-next-line no-await-in-loop
    shown = await bench.fills(author, shown, values);
  }
  return { name, ref: refIn(shown), preview: shown };
}

/** Written, sent, and opened by whoever decides. */
export async function writeAndSend(bench: EntryBench, agency: Agency, written: Written = {}) {
  const entry = await write(bench, agency.analyst, written);
  expectSaid(await bench.presses(agency.analyst, ["entry.send", entry.ref]), `Sent: ${entry.ref}`);
  return entry;
}

/** In force, approved by this person. */
export async function approved(
  bench: EntryBench,
  agency: Agency,
  written: Written & { readonly by?: Person } = {},
) {
  const entry = await writeAndSend(bench, agency, written);
  const by = written.by ?? agency.supervisor;
  const subject = subjectOf(await bench.types(by, `entry show ${entry.ref}`), "entry.approve");
  expectSaid(await bench.presses(by, ["entry.approve", subject]), `Approved: ${entry.ref}`);
  return entry;
}

/** A name that no other test uses. */
export function freshName(): string {
  // Eight letters: longer ones make a handle that no platform has, and is refused.
  const word = () =>
    randomUUID()
      .slice(0, 8)
      .replaceAll(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit)));
  return `Jon${word()} Smyth${word()}`;
}

export function formIn(answer: Answer): Form {
  if (answer.kind !== "form" && answer.kind !== "problems")
    throw new Error(`no form: ${JSON.stringify(answer)}`);
  expectFits(answer.form);
  return answer.form;
}
/** What both platforms take (chat.ts). */
function expectFits({ title, fields }: Form): void {
  expect(title.length, title).toBeLessThanOrEqual(24);
  expect(fields.length).toBeLessThanOrEqual(5);
  for (const field of fields) {
    expect(field.label.length, field.label).toBeLessThanOrEqual(45);
    expect(field.hint?.length ?? 0, field.hint).toBeLessThanOrEqual(100);
    const options = field.kind === "choice" ? field.options : [];
    expect(options.length).toBeLessThanOrEqual(25);
    for (const { label } of options) expect(label.length, label).toBeLessThanOrEqual(75);
  }
}
export function cardIn(answer: Answer): Card {
  if (answer.kind !== "card") throw new Error(`no card: ${JSON.stringify(answer)}`);
  return answer.card;
}
export function refIn(answer: Answer): string {
  const [ref] = /E-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(JSON.stringify(answer)) ?? [];
  if (ref === undefined) throw new Error(`no reference: ${JSON.stringify(answer)}`);
  return ref;
}
export function subjectOf(answer: Answer, action: string): string {
  const button = cardIn(answer).buttons?.find((one) => one.action === action);
  if (button === undefined) throw new Error(`no button ${action}: ${JSON.stringify(answer)}`);
  return button.subject;
}
export const actionsOf = (answer: Answer) => (cardIn(answer).buttons ?? []).map(({ action }) => action);

/** Everything that can be read on it. */
export function said(answer: Answer): string {
  return JSON.stringify(answer.kind === "card" ? answer.card : answer);
}
export function expectSaid(answer: Answer, ...words: readonly string[]): void {
  for (const word of words) expect(said(answer)).toContain(word);
}
