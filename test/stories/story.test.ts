import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { playStory } from "../../sandbox/story.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
}, 60_000);
afterAll(() => town.close());

describe("the story that `npm start -- --once` plays", () => {
  it("stops at the first step that does not show what it should, and says what was there instead", async () => {
    const novak = town.person("metro", "novak");
    await novak.types("/allpoints officer suspend <@U0REYES00>");
    const told: string[] = [];
    const playing = playStory(town.platforms, {
      verifyAudit: town.verifyAudit,
      say: (line) => told.push(line),
    });
    await expect(playing).rejects.toMatchObject({
      name: "StoryError",
      message: expect.stringContaining("Your access is suspended"),
    });
    expect(told.join("\n")).not.toContain("2 A tip");
    await novak.types("/allpoints officer restore <@U0REYES00>");
  });

  it("is played to its end, and its audit is whole", async () => {
    const told: string[] = [];
    await playStory(town.platforms, { verifyAudit: town.verifyAudit, say: (line) => told.push(line) });
    expect(told.at(-1)).toContain("Every step showed what it should.");
    expect(told.join("\n")).toContain("recalled 2 of 2");
  });

  it("does not take a broken audit for a whole one", async () => {
    const broken = async () => ({ rows: 1, chains: 1, broken: ["agency x: row 3 edited"] });
    const again = playStory(town.platforms, { verifyAudit: broken, say: () => {} });
    await expect(again).rejects.toMatchObject({
      name: "StoryError",
      message: expect.stringContaining("row 3 edited"),
    });
  });
});
