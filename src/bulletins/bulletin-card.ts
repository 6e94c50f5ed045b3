import { contactWords, type AgencyContact } from "../agencies/agency.ts";
import { at, button, card, note, quote, text } from "../bot/answers.ts";
import type { Block, Button, Card, Inline, Tone } from "../chat.ts";
import { inBoth } from "../clock.ts";
import type { Level } from "../deliveries/delivery.ts";
import {
  cautions,
  informationGrades,
  legalStatuses,
  requestedActions,
  sourceGrades,
  tlpWords,
  type Tlp,
  actOnItsOwn,
} from "../labels.ts";
import {
  areasWords,
  bulletinTitle,
  cancelReasons,
  hoursWords,
  toldAt,
  unreviewed,
  type Bulletin,
} from "./bulletin.ts";

/** What a bulletin's card shows besides the bulletin. */
export interface Around {
  readonly owner: AgencyContact;
  /** Lines under the text: who acknowledged for the agency that reads it. */
  readonly lines?: readonly string[];
  readonly buttons?: readonly Button[];
  /** The first send may have arrived: the card says so. */
  readonly repeated?: boolean;
}

const notEnough = "Not probable cause, and not by itself reasonable suspicion";
const tones: Readonly<Record<Tlp, Tone>> = {
  clear: "clear",
  green: "green",
  amber: "amber",
  "amber+strict": "amber",
};

/** A bulletin as a channel of that level sees it. */
export function bulletinCard(level: Level, bulletin: Bulletin, around: Around): Card {
  switch (toldAt(bulletin, level)) {
    case "full":
      return fullCard(bulletin, around);
    case "summary":
      return summaryCard(bulletin, around);
    case "pointer":
      return pointerCard(bulletin, around);
  }
}

function fullCard(bulletin: Bulletin, around: Around): Card {
  const { content, pap, sourceGrade, informationGrade } = bulletin;
  return framed(bulletin, around, [
    text([{ bold: content.headline }]),
    quote(content.known),
    optional(content.unknown, "Not known: "),
    optional(content.person),
    optional(content.danger, "Imminent danger: "),
    cautionLine(bulletin),
    text(askedLine(bulletin)),
    text(actOnItsOwn),
    text(
      `Source ${sourceGrade} (${sourceGrades[sourceGrade]}), information ${informationGrade} (${informationGrades[informationGrade]}). Verify first: ${phoneWords(bulletin, around)}.`,
    ),
    note([
      ...labelWords(bulletin),
      ` · PAP:${pap.toUpperCase()} · `,
      ...untilWords(bulletin),
      ", then discard",
    ]),
  ]);
}

/**
 * Privacy fields are absent, not blacked out. Only what rests on naming nobody shows its own text: anybody may be
 * named in a sentence.
 */
function summaryCard(bulletin: Bulletin, around: Around): Card {
  const { basis, content, personal, ref } = bulletin;
  const phone = phoneWords(bulletin, around);
  const told =
    basis === "situational"
      ? [
          text([{ bold: content.headline }]),
          quote(content.known),
          optional(content.unknown, "Not known: "),
          text(`More: ${phone}, quote ${ref}.`),
        ]
      : [
          optional(content.summary),
          text(
            personal
              ? `Identity withheld: this channel is not cleared for personal details. Get it: ${phone}, quote ${ref}.`
              : `More: ${phone}, quote ${ref}.`,
          ),
        ];
  return framed(bulletin, around, [
    ...told,
    cautionLine(bulletin),
    text(`${askedLine(bulletin)} ${notEnough}.`),
    note([...labelWords(bulletin), " · ", ...untilWords(bulletin)]),
  ]);
}

/** Severity, owner, area, a number, the reference: nothing anybody said. */
function pointerCard(bulletin: Bulletin, around: Around): Card {
  const { ref, areas } = bulletin;
  const where = ` · area: ${areasWords(areas)}`;
  const fits = headlineOf(bulletin, around).length + where.length <= 150;
  const pointer = framed(bulletin, around, [
    fits ? undefined : text(`Area: ${areasWords(areas)}`),
    text(
      `Nothing more may be shown in this channel. Get it now: ${contactWords(around.owner)}, quote ${ref}.`,
    ),
    text(["Do nothing to anyone because of this message alone. ", ...capital(untilWords(bulletin)), "."]),
  ]);
  return fits ? { ...pointer, headline: pointer.headline + where } : pointer;
}

function framed(bulletin: Bulletin, around: Around, blocks: readonly (Block | undefined)[]): Card {
  return card(
    headlineOf(bulletin, around),
    [
      bulletin.exercise ? text([{ bold: "EXERCISE: this is not real. Take no action." }]) : undefined,
      unreviewedBanner(bulletin),
      around.repeated === true ? text("Possible repeat of the same reference.") : undefined,
      ...blocks,
      ...(around.lines ?? []).map(note),
    ],
    { buttons: around.buttons ?? [], tone: tones[bulletin.tlp] },
  );
}

