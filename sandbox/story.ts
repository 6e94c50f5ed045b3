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
import {
  ACKNOWLEDGE,
  bulletinPages,
  entryPages,
  grade,
  personal,
  tip,
  unwatched,
  watched,
  wish,
} from "./story-values.ts";
import type { AgencyKey } from "./world.ts";

export { bulletinPages, entryPages } from "./story-values.ts";

/** What the story needs besides the two platforms. */
export interface Stage {
  /** `allpoints audit verify` */
  readonly verifyAudit: () => Promise<{
    readonly rows: number;
    readonly chains: number;
    readonly broken: readonly string[];
  }>;
  /** One line of the transcript. */
  readonly say: (line: string) => void;
}

type Told = Shown | ShownMessage;

/** Everybody and everything a chapter works with, and how it is told. */
interface Scene {
  readonly person: ReturnType<typeof castOf>;
  readonly view: (agency: AgencyKey, name: string) => ReturnType<typeof channelView>;
  readonly chapter: (title: string) => void;
  /** Somebody did something and was shown this. */
  readonly told: (who: Person, did: string, shown: Told) => void;
  /** What a channel now shows. */
  readonly showsIn: (where: string, message: ShownMessage) => void;
}

function sceneOf(platforms: Platforms, say: Stage["say"]): Scene {
  return {
    person: castOf(platforms),
    view: (agency, name) => channelView(platforms, agency, name),
    chapter: (title) => say(`\n── ${title} ${"─".repeat(Math.max(3, 70 - title.length))}`),
    told(who, did, shown) {
      say(`\n${who.name} (${who.agency.name}) ${did}`);
      for (const line of wordsOf(shown).split("\n").slice(0, 12)) say(`    │ ${line}`);
    },
    showsIn(where, message) {
      say(`\n  ${where} now shows`);
      const thread = message.thread.flatMap(({ lines }) => lines.map((line) => `↳ ${line}`));
      for (const line of [...message.lines, ...thread]) say(`    ┃ ${line}`);
    },
  };
}

/** Plays the main job from end to end; throws a StoryError at the first step that does not show what it should. */
export async function playStory(platforms: Platforms, stage: Stage): Promise<void> {
  const scene = sceneOf(platforms, stage.say);
  await whoIsHere(scene);
  const tipRef = await aTip(scene);
  const entryRef = await anEntry(scene, tipRef);
  await subscriptions(scene);
  const ref = await aBulletin(scene, entryRef);
  const copies = await itArrives(scene, ref);
  await acknowledgments(scene, ref, copies);
  await atTheCarDoor(scene, entryRef);
  await wrongPerson(scene, ref);
  scene.chapter("10 The audit");
  const { rows, chains, broken } = await stage.verifyAudit();
  if (broken.length > 0) throw new StoryError("a whole audit", broken.join("\n"));
  stage.say(`\nallpoints audit verify: whole, ${rows} rows in ${chains} chains.`);
  stage.say("\nEvery step showed what it should.");
}

async function whoIsHere({ person: cast, chapter, told }: Scene): Promise<void> {
  chapter("1 Who is here");
  const [reyes, lee, novak] = [cast("metro", "reyes"), cast("metro", "lee"), cast("metro", "novak")];
  const known = expectWords(await reyes.types("/allpoints whoami"), "Ofc. Reyes, Metro Fusion Center");
  told(reyes, "types /allpoints whoami", known);
  const suspended = await novak.types("/allpoints officer suspend <@U0LEE0000>");
  told(novak, "suspends Analyst Lee", expectWords(suspended, "Analyst Lee: suspended"));
  told(lee, "types /tip", expectWords(await lee.types("/tip"), "Your access is suspended"));
  expectWords(await novak.types("/allpoints officer restore <@U0LEE0000>"), "Analyst Lee: active");
}

async function aTip(scene: Scene): Promise<string> {
  const { person: cast, chapter, told, showsIn, view } = scene;
  chapter("2 A tip");
  const [reyes, okafor, lee] = [cast("metro", "reyes"), cast("metro", "okafor"), cast("metro", "lee")];
  const receipt = await reyes.submits(await reyes.types("/tip"), tip);
  const ref = refIn(receipt, "T");
  expectWords(receipt, `Received: ${ref}`, "It alone supports no stop");
  told(reyes, "fills in /tip and is answered privately", receipt);
  const card = await view("metro", "intake").shows(`NEW TIP ${ref}`);
  expectNoWords(card, ...personal);
  showsIn("#metro-intake", card);
  told(okafor, "presses Take it", expectWords(await okafor.presses(card, "Take it"), `${ref} is yours.`));
  told(lee, "presses Take it too", expectWords(await lee.presses(card, "Take it"), "Det. Okafor has"));
  const words = expectWords(await okafor.presses(card, "Open"), "shoot the next cop", "John A. Smyth");
  told(okafor, "presses Open", words);
  const graded = await okafor.submits(await okafor.presses(card, "Grade"), grade);
  told(okafor, "grades it", expectWords(graded, `${ref} is B3`));
  await askedBack(scene, { ref, card });
  return ref;
}

