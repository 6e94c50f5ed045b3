import { contactWords, type AgencyContact } from "../agencies/agency.ts";
import { at, button, card, facts, note, text } from "../bot/answers.ts";
import type { Block, Button, Card } from "../chat.ts";
import { inZone } from "../clock.ts";
import { actOnItsOwn } from "../labels.ts";
import { entryCardLines } from "./entry-card.ts";
import type { Identifier } from "./identifier.ts";
import type { Asker, Hit as TheirHit } from "./query-hit-store.ts";
import type { Hit } from "./query-look.ts";
import type { Query } from "./query-store.ts";
import {
  caseWords,
  isUrgent,
  purposes,
  readInputs,
  type Asked,
  type CountedGroup,
  type Limit,
} from "./query.ts";

/** What an answer is made from besides what was found. */
export interface Telling {
  readonly zone: string;
  readonly limit: Limit;
  /** May what was asked be repeated on this platform? */
  readonly words: boolean;
  /** Parts of plates that fit more than were looked at. */
  readonly tooWide: readonly Identifier[];
}

/** Everything of a question but what was found: what the answer "nothing to show" is made from. */
export type BareQuery = Omit<Query, "found" | "counted">;

/** Nothing was found, or nothing that may be shown: one answer, and it cannot know which. Its caveats are [counsel]. */
export function noHitCard(query: BareQuery, telling: Telling): Card {
  return card(
    `Nothing to show for this query. ${query.ref}, ${inZone(query.at, telling.zone)}`,
    [
      searchedBlock(query, telling),
      text(
        "This is not an all-clear: it does not say that no record exists, or that anyone is safe. " +
          "Not NCIC: run state/NCIC as usual.",
      ),
      text(
        `Logged: you, ${purposes[query.purpose].toLowerCase()}, ${caseWords(query.inputs)}. ` +
          "Another agency may contact you about any query.",
      ),
      ...remarks(query, telling),
    ],
    { buttons: buttonsOf(query) },
  );
}

/** A hit, and where it stands in the query's record: what its buttons are about. */
export interface PlacedHit extends Hit {
  readonly place: number;
}

export interface Hits {
  readonly hits: readonly PlacedHit[];
  /** More fit than are shown. */
  readonly more: boolean;
  readonly counted: readonly CountedGroup[];
  readonly contacts: ReadonlyMap<string, AgencyContact>;
}

/** What fits and may be shown: cards of open entries, and for the others whom to call. */
export function hitCard(query: BareQuery, { hits, more, counted, contacts }: Hits, telling: Telling): Card {
  const sections = sectionsOf(hits).map((hit, at, all): Section => {
    const owner = contacts.get(hit.ownerAgency);
    if (owner === undefined) throw new Error("the owner of an entry is missing from the directory");
    return { hit, owner, query, number: all.length === 1 ? "" : `${at + 1} · `, words: telling.words };
  });
  const blocks = sections.map((section) =>
    section.hit.sensitivity === "OPEN" ? openBlocks(section) : agencyOnlyBlocks(section),
  );
  return card(
    `ANSWER TO YOUR QUERY ${query.ref}`,
    [
      ...blocks.flatMap((section, place) => (place === 0 ? section : [divider, ...section])),
      ...counted.map((group) => text(countedWords(group, query, telling))),
      more
        ? text("More entries fit than are shown. Give a birth date or an identifier and search again.")
        : undefined,
      searchedBlock(query, telling),
      ...remarks(query, telling),
    ],
    { buttons: [...sections.flatMap(hitButtons), ...buttonsOf(query)], tone: "amber" },
  );
}

/** Every open entry, then each owner of the others once: how many they keep is theirs to tell. */
function sectionsOf(hits: readonly PlacedHit[]): readonly PlacedHit[] {
  const others = hits.filter(({ sensitivity }) => sensitivity !== "OPEN");
  return [
    ...hits.filter(({ sensitivity }) => sensitivity === "OPEN"),
    ...others.filter(
      (hit, place) => others.findIndex((one) => one.ownerAgency === hit.ownerAgency) === place,
    ),
  ];
}

