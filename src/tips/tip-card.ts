import { at, button, card, facts, note, quote, text } from "../bot/answers.ts";
import type { Block, Button, Card } from "../chat.ts";
import { inZone } from "../clock.ts";
import { spoken } from "../refs.ts";
import type { TipNote } from "./tip-store.ts";
import { outcomes, sourceOnCard, urgencies, type Tip } from "./tip.ts";

/** The private receipt of a new tip. What it says of stops and of keeping is [counsel]. */
export function receiptCard(
  { ref, submittedAt, urgency, id }: Pick<Tip, "ref" | "submittedAt" | "urgency" | "id">,
  { zone, posted }: { readonly zone: string; readonly posted: boolean },
): Card {
  return card(
    `Received: ${ref}`,
    [
      text([at(submittedAt), `. Say: ${spoken(ref)}.`]),
      text(
        posted
          ? "Stored and posted to your agency's intake desk. Nobody has read it yet; you get a notice when someone takes it."
          : "Stored. Your agency has no intake channel yet, so nobody was told: call your watch desk and give them this reference.",
      ),
      urgency === "now"
        ? text([
            { bold: "You chose now or within 24 h: call dispatch too." },
            " This is not 911, and chat may wake nobody.",
          ])
        : undefined,
      note(
        "It is an unvetted tip, not a record on anyone; other agencies cannot search it. It alone supports no stop. " +
          "Kept 30 days unread, then escalated; 90 days if graded and not taken further. The chat company may keep what you typed.",
      ),
    ],
    {
      buttons: [
        ...addButtons(id),
        button(["tip.withdraw", id], "Withdraw", {
          tone: "danger",
          confirm: `Withdraw ${ref} (${inZone(submittedAt, zone)})?`,
        }),
      ],
    },
  );
}

function addButtons(id: string): readonly Button[] {
  return [
    button(["tip.person", id], "Add person"),
    button(["tip.online", id], "Add online post"),
    button(["tip.weapons", id], "Add weapons or plans"),
  ];
}

/** The card in the intake channel: nothing about the person. Its small print is [counsel]. */
export function intakeCard(tip: Tip, owner: string | undefined): Card {
  const { ref, grade, priority, urgency, source, submittedAt } = tip;
  const ended = tip.state === "closed" || tip.state === "withdrawn";
  const word = ended ? "ENDED" : tip.state === "new" ? "NEW" : "TAKEN";
  return card(
    `${word} TIP ${ref} · proposed ${priority} (${urgencies[urgency].toLowerCase()})`,
    [
      text([`${sourceOnCard[source]} · received `, at(submittedAt), ` · ${standingWords(tip, owner)}`]),
      grade && text(`Graded ${grade.source}${grade.information} · threat to life: ${grade.threatToLife}`),
      note(
        `Unvetted${grade === undefined ? ", not graded" : ""}. Not reasonable suspicion. Do not copy or forward. ` +
          "Criticism, protest and insult are protected: what act is threatened?",
      ),
    ],
    ended ? { tone: "ended" } : { tone: priority === "P0" ? "red" : "amber", buttons: deskButtons(tip.id) },
  );
}

function standingWords({ state, outcome }: Tip, owner: string | undefined): string {
  if (state === "withdrawn") return "withdrawn by the officer";
  if (state !== "closed") return `owner: ${owner ?? "nobody"}`;
  return outcome === null ? "closed" : `closed: ${outcomes[outcome].split(":")[0]}`;
}

function deskButtons(id: string): readonly Button[] {
  return [
    button(["tip.open", id], "Open", { tone: "primary" }),
    button(["tip.take", id], "Take it"),
    button(["tip.grade", id], "Grade"),
    button(["tip.ask", id], "Ask the officer"),
    button(["tip.close", id], "Close…", { tone: "danger" }),
  ];
}

interface Telling {
  readonly names: ReadonlyMap<string, string>;
  readonly notes: readonly TipNote[];
  /** May the words be shown on this platform? */
  readonly words: boolean;
}

