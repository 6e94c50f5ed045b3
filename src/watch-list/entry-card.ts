import { contactWords, type AgencyContact } from "../agencies/agency.ts";
import { at, card, facts, note, quote, text } from "../bot/answers.ts";
import type { Block, Button, Card, Inline, Text, Tone } from "../chat.ts";
import { DAY } from "../clock.ts";
import {
  actOnItsOwn,
  cautions,
  informationGrades,
  legalStatuses,
  requestedActions,
  sourceGrades,
  tlpWords,
  type Caution,
  type InformationGrade,
  type LegalStatus,
  type Pap,
  type RequestedAction,
  type SourceGrade,
  type Tlp,
} from "../labels.ts";
import {
  CHALLENGE_DAYS,
  endReasons,
  predicates,
  REVIEW_GRACE_DAYS,
  sensitivities,
  standsAs,
  suspendedReasons,
  type Entry,
} from "./entry.ts";

/** What a hit shows of an entry: nothing about the person. */
export interface EntryFace {
  readonly ref: string;
  readonly cautions: readonly Caution[];
  readonly legalStatus: LegalStatus;
  readonly requestedAction: RequestedAction;
  readonly sourceGrade: SourceGrade;
  readonly informationGrade: InformationGrade;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly expiresAt: Date;
}

/** The parts of a hit's card, in the order in which they must be read. */
export interface EntryCardLines {
  /** "CAUTION: armed and dangerous (as reported, B3) · NO WARRANT" */
  readonly caution: readonly Inline[];
  /** "ASKED: be aware…", with the whole caveat. */
  readonly asked: string;
  readonly grade: string;
  /** "E-4QX-2MK, Metro watch 555-0142, 24 h" */
  readonly contact: string;
  readonly labels: readonly Inline[];
}

export function entryCardLines(face: EntryFace, owner: AgencyContact): EntryCardLines {
  const { sourceGrade, informationGrade } = face;
  return {
    caution: cautionWords(face),
    asked: askedWords(face),
    grade: gradeWords({ sourceGrade, informationGrade }),
    contact: `${face.ref}, ${contactWords(owner)}`,
    labels: [
      ...labelWords(face),
      " · valid until ",
      at(face.expiresAt),
      "; do not copy. Do not tell the person.",
    ],
  };
}

type Warning = Pick<EntryFace, "cautions" | "legalStatus" | "sourceGrade" | "informationGrade">;

/** Somebody at a car door reads one line: what endangers them comes first in it. */
function cautionWords({
  cautions: codes,
  legalStatus,
  sourceGrade,
  informationGrade,
}: Warning): readonly Inline[] {
  const status = legalStatuses[legalStatus];
  if (codes.length === 0) return [status];
  const words = codes.map((code) => cautions[code]).join(", ");
  return [{ bold: `CAUTION: ${words}` }, ` (as reported, ${sourceGrade}${informationGrade}) · ${status}`];
}

function askedWords({ requestedAction }: Pick<EntryFace, "requestedAction">): string {
  return `ASKED: ${requestedActions[requestedAction]} ${actOnItsOwn}`;
}

function gradeWords({
  sourceGrade,
  informationGrade,
}: Pick<EntryFace, "sourceGrade" | "informationGrade">): string {
  return `Source ${sourceGrade} (${sourceGrades[sourceGrade]}), information ${informationGrade} (${informationGrades[informationGrade]}).`;
}

/** AMBER alone reads as an AMBER Alert: a plain sentence always stands beside it. */
function labelWords({ tlp, pap }: Pick<EntryFace, "tlp" | "pap">): readonly Inline[] {
  return [`LES · TLP:${tlp.toUpperCase()} (${tlpWords[tlp]}) · PAP:${pap.toUpperCase()}`];
}

// ------------------------------------------------------------------------------------------- for its own agency

export interface Telling {
  /** May the words be shown on this platform? */
  readonly words: boolean;
  readonly author: string;
  /** The agencies that may match it, by name. */
  readonly audience: readonly string[];
  /** What still stands in the way of an approval; for the author. */
  readonly missing?: readonly string[];
  /** Shown to whoever decides. */
  readonly approving?: boolean;
  readonly now: Date;
  /** Lines about versions and who was shown it: nothing about the person. */
  readonly standing?: readonly string[];
  readonly buttons: readonly Button[];
}

const stateWords: Readonly<Record<Entry["state"], string>> = {
  draft: "draft",
  waiting: "waits for a second person",
  active: "in force",
  suspended: "suspended: no query finds it",
  cancelled: "cancelled",
  expired: "expired",
  purged: "deleted",
};

/** Everything, privately, for those of its own agency who work on it. */
export function entryCard(entry: Entry, telling: Telling): Card {
  const { ref, exercise } = entry;
  const state = standsAs(entry, telling.now);
  return card(
    `${exercise ? "EXERCISE " : ""}Entry ${ref} · ${stateWords[state]}`,
    [
      text(`By ${telling.author}.`),
      ...deadlines(entry, telling.now),
      ...(telling.standing ?? []).map((line) => text(line)),
      gaps(telling.missing),
      ...(telling.words ? wordBlocks(entry) : [withheld]),
      ...labelBlocks(entry, telling.audience),
      ...(telling.approving === true ? [question] : []),
      note("For your own agency only. Seen by you, now: recorded."),
    ],
    { buttons: telling.buttons, tone: toneOf({ ...entry, state }) },
  );
}

