import { sql } from "kysely";
import { expect } from "vitest";

import { acknowledgmentFeature } from "../../src/acknowledgments/acknowledgment-command.ts";
import { acknowledgmentNotice } from "../../src/acknowledgments/acknowledgment-notice.ts";
import { addAgency, connectInstallation } from "../../src/agencies/agency-store.ts";
import { clearChannel, useChannel } from "../../src/agencies/channel-store.ts";
import { addOfficer } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { createBot } from "../../src/bot/bot.ts";
import type { PrivateLevel } from "../../src/bot/command.ts";
import type { Role } from "../../src/bot/policy.ts";
import { tableOf } from "../../src/bot/routes.ts";
import { bulletinFeature } from "../../src/bulletins/bulletin-command.ts";
import { bulletinNotices } from "../../src/bulletins/bulletin-notice.ts";
import type { Answer, Card, FormValues, InboundEvent, Inline, Platform, Text } from "../../src/chat.ts";
import type { FollowUp } from "../../src/follow-ups.ts";
import { openLog } from "../../src/log.ts";
import { createNotices, oneByOne, renderNotices } from "../../src/notices.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Tx } from "../../src/store/store.ts";
import { subscriptionFeature } from "../../src/subscriptions/subscription-command.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { noMatcher } from "../support/matcher.ts";

// The bot with the features about bulletins on a real database. Instead of jobs and platforms a courier renders what
// is due, keeps the card as the channel would show it, and writes down that it arrived.

export interface Place {
  readonly agency: string;
  readonly name: string;
  readonly platform: Platform;
  readonly workspace: string;
  readonly installation: string;
}

export interface Channel {
  readonly id: string;
  readonly ref: string;
  readonly place: Place;
}

export type Person = Awaited<ReturnType<typeof addPerson>>;
export type Bench = Awaited<ReturnType<typeof openBench>>;

export interface Message {
  readonly delivery: string;
  readonly kind: string;
  readonly channel: string;
  readonly under: string | null;
  readonly card: Card;
}

const privateLevel = { slack: "full", discord: "none" } as Record<Platform, PrivateLevel>;
const system = { agency: null, id: "system" } as const;
const operator = { agency: null, id: "operator" } as const;

export async function openBench() {
  const database = await openTestDatabase();
  const { store, keyring } = database;
  const kicked = new Set<string>();
  const logged: string[] = [];
  const bot = createBot({
    store,
    table: tableOf([bulletinFeature, acknowledgmentFeature, subscriptionFeature]),
    log: openLog({ to: { write: (line) => void logged.push(line) } }),
    kick: (installations) => installations.forEach((one) => kicked.add(one)),
    news: () => Promise.resolve(),
    stranger: () => Promise.resolve(undefined),
    tools: { keyring, matcher: noMatcher, privateLevel, inspect: () => Promise.resolve(undefined) },
  });
  const messages = new Map<string, Message>();
  let events = 0;
  const receive = (event: Omit<InboundEvent, "dedupeKey"> & { readonly dedupeKey?: string }) => {
    events += 1;
    return bot.receive({ dedupeKey: `e${events}`, ...event } as InboundEvent);
  };

  return {
    database,
    kicked,
    logged,
    messages,
    addPlace: (name: string, platform: Platform = "slack") => addPlace(database, name, platform),
    addPerson: (place: Place, roles: readonly Role[], name = "Officer") =>
      addPerson(database, receive, { place, roles, name }),
    addChannel: (place: Place, use: "desk" | "bulletins", clear?: "pointer" | "summary" | "full") =>
      addChannel(database, place, { use, clear }),
    addEntry: (place: Place, author: string, approver: string) =>
      addEntry(database, { place, author, approver }),
    /** Renders everything that is due and writes down that it arrived. */
    deliver: () => deliver(database, messages),
    messagesIn: (channel: Channel) => [...messages.values()].filter((one) => one.channel === channel.id),
    /** Returns the bulletins that a follow-up could not do. */
    async pass(interval: string, ...followUps: readonly FollowUp[]): Promise<readonly string[]> {
      await database.moveClock(interval);
      await lookAtChannels(database);
      const failed: string[] = [];
      for (const followUp of followUps) {
        // oxlint-disable-next-line no-await-in-loop
        const followed = await followUp.run(database.jobs, keyring);
        failed.push(...(followed.failed ?? []).map(({ subject }) => subject));
      }
      return failed;
    },
    audit: (subject: string) =>
      database.jobs.transaction(system, (tx) =>
        tx
          .selectFrom("audit")
          .select(["action", "agency_id", "outcome", "actor", "detail"])
          .where("subject", "=", subject)
          .orderBy("nr")
          .execute(),
      ),
    async close() {
      await database.close();
      expect(
        logged.filter((line) => line.includes('"error"')),
        "no bug was met",
      ).toEqual([]);
    },
  };
}