const noteTitles: Readonly<Record<TipNote["kind"], string>> = {
  person: "Person",
  online: "Online post (never open a link from here)",
  weapons: "Weapons and plans",
  grade: "Why this grade",
  question: "Question",
  answer: "Answer",
  outcome: "Closed because",
};

/** The words, privately, for the desk. */
export function deskCard(tip: Tip, { names, notes, words }: Telling): Card {
  const owner = tip.takenBy === null ? "nobody" : (names.get(tip.takenBy) ?? "a colleague");
  const open = tip.state === "new" || tip.state === "taken";
  return card(
    `Tip ${tip.ref} · ${tip.priority} · ${tip.state}`,
    [
      text([
        `From ${names.get(tip.submittedBy) ?? "an officer"}, `,
        at(tip.submittedAt),
        `, ${sourceOnCard[tip.source]} · how soon: ${urgencies[tip.urgency]} · owner: ${owner}`,
      ]),
      ...(words ? wordBlocks(tip, notes, names) : withheld),
      tip.grade === undefined
        ? note("Not graded.")
        : note(
            `Graded ${tip.grade.source}${tip.grade.information}, threat to life: ${tip.grade.threatToLife}.`,
          ),
      note("Unvetted. Not reasonable suspicion; it alone supports no stop. Seen by you, now: recorded."),
    ],
    {
      buttons: open
        ? [
            ...(tip.state === "new" ? [button(["tip.take", tip.id], "Take it", { tone: "primary" })] : []),
            button(["tip.grade", tip.id], "Grade"),
            button(["tip.ask", tip.id], "Ask the officer"),
            button(["entry.new", tip.ref], "Make an entry"),
            button(["bulletin.new", tip.ref], "Write a bulletin"),
            button(["tip.close", tip.id], "Close…", { tone: "danger" }),
          ]
        : [],
    },
  );
}

const withheld: readonly Block[] = [
  text(
    "The words may not be shown on this platform. Open it in your agency's Slack, or call your intake desk.",
  ),
];

function wordBlocks(
  tip: Tip,
  notes: readonly TipNote[],
  names: ReadonlyMap<string, string>,
): readonly Block[] {
  if (tip.words === undefined) return [];
  return [
    text([{ bold: "What was said or seen" }]),
    quote(tip.words.said),
    facts(["Who might do it", tip.words.who], ["Who or what is at risk", tip.words.where]),
    ...notes.flatMap((one): readonly Block[] => [
      text([{ bold: noteTitles[one.kind] }, ` ${names.get(one.author) ?? ""} `, at(one.at)]),
      facts(...Object.entries(one.words)),
    ]),
  ];
}

/** What became of it, for the officer who submitted it; the dialogue, but not the desk's own notes. */
export function submitterCard(tip: Tip, { names, notes, words }: Telling): Card {
  const became = {
    new: "Nobody has taken it yet.",
    taken: `Taken by ${tip.takenBy === null ? "an analyst" : (names.get(tip.takenBy) ?? "an analyst")}.`,
    closed: `Closed: ${tip.outcome === null ? "" : outcomes[tip.outcome]}.`,
    withdrawn: "You withdrew it.",
    purged: "Its words were deleted.",
  }[tip.state];
  const dialogue = notes.filter(({ kind }) => kind !== "grade" && kind !== "outcome");
  const asked = notes.findLast(({ kind }) => kind === "question" || kind === "answer")?.kind === "question";
  return card(
    `Your tip ${tip.ref}`,
    [
      text([became, tip.grade === undefined ? "" : " It was read and graded."]),
      ...(words ? wordBlocks(tip, dialogue, names) : withheld),
    ],
    {
      buttons: [
        ...(asked ? [button(["tip.answer", tip.id], "Answer", { tone: "primary" })] : []),
        ...(tip.state === "new" || tip.state === "taken" ? addButtons(tip.id) : []),
        ...(tip.state === "new" ? [button(["tip.withdraw", tip.id], "Withdraw", { tone: "danger" })] : []),
      ],
    },
  );
}
