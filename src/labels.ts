// The words of labels and instructions, the same on every card: an entry's, a query's answer, a bulletin.

export const legalStatuses = {
  no_warrant: "NO WARRANT",
  warrant: "WARRANT (confirm via NCIC before acting)",
  pc_exists: "PROBABLE CAUSE (confirm with the owner before acting)",
  wanted_for_questioning: "WANTED FOR QUESTIONING, NO WARRANT",
} as const;
export type LegalStatus = keyof typeof legalStatuses;

export const requestedActions = {
  awareness: "be aware. Do not seek contact.",
  document: "be aware, document and report. Do not seek contact.",
  contact_originator: "be aware, call owner before acting.",
  locate: "locate and report. Do not detain.",
  detain_with_pc: "detain only once the owner has confirmed warrant or probable cause.",
} as const;
export type RequestedAction = keyof typeof requestedActions;

export type Pap = "clear" | "green" | "amber" | "red";

const papOf: Readonly<Record<RequestedAction, Pap>> = {
  awareness: "red",
  document: "red",
  contact_originator: "red",
  locate: "amber",
  detain_with_pc: "green",
};

/** What the receiver may do follows from what is asked. */
export function papFor(action: RequestedAction): Pap {
  return papOf[action];
}

/** NCIC's cautions that say something about safety (00, 05, 15, 25, 70, 10); health data is not among them. */
export const cautions = {
  armed: "armed and dangerous",
  violent: "violent",
  explosives: "explosives",
  escape_risk: "escape risk",
  suicidal: "danger to self",
  martial_arts: "martial arts",
} as const;
export type Caution = keyof typeof cautions;

/** TLP:RED is for named persons only: neither a channel nor an answer to a query can carry it, so nobody can choose it. */
export const tlpWords = {
  clear: "no limit",
  green: "law enforcement only, not in public channels",
  amber: "your agency and those it serves, need to know",
  "amber+strict": "your agency only, need to know",
} as const;
export type Tlp = keyof typeof tlpWords;

/** Admiralty scale, as a reader needs it beside the letter. */
export const sourceGrades = {
  A: "completely reliable",
  B: "usually reliable",
  C: "fairly reliable",
  D: "not usually reliable",
  E: "unreliable",
  F: "reliability unknown",
} as const;
export type SourceGrade = keyof typeof sourceGrades;
export const informationGrades = {
  "1": "confirmed by others",
  "2": "probably true",
  "3": "possibly true",
  "4": "doubtful",
  "5": "improbable",
  "6": "truth cannot be judged",
} as const;
export type InformationGrade = keyof typeof informationGrades;

/** On every hit and every full bulletin, whole. [counsel] after US v. Hensley and Florida v. J.L., from memory */
export const actOnItsOwn =
  "Not probable cause, and not by itself reasonable suspicion: do not stop, extend a stop, search, detain or arrest on this alone.";