async function addPlace({ store, keyring }: TestDatabase, name: string, platform: Platform): Promise<Place> {
  const workspace = `W${uuidv7().slice(-10)}`;
  const { agency, installation } = await store.transaction(operator, async (tx) => {
    const { id } = await addAgency(tx, {
      name: `${name} ${workspace}`,
      ori: undefined,
      zone: "America/New_York",
      contactName: `${name} watch`,
      contactPhone: "555-0142",
      // The first of a test's agencies also covers two areas that nobody asks for by default.
      areas: name === "Metro" ? ["riverton", "cedar-county", "quiet-valley"] : ["riverton"],
    });
    await tx.updateTable("agency").set({ state: "active" }).where("id", "=", id).execute();
    const connected = await connectInstallation(tx, keyring, {
      agency: id,
      platform,
      workspace,
      application: "A1",
      botUser: "UBOT",
      token: "token",
      apiBaseUrl: "http://127.0.0.1:9/",
      environment: "commercial",
    });
    await appendAudit(tx, null, { action: "agency.add", subject: `agency:${id}` });
    return { agency: id, installation: connected };
  });
  return { agency, installation, platform, workspace, name: `${name} ${workspace}` };
}

interface NewPerson {
  readonly place: Place;
  readonly roles: readonly Role[];
  readonly name: string;
}
type Receive = (event: Omit<InboundEvent, "dedupeKey"> & { readonly dedupeKey?: string }) => Promise<Answer>;

async function addPerson(
  { store, keyring }: TestDatabase,
  receive: Receive,
  { place, roles, name }: NewPerson,
) {
  const user = `U${uuidv7().slice(-10)}`;
  const { agency, platform, workspace } = place;
  const id = await store.transaction({ agency, id: "system" }, async (tx) => {
    await appendAudit(tx, agency, { action: "officer.add", subject: "officer:new" });
    return addOfficer(tx, keyring, { agency, name, roles, account: { platform, workspace, user } });
  });
  const from = { platform, workspace, user };
  return {
    id,
    agency,
    types: (command: string, words: string, channel?: Channel) =>
      receive({
        ...from,
        kind: "command",
        command,
        input: { kind: "words", words },
        ...(channel && { channel: channel.ref }),
      } as never),
    /** A button of a card, found by its label; `key` to send the very same press twice. */
    presses: (card: Card | undefined, label: string, key?: string) =>
      receive({ ...from, kind: "button", ...labelled(card, label), ...(key && { dedupeKey: key }) } as never),
    pressesRaw: (action: string, subject: string) =>
      receive({ ...from, kind: "button", action, subject } as never),
    fills: (answer: Answer, values: FormValues, key?: string) =>
      receive({ ...from, kind: "form", ...opened(answer), values, ...(key && { dedupeKey: key }) } as never),
    completes: () => receive({ ...from, kind: "complete", command: "bulletin", typed: "B" } as never),
  };
}

function labelled(card: Card | undefined, label: string) {
  const button = card?.buttons?.find((one) => one.label === label);
  if (button === undefined) throw new Error(`no button ${label} on ${card?.headline ?? "no card"}`);
  return { action: button.action, subject: button.subject };
}

