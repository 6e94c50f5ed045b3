import { z } from "zod";

import type { QueuePart } from "../../agencies/account-command.ts";
import { officerName } from "../../agencies/officer-store.ts";
import { form, longText, say, show, text } from "../../bot/answers.ts";
import { formPage, verb, type Call, type Feature } from "../../bot/command.ts";
import { neededText, openForm } from "../../bot/forms.ts";
import { can, refusalWords, type Deed } from "../../bot/policy.ts";
import type { Answer } from "../../chat.ts";
import { badInput, notAllowed, notFound } from "../../errors.ts";
import { batchCard, batchHeadline, entriesOf, sampleCard } from "./batch-card.ts";
import {
  approveBatch,
  batchFigures,
  countOpen,
  findBatch,
  listKeptOut,
  listWaitingBatches,
  readShown,
  returnBatch,
  sampleBatch,
  SHORTEST_HASH,
  type Batch,
} from "./batch-store.ts";
import { batchMoved } from "./batch-tell.ts";
import { takeTurn } from "./import-store.ts";

const SAMPLE = 10;

/** The own agency's batch, for those who may read entries. */
async function openBatch(call: Call, hash: string): Promise<Batch> {
  const batch = can(call.officer, "entry.read")
    ? await findBatch(call.tx, call.tools.keyring, hash)
    : undefined;
  if (batch === undefined) throw notFound("import with this hash");
  return batch;
}

function deedFor({ sensitive }: Pick<Batch, "sensitive">): Deed {
  return sensitive === true ? "entry.approve-sensitive" : "entry.approve";
}

function wordsAllowed({ tools, event }: Call): boolean {
  return tools.privateLevel[event.platform] === "full";
}

async function showBatch(call: Call, hash: string): Promise<Answer> {
  const { tx, officer, tools } = call;
  const batch = await openBatch(call, hash);
  const nameOf = (id: string) => officerName(tx, tools.keyring, id);
  const may = can(officer, deedFor(batch), { agency: batch.agency, author: batch.author });
  const words = wordsAllowed(call);
  const waiting = batch.state === "waiting";
  const left = await countOpen(tx, batch.id);
  await call.audit({ action: "import.read", subject: `import:${batch.id}` });
  return show(
    batchCard(batch, {
      author: await nameOf(batch.author),
      approver: batch.approver === null ? undefined : await nameOf(batch.approver),
      figures: await batchFigures(tx, batch.id),
      left,
      keptOut: await listKeptOut(tx, batch.id),
      why: waiting ? whyNot(call, batch, { may, words }) : undefined,
      mayDecide: waiting && may && words,
      maySample: waiting && left > 0,
    }),
  );
}

/** What keeps this officer from deciding, in words. */
function whyNot(
  { officer }: Call,
  batch: Batch,
  { may, words }: { readonly may: boolean; readonly words: boolean },
): string | undefined {
  if (batch.author === officer.id) return "It was made in your name, so somebody else decides.";
  if (!may) return `It waits for ${refusalWords(deedFor(batch)).who}.`;
  return words
    ? undefined
    : "The words may not be shown on this platform, so it cannot be decided here. Open it in your agency's Slack.";
}

async function sample(call: Call, hash: string): Promise<Answer> {
  const batch = await openBatch(call, hash);
  const drawn = await sampleBatch(call.tx, call.tools.keyring, { batch, most: SAMPLE });
  if (drawn.length === 0)
    return say("Nothing of this import waits any more.", `See /entry batch hash:${hash.slice(0, 16)}.`);
  await call.audit({
    action: "import.sample",
    subject: `import:${batch.id}`,
    detail: { entries: drawn.length },
  });
  return show(sampleCard(batch.hash, drawn, wordsAllowed(call)));
}

const again = "Import the file again: what is unchanged stays, and the rest is shown anew.";

/** The batch a button named, if this officer is its second person. */
async function openToDecide(call: Call, hash: string): Promise<Batch> {
  const batch = await openBatch(call, hash);
  if (batch.author === call.officer.id)
    throw notAllowed("deciding on an import in your own name", "a second person");
  if (!wordsAllowed(call))
    throw badInput("it cannot be decided on this platform", "Open it in your agency's Slack.");
  return batch;
}

