import { agencyContact } from "../agencies/agency-store.ts";
import { contactWords } from "../agencies/agency.ts";
import { officerName } from "../agencies/officer-store.ts";
import { at, button, say, show, text } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Block, Button, Card, Text } from "../chat.ts";
import { inZone } from "../clock.ts";
import { levels, type Level } from "../deliveries/delivery.ts";
import { businessNow } from "../store/clock-store.ts";
import { findEntryFacts } from "./bulletin-basis-store.ts";
import { bulletinCard } from "./bulletin-card.ts";
import { openReturnNote, previewAudience, type Audience } from "./bulletin-life-store.ts";
import { asBulletin, type BulletinRow } from "./bulletin-store.ts";
import { acknowledgmentAsked, hoursWords, toldAt, type Bulletin } from "./bulletin.ts";

// What the author and the approver see before anything is sent: exactly the card that will be sent.

/** The most that a private answer may show here. */
export function privateLevel({ tools, event }: Call, most: Level = "full"): Level {
  const allowed = tools.privateLevel[event.platform];
  const platform = allowed === "none" ? "pointer" : allowed;
  return levels.indexOf(platform) < levels.indexOf(most) ? platform : most;
}

/** The bulletin of a row that must be complete by now. */
export function complete(call: Call, row: BulletinRow): Bulletin {
  const bulletin = asBulletin(call.tools.keyring, row);
  if (bulletin === undefined) throw new Error("a bulletin misses pages it cannot miss");
  return bulletin;
}

/** The card as a channel of that level would get it. */
export async function cardAt(call: Call, bulletin: Bulletin, level: Level): Promise<Card> {
  return bulletinCard(level, bulletin, { owner: await agencyContact(call.tx, bulletin.agency) });
}

/** What stands under a preview: sentences and buttons. */
export function under(card: Card, blocks: readonly Block[], buttons: readonly Button[]): Card {
  return { ...card, blocks: [...card.blocks, { kind: "divider" }, ...blocks], buttons };
}

/** For the author: what will be sent, to how many, and what to press. */
export async function previewAnswer(call: Call, row: BulletinRow): Promise<Answer> {
  const bulletin = complete(call, row);
  const { ref } = bulletin;
  const level = privateLevel(call);
  const audience = await audienceOf(call, bulletin);
  const back =
    level === "full" && row.state === "draft" ? openReturnNote(call.tools.keyring, row) : undefined;
  const blocks = [
    text(`${row.state === "waiting" ? "WAITS FOR APPROVAL" : "PREVIEW"}: ${audienceWords(audience)}`),
    ...(level === "full"
      ? []
      : [text("Only this much may be shown here. Open it where private answers may show all.")]),
    ...(back === undefined ? [] : [text(`Returned with a note: ${back}`)]),
    ...(row.state === "waiting" ? [text("Changing it now makes the approver read it again.")] : []),
  ];
  const buttons = [
    ...sendButtons(call, bulletin),
    button(["bulletin.edit-what", ref], "Edit what"),
    button(["bulletin.edit-do", ref], "Edit what to do"),
    button(["bulletin.edit-who", ref], "Edit who sees it"),
  ];
  return show(under(await cardAt(call, bulletin, level), blocks, buttons));
}

function sendButtons({ officer }: Call, { ref, state, basis }: Bulletin): readonly Button[] {
  if (state !== "draft") return [];
  if (basis !== "emergency")
    return [button(["bulletin.submit", ref], "Send for approval", { tone: "primary" })];
  if (!can(officer, "bulletin.emergency")) return [];
  const confirm = "You send this alone, on your word. A second person reviews it in 30 minutes.";
  return [button(["bulletin.send-now", ref], "Send now", { tone: "danger", confirm })];
}

/** Who would get how much of it, as its copies would be rendered. */
async function audienceOf({ tx }: Call, bulletin: Bulletin): Promise<Audience> {
  const audience = await previewAudience(tx, bulletin.id);
  if (toldAt(bulletin, "summary") === "summary") return audience;
  return { ...audience, summary: 0, pointer: audience.pointer + audience.summary };
}

