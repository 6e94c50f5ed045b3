import { addNotice, noticesAbout } from "../../agencies/notice-store.ts";
import { requestInChannels, requestToPerson, wantNew } from "../../deliveries/delivery-store.ts";
import type { Tx } from "../../store/store.ts";

// What an agency is told of an import: that there is one, and no more.

const URGENCY = 4;

/** How a notice names a batch. */
function noticeRef(hash: string): string {
  return hash.slice(0, 16);
}

interface Told {
  readonly agency: string;
  /** In hex. */
  readonly hash: string;
}

/** Tells the desk that it waits, and whoever it was made for that it is in their name. Installations to wake. */
export async function tellOfBatch(
  tx: Tx,
  { agency, hash, author }: Told & { readonly author: string },
): Promise<readonly string[]> {
  const ref = noticeRef(hash);
  // A card from an earlier round says so first; a change alerts nobody, so each round has its own.
  const before = await batchMoved(tx, { agency, hash });
  const waiting = await addNotice(tx, { agency, kind: "import_waiting", ref });
  const desk = await requestInChannels(tx, {
    kind: "notice",
    subjectId: waiting,
    agency,
    use: "desk",
    urgency: URGENCY,
  });
  const yours = await addNotice(tx, { agency, kind: "import_yours", ref });
  const person = await requestToPerson(tx, {
    kind: "notice",
    subjectId: yours,
    agency,
    officerId: author,
    urgency: URGENCY,
  });
  return [...before, ...desk, ...person];
}

/** The desk's card looks different now. Installations to wake. */
export async function batchMoved(tx: Tx, { agency, hash }: Told): Promise<readonly string[]> {
  const wake: string[] = [];
  const about = { agency, kind: "import_waiting", ref: noticeRef(hash) } as const;
  for (const subjectId of await noticesAbout(tx, about)) {
    // One connection: one after the other.
    // oxlint-disable-next-line no-await-in-loop
    wake.push(...(await wantNew(tx, { subjectId, kinds: ["notice"] })));
  }
  return wake;
}

/** Tells whoever made it what was decided, once it has reached every entry. Installations to wake. */
export async function tellAuthor(
  tx: Tx,
  { agency, hash, author, approved }: Told & { readonly author: string; readonly approved: boolean },
): Promise<readonly string[]> {
  const kind = approved ? "import_approved" : "import_returned";
  const subjectId = await addNotice(tx, { agency, kind, ref: noticeRef(hash) });
  const told = { kind: "notice", subjectId, agency, urgency: URGENCY } as const;
  const person = await requestToPerson(tx, { ...told, officerId: author });
  return person.length > 0 ? person : requestInChannels(tx, { ...told, use: "desk" });
}
