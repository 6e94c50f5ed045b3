import { ACKNOWLEDGE, unwatched, watched } from "../story-values.ts";
import { chapter, diaz, fill, hale, hero, okafor, press, ruiz, see, shows, type } from "./tour-pieces.ts";

// From the bulletin's arrival to its end.

export const itArrives = chapter(
  "It arrives",
  [
    hale,
    {
      id: "full",
      say: "Riverton's channel was signed for it, so it shows the full text: what is known, what is asked, and that this alone is no reason to stop anybody.",
      do: [],
      shows: shows("{B} v1", "John A. Smyth"),
    },
  ],
  [
    ruiz,
    {
      id: "summary",
      say: "On Discord the same bulletin is a summary: the name, the birth date and the plate were never sent there.",
      do: [],
      shows: shows("{B} v1", "Identity withheld"),
    },
  ],
);

export const acknowledged = chapter(
  "Who has it",
  [
    hale,
    {
      id: "refused",
      say: "Officer Hale presses Acknowledge and is refused in plain words: it takes a supervisor or a watch commander to answer for an agency.",
      do: [press(ACKNOWLEDGE, "{B} v1")],
      shows: shows("Not done: acknowledging needs"),
    },
  ],
  [
    diaz,
    {
      id: "acknowledged-riverton",
      say: "Sergeant Diaz may, and one press tells the sender by name and time that Riverton has it.",
      do: [press(ACKNOWLEDGE, "{B} v1")],
      shows: shows("{B} v1", "Acknowledged v1 for Riverton PD"),
    },
  ],
  [
    diaz,
    {
      id: "thread",
      say: "The thread under the bulletin keeps for everybody in the channel who acknowledged which version, and when.",
      do: [{ kind: "thread", under: ["{B} v1"] }],
      shows: {
        where: "thread",
        words: ["Acknowledged v1 for Riverton PD by Sgt Diaz", "from the full text"],
      },
    },
  ],
  [
    ruiz,
    {
      id: "acknowledged-cedar",
      say: "Sergeant Ruiz acknowledges for Cedar County on Discord, and the sender need not care which platform that was.",
      do: [press(ACKNOWLEDGE, "{B} v1")],
      shows: shows("{B} v1", "Acknowledged v1 for Cedar County SO"),
    },
  ],
  [
    okafor,
    {
      id: "status",
      say: "Okafor asks for the status and sees at a glance who has the bulletin, how much of it, and who answered.",
      do: [type("/bulletin status {B}")],
      shows: shows("{B} v1", "Acknowledged by 2 of 2 agencies"),
    },
  ],
);

const haleInCar = hero("riverton", "hale", "intake");
export const atTheCarDoor = chapter(
  "At the car door",
  [
    haleInCar,
    {
      id: "hit",
      say: "At a traffic stop Officer Hale asks /watch by name and birth date; the private answer says what to be careful of and whom to call.",
      do: [type("/watch"), fill(watched)],
      // Every story that was broken off has left him an entry: this one goes on with the one that is shown.
      shows: { ...shows("ANSWER TO YOUR QUERY", "CAUTION"), learn: "E" },
    },
  ],
  [
    haleInCar,
    {
      id: "nothing",
      say: "About somebody else there is nothing to show, and the answer warns that this is not an all-clear.",
      do: [type("/watch"), fill(unwatched)],
      shows: shows("Nothing to show for this query", "This is not an all-clear"),
    },
  ],
  [
    okafor,
    {
      id: "who-asked",
      say: "The desk that owns the entry hears that somebody asked; who it was, when and why, Okafor learns privately.",
      do: [press("Who asked", "Somebody asked about {E}")],
      shows: shows("Who asked about {E}", "Riverton PD"),
    },
  ],
);

export const wrongPerson = chapter(
  "It was the wrong person",
  [
    okafor,
    {
      id: "cancel",
      say: "It turns out to be the wrong person, so Okafor takes the bulletin back everywhere, and the entry off the list, with one line each.",
      do: [
        type("/bulletin cancel {B} reason:wrong_person"),
        see("Recall {B} (wrong person)"),
        type("/entry cancel {E} reason:wrong_person"),
      ],
      shows: shows("Cancelled: {E}"),
    },
  ],
  [
    diaz,
    {
      id: "gone-riverton",
      say: "In Riverton the text is gone and a correction says why; Sergeant Diaz acknowledges that too, so the sender knows the shift will be told.",
      do: [
        see("CANCELLED {B}", "Content removed here"),
        press("Acknowledge correction", "CANCELLED {B}: WRONG PERSON"),
      ],
      shows: shows("CANCELLED {B}: WRONG PERSON", "Correction of v1 acknowledged for Riverton PD"),
    },
  ],
  [
    ruiz,
    {
      id: "gone-cedar",
      say: "On Discord it is the same: the summary is gone and the correction stands in the channel.",
      do: [see("CANCELLED {B}", "Content removed here")],
      shows: shows("CANCELLED {B}: WRONG PERSON"),
    },
  ],
  [
    okafor,
    {
      id: "recalled",
      say: "The status is now the receipt: both copies are taken back, and it tells whom to call who has not yet acknowledged the correction.",
      do: [type("/bulletin status {B}")],
      shows: shows("Recall {B}", "recalled 2 of 2"),
    },
  ],
);

export const theRecord = chapter("The record", [
  okafor,
  {
    id: "verify",
    say: "Every step was written to a record in which each line seals the one before it; Verify checks them all, so that a changed line would be found.",
    do: [{ kind: "verify" }],
    shows: { where: "panel", words: ["Whole:"] },
  },
]);
