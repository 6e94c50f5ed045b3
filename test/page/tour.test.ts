import { describe, expect, it } from "vitest";

import { tourBar } from "../../sandbox/page/tour-bar.ts";
import type { TourStep } from "../../sandbox/page/tour-step.ts";
import { tourSteps } from "../../sandbox/page/tour.ts";
import { agencies } from "../../sandbox/world.ts";

/** Words of our trade that a police chief's IT person need not know. */
const jargon =
  /\b(modal|payload|webhook|API|ephemeral|JSON|DOM|token|predicate|ledger|hash|HMAC|TLP|PAP|slash command)\b/i;

/** Every text that a person types or that is looked for on screen. */
function wordsOf({ do: actions, shows }: TourStep): readonly string[] {
  const acted = actions.flatMap((action) => {
    switch (action.kind) {
      case "type":
        return [action.line];
      case "press":
        return [action.button, ...(action.under ?? [])];
      case "fill":
        return Object.entries(action.values).flatMap(([label, value]) => [label, ...[value].flat()]);
      case "thread":
        return action.under;
      case "see":
        return action.words;
      case "verify":
        return [];
    }
  });
  return [...acted, ...shows.words];
}

describe.each(tourSteps.map((step) => [step.id, step] as const))("the tour's step %s", (_id, step) => {
  it("says in one plain sentence what happens and why", () => {
    expect(step.say.length).toBeGreaterThanOrEqual(20);
    expect(step.say.length).toBeLessThanOrEqual(220);
    expect(step.say).toMatch(/^[A-Z].*[^.]\.$/);
    expect(step.say).not.toMatch(/[.!?] [A-Z]/);
    expect(step.say).not.toMatch(jargon);
  });

  it("is played by somebody of the seeded world, in a channel of their agency", () => {
    const agency = agencies.find(({ workspace }) => workspace === step.place.workspace);
    const person = Object.values(agency?.people ?? {}).find(({ user }) => user === step.place.user);
    const channel = Object.values(agency?.channels ?? {}).find(({ id }) => id === step.place.channel);
    expect(agency?.platform).toBe(step.pane);
    expect(step.who).toBe(`${person?.name}, ${agency?.name}`);
    expect(step.channel).toBe(`#${channel?.name}`);
  });

  it("knows by some words when it is done, and leaves nothing empty", () => {
    expect(step.shows.words.length).toBeGreaterThan(0);
    for (const text of wordsOf(step)) expect(text.trim()).not.toBe("");
  });

  it("uses only references that an earlier step has learnt", () => {
    const before = tourSteps.slice(0, tourSteps.indexOf(step));
    const learnt = before.flatMap(({ shows }) => shows.learn ?? []);
    const used = wordsOf(step).flatMap((text) =>
      [...text.matchAll(/\{(.*?)\}/g)].map(([, letter]) => letter),
    );
    expect(learnt).toEqual(expect.arrayContaining(used));
  });
});

describe("the tour", () => {
  it("travels as JSON without loss", () => {
    expect(JSON.parse(JSON.stringify(tourSteps))).toEqual(tourSteps);
  });

  it("is told in chapters that follow one another, and gives every step a name of its own", () => {
    const chapters = tourSteps.map(({ chapter }) => chapter);
    const starts = chapters.filter((chapter, index) => chapter !== chapters[index - 1]);
    expect(new Set(starts).size).toBe(starts.length);
    expect(new Set(tourSteps.map(({ id }) => id)).size).toBe(tourSteps.length);
  });

  it("shows both platforms and every agency", () => {
    expect(new Set(tourSteps.map(({ place }) => place.workspace))).toEqual(
      new Set(agencies.map(({ workspace }) => workspace)),
    );
  });

  it("learns its tip, its entry and its bulletin, and which entry a query finds", () => {
    expect(tourSteps.flatMap(({ shows }) => shows.learn ?? [])).toEqual(["T", "E", "B", "E"]);
  });
});

describe("the tour's bar", () => {
  it("is a closed region of its own, whose sentence is read out", async () => {
    const bar = String(await tourBar());
    expect(bar).toMatch(/<section[^>]* data-tour [^>]*aria-label="Guided tour" hidden>/);
    expect(bar).toMatch(/aria-live="polite">\s*<p [^>]*data-tour-say>/);
  });

  it("has a button for each thing one can do", async () => {
    const bar = String(await tourBar());
    for (const part of ["back", "play", "next", "stop"])
      expect(bar).toMatch(new RegExp(`<button [^>]*data-tour-${part}>`));
  });

  it("begins at normal speed", async () => {
    const bar = String(await tourBar());
    expect([...bar.matchAll(/<option value="(\w+)"/g)].map(([, speed]) => speed)).toEqual([
      "slow",
      "normal",
      "fast",
    ]);
    expect(bar).toMatch(/<option value="normal" selected>/);
  });
});
