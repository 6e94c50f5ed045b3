import { agencyContact } from "../agencies/agency-store.ts";
import { card, text } from "../bot/answers.ts";
import { receivedBulletin } from "../bulletins/bulletin-store.ts";
import type { Rendered, Rendering } from "../deliveries/delivery.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { listAcknowledgments } from "./acknowledgment-store.ts";
import { acknowledgedLine } from "./acknowledgment.ts";

/** The line in the thread under the bulletin. */
export function acknowledgmentNotice(keyring: Keyring) {
  return async (tx: Tx, { subjectId, agency, zone }: Rendering): Promise<Rendered> => {
    const [done] = await listAcknowledgments(tx, keyring, { id: subjectId });
    if (done === undefined) throw new Error("an acknowledgment to be shown is not there");
    const { name } = await agencyContact(tx, agency);
    const ref = (await receivedBulletin(tx, done.bulletinId))?.ref ?? "";
    const line = acknowledgedLine(done, name, zone);
    const title = `Acknowledged ${ref}`.trim();
    return {
      card: line.length <= 150 ? card(line, []) : card(title, [text(line)]),
      threadTitle: title,
    };
  };
}