async function askedBack(
  { person: cast, told }: Scene,
  { ref, card }: { readonly ref: string; readonly card: ShownMessage },
): Promise<void> {
  const [reyes, okafor] = [cast("metro", "reyes"), cast("metro", "okafor")];
  const question = { "What do you need to know?": "Did anybody see the rifle?" };
  const asked = await okafor.submits(await okafor.presses(card, "Ask the officer"), question);
  expectWords(asked, `Asked about ${ref}`);
  const mine = asMessage(await reyes.types(`/allpoints show ${ref}`));
  told(reyes, `types /allpoints show ${ref}`, expectWords(mine, "Did anybody see the rifle?"));
  const answer = await reyes.submits(await reyes.presses(mine, "Answer"), {
    "Your answer": "Yes, his brother did.",
  });
  expectWords(answer, `Answered: ${ref}`);
}

async function anEntry({ person: cast, chapter, told }: Scene, tipRef: string): Promise<string> {
  chapter("3 An entry with a predicate, approved by a second person");
  const [okafor, lund] = [cast("metro", "okafor"), cast("metro", "lund")];
  const opened = asMessage(await okafor.types(`/allpoints show ${tipRef}`));
  const draft = asMessage(await okafor.fills(await okafor.presses(opened, "Make an entry"), entryPages));
  const ref = refIn(draft, "E");
  told(okafor, "writes the entry in four saved pages", draft);
  expectWords(await okafor.presses(draft, "Send for approval"), ref);
  const waiting = asMessage(await lund.types(`/entry show ${ref}`));
  const approved = expectWords(await lund.presses(waiting, "Approve"), ref);
  told(lund, `types /entry show ${ref} and approves`, approved);
  return ref;
}

async function subscriptions({ person: cast, chapter, told }: Scene): Promise<void> {
  chapter("4 Subscriptions and clearances");
  for (const supervisor of [cast("riverton", "diaz"), cast("cedar", "ruiz")]) {
    const shown = await supervisor.submits(await supervisor.types("/subscribe", "bulletins"), wish);
    told(supervisor, "subscribes the bulletins channel", expectWords(shown, "This channel is subscribed."));
  }
  const [adler, lang] = [cast("riverton", "adler"), cast("cedar", "lang")];
  const signed = await adler.types("/allpoints channel clearance level:full", "bulletins");
  told(adler, "signs the channel for full text", expectWords(signed, "full text"));
  const decided = await lang.types("/allpoints channel-clearance level:summary", "bulletins");
  told(lang, "decides: summaries on Discord", expectWords(decided, "summaries"));
}

async function aBulletin({ person: cast, chapter, told, view }: Scene, entryRef: string): Promise<string> {
  chapter("5 A bulletin, approved as it was shown");
  const [okafor, lund] = [cast("metro", "okafor"), cast("metro", "lund")];
  const first = await okafor.types(`/bulletin new from:${entryRef}`);
  const preview = asMessage(await okafor.fills(first, bulletinPages(entryRef)));
  const ref = refIn(preview, "B");
  expectWords(preview, "Goes to 2 channels of 2 agencies: 1 full, 1 summary, 0 pointer");
  told(okafor, "writes the bulletin in three saved pages", preview);
  expectWords(await okafor.presses(preview, "Send for approval"), ref);
  const waiting = await view("metro", "desk").shows(ref);
  expectNoWords(waiting, ...personal);
  const whole = asMessage(await lund.presses(waiting, "Open"));
  expectWords(whole, "John A. Smyth", `APPROVE? ${ref}`);
  told(lund, "opens the draft and sees exactly what will be sent", whole);
  told(lund, "presses Approve and send", expectWords(await lund.presses(whole, "Approve and send"), ref));
  return ref;
}

const SLACK = "#rpd-bulletins (Slack)";
const DISCORD = "#cedar-bulletins (Discord)";

interface Copies {
  readonly full: ShownMessage;
  readonly summary: ShownMessage;
}

