import { SHORTEST_HASH } from "./batch-store.ts";
import type { Imported, RowReport, Verdict } from "./importer.ts";

// What an import says at the terminal.

const verdictWords: Readonly<Record<Exclude<Verdict, "refused">, string>> = {
  new: "ok",
  unchanged: "already there, unchanged",
  changed: "changed",
  in_force: "in force with other words: it needs a change with approval (/entry show), and stays as it is",
  edited: "changed in chat since it was imported: it stays as it is there",
  ended: "its entry has ended and stays so: a new record takes a new number",
};

/** "row 7 · 2026-00417 · refused · facts: At least 80 characters." */
export function rowLine({ row, number, verdict, ref, problems = [] }: RowReport): string {
  const words =
    verdict === "refused"
      ? `refused · ${problems.map(({ column, sentence }) => (column === undefined ? sentence : `${column}: ${sentence}`)).join(" · ")}`
      : verdictWords[verdict];
  return visible(
    ["row", row, "·", number || "no number", "·", ...(ref === undefined ? [] : [ref, "·"]), words].join(" "),
  );
}

/** What the file says must not speak to the terminal. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
}

/** Enough of a hash to read to somebody. */
function shortHash(hash: string): string {
  return hash.slice(0, Math.max(16, SHORTEST_HASH));
}

export function summaryOf({ rows, counts, hash, stopped, refusal, waiting }: Imported, dry: boolean) {
  return {
    dry_run: dry,
    rows,
    ...counts,
    hash: hash ?? null,
    stopped,
    ...(refusal && { refusal }),
    ...(waiting !== undefined && { waiting }),
  };
}

export function summaryLines(outcome: Imported, dry: boolean): readonly string[] {
  const { rows } = outcome;
  return [`${count(rows)} ${rows === 1 ? "row" : "rows"}: ${figuresOf(outcome)}.`, ...endLines(outcome, dry)];
}

const count = (value: number): string => value.toLocaleString("en-US");

function figuresOf({ counts }: Imported): string {
  const rare = [
    [counts.in_force, counts.in_force === 1 ? "needs a change with approval" : "need a change with approval"],
    [counts.edited, "changed in chat since"],
    [counts.ended, "ended"],
  ] as const;
  return [
    `${count(counts.new)} new`,
    `${count(counts.unchanged)} already there`,
    `${count(counts.changed)} changed`,
    ...rare.flatMap(([value, words]) => (value > 0 ? [`${count(value)} ${words}`] : [])),
    `${count(counts.refused)} refused`,
  ].join(", ");
}

const refusals = {
  "file-changed":
    "The file changed while it was read. Import it again; nothing of it can be approved as it is.",
  "batch-approved":
    "This file is approved and being put in force. Nothing changed; look again in a few minutes.",
} as const;

function endLines(outcome: Imported, dry: boolean): readonly string[] {
  const { rows, counts, hash = "", stopped, refusal, waiting } = outcome;
  const approve = [`Hash: ${hash}`, `A second person approves it: /entry batch hash:${shortHash(hash)}`];
  if (stopped && dry) return ["Stopped. Nothing was written."];
  if (stopped) return ["Stopped. What is done is done: run the same command again and it goes on."];
  if (refusal !== undefined) return [refusals[refusal]];
  if (counts.refused > 0) return ["Nothing was written. Correct the refused rows and run it again."];
  if (rows === 0) return ["There is no row in it, only the header. Nothing was written."];
  if (dry) return ["Nothing was written: this was a dry run.", ...approve];
  return waiting === undefined
    ? ["Nothing changed. What waits for a second person waits as before.", `Hash: ${hash}`]
    : [
        `${count(waiting)} ${waiting === 1 ? "waits" : "wait"} for a second person; your agency's desk was told.`,
        ...approve,
      ];
}