/** "JOHN SMITH: 184 entries at 9 agencies. Too many to tell apart: add a birth date or a middle name." */
function countedWords({ entries, agencies }: CountedGroup, query: BareQuery, { words }: Telling): string {
  const asked = readAgain(query);
  const name = words && asked.name !== undefined ? nameWords(asked) : "This name";
  const add = asked.born === undefined ? "a birth date or a middle name" : "a middle name or an identifier";
  const at = `${agencies} ${agencies === 1 ? "agency" : "agencies"}`;
  return `${name}: ${entries} entries at ${at}. Too many to tell apart: add ${add}. ${actOnItsOwn}`;
}

/** Where a private answer may show nothing, a hit and no hit look alike. */
export function waitingCard({ ref }: Pick<Query, "ref">): Card {
  return card(`An answer for ${ref} waits: /allpoints again in Slack, or call your watch desk.`, []);
}

const TOLD = "They are told who asked, why and when.";
const divider: Block = { kind: "divider" };

/** One hit on the card, with "2 · " where there are several. */
interface Section {
  readonly hit: PlacedHit;
  readonly owner: AgencyContact;
  readonly query: BareQuery;
  readonly number: string;
  /** May the words of the question and of the entry be compared on this platform? */
  readonly words: boolean;
}

function openBlocks({ hit, owner, number, words }: Section): readonly Block[] {
  const { band, why, challenged, reviewDue } = hit;
  const { caution, asked, contact, labels } = entryCardLines(hit, owner);
  return [
    text([{ bold: `${number}${band} match` }, " · ", ...caution]),
    ...(challenged
      ? [
          text([
            { bold: "UNDER REVIEW: " },
            "somebody says this entry is wrong. Call its owner before you use it.",
          ]),
        ]
      : []),
    ...(reviewDue
      ? [
          text([
            { bold: "REVIEW OVERDUE: " },
            "its owner has not checked it in time. Call before you use it.",
          ]),
        ]
      : []),
    ...(hit.cautions.length === 0
      ? [text("No caution is on record. That does not mean there is none.")]
      : []),
    text(asked),
    text(
      words
        ? `Why: ${why.join("; ")}. Make sure it is the same person.`
        : "Why it fits may not be shown on this platform. Make sure it is the same person.",
    ),
    text(`${contact}. ${TOLD}`),
    note([...labels, " Gone on reload: Show again, 15 min."]),
  ];
}

function agencyOnlyBlocks({ query, owner, number }: Section): readonly Block[] {
  return [
    text(
      `${number}A record may match. Its owner keeps the details: call ${contactWords(owner)}, quote ${query.ref}.`,
    ),
    text("No caution is shown at this level. That does not mean there is none."),
    text(actOnItsOwn),
    text(TOLD),
  ];
}

/** Each is about one hit: its place in the query's record, never the entry's id, which the asker may not know. */
function hitButtons({ hit, query, number }: Section): readonly Button[] {
  const subject = `${query.id}.${hit.place}`;
  const wait = isUrgent(query.purpose) ? "10 min" : "1 h";
  const isOpen = hit.sensitivity === "OPEN";
  const asks = `${number}Ask owner to ${isOpen ? "confirm" : "call"}: ${wait}`;
  return [
    button(["confirm.ask", subject], asks),
    button(["outcome.not_same", subject], `${number}Not same person`),
    ...(isOpen ? [button(["outcome.ask", subject], `${number}What happened`)] : []),
  ];
}

// ------------------------------------------------------------------------------------------------ the question

/** As it was understood when it was asked. */
function readAgain({ inputs, at: askedAt }: BareQuery): Asked {
  return readInputs(inputs, askedAt);
}

function nameWords({ tokens, suffix }: Asked): string {
  return [...tokens, ...(suffix === undefined ? [] : [suffix])].join(" ").toUpperCase();
}

