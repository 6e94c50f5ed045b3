import { HOUR, MINUTE, SECOND } from "../clock.ts";
import { documented, type Budget, type Limits } from "../deliveries/pace.ts";
import type { FollowUp } from "../follow-ups.ts";
import type { Log } from "../log.ts";
import type { Store, Tx } from "../store/store.ts";
import {
  allowLongStatements,
  findOffenders,
  lockCheck,
  readClocks,
  readLastCheck,
  worstRecovery,
  writeCheck,
  type LastCheck,
  type Span,
} from "./auditor-store.ts";
import type { Finding } from "./invariant.ts";
import { invariants } from "./invariants.ts";

const system = { agency: null, id: "system" } as const;

const HORIZON = 2 * SECOND;

/** How far ahead a limit may be used up: the horizon, a whole burst, and a call that takes two. */
function reachOf({ discord, slack }: Limits): number {
  const budgets = [...Object.values<Budget>(discord), ...Object.values<Budget>(slack)];
  return HORIZON + Math.max(...budgets.map(({ everyMs, burst }) => everyMs * (burst + 2)));
}

/** So much of the past is looked at twice: what was written by then may have become visible only afterwards. */
const OVERLAP = MINUTE;

/** Looks at everything there is, or at the last hour. Half a million deliveries take half a minute. */
export async function verify(
  store: Store,
  { recent = false, limits = documented }: { readonly recent?: boolean; readonly limits?: Limits } = {},
): Promise<readonly Finding[]> {
  const { real, business } = await store.transaction(system, readClocks);
  const reachMs = reachOf(limits);
  const span = recent
    ? { since: before(real, HOUR), clockSince: before(business, HOUR), reachMs }
    : { reachMs };
  const findings: Finding[] = [];
  for (const invariant of invariants) {
    // oxlint-disable-next-line no-await-in-loop
    const found = await store.transaction(system, async (tx) => {
      await allowLongStatements(tx);
      return findOffenders(tx, invariant, span);
    });
    findings.push(...found);
  }
  return findings;
}

const before = (moment: Date, ms: number): Date => new Date(moment.getTime() - ms);

/** One standing check, compared with the one before. */
interface Checked {
  readonly findings: readonly Finding[];
  /** Not there the last time. */
  readonly fresh: readonly Finding[];
  /** There was something wrong the last time. */
  readonly wasWrong: boolean;
}

/** Looks at what happened since the last time. Undefined: another process has just done it. */
async function checkOnce(tx: Tx, reachMs: number): Promise<Checked | undefined> {
  if (!(await lockCheck(tx))) return undefined;
  const last = await readLastCheck(tx);
  if (last !== undefined && last.ageMs < MINUTE - 5 * SECOND) return undefined;
  const began = await readClocks(tx);
  const span = spanSince(last, began, reachMs);
  const findings: Finding[] = [];
  // One after the other: it is one connection.
  // oxlint-disable-next-line no-await-in-loop
  for (const invariant of invariants) findings.push(...(await findOffenders(tx, invariant, span)));
  await writeCheck(tx, { began, findings, recoveryMs: await worstRecovery(tx, span) });
  const known = new Set(last?.findings.map(keyOf));
  return {
    findings,
    fresh: findings.filter((finding) => !known.has(keyOf(finding))),
    wasWrong: known.size > 0,
  };
}

function spanSince(
  last: LastCheck | undefined,
  { real, business }: { readonly real: Date; readonly business: Date },
  reachMs: number,
): Span {
  if (last === undefined) return { since: before(real, HOUR), clockSince: before(business, HOUR), reachMs };
  return {
    since: before(last.ranAt, OVERLAP),
    clockSince: before(last.ranAtClock, OVERLAP),
    known: last.findings.flatMap(({ subject }) => /^(?:delivery|bulletin):(.+)$/.exec(subject)?.[1] ?? []),
    reachMs,
  };
}

const keyOf = ({ invariant, subject, what }: Finding): string => `${invariant} ${subject} ${what}`;

export interface AuditorOptions {
  readonly log: Log;
  /** Called after each clean check. */
  readonly onClean?: () => void;
  readonly limits?: Limits;
  /** So long after its start a process leaves it be: what waited while none ran is late, and on its way. */
  readonly restMs?: number;
}

/**
 * The standing check: once a minute, by whichever jobs process comes first. Goes last among the follow-ups, so that
 * what has just fallen due is done before it is looked for. Each finding is an alarm in the log, once.
 */
export function openAuditor({
  log,
  onClean = () => {},
  limits = documented,
  restMs = 0,
}: AuditorOptions): FollowUp {
  const done = { wake: [], again: false } as const;
  const reachMs = reachOf(limits);
  let next = performance.now() + restMs;
  return {
    name: "standing-check",
    async run(store) {
      if (performance.now() < next) return done;
      next = performance.now() + MINUTE;
      const checked = await store.transaction(system, (tx) => checkOnce(tx, reachMs));
      if (checked === undefined) return done;
      report(log, checked);
      if (checked.findings.length === 0) onClean();
      return done;
    },
  };
}

/** So many lines say that something is wrong; `allpoints verify` says the rest. */
const MOST_ALARMS = 20;

function report(log: Log, { findings, fresh, wasWrong }: Checked): void {
  for (const { invariant, subject, what } of fresh.slice(0, MOST_ALARMS)) {
    const [kind = "", id = ""] = subject.split(/:(.*)/s);
    const uuid = /^[0-9a-f-]{36}$/.test(id);
    log.error("the standing check found something", {
      code: invariant,
      outcome: what,
      ...(uuid ? { kind, subject: id } : { part: subject }),
    });
  }
  if (fresh.length > MOST_ALARMS) log.error("the standing check found more", { count: fresh.length });
  if (wasWrong && findings.length === 0) log.info("the standing check is clean again");
}
