import {
  asMessage,
  castOf,
  channelView,
  expectNoWords,
  expectWords,
  refIn,
  StoryError,
  wordsOf,
  type Person,
  type Values,
} from "./cast.ts";
import type { Shown, ShownMessage } from "./pretend.ts";
import type { Platforms } from "./settle.ts";
import type { AgencyKey } from "./world.ts";

/** What the story needs besides the two platforms. */
export interface Stage {
  /** `allpoints audit verify` */
  readonly verifyAudit: () => Promise<{ readonly rows: number; readonly chains: number; readonly broken: readonly string[] }>;
  /** One line of the transcript. */
  readonly say: (line: string) => void;
}

const person = "John A. Smyth, b. 1984-03-02 · white 2015 F-150, MD ABC1234";
/** What must never be seen outside the places that are cleared for it. */
const personal = ["Smyth", "ABC1234", "1984"];

const tip: Values = {
  "What was said or seen?": 'He said he will "shoot the next cop at the Elm St station"',
  "Who might do it?": person,
  "Who or what is at risk, where, when?": "Elm St station, Riverton",
  "How soon?": "Days",
  "How do you know?": "Family, friend or partner told me",
};

/** The tip's person as an entry with a predicate. */
export const entryPages: readonly Values[] = [
  { Names: "John A. Smyth\nJon Smyth", "Birth date": "1984-03-02", "Plate, phone, e-mail, handle, VIN": "MD ABC1234", "Under 18?": "No" },
  {
    "Why is this person on the list?": "Seriously expressed intent to attack police",
    "Which offence?": "18 USC 115",
    Facts:
      'On 20 Nov he told a relative in person that he will "shoot the next cop at the Elm St station"; he has a rifle in his truck.',
    Documents: "Case 26-1187, report of 21 Nov",
    "Why does it matter to other agencies?": "He drives through Riverton and Cedar County every day.",
  },
  {
    "Opinion, religion or protest involved?": "No",
    "Cautions, as reported": ["armed"],
    "Legal status": "no_warrant",
    "What is asked of officers?": "contact_originator",
  },
  { "What does somebody who asks learn?": "OPEN", "Whose queries may match it?": ["all"], "Who may know": "amber", "Valid for": "90 days" },
];

export const bulletinPages = (entry: string): readonly Values[] => [
  {
    "What kind?": "officer-safety bulletin",
    "How severe?": "HIGH",
    "The bottom line, in one line": "Stated intent to shoot an officer at a police station",
    "What do we know?": 'Said he will "shoot the next cop at the Elm St station" (reported Fri 20 Nov).',
  },
  {
    "Legal status": "NO WARRANT",
    "What do you ask for?": "awareness",
    "Person and vehicle": person,
    "Summary without the person": "A man stated intent to shoot an officer at a police station in Riverton. Possible rifle, not confirmed.",
  },
  { "Basis: which approved entry?": entry, "Which areas?": "Riverton", "Who may see it?": "amber" },
];

