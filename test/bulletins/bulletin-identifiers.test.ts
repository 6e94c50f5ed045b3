import { describe, expect, it } from "vitest";

import { identifierIn } from "../../src/bulletins/bulletin-identifiers.ts";

describe("what tells who somebody is, in the middle of a sentence,", () => {
  it.each([
    ["plate", "Last seen in a white F-150, MD ABC1234, going north."],
    ["plate", "A pickup with MD ABC 1234 on it"],
    ["plate", "A van (7ABC123) near the station"],
    ["plate", "A van, ABC-1234, near the station"],
    ["plate", "His plate: abc 1234."],
    ["plate", "Tag 4 was cleared; LP#123456 was not"],
    ["plate", "Delaware car, DE 123456"],
    ["phone", "He called from 410-555-0142 twice."],
    ["phone", "Number (410) 555-0142, no answer"],
    ["phone", "From +44 20 7946 0958 at night"],
    ["email", "Wrote to the desk as iron.jack@example.org."],
    ["handle", "Posted by @ironjack on Friday"],
    ["handle", "See https://x.com/ironjack for the words"],
    ["vin", "VIN on the dash 1FTEW1E50FFA00001, Ford"],
  ])("%s: is found: %s", (kind, text) => {
    expect(identifierIn(text)).toBe(kind);
  });

  it.each([
    "Shots heard near the Elm St station, 22 Nov 2026 at 1200HRS or 12:30am, says a caller.",
    "An AR-15 or AK 47, 5.56MM, 7.62X39, on I-95, US-301, MD 295 or MD-295 in 2026.",
    "IN 2026, OR 12 of them, ON 20 Nov; Baltimore, MD 21201; 22NOV26; the 100TH time.",
    "The plate is unknown, the tag team saw it. The account holder said so. Case 26-1187, B-7K3-M9Q.",
    'Said he will "shoot the next cop at the Elm St station" (reported Fri 20 Nov). Call 911.',
  ])("is not: %s", (text) => {
    expect(identifierIn(text)).toBeUndefined();
  });
});