function opened(answer: Answer) {
  if (answer.kind !== "form" && answer.kind !== "problems")
    throw new Error(`no form but ${JSON.stringify(answer)}`);
  return { form: answer.form.form, state: answer.form.state };
}

async function addChannel(
  { store }: TestDatabase,
  place: Place,
  {
    use,
    clear,
  }: { readonly use: "desk" | "bulletins"; readonly clear: "pointer" | "summary" | "full" | undefined },
): Promise<Channel> {
  const { agency, installation, platform, workspace } = place;
  const ref = `C${uuidv7().slice(-10)}`;
  const by = uuidv7();
  const id = await store.transaction({ agency, id: "system" }, async (tx) => {
    await appendAudit(tx, agency, { action: "channel.use", subject: "channel:new" });
    const made = await useChannel(tx, {
      agency,
      officer: by,
      installation,
      at: { platform, workspace, channel: ref },
      use,
      facts: { name: "c", private: true, sharedOutside: false, archived: false, canPost: true },
    });
    if (clear !== undefined) await clearChannel(tx, { channel: made, officer: by, level: clear });
    return made;
  });
  return { id, ref, place };
}

async function addEntry(
  { store }: TestDatabase,
  { place, author, approver }: { readonly place: Place; readonly author: string; readonly approver: string },
): Promise<string> {
  const ref = newRef("entry");
  const { agency } = place;
  await store.transaction({ agency, id: author }, async (tx) => {
    await appendAudit(tx, agency, { action: "entry.add", subject: "entry:new" });
    await sql`
      insert into entry (id, agency_id, ref, state, author_id, approver_id, approved_at, content_sealed, content_hash,
        predicate, offence_length, facts_length, source_length, relevance_length, first_amendment, sensitivity, tlp, pap,
        legal_status, requested_action, cautions, source_grade, information_grade, juvenile, audience, valid_days,
        last_validated_at, review_due_at, expires_at)
      values (${uuidv7()}, ${agency}, ${ref}, 'active', ${author}, ${approver}, clock.now(), 'x', 'x',
        'vpf4_expressed_intent_le', 10, 100, 10, 50, false, 'OPEN', 'amber', 'red', 'no_warrant', 'document',
        array['armed'], 'B', '3', false, 'all', 365, clock.now(), clock.now() + interval '90 days',
        clock.now() + interval '365 days')`.execute(tx);
  });
  return ref;
}

async function deliver({ jobs, keyring }: TestDatabase, messages: Map<string, Message>): Promise<void> {
  const unused = () => Promise.reject(new Error("not of this bench"));
  const notices = createNotices({
    ...bulletinNotices({ keyring, privateLevel }),
    acknowledgment: oneByOne(acknowledgmentNotice(keyring)),
    notice: renderNotices(),
    intake: unused,
    hit: unused,
    confirmation: unused,
  });
  const due = await jobs.transaction(system, (tx) =>
    tx
      .selectFrom("delivery as d")
      .innerJoin("channel as c", "c.id", "d.channel_id")
      .innerJoin("agency as a", "a.id", "d.agency_id")
      .selectAll("d")
      .select(["c.platform", "a.time_zone"])
      .where("d.state", "=", "pending")
      .orderBy("d.created_at")
      .execute(),
  );
  for (const row of due) {
    const rendering = {
      id: row.id,
      ref: row.ref,
      kind: row.kind,
      subjectId: row.subject_id,
      ownerAgency: row.owner_agency_id,
      agency: row.agency_id,
      zone: row.time_zone,
      platform: row.platform,
      level: row.level,
      repeated: row.repeated,
    };
    // oxlint-disable-next-line no-await-in-loop
    const [rendered] = await jobs.transaction({ agency: row.owner_agency_id, id: "system" }, (tx) =>
      notices.render(tx, [rendering]),
    );
    if (rendered === undefined) throw new Error("a card was left out");
    const { card } = rendered;
    messages.set(row.id, {
      delivery: row.id,
      kind: row.kind,
      channel: row.channel_id,
      under: row.under_id,
      card,
    });
    // oxlint-disable-next-line no-await-in-loop
    await jobs.transaction(system, (tx) => arrived(tx, row.id));
  }
}

