import { listAcknowledgments } from "../acknowledgments/acknowledgment-store.ts";
import {
  acknowledgedLine,
  type AcknowledgedKind,
  type Acknowledgment,
} from "../acknowledgments/acknowledgment.ts";
import { agencyContact } from "../agencies/agency-store.ts";
import type { AgencyContact } from "../agencies/agency.ts";
import { officerName } from "../agencies/officer-store.ts";
import { at, button, card, text } from "../bot/answers.ts";
import type { Tools } from "../bot/command.ts";
import type { Button, Card, Inline } from "../chat.ts";
import type { Rendered, Rendering } from "../deliveries/delivery.ts";
import { oneByOne, type RenderMany } from "../notices.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { acknowledgeButtons, bulletinCard, correctionCard, endedCard } from "./bulletin-card.ts";
import { bulletinToShow } from "./bulletin-copy-store.ts";
import { asBulletin, bulletinById, overOf, type BulletinRow } from "./bulletin-store.ts";
import { bulletinTypes, hasEnded, levelNow, severities, type Bulletin } from "./bulletin.ts";

/** Of the private answers only whether a pointer may offer one matters here. */
type NoticeTools = Pick<Tools, "keyring" | "privateLevel">;

/** How bulletins, their corrections, approvals and reviews look in a channel, as they stand now. */
export function bulletinNotices(
  tools: NoticeTools,
): Readonly<Record<"bulletin" | "correction" | "approval" | "review", RenderMany>> {
  const { keyring } = tools;
  return {
    bulletin: bySubject(async (tx, renderings) => {
      const source = await readSource(keyring, tx, { renderings, kind: "bulletin" });
      return renderings.map((rendering) => copy(tools, source, rendering));
    }),
    correction: bySubject(async (tx, renderings) => {
      const source = await readSource(keyring, tx, { renderings, kind: "correction" });
      return renderings.map((rendering) => correction(source, rendering));
    }),
    approval: oneByOne(async (tx, { subjectId }) => ({
      card: await approvalCard(keyring, tx, await needed(tx, subjectId)),
    })),
    review: oneByOne(async (tx, { subjectId }) => ({
      card: await reviewCard(keyring, tx, await needed(tx, subjectId)),
    })),
  };
}

/** The copies of one bulletin share what is read. */
function bySubject(
  render: (tx: Tx, renderings: readonly [Rendering, ...Rendering[]]) => Promise<readonly Rendered[]>,
): RenderMany {
  return async (tx, renderings) => {
    const rendered = new Map<Rendering, Rendered>();
    for (const some of Map.groupBy(renderings, ({ subjectId }) => subjectId).values()) {
      const [first, ...others] = some;
      if (first === undefined) continue;
      // One connection: one after the other.
      // oxlint-disable-next-line no-await-in-loop
      const cards = await render(tx, [first, ...others]);
      for (const [place, card] of cards.entries()) {
        const one = some[place];
        if (one !== undefined) rendered.set(one, card);
      }
    }
    return renderings.flatMap((one) => rendered.get(one) ?? []);
  };
}

async function needed(tx: Tx, id: string): Promise<BulletinRow> {
  const row = await bulletinById(tx, id);
  if (row === undefined) throw new Error("a bulletin to be shown is not there");
  return row;
}

/** A bulletin as it stands, and who acknowledged it. */
interface Source {
  readonly row: BulletinRow;
  readonly owner: AgencyContact;
  /** Undefined: it is over, whether or not anything has written that down yet. */
  readonly bulletin: Bulletin | undefined;
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
}

interface Acknowledged {
  readonly name: string;
  readonly done: readonly [Acknowledgment, ...Acknowledgment[]];
}

interface Wanted {
  readonly renderings: readonly [Rendering, ...Rendering[]];
  readonly kind: AcknowledgedKind;
}

async function readSource(keyring: Keyring, tx: Tx, { renderings, kind }: Wanted): Promise<Source> {
  const [{ subjectId }] = renderings;
  const agencies = [...new Set(renderings.map(({ agency }) => agency))];
  const found = await bulletinToShow(tx, { id: subjectId, kind, agencies });
  if (found === undefined) throw new Error("a bulletin to be shown is not there");
  const { row, owner, now, acknowledged } = found;
  const ended = hasEnded({ state: row.state, expiresAt: row.expires_at }, now);
  return {
    row,
    owner,
    bulletin: ended ? undefined : asBulletin(keyring, row),
    acknowledged: acknowledged
      ? await readAcknowledged(keyring, tx, { bulletinId: subjectId, kind, agencies })
      : new Map(),
  };
}

interface By {
  readonly bulletinId: string;
  readonly kind: AcknowledgedKind;
  readonly agencies: readonly string[];
}

async function readAcknowledged(
  keyring: Keyring,
  tx: Tx,
  by: By,
): Promise<ReadonlyMap<string, Acknowledged>> {
  const acknowledged = new Map<string, Acknowledged>();
  const all = await listAcknowledgments(tx, keyring, by);
  for (const [agency, [first, ...others]] of Map.groupBy(all, (one) => one.agency)) {
    if (first === undefined) continue;
    // oxlint-disable-next-line no-await-in-loop
    const { name } = await agencyContact(tx, agency);
    acknowledged.set(agency, { name, done: [first, ...others] });
  }
  return acknowledged;
}

/** One copy. What has ended shows no content. */
function copy(tools: NoticeTools, source: Source, rendering: Rendering): Rendered {
  const { row, owner, bulletin } = source;
  if (bulletin === undefined) return { card: endedCard(overOf(row), owner, rendering.zone) };
  const level = levelNow(bulletin, rendering.level ?? "pointer");
  const read = tools.privateLevel[rendering.platform] === "none" ? undefined : row.ref;
  const { lines, buttons } = linesOf(source, rendering, acknowledgeButtons(level, rendering.id, read));
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

function correction(source: Source, rendering: Rendering): Rendered {
  const { row, owner } = source;
  const { lines, buttons } = linesOf(source, rendering, [
    button(["bulletin.acknowledge", rendering.id], "Acknowledge correction", { tone: "primary" }),
  ]);
  return { card: correctionCard(overOf(row), { owner, lines, buttons }), threadTitle: row.ref };
}

/**
 * The line of the agency whose channel it is; other agencies' acknowledgments are the owner's to see. `fresh`: the
 * buttons of a copy that nobody of the agency acknowledged yet.
 */
function linesOf({ acknowledged }: Source, { agency, zone }: Rendering, fresh: readonly Button[]) {
  const by = acknowledged.get(agency);
  if (by === undefined) return { lines: [], buttons: fresh };
  return {
    lines: by.done.map((one) => acknowledgedLine(one, by.name, zone)),
    buttons: [
      button(["acknowledgment.note", by.done[0].id], "Add note"),
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
