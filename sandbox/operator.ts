/**
 * What a sceptic may ask of the product's side of the sandbox: the ledger, the queue, the audit chain, the clock, the
 * processes. Content-free throughout: references, ids, names of agencies and channels, states and codes, never text
 * that people wrote.
 */

/** One delivery as the ledger has it. */
export interface LedgerRow {
  readonly id: string;
  /** What the platform's witness knows its message by, once there is one: `Posted.key`. */
  readonly key: string;
  /** "D-7K3-M9Q". */
  readonly ref: string;
  /** "bulletin", "correction", "acknowledgment", "notice" … */
  readonly kind: string;
  /** The bulletin's reference, where there is one behind it. */
  readonly subject: string | null;
  /** The agency that is to receive it. */
  readonly agency: string;
  readonly platform: "slack" | "discord";
  /** Slack team id or Discord guild id. */
  readonly workspace: string;
  /** The platform's channel id. */
  readonly channel: string;
  readonly level: string | null;
  readonly state: DeliveryState;
  /** Tries since the card was last brought up to date. */
  readonly attempts: number;
  /** The version of the card that is wanted, and the one that was last shown. */
  readonly wanted: number;
  readonly applied: number;
  /** The code of what last went wrong. */
  readonly lastError: string | null;
  /** When it came to rest, or has been due: ISO 8601, wall clock. */
  readonly since: string;
}

export type DeliveryState = "pending" | "sending" | "checking" | "applied" | "dead" | "blocked";

export interface Ledger {
  /** How many deliveries are in each state; a state nobody is in is 0. */
  readonly counts: Readonly<Record<DeliveryState, number>>;
  readonly rows: readonly LedgerRow[];
}

export interface Queue {
  /** Jobs that wait or are being worked on. */
  readonly depth: number;
  readonly backend: "PostgreSQL" | "Redis";
}

/** The head of one agency's audit chain. */
export interface ChainHead {
  /** The agency's name; "Allpoints" for the chain of the system itself. */
  readonly agency: string;
  readonly rows: number;
  /** The first 12 hexadecimal digits of the head's MAC; the whole would help nobody. */
  readonly mac: string;
}

export interface Chain {
  readonly sealed: number;
  /** Written, and sealed within seconds. */
  readonly unsealed: number;
  /** When the newest sealed row was written, ISO 8601; null before the first. */
  readonly lastSealed: string | null;
  readonly heads: readonly ChainHead[];
}

export interface Verified {
  readonly rows: number;
  readonly chains: number;
  /** One sentence for each fault found; empty: the chains are whole. */
  readonly broken: readonly string[];
  readonly ms: number;
}

/** The business clock: what expires and falls due goes by it. */
export interface SandboxClock {
  /** ISO 8601. */
  readonly now: string;
  /** How far it is ahead of the wall clock, in seconds. */
  readonly aheadSeconds: number;
}

export const steps = ["10 minutes", "1 hour", "1 day"] as const;
export type Step = (typeof steps)[number];

export interface SandboxProcess {
  readonly role: "bot" | "jobs";
  readonly state: "running" | "restarting";
  readonly pid: number | undefined;
  /** How often it was started again since the sandbox began. */
  readonly restarts: number;
}

export interface SandboxOperator {
  /** The newest `limit` deliveries, newest first, and how many there are in each state. */
  ledger(limit: number): Promise<Ledger>;
  /** The keys of all deliveries that were posted, and count as applied, since a moment (ISO 8601, wall clock). */
  appliedSince(at: string): Promise<readonly string[]>;
  queue(): Promise<Queue>;
  /** The audit chains as they stand, without checking them. */
  chain(): Promise<Chain>;
  /** Recomputes every chain: takes longer the more there is. */
  verify(): Promise<Verified>;
  clock(): Promise<SandboxClock>;
  /** Lets time pass for everything that falls due, on the business clock only. What then is due is done within seconds. */
  advance(step: Step): Promise<void>;
  /** Kills the jobs process as a crash would (SIGKILL); it is started again by itself. */
  killJobs(): Promise<void>;
  /** The bot and the jobs, in this order. */
  processes(): Promise<readonly SandboxProcess[]>;
}