/** "Searched: JON SMYTH · born 1984-03-02 ±1 year · plate MD ABC1234. …": how the question was understood. */
function searchedBlock(query: BareQuery, { words }: Telling): Block {
  const asked = readAgain(query);
  const { name, born, identifiers } = asked;
  const called = name === undefined ? "no name" : words ? nameWords(asked) : "a name";
  const date = born === undefined ? "no birth date" : words ? born.shown : "a birth date";
  const shown = identifiers.map((one) => (words ? one.shown : one.kind));
  const all = [called, date, ...(shown.length === 0 ? ["no plate or other identifier"] : shown)].join(" · ");
  const how = [
    ...(name === undefined ? [] : ["Similar spellings, short names and other scripts are searched too."]),
    ...plateWords(identifiers.filter(({ kind }) => kind === "plate")),
  ];
  return text([`Searched: ${all}.`, ...how].join(" "));
}

function plateWords(plates: readonly Identifier[]): readonly string[] {
  if (plates.length === 0) return [];
  const apart = plates.every(({ issuer }) => issuer !== undefined);
  return [`Plates that look alike are searched too${apart ? ", those of other states are not" : ""}.`];
}

/** What the officer should know of the question itself, whatever the answer. */
function remarks(query: BareQuery, { words, limit, tooWide }: Telling): readonly Block[] {
  const { unread } = readAgain(query);
  const left = words ? `: ${unread.join(", ")}` : "";
  return [
    ...tooWide.map(({ shown }) =>
      text(`${words ? `The ${shown}` : "Part of a plate"} fits too many plates: give more of it.`),
    ),
    ...(unread.length === 0 ? [] : [text(`Not understood and not searched${left}.`)]),
    ...(query.inHour <= limit.soft
      ? []
      : [
          note(
            `Your queries in the last hour: ${query.inHour}. Many in a short time are reviewed; at ${limit.hard} I stop answering.`,
          ),
        ]),
  ];
}

function buttonsOf({ id }: BareQuery): readonly Button[] {
  return [
    button(["query.change", id], "Change and search again"),
    button(["query.again", id], "Show again, 15 min"),
  ];
}

// ------------------------------------------------------------------------------------------------ the owner's side

const shownWords: Readonly<Record<TheirHit["shown"], string>> = {
  full: "They were shown its cautions, legal status and requested action, and your number.",
  owner_only: "They were shown your number and nothing else.",
  nothing: "They were shown nothing and do not know that it exists. Whoever calls them tells them.",
};

function purposeWords(purpose: string): string {
  const known: Readonly<Record<string, string>> = purposes;
  return (known[purpose] ?? purpose).toLowerCase();
}

/** In the owner's desk channel, for years: the same words whoever asked, whatever they were shown. */
export function ownerCard({ id, entryRef }: Pick<TheirHit, "id" | "entryRef">): Card {
  return card(`Somebody asked about ${entryRef}: open it privately.`, [], {
    buttons: [button(["hit.who", id], "Who asked")],
  });
}

const recorded = note("Seen by you, now: recorded.");

const unnamed = { withheld: "not shown on this platform", deleted: "not kept for more than a year" } as const;

/** Privately, for the owner's analysts. */
export function askerCard(hit: TheirHit, contact: AgencyContact, asker: Asker | keyof typeof unnamed): Card {
  const purpose = purposeWords(hit.purpose);
  return card(`Who asked about ${hit.entryRef}`, [
    facts(
      ["Officer", typeof asker === "string" ? unnamed[asker] : asker.name],
      ["Agency", contact.name],
      ["When", [at(hit.askedAt)]],
      ["Why", typeof asker === "string" ? purpose : `${purpose}, ${caseWords(asker)}`],
      ["Query", hit.queryRef],
      ["Entry", `${hit.entryRef}, ${hit.sensitivity}`],
    ),
    ...(hit.retro ? [text("They asked before the entry was in force, within the five days before.")] : []),
    text(shownWords[hit.shown]),
    text(`Call ${contactWords(contact)}, quote ${hit.queryRef}.`),
    recorded,
  ]);
}

/** The same where a private answer may show nothing: whom to call. */
export function askerElsewhereCard(hit: TheirHit, contact: AgencyContact): Card {
  return card(`Who asked about ${hit.entryRef}`, [
    text(`It is not shown on this platform: call ${contactWords(contact)}, quote ${hit.queryRef}.`),
    recorded,
  ]);
}
