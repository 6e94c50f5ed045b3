import type { Call } from "../bot/command.ts";
import { requestInChannels, requestToPerson } from "../deliveries/delivery-store.ts";
import { addNotice } from "./notice-store.ts";
import type { NoticeKind } from "./notice.ts";

interface Tell {
  readonly kind: NoticeKind;
  readonly ref: string;
}

const URGENCY = 4;

/** Tells the agency's desk that there is something, without saying what. False: it has no desk channel. */
export async function tellDesk(call: Call, { kind, ref }: Tell): Promise<boolean> {
  const { agency } = call.officer;
  const subjectId = await addNotice(call.tx, { agency, kind, ref });
  const woken = await requestInChannels(call.tx, {
    kind: "notice",
    subjectId,
    agency,
    use: "desk",
    urgency: URGENCY,
  });
  for (const installation of woken) call.wake.add(installation);
  return woken.length > 0;
}

/** Tells one colleague by direct message, or the desk where they cannot be reached. Nobody tells themselves. */
export async function tellOfficer(call: Call, officerId: string, { kind, ref }: Tell): Promise<void> {
  if (officerId === call.officer.id) return;
  const { agency } = call.officer;
  const subjectId = await addNotice(call.tx, { agency, kind, ref });
  const woken = await requestToPerson(call.tx, {
    kind: "notice",
    subjectId,
    agency,
    officerId,
    urgency: URGENCY,
  });
  for (const installation of woken) call.wake.add(installation);
  if (woken.length === 0) await tellDesk(call, { kind, ref });
}
