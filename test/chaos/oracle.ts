import { createHash } from "node:crypto";

import type { Posted } from "../../sandbox/pretend.ts";
import type { LedgerRow } from "./ledger.ts";

/** What the platform's own store says against what the ledger says, in sentences. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
}

interface Evidence {
  readonly ledger: readonly LedgerRow[];
  /** What this run planned. */
  readonly fresh: readonly LedgerRow[];
  readonly posts: readonly Posted[];
  /** Channels that must have been planned for the bulletin. */
  readonly audience: readonly string[];
}

/** Holds what the platform has against what the ledger says it has. */
export function judge({ ledger, fresh, posts, audience }: Evidence): Verdict {
  const byKey = Map.groupBy(posts, ({ key }) => key ?? "none");
  const known = new Set(ledger.flatMap(keysOf));
  const messagesOf = (row: LedgerRow): readonly Posted[] =>
    keysOf(row)
      .flatMap((key) => byKey.get(key) ?? [])
      .toSorted((a, b) => a.at - b.at);
  return {
    lost: [
      ...audience
        .filter((channel) => !fresh.some((row) => row.kind === "bulletin" && row.channel === channel))
        .map((channel) => `${channel}: nothing was planned for it`),
      ...ledger.flatMap((row) => missing(row, messagesOf(row))),
    ],
    doubled: [
      ...ledger.flatMap((row) =>
        messagesOf(row)
          .slice(1)
          .map(({ id }) => `${nameOf(row)}: once more as ${id}`),
      ),
      // Whatever the app posted without a delivery behind it is one too many.
      ...posts
        .filter(({ key }) => !known.has(key ?? "none"))
        .map(({ id, channel, headline }) => `${channel}: ${id} belongs to no delivery: ${headline}`),
    ],
  };
}

/**
 * What a platform may have got as the key of this delivery: its id, on Discord shortened to a nonce. The ledger that is
 * broken on purpose puts the epoch behind it; its messages are still this delivery's.
 */
export function keysOf({ id, epoch }: LedgerRow): readonly string[] {
  const keys = [id, ...Array.from({ length: epoch }, (_, nr) => `${id}:${nr + 1}`)];
  return [...keys, ...keys.map(nonceOf)];
}

/** Why a delivery counts as lost; nothing when it does not. */
function missing(row: LedgerRow, messages: readonly Posted[]): readonly string[] {
  const wrong = {
    applied: () => [
      [messages.length === 0, "applied, and the platform has no message"],
      [!messages.some(({ id }) => id === row.message), "applied as another message"],
      [row.ended && row.kind === "bulletin" && !messages.every(isTakenBack), "recalled, and still shown"],
    ],
    blocked: () => [[messages.length > 0, "blocked, and yet posted"]],
    dead: () => [
      [row.reason === null, "dead without a reason"],
      [carriesBulletin(row) && !row.told, "dead, and nobody was told"],
    ],
  } as const;
  const judged =
    row.state in wrong ? wrong[row.state as keyof typeof wrong]() : [[true, "never came to rest"]];
  return judged.flatMap(([isSo, what]) => (isSo === true ? [`${nameOf(row)}: ${String(what)}`] : []));
}

function carriesBulletin({ kind }: LedgerRow): boolean {
  return kind === "bulletin" || kind === "correction";
}

function isTakenBack({ removed, headline }: Posted): boolean {
  return removed === true || headline.includes("CANCELLED");
}

function nameOf({ ref, kind, state, reason }: LedgerRow): string {
  return `${kind} ${ref} (${reason === null ? state : `${state}: ${reason}`})`;
}

function nonceOf(key: string): string {
  return createHash("sha256").update(key).digest().subarray(0, 16).toString("base64url");
}
