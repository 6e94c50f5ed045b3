/** Who may do what. One table: the bot asks it before anything runs, `/allpoints help roles` prints it. */

export const roles = [
  "officer",
  "dispatcher",
  "analyst",
  "supervisor",
  "watch_commander",
  "agency_admin",
  "privacy_officer",
  "auditor",
] as const;
export type Role = (typeof roles)[number];

const onDuty = ["officer", "dispatcher", "analyst", "supervisor", "watch_commander"] as const;
const desk = ["analyst", "supervisor", "watch_commander"] as const;
const command = ["supervisor", "watch_commander"] as const;

interface Rule {
  /** As in "Not done: <deed> needs <roles>". */
  readonly words: string;
  readonly may: readonly Role[];
}

const rules = {
  "self.see": { words: "seeing your own account", may: roles },
  // Whoever belongs to an agency: nobody who knows of a threat is sent away.
  "tip.submit": { words: "reporting a tip", may: roles },
  "tip.read": { words: "reading a tip", may: desk },
  "tip.work": { words: "working on a tip", may: desk },
  "entry.read": { words: "reading a watch-list entry", may: [...desk, "privacy_officer"] },
  "entry.write": { words: "writing a watch-list entry", may: ["analyst", "supervisor"] },
  "entry.approve": { words: "approving a watch-list entry", may: [...command, "privacy_officer"] },
  /** First-Amendment flag, juveniles, RESTRICTED. */
  "entry.approve-sensitive": {
    words: "approving an entry about protected speech, a juvenile or a hidden record",
    may: ["privacy_officer"],
  },
  "entry.sign-hidden": {
    words: "hiding a caution (armed or violent) from those who ask",
    may: ["watch_commander"],
  },
  "entry.validate": { words: "validating a watch-list entry", may: [...command, "privacy_officer"] },
  "entry.validate-sensitive": {
    words: "validating an entry about protected speech, a juvenile or a hidden record",
    may: ["privacy_officer"],
  },
  "entry.challenge": { words: "taking or deciding a challenge of an entry", may: ["privacy_officer"] },
  "entry.end": { words: "ending a watch-list entry", may: [...desk, "privacy_officer"] },
  "bulletin.write": { words: "writing a bulletin", may: desk },
  "bulletin.read": { words: "reading a bulletin", may: roles },
  "bulletin.approve": { words: "approving a bulletin", may: command },
  "bulletin.emergency": { words: "sending an emergency bulletin alone", may: ["watch_commander"] },
  "bulletin.status": { words: "seeing who has a bulletin", may: [...desk, "privacy_officer", "auditor"] },
  "bulletin.cancel": { words: "cancelling a bulletin", may: desk },
  "bulletin.acknowledge": { words: "acknowledging", may: command },
  "subscription.set": { words: "subscribing a channel", may: ["supervisor", "agency_admin"] },
  "watch.ask": { words: "asking the watch-list", may: onDuty },
  "confirmation.answer": { words: "answering for your agency's watch-list entries", may: desk },
  "agency.manage": {
    words: "managing your agency's officers, channels and contact",
    may: ["agency_admin"],
  },
  "channel.clear": {
    words: "deciding what a channel or a platform may be shown",
    may: ["privacy_officer"],
  },
  "audit.read": { words: "reading the audit", may: ["auditor", "privacy_officer"] },
} as const satisfies Record<string, Rule>;

export type Deed = keyof typeof rules;
export const deeds = Object.keys(rules) as readonly Deed[];

/** What the policy must know of the thing besides its deed. Absent: nothing in particular. */
export interface Resource {
  /** The agency that owns it. */
  readonly agency?: string;
  /** Who wrote it: nobody approves their own. */
  readonly author?: string;
}

interface Person {
  readonly id: string;
  readonly agency: string;
  readonly roles: readonly Role[];
}

const secondPerson: readonly Deed[] = [
  "entry.approve",
  "entry.approve-sensitive",
  "entry.validate",
  "entry.validate-sensitive",
  "bulletin.approve",
];

/** Whether this person may do this. Pure; the database's own rules stand behind it. */
export function can(person: Person, deed: Deed, resource: Resource = {}): boolean {
  const may: readonly Role[] = rules[deed].may;
  if (!person.roles.some((role) => may.includes(role))) return false;
  if (resource.agency !== undefined && resource.agency !== person.agency) return false;
  return !(secondPerson.includes(deed) && resource.author === person.id);
}

/** "watch_commander" → "watch commander" */
export function roleWords(role: string): string {
  return role.replaceAll("_", " ");
}

/** "acknowledging" and "supervisor or watch commander", for the sentence that refuses. */
export function refusalWords(deed: Deed): { readonly deed: string; readonly who: string } {
  const { words, may } = rules[deed];
  const named = (may as readonly Role[]).map(roleWords);
  const last = named.at(-1) ?? "nobody";
  return { deed: words, who: named.length > 1 ? `${named.slice(0, -1).join(", ")} or ${last}` : last };
}

/** Every deed with the roles that may do it, for people to read. */
export function policyTable(): readonly { readonly deed: string; readonly who: string }[] {
  return deeds.map(refusalWords);
}
