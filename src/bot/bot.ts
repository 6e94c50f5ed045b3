import { randomBytes } from "node:crypto";

import { findWho } from "../agencies/officer-store.ts";
import type { Who } from "../agencies/officer.ts";
import { appendAudit } from "../audit/audit-store.ts";
import type { AuditEntry } from "../audit/audit.ts";
import type { Answer, InboundEvent, PlatformNews, Sink } from "../chat.ts";
import {
  agencyPending,
  BotError,
  internal,
  notAllowed,
  notFound,
  notLinked,
  suspended,
  unknownWorkspace,
} from "../errors.ts";
import type { Log } from "../log.ts";
import type { Store, Tx } from "../store/store.ts";
import { say } from "./answers.ts";
import type { Call, Officer, Tools } from "./command.ts";
import { findMade, rememberMade } from "./inbound-store.ts";
import { can, refusalWords, type Deed } from "./policy.ts";
import { routeOf, type Route, type Table } from "./routes.ts";

export interface BotOptions {
  readonly store: Store;
  readonly tools: Tools;
  readonly table: Table;
  readonly log: Log;
  /** After commit: these installations have something to deliver. Losing the call costs a second. */
  readonly kick: (installations: readonly string[]) => void;
  /** What changed on the platform itself. */
  readonly news: (news: PlatformNews) => Promise<void>;
  /** A person without an account: the one thing they may do is to link. */
  readonly stranger: (tx: Tx, event: InboundEvent, tools: Tools) => Promise<Answer | undefined>;
}

/** The core's entrance: who is it, may they, parse, run, answer. One transaction an event, one catch. */
export function createBot(options: BotOptions): Sink {
  return {
    async receive(event) {
      try {
        return await answer(options, event);
      } catch (error) {
        return refusal(options, error, event);
      }
    },
    async news(news) {
      try {
        await options.news(news);
      } catch (error) {
        options.log.error("platform news failed", { error, kind: news.kind, platform: news.platform });
      }
    },
  };
}

async function answer(options: BotOptions, event: InboundEvent): Promise<Answer> {
  const { store, tools, stranger } = options;
  const nobody = { agency: null, id: "stranger" };
  // A guest from another organisation's workspace is whoever that workspace says, which we cannot check.
  if (event.homeWorkspace !== undefined) throw notLinked();
  const who = await store.transaction(nobody, (tx) => findWho(tx, tools.keyring, event));
  if (who.kind === "stranger") {
    const linking = await store.transaction(nobody, (tx) => stranger(tx, event, tools));
    if (linking === undefined) throw event.kind === "complete" ? unknownWorkspace() : notLinked();
    return linking;
  }
  if (who.kind === "suspended") {
    await audited(store, who.officer, {
      action: "event.refused",
      subject: `officer:${who.officer.id}`,
      outcome: "denied",
    });
    throw suspended();
  }
  return answerOfficer(options, event, who);
}

async function answerOfficer(
  options: BotOptions,
  event: InboundEvent,
  { kind, officer }: Exclude<Who, { kind: "stranger" }>,
): Promise<Answer> {
  const route = routeOf(options.table, event, officer);
  try {
    if (kind === "pending" && !openToPending.includes(route.deed)) throw agencyPending();
    if (!can(officer, route.deed)) {
      const { deed, who } = refusalWords(route.deed);
      throw notAllowed(deed, who);
    }
    return await runOnce(options, { event, officer, route });
  } catch (error) {
    // A denied attempt is written down like a deed. Its own transaction: the other one rolled back.
    if (error instanceof BotError && (error.code === notAllowed.code || error.code === notFound.code)) {
      await audited(options.store, officer, {
        action: route.name,
        subject: route.subject,
        outcome: "denied",
        detail: { code: error.code },
      });
    }
    throw error;
  }
}

const openToPending: readonly Deed[] = ["self.see", "agency.manage"];

interface Run {
  readonly event: InboundEvent;
  readonly officer: Officer;
  readonly route: Route;
}

/** Another arrival of this event was first: undoes everything this one did. */
class RepeatedError extends Error {}

async function runOnce(options: BotOptions, run: Run): Promise<Answer> {
  const { store, table, kick } = options;
  const actor = { agency: run.officer.agency, id: run.officer.id };
  const wake = new Set<string>();
  const again = async (tx: Tx, made: string) => {
    const [kind = "", id = ""] = made.split(":");
    const shown = table.again.get(kind);
    if (shown === undefined) throw new Error(`nothing can show a ${kind} again`);
    // What made it may have needed another role, and roles may have been taken since.
    if (!can(run.officer, shown.deed)) throw notFound(kind);
    return shown.show(callOf(options, run, { tx, wake }), id);
  };
  const attempt = async (): Promise<Answer> =>
    store.transaction(actor, async (tx) => {
      wake.clear();
      const before = await findMade(tx, run.event);
      if (before !== undefined) return again(tx, before);
      let made: string | undefined;
      const call = callOf(options, run, { tx, wake, made: (kind, id) => (made = `${kind}:${id}`) });
      const answered = await run.route.run(call);
      if (made !== undefined && !(await rememberMade(tx, run.event, made)))
        throw new RepeatedError("the event was handled before");
      return answered;
    });
  const answered = await attempt().catch((error: unknown) => {
    if (!(error instanceof RepeatedError)) throw error;
    return attempt();
  });
  if (wake.size > 0) kick([...wake]);
  return answered;
}

function callOf(
  { tools }: BotOptions,
  { event, officer }: Run,
  { tx, wake, made = () => {} }: Pick<Call, "tx" | "wake"> & { readonly made?: Call["made"] },
): Call {
  return {
    tx,
    officer,
    event,
    tools,
    wake,
    made,
    audit: (entry) => appendAudit(tx, officer.agency, entry),
  };
}

function audited(store: Store, { agency, id }: Officer, entry: AuditEntry): Promise<void> {
  return store.transaction({ agency, id }, (tx) => appendAudit(tx, agency, entry));
}

/** The one catch: what we foresaw becomes its sentence, anything else a reference the officer can quote. */
function refusal({ log }: BotOptions, error: unknown, event: InboundEvent): Answer {
  if (event.kind === "complete") return { kind: "choices", choices: [] };
  if (error instanceof BotError) return say(error.message);
  const incident = randomBytes(3).toString("hex").toUpperCase();
  log.error("an event failed", { error, incident, platform: event.platform, kind: event.kind });
  return say(internal(incident).message);
}
