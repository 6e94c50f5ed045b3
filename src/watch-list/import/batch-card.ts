import { at, button, card, facts, note, text } from "../../bot/answers.ts";
import type { Block, Button, Card, Inline } from "../../chat.ts";
import { predicates, sensitivities } from "../entry.ts";
import { SUSPENDED } from "./batch-settling-store.ts";
import { shownBatch, type Batch, type BatchFigures, type KeptOut } from "./batch-store.ts";

// How a batch looks: to the desk as one line that names nobody, and privately with what a second person needs to know.

const count = (value: number): string => value.toLocaleString("en-US");
/** Enough of it for a button, and to be typed. */
const shortHash = (hash: string): string => hash.slice(0, 16);
/** "1 entry", "1,204 entries" */
export const entriesOf = (value: number): string => `${count(value)} ${value === 1 ? "entry" : "entries"}`;

export interface Named {
  readonly author: string;
  readonly approver: string | undefined;
}

/** How far its decision has come. */
export interface Settling {
  /** How many are still to be put in force or given back. */
  readonly left: number;
  readonly keptOut: readonly KeptOut[];
}

/** "An import of 1,204 entries waits for a second person." */
export function batchHeadline(
  { state, entries }: Pick<Batch, "state" | "entries">,
  settling: Settling,
): string {
  const all = entriesOf(entries ?? 0);
  switch (state) {
    case "filling":
      return "An import is still being read.";
    case "waiting":
      return `An import of ${all} waits for a second person.`;
    case "approved":
      return `An import of ${all} was approved: ${progress(entries ?? 0, settling)} active.`;
    case "active":
      return settling.keptOut.length === 0
        ? `An import of ${all} was approved and is in force.`
        : `An import of ${all} was approved: ${progress(entries ?? 0, settling)} came into force.`;
    case "returned":
      return `An import of ${all} was returned.`;
    case "replaced":
      return "An import was replaced by a later one.";
  }
}

/** "500 of 1,300" */
function progress(all: number, { left, keptOut }: Settling): string {
  const out = keptOut.reduce((sum, { entries }) => sum + entries, 0);
  return `${count(all - left - out)} of ${count(all)}`;
}

/** Why entries of an approved import are not in force, in words that say nothing of anybody. */
const keptOutWords: Readonly<Record<string, string>> = {
  [SUSPENDED]:
    "suspended with all your agency's entries, because requests to confirm stayed unanswered: each is found once it is validated",
  inv_02_role: "back to their author: whoever approved them may not do so any more",
  inv_02_second_person: "back to their author: nobody approves what they wrote",
  hidden_danger: "back to their author: a hidden caution that no watch commander signed for",
  inv_03_expiry: "back to their author: their time is over, or longer than five years",
  juvenile_180_end: "back to their author: a juvenile's lasts at most 180 days",
};

function keptOutLines(keptOut: readonly KeptOut[]): readonly Block[] {
  const given = keptOut.some(({ reason }) => reason !== SUSPENDED);
  return [
    ...keptOut.map(({ reason, entries }) =>
      text([
        { bold: `${count(entries)} not in force` },
        `, ${keptOutWords[reason] ?? `back to their author: a rule about entries refused them (${reason})`}.`,
      ]),
    ),
    ...(given
      ? [text("What is back waits again when the file is imported again; a second person then decides.")]
      : []),
  ];
}

/** In the desk's channel. */
export function deskCard(batch: Batch, { author, approver }: Named, settling: Settling): Card {
  const decided = decidedBy(batch, approver);
  const by =
    batch.state === "waiting"
      ? [text(`Made for ${author}. No query finds any of it before a second person has decided.`)]
      : decided === undefined
        ? []
        : [text(decided)];
  return card(batchHeadline(batch, settling), [...by, ...keptOutLines(settling.keptOut)], {
    buttons: [
      button(
        ["import.open", shortHash(batch.hash)],
        "Open",
        batch.state === "waiting" ? { tone: "primary" } : {},
      ),
    ],
  });
}

function decidedBy({ decidedAt }: Batch, approver: string | undefined): readonly Inline[] | undefined {
  return approver === undefined || decidedAt === null ? undefined : [`By ${approver}, `, at(decidedAt), "."];
}