/** "Goes to 6 channels of 4 agencies: 3 full, 2 summary, 1 pointer. Refused: 0." */
function audienceWords({ channels, agencies, full, summary, pointer, refused }: Audience): string {
  if (channels === 0) return "Nobody gets this: no channel asked for this type, severity, area and label.";
  const [channel, agency] = [channels === 1 ? "channel" : "channels", agencies === 1 ? "agency" : "agencies"];
  return `Goes to ${channels} ${channel} of ${agencies} ${agency}: ${full} full, ${summary} summary, ${pointer} pointer. Refused: ${refused}.`;
}

/** The hash of what was shown, as far as a button carries it. */
export function shownHash({ hash }: Bulletin): string {
  return hash.toString("hex").slice(0, 12);
}

/** For the approver: the exact full card, then what approving means. */
export async function approvalAnswer(call: Call, row: BulletinRow): Promise<Answer> {
  const bulletin = complete(call, row);
  const { ref } = bulletin;
  if (privateLevel(call) !== "full") return cannotShow(call, ref);
  await call.audit({
    action: "bulletin.open",
    subject: `bulletin:${row.id}`,
    detail: { ref, shown: shownHash(bulletin) },
  });
  const audience = await audienceOf(call, bulletin);
  const author = await officerName(call.tx, call.tools.keyring, bulletin.authorId);
  const blocks = [
    text([
      { bold: `APPROVE? ${ref} v${bulletin.version}` },
      ` by ${author}. ${await basisWords(call, bulletin)}`,
    ]),
    text(audienceWords(audience)),
    text(endWords(bulletin)),
    text("You confirm: predicate read, words quoted not judged, no protected trait used as a reason."),
    text("After sending you can recall copies, not memories."),
  ];
  return show(
    under(await cardAt(call, bulletin, "full"), blocks, [
      button(["bulletin.approve", `${ref}.${shownHash(bulletin)}`], "Approve and send", { tone: "primary" }),
      button(["bulletin.return", ref], "Return with note"),
      button(["bulletin.show-summary", ref], "Show summary"),
      button(["bulletin.show-pointer", ref], "Show pointer"),
    ]),
  );
}

/** Nobody approves what they have not read whole. */
export async function cannotShow(call: Call, ref: string): Promise<Answer> {
  return say(
    `${ref} cannot be judged here.`,
    "This needs the whole text, and private answers on this platform may not show it. Open it in your agency's other workspace.",
    `Or call: ${contactWords(await agencyContact(call.tx, call.officer.agency))}.`,
  );
}

async function basisWords(call: Call, bulletin: Bulletin): Promise<string> {
  const grade = `Source ${bulletin.sourceGrade}, information ${bulletin.informationGrade}.`;
  if (bulletin.entryId === null) return `Basis: ${bulletin.basis}. ${grade}`;
  const entry = await findEntryFacts(call.tx, { id: bulletin.entryId });
  if (entry === undefined) throw new Error("the entry behind a bulletin is not there");
  if (!entry.active) return `Basis: entry ${entry.ref}, which is NOT active: it cannot be sent. ${grade}`;
  const approver =
    entry.approverId === null ? "" : `, ${await officerName(call.tx, call.tools.keyring, entry.approverId)}`;
  const approved =
    entry.approvedAt === null
      ? ""
      : ` (approved ${inZone(entry.approvedAt, call.officer.zone, await businessNow(call.tx))}${approver})`;
  return `Basis: entry ${entry.ref}${approved}. ${grade}`;
}

function endWords({ severity, validHours, expiresAt }: Bulletin): Text {
  const asked = acknowledgmentAsked[severity];
  return expiresAt === null
    ? `${asked} · ends ${hoursWords(validHours)} after sending`
    : [`${asked} · ends `, at(expiresAt)];
}
