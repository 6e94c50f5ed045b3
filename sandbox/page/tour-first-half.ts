import { bulletinPages, entryPages, grade, tip, wish } from "../story-values.ts";
import {
  chapter,
  diaz,
  fill,
  hero,
  lund,
  okafor,
  okaforAtIntake,
  press,
  ruiz,
  see,
  shows,
  type,
} from "./tour-pieces.ts";

// From the tip to the bulletin on its way.

export const aTip = chapter(
  "A tip",
  [
    hero("metro", "reyes", "intake"),
    {
      id: "tip",
      say: "Officer Reyes heard of a threat and types /tip: a form opens, because words about a person are never typed into a channel.",
      do: [type("/tip"), fill(tip)],
      shows: { ...shows("Received: T-"), learn: "T" },
    },
  ],
  [
    okaforAtIntake,
    {
      id: "take",
      say: "The intake desk gets a card that names nobody, since a locked phone may show it; Detective Okafor takes it, so that no two people do the same work.",
      do: [see("NEW TIP {T}"), press("Take it", "NEW TIP {T}")],
      shows: shows("TAKEN TIP {T}"),
    },
  ],
  [
    okaforAtIntake,
    {
      id: "open",
      say: "Only Okafor sees the words: Open answers privately, and it is written down who has read the tip.",
      do: [press("Open", "TAKEN TIP {T}")],
      shows: shows("Tip {T} ·", "What was said or seen"),
    },
  ],
  [
    okaforAtIntake,
    {
      id: "grade",
      say: "Okafor grades how reliable the source and the information are, because everything that follows carries this grade.",
      do: [press("Grade", "TAKEN TIP {T}"), fill(grade)],
      shows: shows("Graded: {T} is B3"),
    },
  ],
);

export const anEntry = chapter(
  "An entry on the watch-list",
  [
    okaforAtIntake,
    {
      id: "entry",
      say: "Okafor makes the tip an entry on the watch-list in four short pages: a reason that the law accepts, the facts behind it, and an end date.",
      do: [
        type("/allpoints show {T}"),
        press("Make an entry", "Tip {T} ·"),
        ...entryPages.map(fill),
        press("Send for approval"),
      ],
      shows: { ...shows("Sent: E-"), learn: "E" },
    },
  ],
  [
    lund,
    {
      id: "entry-approved",
      say: "Nobody approves their own work: Sergeant Lund reads the whole entry and lets it onto the list.",
      do: [type("/entry show {E}"), press("Approve", "Entry {E} ·")],
      shows: shows("Approved: {E}"),
    },
  ],
);

export const subscriptions = chapter(
  "Who receives bulletins",
  [
    diaz,
    {
      id: "subscribe-riverton",
      say: "Another agency with a Slack of its own: Sergeant Diaz subscribes Riverton's bulletins channel to what concerns Riverton.",
      do: [type("/subscribe"), fill(wish)],
      shows: shows("This channel is subscribed."),
    },
  ],
  [
    hero("riverton", "adler", "bulletins"),
    {
      id: "clear-riverton",
      say: "How much this channel may show is for the agency that owns it: Riverton's privacy officer signs for the full text.",
      do: [type("/allpoints channel clearance level:full")],
      shows: shows("this channel may be shown full text"),
    },
  ],
  [
    ruiz,
    {
      id: "subscribe-cedar",
      say: "Cedar County works on Discord and keeps it: Sergeant Ruiz subscribes the bulletins channel there with the same form.",
      do: [type("/subscribe"), fill(wish)],
      shows: shows("This channel is subscribed."),
    },
  ],
  [
    hero("cedar", "lang", "bulletins"),
    {
      id: "clear-cedar",
      say: "Cedar's privacy officer decides for summaries: what happened and what to do, without the person.",
      do: [type("/allpoints channel-clearance level:summary")],
      shows: shows("this channel may be shown summaries"),
    },
  ],
);

export const aBulletin = chapter(
  "A bulletin",
  [
    okafor,
    {
      id: "bulletin",
      say: "Okafor writes a bulletin from the approved entry in three pages; the preview tells which channels would get how much of it.",
      do: [
        type("/bulletin new from:{E}"),
        ...bulletinPages("{E}").map(fill),
        see("PREVIEW", "Goes to"),
        press("Send for approval"),
      ],
      shows: { ...shows("waits for approval.", "Nothing is sent before a second person"), learn: "B" },
    },
  ],
  [
    lund,
    {
      id: "draft",
      say: "The desk is told that a draft waits, again without a name; Sergeant Lund opens it and reads word for word what will be sent.",
      do: [press("Open", "A draft waits: {B}")],
      shows: shows("APPROVE? {B}"),
    },
  ],
  [
    lund,
    {
      id: "approved",
      say: "Lund approves exactly the text that was shown, and it goes out to both platforms at once.",
      do: [press("Approve and send", "APPROVE? {B}")],
      shows: shows("{B} was approved"),
    },
  ],
);