/** A lock screen may show only this line: no person, and none of the author's words. */
function headlineOf(bulletin: Bulletin, { owner }: Around): string {
  return `${bulletinTitle(bulletin)} · ${owner.name}`.slice(0, 150);
}

function unreviewedBanner(bulletin: Bulletin): Block | undefined {
  if (!unreviewed(bulletin)) return undefined;
  const sent: readonly Inline[] = bulletin.sentAt === null ? [""] : [", ", at(bulletin.sentAt), ","];
  const due: readonly Inline[] =
    bulletin.reviewDueAt === null ? [] : ["Second review due ", at(bulletin.reviewDueAt), ". "];
  const shrunk =
    bulletin.shrunkAt === null
      ? ""
      : "No second person reviewed it in 24 h, so its content was removed here. ";
  return text([
    { bold: "UNREVIEWED" },
    ": sent by the watch commander alone",
    ...sent,
    " to prevent imminent danger. ",
    ...(shrunk === "" ? due : [shrunk]),
    "Do not rely on it without calling.",
  ]);
}

function optional(words: string | undefined, lead = ""): Block | undefined {
  return words === undefined ? undefined : text(lead + words);
}

function cautionLine({ cautions: codes }: Bulletin): Block | undefined {
  const known: Readonly<Record<string, string>> = cautions;
  return codes.length === 0
    ? undefined
    : text([{ bold: "CAUTION" }, `, as reported: ${codes.map((code) => known[code] ?? code).join(", ")}.`]);
}

function askedLine({ legalStatus, requestedAction }: Bulletin): string {
  return `${legalStatuses[legalStatus]} · ASKED: ${requestedActions[requestedAction]}`;
}

function phoneWords({ content }: Bulletin, { owner }: Around): string {
  return content.phone ?? contactWords(owner);
}

/** AMBER alone reads as an AMBER Alert: a plain sentence always stands beside it. */
function labelWords({ tlp }: Bulletin): readonly Inline[] {
  return [`LES · TLP:${tlp.toUpperCase()} (${tlpWords[tlp]})`];
}

/** Before it is sent nobody can say until when it holds, only for how long. */
function untilWords({ expiresAt, validHours }: Bulletin): readonly Inline[] {
  return expiresAt === null ? [`for ${hoursWords(validHours)} from sending`] : ["until ", at(expiresAt)];
}

function capital([first, ...rest]: readonly Inline[]): readonly Inline[] {
  return typeof first === "string"
    ? [first.charAt(0).toUpperCase() + first.slice(1), ...rest]
    : [first ?? "", ...rest];
}

// ------------------------------------------------------------------------------------------- when it is over

/** What is still known of a bulletin whose content may be gone. */
export type Over = Pick<Bulletin, "ref" | "exercise" | "cancelReason" | "endedAt" | "expiresAt">;

/** What a copy becomes: cancelled, or run out. */
export function endedCard(bulletin: Over, owner: AgencyContact, zone: string): Card {
  const { ref, cancelReason, endedAt, expiresAt } = bulletin;
  const ended = endedAt ?? expiresAt;
  const when = ended === null ? "" : ` ${inBoth(ended, zone)}`;
  const exercise = bulletin.exercise ? "EXERCISE " : "";
  if (cancelReason === null) {
    return card(
      `${exercise}${ref} ended${when}`,
      [text("Content removed here. Discard notes and print-outs; do not act on it.")],
      { tone: "ended" },
    );
  }
  return card(
    `${exercise}CANCELLED ${ref}${when}: ${cancelReasons[cancelReason]}`,
    [
      text("Content removed here. Do not act on any copy; discard notes and print-outs."),
      text(`Questions: ${contactWords(owner)}, quote ${ref}.`),
    ],
    { tone: "ended" },
  );
}

/** The new message that follows a tombstone, because an edit alerts nobody. */
export function correctionCard(
  { ref, cancelReason, exercise }: Over,
  { owner, lines = [], buttons = [] }: Around,
): Card {
  const why = cancelReason === null ? "" : `: ${cancelReasons[cancelReason].toUpperCase()}`;
  return card(
    `${exercise ? "EXERCISE " : ""}CANCELLED ${ref}${why}. Do not act on any copy.`,
    [text(`Tell your shift; destroy print-outs. ${contactWords(owner)}.`), ...lines.map(note)],
    { buttons, tone: "red" },
  );
}

/** What a receiver presses. A pointer says nothing of the content, so its buttons promise only a call. */
export function acknowledgeButtons(level: Level, deliveryId: string, read?: string): readonly Button[] {
  if (level !== "pointer") {
    return [button(["bulletin.acknowledge", deliveryId], "Acknowledge for our agency", { tone: "primary" })];
  }
  return [
    button(["bulletin.acknowledge", deliveryId], "Received, we will call", { tone: "primary" }),
    button(["bulletin.acknowledge-text", deliveryId], "We have the full text"),
    ...(read === undefined ? [] : [button(["bulletin.read", read], "Read")]),
  ];
}