const withheld = text(
  "The words may not be shown on this platform, so it cannot be decided here. Open it in your agency's Slack.",
);
const question = note(
  "APPROVE? You confirm: predicate read, words quoted not judged, no protected trait used as a reason. It is then found by the queries of those named above.",
);

function toneOf({ state, tlp }: Entry): Tone {
  if (state === "cancelled" || state === "expired") return "ended";
  return tlp === "green" ? "green" : "amber";
}

function gaps(missing: readonly string[] = []): Block | undefined {
  return missing.length === 0 ? undefined : text([{ bold: "Still missing: " }, missing.join("; "), "."]);
}

function deadlines(entry: Entry, now: Date): readonly Block[] {
  const { state, expiresAt, reviewDueAt, endedAt, endReason, suspendedReason, challengedAt } = entry;
  if (endedAt !== null) {
    return [text(["Ended ", at(endedAt), endReason === null ? "." : `: ${endReasons[endReason]}.`])];
  }
  if (expiresAt === null || reviewDueAt === null || (state !== "active" && state !== "suspended")) return [];
  return [
    text(["Valid until ", at(expiresAt), ...reviewWords(entry, reviewDueAt, now), "."]),
    ...(suspendedReason === null
      ? []
      : [text(`Suspended: ${suspendedReasons[suspendedReason]}. Only a validation brings it back.`)]),
    ...(challengedAt === null
      ? []
      : [
          text([
            { bold: "Under review" },
            " since ",
            at(challengedAt),
            ": decided by ",
            at(later(challengedAt, CHALLENGE_DAYS)),
            ", or suspended.",
          ]),
        ]),
  ];
}

function reviewWords({ state, validatedBy }: Entry, due: Date, now: Date): readonly Inline[] {
  if (state !== "active" || due > now) {
    return [` · ${validatedBy === null ? "first" : "next"} review due `, at(due)];
  }
  return [
    " · ",
    { bold: "review due" },
    " since ",
    at(due),
    "; suspended ",
    at(later(due, REVIEW_GRACE_DAYS)),
  ];
}

function later(from: Date, days: number): Date {
  return new Date(from.getTime() + days * DAY);
}

function wordBlocks({ content, returnedNote, predicate, offence, juvenile }: Entry): readonly Block[] {
  return [
    ...(returnedNote === undefined ? [] : [text([{ bold: "Returned: " }, returnedNote])]),
    facts(
      ["Names", content.names.join("\n")],
      ["Born", content.birthDates.join(", ")],
      ["Identifiers", content.identifiers.map(({ shown }) => shown).join(", ")],
      ["Description", content.description],
      ["Juvenile", juvenile === true ? "yes" : undefined],
      ["Predicate", predicate === null ? undefined : predicates[predicate]],
      ["Offence", offence ?? undefined],
    ),
    ...titled("Facts", content.facts),
    facts(
      ["Documents", content.sources],
      ["Why it matters to others", content.relevance],
      ["Opinion, religion or protest: direct relation to the act", content.directRelation],
      ["Caution hidden because", content.hiddenReason],
    ),
  ];
}

function titled(title: string, words: string | undefined): readonly Block[] {
  return words === undefined ? [] : [text([{ bold: title }]), quote(words)];
}

function labelBlocks(entry: Entry, audience: readonly string[]): readonly Block[] {
  const { legalStatus, requestedAction, sourceGrade, informationGrade, sensitivity, tlp, pap } = entry;
  const graded =
    sourceGrade === null || informationGrade === null
      ? undefined
      : gradeWords({ sourceGrade, informationGrade });
  const caution =
    legalStatus === null
      ? undefined
      : cautionWords({
          cautions: entry.cautions ?? [],
          legalStatus,
          sourceGrade: sourceGrade ?? "F",
          informationGrade: informationGrade ?? "6",
        });
  const lines: readonly (Text | undefined)[] = [
    caution,
    requestedAction === null ? undefined : askedWords({ requestedAction }),
    graded,
    sensitivity === null
      ? undefined
      : `Who asks: ${sensitivities[sensitivity]} May match it: ${audience.length === 0 ? "all member agencies" : audience.join(", ")}.`,
  ];
  return [
    ...lines.flatMap((line) => (line === undefined ? [] : [text(line)])),
    ...(tlp === null || pap === null ? [] : [note([...labelWords({ tlp, pap }), validWords(entry)])]),
  ];
}

function validWords({ validDays, expiresAt }: Entry): string {
  return expiresAt === null && validDays !== null
    ? ` · for ${validDays} ${validDays === 1 ? "day" : "days"} from approval`
    : "";
}