async function approve(call: Call, subject: string): Promise<Answer> {
  const { tx, officer } = call;
  const { hash, shown } = readShown(subject);
  const batch = await openToDecide(call, hash);
  if (!can(officer, deedFor(batch), { agency: batch.agency, author: batch.author })) {
    const { deed, who } = refusalWords(deedFor(batch));
    throw notAllowed(deed, who);
  }
  // No import changes it while it is looked at.
  await takeTurn(tx, officer.agency);
  const outcome = await approveBatch(tx, { batch: batch.id, officer: officer.id, shown });
  switch (outcome) {
    case "own":
      throw notAllowed("approving entries you wrote yourself", "a second person");
    case "decided":
      return say(await headlineNow(call, batch), "Nothing changed.");
    case "changed":
      throw badInput(
        "this import is not what its hash says: an entry of it was changed or decided by itself",
        again,
      );
    case "over":
      throw badInput(
        "some of its entries have run out meanwhile",
        "Give them a new day in the file and import it again.",
      );
    case "approved":
      break;
  }
  await moved(call, batch);
  await call.audit({
    action: "import.approve",
    subject: `import:${batch.id}`,
    detail: { hash: batch.hash, entries: batch.entries ?? 0, author: batch.author },
  });
  return say(
    `Approved: an import of ${entriesOf(batch.entries ?? 0)}`,
    "They are put in force now, some hundreds a second; queries find each at once. Its author is told when all are.",
    `How far it is: /entry batch hash:${batch.hash.slice(0, 16)}`,
  );
}

/** How it stands by now: somebody decided while this was looked at. */
async function headlineNow({ tx, tools }: Call, batch: Batch): Promise<string> {
  const now = (await findBatch(tx, tools.keyring, batch.hash)) ?? batch;
  // What is left first: what is put in force between the two is not counted as in force then, never twice.
  const left = await countOpen(tx, now.id);
  return batchHeadline(now, { left, keptOut: await listKeptOut(tx, now.id) });
}

async function moved({ tx, wake }: Call, { agency, hash }: Batch): Promise<void> {
  for (const installation of await batchMoved(tx, { agency, hash })) wake.add(installation);
}

const returnPage = formPage({
  form: "import.return",
  deed: "entry.approve",
  async open(call, hash) {
    await openToDecide(call, hash);
    return form("Return an import", "Return", [
      longText("note", "What is to change?", {
        required: true,
        maxLength: 500,
        hint: "Read by whoever it was made for, and by those who may decide on it.",
      }),
    ]);
  },
  values: z.object({ note: neededText(500) }),
  async submit(call, hash, { note }) {
    const batch = await openToDecide(call, hash);
    const { tx, tools, officer } = call;
    await takeTurn(tx, officer.agency);
    if (!(await returnBatch(tx, tools.keyring, { batch, officer: officer.id, note })))
      throw badInput("this import is decided already", `See /entry batch hash:${hash.slice(0, 16)}.`);
    await moved(call, batch);
    await call.audit({ action: "import.return", subject: `import:${batch.id}` });
    return say(
      "Returned: the whole import",
      "Its entries become drafts. Its author is told, and reads your note.",
    );
  },
});

/** Imports that this officer could decide on. */
export const importQueue: QueuePart = async ({ tx, officer }) => {
  if (!can(officer, "entry.approve")) return [];
  const batches = await listWaitingBatches(tx, 5);
  return batches.flatMap(({ author, entries, sensitive, hash }) =>
    can(officer, deedFor({ sensitive }), { author })
      ? [
          text([
            { bold: `An import of ${entriesOf(entries ?? 0)}` },
            ` waits: /entry batch hash:${hash.slice(0, 16)}`,
          ]),
        ]
      : [],
  );
};

const hashInput = z
  .string()
  .transform((typed) => typed.toLowerCase().replaceAll(/[^0-9a-f]/g, ""))
  .pipe(z.string().min(SHORTEST_HASH).max(64))
  .describe("the dry run's, at least 12 characters");

/** /entry batch: what came in as a file is decided on as a whole. */
export const importFeature: Feature = {
  commands: [
    {
      name: "entry",
      help: "The watch-list: who is on it, and why",
      verbs: [
        verb({
          verb: "batch",
          help: "Look at an import, approve or return it as a whole",
          deed: "entry.read",
          input: z.object({ hash: hashInput }),
          run: (call, { hash }) => showBatch(call, hash),
        }),
      ],
    },
  ],
  forms: [returnPage],
  presses: [
    { action: "import.open", deed: "entry.read", run: showBatch },
    { action: "import.sample", deed: "entry.read", run: sample },
    { action: "import.approve", deed: "entry.approve", run: approve },
    { action: "import.return", deed: "entry.approve", run: (call, hash) => openForm(call, returnPage, hash) },
  ],
};
