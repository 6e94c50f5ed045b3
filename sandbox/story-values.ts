import type { Values } from "./cast.ts";

// What the people of the story write and press: played by `story.ts`, and in the page by its guided tour.

const person = "John A. Smyth, b. 1984-03-02 · white 2015 F-150, MD ABC1234";
/** What must never be seen outside the places that are cleared for it. */
export const personal: readonly string[] = ["Smyth", "ABC1234", "1984"];

export const tip: Values = {
  "What was said or seen?": 'He said he will "shoot the next cop at the Elm St station"',
  "Who might do it?": person,
  "Who or what is at risk, where, when?": "Elm St station, Riverton",
  "How soon?": "Days",
  "How do you know?": "Family, friend or partner told me",
};

export const grade: Values = {
  Source: "B",
  Information: "3",
  "Threat to life?": "yes",
  "Only opinion or protest?": "no",
  "Why?": "Named place; heard first-hand by a relative",
};

/** The tip's person as an entry with a predicate. */
export const entryPages: readonly Values[] = [
  {
    Names: "John A. Smyth\nJon Smyth",
    "Birth date": "1984-03-02",
    "Plate, phone, e-mail, handle, VIN": "MD ABC1234",
    "Under 18?": "No",
  },
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
  {
    "What does somebody who asks learn?": "OPEN",
    "Whose queries may match it?": ["all"],
    "Who may know": "amber",
    "Valid for": "90 days",
  },
];

/** What the supervisors subscribe their channels to. */
export const wish: Values = { "From which severity on?": "MEDIUM", "Which areas?": "Riverton" };

/** The last page names the entry that the bulletin rests on. */
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
    "Summary without the person":
      "A man stated intent to shoot an officer at a police station in Riverton. Possible rifle, not confirmed.",
  },
  { "Basis: which approved entry?": entry, "Which areas?": "Riverton", "Who may see it?": "amber" },
];

export const ACKNOWLEDGE = "Acknowledge for our agency";

const trafficStop: Values = {
  "Why are you asking?": "Traffic stop",
  "CAD or case number, and for which unit": "24-118833",
};
/** What is asked of the watch-list at a traffic stop: the man of the entry, and somebody who is on no list. */
export const watched: Values = { ...trafficStop, Name: "Smyth, Jon", "Birth date": "3/2/1984" };
export const unwatched: Values = { ...trafficStop, Name: "Jane Roe", "Birth date": "1990-01-01" };
