import type { Role } from "../bot/policy.ts";

/** How soon, as the officer chooses it. */
export const urgencies = {
  now: "Now or within 24 h",
  days: "Days",
  weeks: "Weeks or longer",
  unknown: "No time given",
  past: "Already over",
} as const;
export type Urgency = keyof typeof urgencies;

export const sources = {
  own_observation: "I saw or heard it",
  relative_or_friend: "Family, friend or partner told me",
  somebody_else: "Somebody else told me",
  online: "Online",
  call: "911 or desk call",
  confidential_source: "Confidential source",
  other_agency: "Another agency",
  supervision: "Jail, probation or parole",
} as const;
export type Source = keyof typeof sources;

/** As a card in a channel says it: never who the source is to the person. */
export const sourceOnCard: Readonly<Record<Source, string>> = {
  own_observation: "seen or heard by an officer",
  relative_or_friend: "told by a family member or friend",
  somebody_else: "told by somebody",
  online: "seen online",
  call: "by telephone",
  confidential_source: "from a confidential source",
  other_agency: "from another agency",
  supervision: "from jail, probation or parole",
};

export type Priority = "P0" | "P1" | "P2" | "P3";

/** The clock a tip proposes; the analyst's grade may correct it. See domain triage: P0 imminent … P3 information. */
export const proposedPriority: Readonly<Record<Urgency, Priority>> = {
  now: "P0",
  days: "P1",
  weeks: "P2",
  unknown: "P2",
  past: "P3",
};

/** Admiralty scale, with the definition beside the letter. */
export const sourceGrades = {
  A: "A completely reliable: no doubt, history of it",
  B: "B usually reliable: minor doubt",
  C: "C fairly reliable: doubt, but right before",
  D: "D not usually reliable: significant doubt",
  E: "E unreliable: lacks authenticity",
  F: "F cannot be judged (every first-time source)",
} as const;
export const informationGrades = {
  "1": "1 confirmed by other, independent sources",
  "2": "2 probably true: logical, agrees with others",
  "3": "3 possibly true: reasonably logical",
  "4": "4 doubtful: not logical, nothing agrees",
  "5": "5 improbable: contradicted by others",
  "6": "6 truth cannot be judged",
} as const;
export const threatToLife = {
  yes: "Yes: a threat to somebody's life",
  unclear: "Unclear: treat as yes until known",
  no: "No",
} as const;
export const yesNo = { yes: "Yes", no: "No" } as const;

export const outcomes = {
  substantiated: "Substantiated: supported by facts",
  unsubstantiated: "Unsubstantiated: could not be supported",
  unfounded: "Unfounded: shown to be wrong",
  information_only: "Information only: no act is threatened",
  referred: "Referred to another agency",
  malicious: "Malicious: made up to do harm",
} as const;
export type Outcome = keyof typeof outcomes;

/** The words of a tip, sealed together. */
export interface TipWords {
  readonly said: string;
  readonly who?: string | undefined;
  readonly where?: string | undefined;
}

export interface Tip {
  readonly id: string;
  readonly ref: string;
  readonly agency: string;
  readonly submittedBy: string;
  readonly submittedAt: Date;
  readonly urgency: Urgency;
  readonly source: Source;
  readonly priority: Priority;
  readonly state: "new" | "taken" | "closed" | "withdrawn" | "purged";
  readonly takenBy: string | null;
  readonly grade:
    | { readonly source: string; readonly information: string; readonly threatToLife: string }
    | undefined;
  readonly protectedSpeech: boolean;
  readonly outcome: Outcome | null;
  readonly words: TipWords | undefined;
}

const desk: readonly Role[] = ["analyst", "supervisor", "watch_commander"];

/** Who may read the words: the desk of the agency that took it, and whoever submitted it. */
export function mayRead(
  officer: { readonly id: string; readonly roles: readonly Role[] },
  tip: Tip,
): boolean {
  return tip.submittedBy === officer.id || officer.roles.some((role) => desk.includes(role));
}

/** Days a tip is kept; speech that threatens no act, a week. [counsel]: after the Tips and Leads paper, from memory */
export function retentionDays(graded: boolean, protectedSpeech: boolean): number {
  if (protectedSpeech) return 7;
  return graded ? 90 : 30;
}