/** Plays the main job from end to end; throws a StoryError at the first step that does not show what it should. */
export async function playStory(platforms: Platforms, stage: Stage): Promise<void> {
  const cast = castOf(platforms);
  const { say } = stage;
  const view = (agency: AgencyKey, name: string) => channelView(platforms, agency, name);
  const told = (who: Person, did: string, shown: Shown | ShownMessage): void => {
    say(`\n${who.name} (${who.agency.name}) ${did}`);
    for (const line of wordsOf(shown).split("\n").slice(0, 12)) say(`    │ ${line}`);
  };
  const chapter = (title: string): void => say(`\n── ${title} ${"─".repeat(Math.max(3, 70 - title.length))}`);
  const showsIn = (where: string, message: ShownMessage): void => {
    say(`\n  ${where} now shows`);
    for (const line of [...message.lines, ...message.thread.flatMap(({ lines }) => lines.map((line) => `↳ ${line}`))]) say(`    ┃ ${line}`);
  };

  const reyes = cast("metro", "reyes");
  const okafor = cast("metro", "okafor");
  const lee = cast("metro", "lee");
  const lund = cast("metro", "lund");
  const diaz = cast("riverton", "diaz");
  const hale = cast("riverton", "hale");
  const ruiz = cast("cedar", "ruiz");

  chapter("1 Who is here");
  told(reyes, "types /allpoints whoami", expectWords(await reyes.types("/allpoints whoami"), "Ofc. Reyes, Metro Fusion Center"));
  const suspended = await cast("metro", "novak").types("/allpoints officer suspend <@U0LEE0000>");
  told(cast("metro", "novak"), "suspends Analyst Lee", expectWords(suspended, "Analyst Lee: suspended"));
  told(lee, "types /tip", expectWords(await lee.types("/tip"), "Your access is suspended"));
  expectWords(await cast("metro", "novak").types("/allpoints officer restore <@U0LEE0000>"), "Analyst Lee: active");

  chapter("2 A tip");
  const receipt = await reyes.submits(await reyes.types("/tip"), tip);
  const tipRef = refIn(receipt, "T");
  told(reyes, "fills in /tip and is answered privately", expectWords(receipt, `Received: ${tipRef}`, "It alone supports no stop"));
  const intake = view("metro", "intake");
  const intakeCard = await intake.shows(`NEW TIP ${tipRef}`);
  expectNoWords(intakeCard, ...personal);
  showsIn("#metro-intake", intakeCard);
  told(okafor, "presses Take it", expectWords(await okafor.presses(intakeCard, "Take it"), `${tipRef} is yours.`));
  told(lee, "presses Take it too", expectWords(await lee.presses(intakeCard, "Take it"), "Det. Okafor has"));
  told(okafor, "presses Open", expectWords(await okafor.presses(intakeCard, "Open"), "shoot the next cop", "John A. Smyth"));
  const graded = await okafor.submits(await okafor.presses(intakeCard, "Grade"), {
    Source: "B",
    Information: "3",
    "Threat to life?": "yes",
    "Only opinion or protest?": "no",
    "Why?": "Named place; heard first-hand by a relative",
  });
  told(okafor, "grades it", expectWords(graded, `${tipRef} is B3`));
  const asked = await okafor.submits(await okafor.presses(intakeCard, "Ask the officer"), { "What do you need to know?": "Did anybody see the rifle?" });
  expectWords(asked, `Asked about ${tipRef}`);
  const mine = asMessage(await reyes.types(`/allpoints show ${tipRef}`));
  told(reyes, `types /allpoints show ${tipRef}`, expectWords(mine, "Did anybody see the rifle?"));
  expectWords(await reyes.submits(await reyes.presses(mine, "Answer"), { "Your answer": "Yes, his brother did." }), `Answered: ${tipRef}`);

  chapter("3 An entry with a predicate, approved by a second person");
  const opened = asMessage(await okafor.types(`/allpoints show ${tipRef}`));
  const draft = asMessage(await okafor.fills(await okafor.presses(opened, "Make an entry"), entryPages));
  const entryRef = refIn(draft, "E");
  told(okafor, "writes the entry in four saved pages", draft);
  expectWords(await okafor.presses(draft, "Send for approval"), entryRef);
  const toApprove = asMessage(await lund.types(`/entry show ${entryRef}`));
  told(lund, `types /entry show ${entryRef} and approves`, expectWords(await lund.presses(toApprove, "Approve"), entryRef));

  chapter("4 Subscriptions and clearances");
  for (const supervisor of [diaz, ruiz]) {
    const shown = await supervisor.submits(await supervisor.types("/subscribe", "bulletins"), { "From which severity on?": "MEDIUM", "Which areas?": "Riverton" });
    told(supervisor, "subscribes the bulletins channel", expectWords(shown, "This channel is subscribed."));
  }
  const adler = cast("riverton", "adler");
  told(adler, "signs the channel for full text", expectWords(await adler.types("/allpoints channel clearance level:full", "bulletins"), "full text"));
  const lang = cast("cedar", "lang");
  told(lang, "decides: summaries on Discord", expectWords(await lang.types("/allpoints channel-clearance level:summary", "bulletins"), "summaries"));

  chapter("5 A bulletin, approved as it was shown");
  const preview = asMessage(await okafor.fills(await okafor.types(`/bulletin new from:${entryRef}`), bulletinPages(entryRef)));
  const ref = refIn(preview, "B");
  told(okafor, "writes the bulletin in three saved pages", expectWords(preview, "Goes to 2 channels of 2 agencies: 1 full, 1 summary, 0 pointer"));
  expectWords(await okafor.presses(preview, "Send for approval"), ref);
  const waiting = await view("metro", "desk").shows(ref);
  expectNoWords(waiting, ...personal);
  const whole = asMessage(await lund.presses(waiting, "Open"));
  told(lund, "opens the draft and sees exactly what will be sent", expectWords(whole, "John A. Smyth", `APPROVE? ${ref}`));
  told(lund, "presses Approve and send", expectWords(await lund.presses(whole, "Approve and send"), ref));

  chapter("6 It arrives: full in Riverton, a summary in Cedar County");
  const riverton = view("riverton", "bulletins");
  const cedar = view("cedar", "bulletins");
  const full = await riverton.shows(ref);
  showsIn("#rpd-bulletins (Slack)", expectWords(full, "John A. Smyth", "MD ABC1234", "NO WARRANT", "Not probable cause"));
  const summary = await cedar.shows(ref);
  expectNoWords(summary, ...personal);
  showsIn("#cedar-bulletins (Discord)", expectWords(summary, "A man stated intent", "Identity withheld"));

  chapter("7 Acknowledged in the thread");
  told(hale, "presses Acknowledge", expectWords(await hale.presses(full, "Acknowledge for our agency"), "acknowledging needs supervisor or watch commander"));
  told(diaz, "presses Acknowledge", expectWords(await diaz.presses(full, "Acknowledge for our agency"), `Riverton PD has ${ref} v1`, "shown: full"));
  const stone = cast("riverton", "stone");
  told(stone, "presses Acknowledge too", expectWords(await stone.presses(full, "Acknowledge for our agency"), "Already acknowledged by Sgt Diaz"));
  told(ruiz, "presses Acknowledge on Discord", expectWords(await ruiz.presses(summary, "Acknowledge for our agency"), `Cedar County SO has ${ref} v1`));
  showsIn("#rpd-bulletins (Slack)", await withThread(() => riverton.shows(ref, "Acknowledged v1 for Riverton PD by Sgt Diaz")));
  showsIn("#cedar-bulletins (Discord)", await withThread(() => cedar.shows(ref, "Acknowledged v1 for Cedar County SO by Sgt Ruiz")));
  told(okafor, `types /bulletin status ${ref}`, expectWords(await okafor.types(`/bulletin status ${ref}`), "Riverton PD", "Cedar County SO"));

  chapter("8 At the car door");
  const ask = async (who: Person, values: Values) =>
    who.submits(await who.types("/watch"), { "Why are you asking?": "Traffic stop", "CAD or case number, and for which unit": "24-118833", ...values });
  const hit = await ask(hale, { Name: "Smyth, Jon", "Birth date": "3/2/1984" });
  told(hale, "asks /watch for the man", expectWords(hit, "ANSWER TO YOUR QUERY", "armed and dangerous", entryRef, "Not probable cause"));
  const nothing = await ask(hale, { Name: "Jane Roe", "Birth date": "1990-01-01" });
  told(hale, "asks /watch for somebody else", expectWords(nothing, "Nothing to show for this query", "This is not an all-clear", "Exact spelling only"));
  const owner = await view("metro", "desk").shows(entryRef, "query");
  expectNoWords(owner, ...personal);
  showsIn("#metro-desk", owner);

  chapter("9 It was the wrong person");
  const cancelled = await okafor.types(`/bulletin cancel ${ref} reason:wrong_person`);
  told(okafor, `types /bulletin cancel ${ref} reason:wrong_person`, expectWords(cancelled, ref));
  for (const [where, channel] of [["#rpd-bulletins (Slack)", riverton], ["#cedar-bulletins (Discord)", cedar]] as const) {
    const correction = await channel.shows(`CANCELLED ${ref}: WRONG PERSON`, "tell your shift");
    showsIn(where, correction);
    showsIn(where, await channel.shows(`CANCELLED ${ref} `, "Content removed here"));
  }
  for (const channel of [riverton, cedar]) {
    for (const message of await channel.read()) expectNoWords(message, ...personal, "stated intent");
  }
  const fixed = await riverton.shows(`CANCELLED ${ref}: WRONG PERSON`, "tell your shift");
  expectWords(await diaz.presses(fixed, "Acknowledge correction"), "Recorded");
  const status = await okafor.types(`/bulletin status ${ref}`);
  told(okafor, `types /bulletin status ${ref}`, expectWords(status, "2 of 2", "1 of 2"));

  chapter("10 The audit");
  const { rows, chains, broken } = await stage.verifyAudit();
  if (broken.length > 0) throw new StoryError("a whole audit", broken.join("\n"));
  say(`\nallpoints audit verify: whole, ${rows} rows in ${chains} chains.`);
  say("\nEvery step showed what it should.");
}

/** The message once its thread has its line, which travels on its own. */
async function withThread(look: () => Promise<ShownMessage>): Promise<ShownMessage> {
  for (let tries = 0; tries < 200; tries += 1) {
    const message = await look();
    if (message.thread.length > 0) return message;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new StoryError("a line in the thread", wordsOf(await look()));
}