export interface BatchTelling extends Named, Settling {
  readonly figures: BatchFigures;
  /** May this officer decide here and now? If not, why. */
  readonly why: string | undefined;
  readonly mayDecide: boolean;
  readonly maySample: boolean;
}

/** Privately, for those of the agency who work on entries. */
export function batchCard(batch: Batch, telling: BatchTelling): Card {
  const { figures, left, why, mayDecide } = telling;
  const { hash, returnedNote } = batch;
  const decided = decidedBy(batch, telling.approver);
  return card(
    batchHeadline(batch, telling),
    [
      text([`Made for ${telling.author}, `, at(batch.madeAt), "."]),
      ...(decided === undefined ? [] : [text(decided)]),
      ...keptOutLines(telling.keptOut),
      ...(returnedNote === undefined ? [] : [text([{ bold: "Returned: " }, returnedNote])]),
      facts(["Hash", hash.match(/.{1,16}/g)?.join(" ")], ...(left === 0 ? [] : figureRows(figures))),
      ...(why === undefined ? [] : [text(why)]),
      ...(mayDecide ? [question] : []),
    ],
    { buttons: buttonsOf(batch, telling) },
  );
}

const question = note(
  "APPROVE? Compare the hash with the one the dry run gave its author, and read at random. You confirm for every entry: predicate given, words quoted not judged, no protected trait used as a reason.",
);

function figureRows(figures: BatchFigures): readonly (readonly [string, string | undefined])[] {
  const { restricted, juveniles, speech, shortest, longest, firstDay, lastDay } = figures;
  const sensitive = [
    restricted > 0 ? `${count(restricted)} RESTRICTED` : undefined,
    juveniles > 0 ? `${count(juveniles)} of juveniles` : undefined,
    speech > 0 ? `${count(speech)} that involve opinion, religion or protest` : undefined,
  ].filter((words) => words !== undefined);
  return [
    ["Predicates", lines(figures.predicates, predicates)],
    ["Who asks", lines(figures.sensitivities, sensitivities)],
    ["Takes a privacy officer", sensitive.join(", ")],
    [
      "Valid",
      shortest === longest
        ? `${shortest} ${shortest === 1 ? "day" : "days"}`
        : `${shortest} to ${longest} days`,
    ],
    ["Of those that end on a day", firstDay === null ? undefined : `${firstDay} to ${lastDay ?? firstDay}`],
  ];
}

function lines(counts: Readonly<Record<string, number>>, words: Readonly<Record<string, string>>): string {
  return Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([code, value]) => `${count(value)} · ${words[code] ?? code}`)
    .join("\n");
}

function buttonsOf(batch: Batch, { mayDecide, maySample, left }: BatchTelling): readonly Button[] {
  const { state } = batch;
  const entries = batch.entries ?? 0;
  const hash = shortHash(batch.hash);
  return [
    ...(mayDecide
      ? [
          button(["import.approve", shownBatch(batch)], `Approve all ${count(entries)}`, {
            tone: "primary",
            confirm: `Put ${entriesOf(entries)} in force?`,
          }),
        ]
      : []),
    ...(maySample ? [button(["import.sample", hash], "Read 10 at random")] : []),
    ...(mayDecide ? [button(["import.return", hash], "Return")] : []),
    ...(left > 0 && (state === "approved" || state === "returned")
      ? [button(["import.open", hash], "Look again")]
      : []),
  ];
}

interface Sample {
  readonly ref: string;
  readonly number: string;
}

/** Entries by chance, each opened by a button like any other entry. */
export function sampleCard(hash: string, sample: readonly Sample[], words: boolean): Card {
  return card(
    `${sample.length} of an import, by chance`,
    [
      ...sample.map(({ ref, number }) =>
        text([{ bold: ref }, ...(words ? [` · your number ${number}`] : [])]),
      ),
      note(`Whoever opens one is on record. Then decide: /entry batch hash:${shortHash(hash)}`),
    ],
    { buttons: sample.map(({ ref }) => button(["entry.open", ref], ref)) },
  );
}
