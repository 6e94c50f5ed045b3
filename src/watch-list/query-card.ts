import { contactWords, type AgencyContact } from "../agencies/agency.ts";
import { at, button, card, facts, note, text } from "../bot/answers.ts";
import type { Block, Button, Card } from "../chat.ts";
import { inZone } from "../clock.ts";
import { actOnItsOwn } from "../labels.ts";
import { entryCardLines } from "./entry-card.ts";
import type { Asker, Hit } from "./query-hit-store.ts";
import type { Fitting } from "./query-look.ts";
import type { Query } from "./query-store.ts";
import { caseWords, purposes, readInputs, type Limit } from "./query.ts";

/** What an answer is made from besides what was found. */
export interface Telling {
  readonly zone: string;
  readonly limit: Limit;
  /** May what was asked be repeated on this platform? */
  readonly words: boolean;
}

/** Everything of a question but what was found: what the answer "nothing to show" is made from. */
export type BareQuery = Omit<Query, "found">;

/** Nothing was found, or nothing that may be shown: one answer, and it cannot know which. Its caveats are [counsel]. */
export function noHitCard(query: BareQuery, telling: Telling): Card {
  return card(
    `Nothing to show for this query. ${query.ref}, ${inZone(query.at, telling.zone)}`,
    [
      text(`Searched: ${searched(query, telling)}. Exact spelling only. Try other spellings.`),
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

interface Hits {
  readonly hits: readonly Fitting[];
  /** More fit than are shown. */
  readonly more: boolean;
  readonly contacts: ReadonlyMap<string, AgencyContact>;
}

/** What fits and may be shown: cards of open entries, and for the others whom to call. */
export function hitCard(query: BareQuery, { hits, more, contacts }: Hits, telling: Telling): Card {
  const contactOf = (owner: string) => {
    const contact = contacts.get(owner);
    if (contact === undefined) throw new Error("the owner of an entry is missing from the directory");
    return contact;
  };
  const open = hits.filter(({ candidate }) => candidate.sensitivity === "OPEN");
  const owners = new Set(
    hits.flatMap(({ candidate }) => (candidate.sensitivity === "AGENCY_ONLY" ? [candidate.ownerAgency] : [])),
  );
  const sections = [
    ...open.map((hit) => openBlocks(hit, contactOf(hit.candidate.ownerAgency))),
    ...[...owners].map((owner) => agencyOnlyBlocks(query, contactOf(owner))),
  ];
  return card(
    `ANSWER TO YOUR QUERY ${query.ref}`,
    [
      ...sections.flatMap((section, place) => (place === 0 ? section : [divider, ...section])),
      more
        ? text("More entries fit than are shown. Give a birth date or an identifier and search again.")
        : undefined,
      ...remarks(query, telling),
    ],
    { buttons: buttonsOf(query), tone: "amber" },
  );
}

/** Where a private answer may show nothing, a hit and no hit look alike. */
export function waitingCard({ ref }: Pick<Query, "ref">): Card {
  return card(`An answer for ${ref} waits: /allpoints again in Slack, or call your watch desk.`, []);
}

const TOLD = "They are told who asked, why and when.";
const divider: Block = { kind: "divider" };

function openBlocks({ candidate: entry, band, why }: Fitting, owner: AgencyContact): readonly Block[] {
  const { caution, asked, contact, labels } = entryCardLines(entry, owner);
  return [
    text([{ bold: `${band} match` }, " · ", ...caution]),
    ...(entry.cautions.length === 0
      ? [text("No caution is on record. That does not mean there is none.")]
      : []),
    text(asked),
    text(`Why: ${why.join("; ")}. Make sure it is the same person.`),
    text(`${contact}. ${TOLD}`),
    note([...labels, " Gone on reload: Show again, 15 min."]),
  ];
}

function agencyOnlyBlocks({ ref }: BareQuery, owner: AgencyContact): readonly Block[] {
  return [
    text(`A record may match. Its owner keeps the details: call ${contactWords(owner)}, quote ${ref}.`),
    text("No caution is shown at this level. That does not mean there is none."),
    text(actOnItsOwn),
    text(TOLD),
  ];
}

/** "JON SMYTH · born 1984-03-02 · plate MD ABC1234": how the question was understood. */
function searched({ inputs }: BareQuery, { words }: Telling): string {
  const { tokens, born, identifiers } = readInputs(inputs);
  const name = tokens.length === 0 ? "no name" : words ? tokens.join(" ").toUpperCase() : "a name";
  const date = born === undefined ? "no birth date" : words ? `born ${born}` : "a birth date";
  const shown = identifiers.map((one) => (words ? one.shown : one.kind));
  return [name, date, ...(shown.length === 0 ? ["no plate or other identifier"] : shown)].join(" · ");
}

/** What the officer should know of the question itself, whatever the answer. */
function remarks({ inputs, inHour }: BareQuery, { words, limit }: Telling): readonly Block[] {
  const { unread } = readInputs(inputs);
  const left = words ? `: ${unread.join(", ")}` : "";
  return [
    ...(unread.length === 0 ? [] : [text(`Not understood and not searched${left}.`)]),
    ...(inHour <= limit.soft
      ? []
      : [
          note(
            `Your queries in the last hour: ${inHour}. Many in a short time are reviewed; at ${limit.hard} I stop answering.`,
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

const shownWords: Readonly<Record<Hit["shown"], string>> = {
  full: "They were shown its cautions, legal status and requested action, and your number.",
  owner_only: "They were shown your number and nothing else.",
  nothing: "They were shown nothing and do not know that it exists. Whoever calls them tells them.",
};

function purposeWords(purpose: string): string {
  const known: Readonly<Record<string, string>> = purposes;
  return (known[purpose] ?? purpose).toLowerCase();
}

/** In the owner's desk channel, for years: the same words whoever asked, whatever they were shown. */
export function ownerCard({ id, entryRef }: Pick<Hit, "id" | "entryRef">): Card {
  return card(`Somebody asked about ${entryRef}: open it privately.`, [], {
    buttons: [button(["hit.who", id], "Who asked")],
  });
}

const recorded = note("Seen by you, now: recorded.");

const unnamed = { withheld: "not shown on this platform", deleted: "not kept for more than a year" } as const;

/** Privately, for the owner's analysts. */
export function askerCard(hit: Hit, contact: AgencyContact, asker: Asker | keyof typeof unnamed): Card {
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
    text(shownWords[hit.shown]),
    text(`Call ${contactWords(contact)}, quote ${hit.queryRef}.`),
    recorded,
  ]);
}

/** The same where a private answer may show nothing: whom to call. */
export function askerElsewhereCard(hit: Hit, contact: AgencyContact): Card {
  return card(`Who asked about ${hit.entryRef}`, [
    text(`It is not shown on this platform: call ${contactWords(contact)}, quote ${hit.queryRef}.`),
    recorded,
  ]);
}
