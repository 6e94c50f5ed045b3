import { addNotice, noticesAbout } from "../agencies/notice-store.ts";
import { noticeWords, type NoticeKind } from "../agencies/notice.ts";
import { officerName } from "../agencies/officer-store.ts";
import { at, button, card, text } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import type { Block, Button, Card, Inline } from "../chat.ts";
import { requestInChannels, requestToPerson, wantNew } from "../deliveries/delivery-store.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { entryStanding, type EntryStanding } from "./entry-life-store.ts";
import { endReasons, suspendedReasons, type Entry } from "./entry.ts";

// The card in the own desk channel that asks for a second person. It stays there for good, so it says what is true
// now: that the entry still waits, or what became of it. Never anything about the person.

/** What the desk was told of this entry looks different now. Returns the installations to wake. */
export async function entryMoved(
  tx: Tx,
  { agency, ref }: Pick<Entry, "agency" | "ref">,
): Promise<readonly string[]> {
  const wake: string[] = [];
  for (const subjectId of await noticesAbout(tx, { agency, kind: "entry_waiting", ref })) {
    // One connection: one after the other.
    // oxlint-disable-next-line no-await-in-loop
    wake.push(...(await wantNew(tx, { subjectId, kinds: ["notice"] })));
  }
  return wake;
}

/** The same, where somebody acted. */
export async function showEntryMoved({ tx, wake }: Call, entry: Entry): Promise<void> {
  for (const installation of await entryMoved(tx, entry)) wake.add(installation);
}

const URGENCY = 4;

/** As the system: tells its author and the own desk that something fell due. Returns the installations to wake. */
export async function noticeOfEntry(
  tx: Tx,
  { agency, ref, author }: Pick<Entry, "agency" | "ref" | "author">,
  kind: NoticeKind,
): Promise<readonly string[]> {
  const subjectId = await addNotice(tx, { agency, kind, ref });
  const told = { kind: "notice", subjectId, agency, urgency: URGENCY } as const;
  const desk = await requestInChannels(tx, { ...told, use: "desk" });
  return [...desk, ...(await requestToPerson(tx, { ...told, officerId: author }))];
}

/** The card about an entry of the own agency, as the entry stands now. */
export function renderWaitingEntry(keyring: Keyring): (tx: Tx, ref: string) => Promise<Card> {
  return async (tx, ref) => {
    const entry = await entryStanding(tx, ref);
    if (entry === undefined) throw new Error("a notice about an entry that is not there");
    const nameOf = (officer: string) => officerName(tx, keyring, officer);
    return standingCard(entry, {
      author: await nameOf(entry.author),
      approver: entry.approver === null ? undefined : await nameOf(entry.approver),
    });
  };
}

interface Names {
  readonly author: string;
  readonly approver: string | undefined;
}

function standingCard(entry: EntryStanding, { author, approver }: Names): Card {
  const { ref, approvedAt } = entry;
  const by = approver === undefined ? [] : [text([`By ${approver}`, ...when(approvedAt), "."])];
  switch (entry.state) {
    case "draft":
      return entry.returned
        ? card(`${ref} was returned with a note.`, [text(`Returned to ${author}.`)])
        : card(`${ref} is being changed.`, [text(`${author} took it back, and sends it anew.`)]);
    case "waiting":
      return card(noticeWords.entry_waiting(ref), [text(`By ${author}. ${untilRead(entry)}`)], {
        buttons: [open(ref, { tone: "primary" })],
      });
    case "active":
      return card(`${ref} was approved.`, by, { buttons: [open(ref)] });
    case "suspended":
      return card(
        `${ref} was approved. It is suspended now: no query finds it.`,
        [...by, ...becauseOf(entry)],
        { buttons: [open(ref)] },
      );
    case "cancelled":
    case "expired":
    case "purged":
      return overCard(entry, by);
  }
}

/** Of what is over: ended, discarded, or part of another entry. */
function overCard(
  { ref, changes, version, approvedAt, endedAt, endReason }: EntryStanding,
  by: readonly Block[],
): Card {
  if (approvedAt === null)
    return card(`${ref} was discarded.`, [text("Nobody had approved it, so its words are deleted.")]);
  if (changes !== null) {
    return card(`${ref} was approved: it is ${changes} now, version ${version}.`, by, {
      buttons: [open(changes)],
    });
  }
  return card(`${ref} has ended${endReason === null ? "" : `: ${endReasons[endReason]}`}.`, [
    text(["No query finds it any more", ...when(endedAt), "."]),
  ]);
}

function untilRead({ changes }: EntryStanding): string {
  return changes === null
    ? "No query finds it before a second person has read it."
    : `It changes ${changes}, which is found as it was approved until a second person has read this.`;
}

function becauseOf({ suspendedReason }: EntryStanding): readonly Block[] {
  if (suspendedReason === null || suspendedReason === "by_hand") return [];
  return [text(`Because ${suspendedReasons[suspendedReason]}. A validation brings it back.`)];
}

function open(ref: string, extra: Pick<Button, "tone"> = {}): Button {
  return button(["entry.open", ref], "Open", extra);
}

function when(moment: Date | null): readonly Inline[] {
  return moment === null ? [] : [", ", at(moment)];
}
