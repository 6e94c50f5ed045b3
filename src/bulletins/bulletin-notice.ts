import { listAcknowledgments } from "../acknowledgments/acknowledgment-store.ts";
import { acknowledgedLine, type AcknowledgedKind } from "../acknowledgments/acknowledgment.ts";
import { agencyContact } from "../agencies/agency-store.ts";
import { officerName } from "../agencies/officer-store.ts";
import { at, button, card, text } from "../bot/answers.ts";
import type { Tools } from "../bot/command.ts";
import type { Button, Card, Inline } from "../chat.ts";
import type { Rendered, Rendering } from "../deliveries/delivery.ts";
import { businessNow } from "../store/clock-store.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { acknowledgeButtons, bulletinCard, correctionCard, endedCard } from "./bulletin-card.ts";
import { asBulletin, bulletinById, overOf, type BulletinRow } from "./bulletin-store.ts";
import { bulletinTypes, hasEnded, levelNow, severities } from "./bulletin.ts";

/** Of the private answers only whether a pointer may offer one matters here. */
type NoticeTools = Pick<Tools, "keyring" | "privateLevel">;
type Render = (tx: Tx, rendering: Rendering) => Promise<Rendered>;

/** How bulletins, their corrections, approvals and reviews look in a channel, as they stand now. */
export function bulletinNotices(
  tools: NoticeTools,
): Readonly<Record<"bulletin" | "correction" | "approval" | "review", Render>> {
  return {
    bulletin: (tx, rendering) => copy(tools, tx, rendering),
    correction: (tx, rendering) => correction(tools, tx, rendering),
    async approval(tx, { subjectId }) {
      return { card: await approvalCard(tools.keyring, tx, await needed(tx, subjectId)) };
    },
    async review(tx, { subjectId }) {
      return { card: await reviewCard(tools.keyring, tx, await needed(tx, subjectId)) };
    },
  };
}

async function needed(tx: Tx, id: string): Promise<BulletinRow> {
  const row = await bulletinById(tx, id);
  if (row === undefined) throw new Error("a bulletin to be shown is not there");
  return row;
}

/** One copy. What has ended shows no content, whether or not anything has written that down yet. */
async function copy(tools: NoticeTools, tx: Tx, rendering: Rendering): Promise<Rendered> {
  const row = await needed(tx, rendering.subjectId);
  const owner = await agencyContact(tx, row.agency_id);
  const bulletin = asBulletin(tools.keyring, row);
  if (
    bulletin === undefined ||
    hasEnded({ state: row.state, expiresAt: row.expires_at }, await businessNow(tx))
  ) {
    return { card: endedCard(overOf(row), owner, rendering.zone) };
  }
  const level = levelNow(bulletin, rendering.level ?? "pointer");
  const read = tools.privateLevel[rendering.platform] === "none" ? undefined : row.ref;
  const { lines, buttons } = await acknowledged(tools.keyring, tx, {
    rendering,
    kind: "bulletin",
    fresh: acknowledgeButtons(level, rendering.id, read),
  });
  return {
    card: bulletinCard(level, bulletin, { owner, lines, buttons, repeated: rendering.repeated }),
    given: {
      object: `bulletin:${row.id}`,
      version: row.version,
      reason: "subscription",
      tlp: bulletin.tlp,
      level,
    },
    threadTitle: row.ref,
  };
}

async function correction(tools: NoticeTools, tx: Tx, rendering: Rendering): Promise<Rendered> {
  const row = await needed(tx, rendering.subjectId);
  const owner = await agencyContact(tx, row.agency_id);
  const { lines, buttons } = await acknowledged(tools.keyring, tx, {
    rendering,
    kind: "correction",
    fresh: [button(["bulletin.acknowledge", rendering.id], "Acknowledge correction", { tone: "primary" })],
  });
  return { card: correctionCard(overOf(row), { owner, lines, buttons }), threadTitle: row.ref };
}

interface Asked {
  readonly rendering: Rendering;
  readonly kind: AcknowledgedKind;
  /** The buttons of a copy that nobody of the agency acknowledged yet. */
  readonly fresh: readonly Button[];
}

/** The line of the agency whose channel it is; other agencies' acknowledgments are the owner's to see. */
async function acknowledged(keyring: Keyring, tx: Tx, { rendering, kind, fresh }: Asked) {
  const { agency, subjectId, zone } = rendering;
  const done = await listAcknowledgments(tx, keyring, { bulletinId: subjectId, kind, agency });
  const [first] = done;
  if (first === undefined) return { lines: [], buttons: fresh };
  const { name } = await agencyContact(tx, agency);
  return {
    lines: done.map((one) => acknowledgedLine(one, name, zone)),
    buttons: [
      button(["acknowledgment.note", first.id], "Add note"),
      ...fresh.filter(({ action }) => action === "bulletin.read"),
    ],
  };
}

// -------------------------------------------------------------------- for the own desk: content-free, then privately

async function approvalCard(keyring: Keyring, tx: Tx, row: BulletinRow): Promise<Card> {
  const { ref, state } = row;
  const what =
    row.severity === null || row.type === null
      ? ""
      : ` ${severities[row.severity]} ${bulletinTypes[row.type]}`;
  const author = await officerName(tx, keyring, row.author_id);
  if (state === "waiting") {
    return card(
      `A draft waits: ${ref}.${what}`,
      [text(`By ${author}. Nothing is sent before a second person has read it.`)],
      {
        buttons: [button(["bulletin.open", ref], "Open", { tone: "primary" })],
      },
    );
  }
  if (state === "draft") {
    const by =
      row.returned_by === null
        ? []
        : [`Returned to ${author} by ${await officerName(tx, keyring, row.returned_by)}`];
    return card(`${ref} was returned with a note.`, [text([...by, ...when(row.returned_at), "."])]);
  }
  const by = row.approver_id === null ? [] : [`By ${await officerName(tx, keyring, row.approver_id)}`];
  const over = state === "sent" ? "" : " It has ended since.";
  return card(`${ref} was approved and sent.${over}`, [text([...by, ...when(row.sent_at), "."])], {
    buttons: [button(["bulletin.status", ref], "Status")],
  });
}

function when(moment: Date | null): readonly Inline[] {
  return moment === null ? [] : [", ", at(moment)];
}

async function reviewCard(keyring: Keyring, tx: Tx, row: BulletinRow): Promise<Card> {
  const { ref } = row;
  if (row.reviewed_by !== null) {
    return card(`${ref} was reviewed.`, [
      text([`By ${await officerName(tx, keyring, row.reviewed_by)}`, ...when(row.reviewed_at), "."]),
    ]);
  }
  if (row.state !== "sent") return card(`${ref} has ended: no review is needed any more.`, []);
  const author = await officerName(tx, keyring, row.author_id);
  return card(
    `SECOND REVIEW DUE: ${ref}`,
    [
      text([
        `Sent by ${author} alone`,
        ...when(row.sent_at),
        ", to prevent imminent danger. Nobody has reviewed it.",
      ]),
      text(
        "A second supervisor or watch commander confirms or cancels it. Unreviewed for 24 h, every copy shrinks to a pointer.",
      ),
    ],
    { buttons: [button(["bulletin.review", ref], "Review", { tone: "primary" })] },
  );
}
