import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { haveBrowser, openBrowser, type Desktop } from "./browser.ts";
import { clientOf, peopleAt } from "./person.ts";
import { startSandbox, type RunningSandbox } from "./sandbox.ts";
import { expectNoTroubles } from "./stage.ts";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

describe.runIf(haveBrowser)("a page that is opened while the sandbox starts", () => {
  let sandbox: RunningSandbox;
  let desktop: Desktop;
  beforeAll(async () => {
    sandbox = await startSandbox({ until: "page" });
    desktop = await openBrowser(sandbox.url);
  });
  afterAll(async () => {
    await desktop?.close();
    await sandbox?.stop();
  });

  it("shows who and what there is at once, says what is still missing, and then just works", async () => {
    const page = await desktop.tab();
    const { pane } = clientOf(page, "slack");
    await pane.getByRole("heading", { name: "#metro-intake" }).waitFor();
    await clientOf(page, "discord").pane.getByRole("heading", { name: "#cedar-intake" }).waitFor();
    await expect.poll(() => sandbox.output(), { timeout: 60_000 }).toMatch(/First page after \d+\.\d s/);
    await page.getByText(/^(Starting|Everybody moves in)/).waitFor({ state: "hidden" });
    const reyes = peopleAt(page)("metro", "reyes");
    await reyes.types("/allpoints whoami");
    await reyes.sees("Ofc. Reyes, Metro Fusion Center");
    expectNoTroubles(desktop);
  });
});