async function arrived(tx: Tx, id: string): Promise<void> {
  await sql`
    update delivery set state = 'applied', applied_version = wanted_version, message = ${id}, message_channel = 'c',
           message_workspace = 'w', applied_at = clock.now() where id = ${id}`.execute(tx);
  await appendAudit(tx, null, { action: "test.arrived", subject: `delivery:${id}` });
}

/** As the channels' own follow-up does: facts older than a day would make every channel a pointer's. */
function lookAtChannels({ jobs }: TestDatabase): Promise<unknown> {
  return jobs.transaction(system, (tx) => sql`update channel set facts_at = clock.now()`.execute(tx));
}

// ------------------------------------------------------------------------------------------------ what people see

export function cardOf(answer: Answer): Card {
  if (answer.kind !== "card") throw new Error(`no card but ${JSON.stringify(answer)}`);
  return answer.card;
}

/** Everything that can be read on a card, line by line; nothing where there is no card. */
export function wordsOf(card: Card | undefined): string {
  if (card === undefined) return "";
  const lines = card.blocks.flatMap((block) => {
    if (block.kind === "divider") return ["---"];
    if (block.kind === "facts") return block.facts.map(({ label, value }) => `${label}: ${plain(value)}`);
    return [plain(block.text)];
  });
  return [card.headline, ...lines, ...(card.buttons ?? []).map(({ label }) => `[${label}]`)].join("\n");
}

function plain(text: Text): string {
  const inline = (one: Inline) =>
    typeof one === "string" ? one : "bold" in one ? one.bold : `<${one.at.toISOString().slice(0, 16)}>`;
  return typeof text === "string" ? text : text.map(inline).join("");
}

export function seen(answer: Answer): string {
  return wordsOf(cardOf(answer));
}

// -------------------------------------------------------------------------------------------------- the usual pages

export const what = {
  type: ["officer_safety"],
  severity: ["severe"],
  headline: "Threat to shoot an officer at the Elm St station",
  known: 'Said he will "shoot the next cop at the Elm St station" (reported Fri 20 Nov).',
  unknown: "Whether he has the rifle with him.",
} as const;

export const todo = {
  legal: ["no_warrant"],
  action: ["document"],
  cautions: ["armed"],
} as const;

export const person = {
  person: "John A. Smyth, b. 1984-03-02 · white 2015 F-150, MD ABC1234",
  summary: "A man stated intent to shoot an officer at a police station. Possible rifle, not confirmed.",
} as const;

export const who = {
  tlp: ["amber"],
  areas: "Riverton",
  valid: ["72"],
  phone: "Metro watch 555-0142, 24 h",
} as const;

/** Writes all three pages and stands before the preview. */
export async function write(
  author: Person,
  pages: { readonly from?: string; readonly do?: FormValues; readonly who?: FormValues } = {},
): Promise<Card> {
  const first = await author.types("bulletin", pages.from === undefined ? "new" : `new from:${pages.from}`);
  const second = await author.fills(first, what);
  const third = await author.fills(second, { ...todo, ...pages.do });
  return cardOf(await author.fills(third, { ...who, ...pages.who }));
}

export function refOn(card: Card): string {
  const [ref] = /B-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(wordsOf(card)) ?? [];
  if (ref === undefined) throw new Error(`no reference on ${card.headline}`);
  return ref;
}

/** Subscribes a channel as its agency's supervisor, with what the form proposes. */
export async function subscribe(
  supervisor: Person,
  channel: Channel,
  values: FormValues = {},
): Promise<Card> {
  const page = await supervisor.types("subscribe", "", channel);
  return cardOf(
    await supervisor.fills(page, {
      types: ["officer_safety", "bolo_person"],
      severity: ["moderate"],
      areas: "Riverton",
      tlp: ["amber"],
      state: ["active"],
      ...values,
    }),
  );
}