async function itArrives({ chapter, showsIn, view }: Scene, ref: string): Promise<Copies> {
  chapter("6 It arrives: full in Riverton, a summary in Cedar County");
  const full = await view("riverton", "bulletins").shows(ref);
  showsIn(SLACK, expectWords(full, "John A. Smyth", "MD ABC1234", "NO WARRANT", "Not probable cause"));
  const summary = await view("cedar", "bulletins").shows(ref);
  expectNoWords(summary, ...personal);
  showsIn(DISCORD, expectWords(summary, "A man stated intent", "Identity withheld"));
  return { full, summary };
}

async function acknowledgments(scene: Scene, ref: string, { full, summary }: Copies): Promise<void> {
  const { person: cast, chapter, told, showsIn, view } = scene;
  chapter("7 Acknowledged in the thread");
  const [hale, diaz] = [cast("riverton", "hale"), cast("riverton", "diaz")];
  const [stone, ruiz] = [cast("riverton", "stone"), cast("cedar", "ruiz")];
  const refused = await hale.presses(full, ACKNOWLEDGE);
  told(
    hale,
    "presses Acknowledge",
    expectWords(refused, "acknowledging needs supervisor or watch commander"),
  );
  const first = await diaz.presses(full, ACKNOWLEDGE);
  told(diaz, "presses Acknowledge", expectWords(first, `Riverton PD has ${ref} v1`, "shown: full"));
  const second = await stone.presses(full, ACKNOWLEDGE);
  told(stone, "presses Acknowledge too", expectWords(second, "Already acknowledged by Sgt Diaz"));
  const there = await ruiz.presses(summary, ACKNOWLEDGE);
  told(ruiz, "presses Acknowledge on Discord", expectWords(there, `Cedar County SO has ${ref} v1`));
  for (const [where, agency, line] of [
    [SLACK, "riverton", "Acknowledged v1 for Riverton PD by Sgt Diaz"],
    [DISCORD, "cedar", "Acknowledged v1 for Cedar County SO by Sgt Ruiz"],
  ] as const) {
    showsIn(where, await withThread(() => view(agency, "bulletins").shows(ref, line)));
  }
  const okafor = cast("metro", "okafor");
  const status = expectWords(await okafor.types(`/bulletin status ${ref}`), "Riverton PD", "Cedar County SO");
  told(okafor, `types /bulletin status ${ref}`, status);
}

async function atTheCarDoor(
  { person: cast, chapter, told, showsIn, view }: Scene,
  entryRef: string,
): Promise<void> {
  chapter("8 At the car door");
  const hale = cast("riverton", "hale");
  const ask = async (values: Values) => hale.submits(await hale.types("/watch"), values);
  const hit = await ask(watched);
  expectWords(hit, "ANSWER TO YOUR QUERY", "armed and dangerous", entryRef, "Not probable cause");
  told(hale, "asks /watch for the man", hit);
  const nothing = await ask(unwatched);
  expectWords(nothing, "Nothing to show for this query", "This is not an all-clear", "Similar spellings");
  told(hale, "asks /watch for somebody else", nothing);
  const owner = await view("metro", "desk").shows(`Somebody asked about ${entryRef}`);
  expectNoWords(owner, ...personal, "Riverton PD", "Ofc. Hale");
  showsIn("#metro-desk", owner);
  const okafor = cast("metro", "okafor");
  const asker = await okafor.presses(owner, "Who asked");
  told(okafor, "presses Who asked", expectWords(asker, "Riverton PD", "Ofc. Hale", "24-118833"));
}

async function wrongPerson(
  { person: cast, chapter, told, showsIn, view }: Scene,
  ref: string,
): Promise<void> {
  chapter("9 It was the wrong person");
  const [okafor, diaz] = [cast("metro", "okafor"), cast("riverton", "diaz")];
  const cancelled = await okafor.types(`/bulletin cancel ${ref} reason:wrong_person`);
  told(okafor, `types /bulletin cancel ${ref} reason:wrong_person`, expectWords(cancelled, ref));
  for (const [where, agency] of [
    [SLACK, "riverton"],
    [DISCORD, "cedar"],
  ] as const) {
    const channel = view(agency, "bulletins");
    showsIn(where, await channel.shows(`CANCELLED ${ref}: WRONG PERSON`, "Tell your shift"));
    showsIn(where, await channel.shows(`CANCELLED ${ref} `, "Content removed here"));
    for (const message of await channel.read()) expectNoWords(message, ...personal, "stated intent");
  }
  const correction = await view("riverton", "bulletins").shows(
    `CANCELLED ${ref}: WRONG PERSON`,
    "Tell your shift",
  );
  expectWords(await diaz.presses(correction, "Acknowledge correction"), "Recorded");
  const receipt = await okafor.asks(`/bulletin status ${ref}`, "recalled 2 of 2", "1 of 2");
  told(okafor, `types /bulletin status ${ref}`, receipt);
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
