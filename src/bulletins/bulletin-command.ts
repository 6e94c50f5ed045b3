import { z } from "zod";

import { at, card, facts, note, say, show } from "../bot/answers.ts";
import { verb, type Call, type Feature } from "../bot/command.ts";
import { openForm } from "../bot/forms.ts";
import { refInput } from "../bot/input.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Option, Text } from "../chat.ts";
import { notFound } from "../errors.ts";
import { doPage } from "./bulletin-do-form.ts";
import { readAnswer } from "./bulletin-reading.ts";
import { cancel, recallPresses } from "./bulletin-recall.ts";
import { openOwn, returnPage, sendingPresses } from "./bulletin-sending.ts";
import { statusAnswer } from "./bulletin-status.ts";
import {
  bulletinById,
  findBulletin,
  listBulletins,
  listedStates,
  listReceived,
  type Listed,
} from "./bulletin-store.ts";
import { nextStep, whatPage } from "./bulletin-what-form.ts";
import { dangerPage, whoPage } from "./bulletin-who-form.ts";
import { bulletinTypes, cancelReasons, severities, type CancelReason } from "./bulletin.ts";

/** A bulletin by its reference: the own agency's by role, another's as far as the own channels were given it. */
async function read(call: Call, ref: string): Promise<Answer> {
  const { officer, tx } = call;
  const mayReadOwn = can(officer, "bulletin.write") || officer.roles.includes("privacy_officer");
  if (mayReadOwn && (await findBulletin(tx, ref)) !== undefined) return openOwn(call, ref);
  const [received] = await listReceived(tx, { agency: officer.agency, ref, limit: 1 });
  if (received === undefined) throw notFound(ref);
  return readAnswer(call, received.row, received.level);
}

async function list(call: Call, state: Listed | undefined): Promise<Answer> {
  const rows = await listBulletins(call.tx, state);
  if (rows.length === 0) return say("No bulletins to list.", "Ended ones: /bulletin list state:ended");
  const lines = rows.map((row): readonly [string, Text] => {
    const severity = row.severity === null ? "" : `${severities[row.severity]} `;
    const type = row.type === null ? "not written to the end" : bulletinTypes[row.type];
    const end = row.ended_at ?? row.expires_at;
    const told = `${row.exercise ? "EXERCISE " : ""}${severity}${type} · ${stateWords[row.state] ?? row.state}`;
    return [row.ref, end === null ? told : [`${told} `, at(end)]];
  });
  return show(
    card("Bulletins of your agency, newest first", [
      facts(...lines),
      note("At most 25. /bulletin show with a reference."),
    ]),
  );
}

const stateWords: Readonly<Record<string, string>> = {
  draft: "draft",
  waiting: "waits for approval",
  sent: "sent, until",
  cancelled: "cancelled",
  expired: "ended",
};

/** References that are open, with what may stand in a list: no words of anybody's. */
async function offer(call: Call): Promise<readonly Option[]> {
  const { officer, tx } = call;
  const own = can(officer, "bulletin.write") ? await listBulletins(tx, undefined) : [];
  const received = (await listReceived(tx, { agency: officer.agency }))
    .map(({ row }) => row)
    .filter(({ state }) => state === "sent");
  const all = new Map([...own, ...received].map((row) => [row.ref, row]));
  return [...all.values()].map(({ ref, severity, state }) => ({
    value: ref,
    label: [
      ref,
      severity === null ? undefined : severities[severity],
      state === "sent" ? "open" : stateWords[state],
    ]
      .filter((part) => part !== undefined)
      .join(" · "),
  }));
}

const ref = refInput("B");
const reasons = Object.keys(cancelReasons) as [CancelReason, ...CancelReason[]];

/** `/bulletin`, from the first page to the receipt of a recall. */
export const bulletinFeature: Feature = {
  commands: [
    {
      name: "bulletin",
      help: "Write, approve, read, follow and take back bulletins",
      verbs: [
        verb({
          verb: "new",
          help: "Write a bulletin for other agencies",
          deed: "bulletin.write",
          input: z.object({ from: refInput("T", "E").optional() }),
          run: (call, { from }) => openForm(call, whatPage, from ?? "new"),
        }),
        verb({
          verb: "emergency",
          help: "Imminent danger: write and send a bulletin alone",
          deed: "bulletin.emergency",
          input: z.object({}),
          run: (call) => openForm(call, whatPage, "emergency"),
        }),
        verb({
          verb: "show",
          help: "Read a bulletin privately, or go on with a draft",
          deed: "bulletin.read",
          input: z.object({ ref }),
          run: (call, input) => read(call, input.ref),
        }),
        verb({
          verb: "status",
          help: "Who has it, who acknowledged, what failed",
          deed: "bulletin.status",
          input: z.object({ ref }),
          run: (call, input) => statusAnswer(call, input.ref),
        }),
        verb({
          verb: "cancel",
          help: "Take back every copy of a bulletin",
          deed: "bulletin.cancel",
          input: z.object({ ref, reason: z.enum(reasons) }),
          run: (call, input) => cancel(call, input.ref, input.reason),
        }),
        verb({
          verb: "list",
          help: "Your agency's bulletins",
          deed: "bulletin.write",
          input: z.object({ state: z.enum(listedStates).optional() }),
          run: (call, { state }) => list(call, state),
        }),
      ],
    },
  ],
  forms: [whatPage, doPage, whoPage, dangerPage, returnPage],
  presses: [
    ...sendingPresses,
    ...recallPresses,
    { action: "bulletin.read", deed: "bulletin.read", run: read },
  ],
  again: [
    {
      kind: "bulletin",
      deed: "bulletin.write",
      async show(call, id) {
        const row = await bulletinById(call.tx, id);
        if (row === undefined || row.author_id !== call.officer.id) throw notFound("bulletin");
        return nextStep(call, row);
      },
    },
  ],
  completions: [{ letter: "B", deed: "bulletin.read", offer }],
  show: { letter: "B", run: read },
};
