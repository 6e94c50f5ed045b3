import { areaWords } from "../agencies/agency.ts";
import { DAY, HOUR } from "../clock.ts";
import type { Level } from "../deliveries/delivery.ts";
import type { InformationGrade, LegalStatus, Pap, RequestedAction, SourceGrade, Tlp } from "../labels.ts";

// What a bulletin is made of, in words, and the rules about it that need no database.

export const bulletinTypes = {
  officer_safety: "officer-safety bulletin",
  bolo_person: "be-on-the-lookout (person) bulletin",
  bolo_vehicle: "be-on-the-lookout (vehicle) bulletin",
  attempt_to_locate: "attempt-to-locate bulletin",
  situational: "situational bulletin",
  request_for_information: "request for information",
} as const;
export type BulletinType = keyof typeof bulletinTypes;

/** CAP 1.2 severity, as people say it. */
export const severities = { extreme: "CRITICAL", severe: "HIGH", moderate: "MEDIUM", minor: "LOW" } as const;
export type Severity = keyof typeof severities;

export const validFor = {
  "12": "12 hours",
  "24": "24 hours",
  "72": "72 hours",
  "168": "7 days",
  "720": "30 days",
} as const;
export const emergencyValidFor = { "12": "12 hours", "24": "24 hours", "72": "72 hours" } as const;

export const cancelReasons = {
  resolved: "resolved",
  error: "error",
  wrong_person: "wrong person",
  superseded: "superseded",
  label: "wrong label",
} as const;
export type CancelReason = keyof typeof cancelReasons;

/** An edit alerts nobody: where people may act on what was wrong, a new message follows the tombstones. */
export function needsCorrection(reason: CancelReason): boolean {
  return reason === "error" || reason === "wrong_person";
}

/** The words of a bulletin, sealed together because they are read together. */
export interface BulletinContent {
  /** The bottom line up front. */
  readonly headline: string;
  readonly known: string;
  readonly unknown?: string | undefined;
  /** The person and the vehicle: in full cards only. */
  readonly person?: string | undefined;
  /**
   * What a channel that is not cleared for personal details reads instead. An emergency may do without: it must not
   * wait for another text, and a pointer brings people to the telephone, which is where an emergency wants them.
   */
  readonly summary?: string | undefined;
  readonly phone?: string | undefined;
  /** The imminent danger, for an emergency. */
  readonly danger?: string | undefined;
}

export type BulletinState = "draft" | "waiting" | "sent" | "cancelled" | "expired" | "purged";
export type Basis = "entry" | "situational" | "emergency";

/** A bulletin with all three pages filled in. */
export interface Bulletin {
  readonly id: string;
  readonly agency: string;
  readonly ref: string;
  readonly version: number;
  readonly exercise: boolean;
  readonly state: BulletinState;
  readonly basis: Basis;
  readonly entryId: string | null;
  readonly tipId: string | null;
  readonly type: BulletinType;
  readonly severity: Severity;
  readonly content: BulletinContent;
  /** Of everything above and below that receivers see: what an approval binds to. */
  readonly hash: Buffer;
  readonly personal: boolean;
  readonly legalStatus: LegalStatus;
  readonly requestedAction: RequestedAction;
  readonly cautions: readonly string[];
  readonly sourceGrade: SourceGrade;
  readonly informationGrade: InformationGrade;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly areas: readonly string[];
  readonly validHours: number;
  readonly authorId: string;
  readonly approverId: string | null;
  readonly returnedBy: string | null;
  readonly returnedAt: Date | null;
  readonly sentAt: Date | null;
  readonly expiresAt: Date | null;
  readonly reviewDueAt: Date | null;
  readonly reviewedBy: string | null;
  readonly reviewedAt: Date | null;
  readonly shrunkAt: Date | null;
  readonly cancelReason: CancelReason | null;
  readonly endedAt: Date | null;
}

/** "HIGH officer-safety bulletin B-7K3-M9Q v1": names no person, because a lock screen shows it. */
export function bulletinTitle(
  bulletin: Pick<Bulletin, "exercise" | "severity" | "type" | "ref" | "version">,
): string {
  const { exercise, severity, type, ref, version } = bulletin;
  return `${exercise ? "EXERCISE " : ""}${severities[severity]} ${bulletinTypes[type]} ${ref} v${version}`;
}

export function areasWords(areas: readonly string[]): string {
  return areas.map(areaWords).join(", ");
}

/** How soon the ledger sends it, its recall and its correction: 1 first. 3 and below counts as critical. */
export function urgencyOf(severity: Severity): number {
  return { extreme: 2, severe: 3, moderate: 6, minor: 7 }[severity];
}

/** What is asked of the receivers: how soon somebody says that they have it. */
export const acknowledgmentAsked: Readonly<Record<Severity, string>> = {
  extreme: "Asks an acknowledgment in 5 min",
  severe: "Asks an acknowledgment in 30 min",
  moderate: "Asks an acknowledgment by the end of the shift",
  minor: "Asks no acknowledgment",
};

/** An emergency that no second person has reviewed. */
export function unreviewed({ basis, reviewedAt }: Pick<Bulletin, "basis" | "reviewedAt">): boolean {
  return basis === "emergency" && reviewedAt === null;
}

/** What a copy may still show: after a day without review an emergency is a pointer everywhere. */
export function levelNow(bulletin: Bulletin, level: Level): Level {
  return bulletin.shrunkAt !== null && unreviewed(bulletin) ? "pointer" : toldAt(bulletin, level);
}

/** Without a summary there is nothing to show where the text may not be read, and so only whom to call. */
export function toldAt({ basis, content }: Pick<Bulletin, "basis" | "content">, level: Level): Level {
  const nothing = level === "summary" && basis !== "situational" && content.summary === undefined;
  return nothing ? "pointer" : level;
}

/** Whoever is on the watch-list is somebody, also where their name stands in the text and not in its own field. */
export function namesSomebody(basis: Basis | null, person: string | undefined): boolean {
  return basis === "entry" || person !== undefined;
}

/** Over as of `now`, whether or not anything has written that down yet. */
export function hasEnded({ state, expiresAt }: Pick<Bulletin, "state" | "expiresAt">, now: Date): boolean {
  return (
    state === "cancelled" ||
    state === "expired" ||
    state === "purged" ||
    (expiresAt !== null && expiresAt <= now)
  );
}

/** "72 hours", "7 days" */
export function hoursWords(hours: number): string {
  return hours * HOUR > 3 * DAY && hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
}

/** Words with a digit, and names: what tells who somebody is. */
const telling = /(?=[\p{L}\p{N}]*\p{N})[\p{L}\p{N}]{3,}|\p{Lu}[\p{L}\p{N}'’]{2,}/gu;

/**
 * A telling word of the person's description that the summary repeats, if there is one. A net for slips, not a proof;
 * area names may be said.
 */
export function repeatedWord(person: string, summary: string, areas: readonly string[]): string | undefined {
  const spoken = new Set(wordsOf(summary));
  const allowed = new Set(wordsOf(areas.join(" ")));
  return [...person.matchAll(telling)]
    .map(([word]) => word)
    .find((word) => wordsOf(word).some((part) => spoken.has(part) && !allowed.has(part)));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}'’]+/gu) ?? [];
}

export const openStates = ["draft", "waiting"] as const;
