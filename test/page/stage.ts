import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, vi } from "vitest";

import { openBrowser, withoutBrowser, haveBrowser, type Desktop } from "./browser.ts";
import { startSandbox, type RunningSandbox } from "./sandbox.ts";

export interface Stage {
  readonly sandbox: RunningSandbox;
  readonly desktop: Desktop;
  /** A tab in a profile of its own, closed when the test that opened it is over. */
  readonly tab: (options?: BrowserContextOptions) => Promise<Page>;
}

/** One sandbox and one browser for a whole test file. No test may leave trouble behind in any tab. */
export function setStage(): () => Stage {
  vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });
  if (!haveBrowser) process.stderr.write(`skipped in the browser: ${withoutBrowser}\n`);
  let stage: Stage | undefined;
  const opened = new AsyncDisposableStack();
  beforeAll(async () => {
    if (!haveBrowser) return;
    const sandbox = await startSandbox();
    opened.defer(() => sandbox.stop());
    const desktop = await openBrowser(sandbox.url);
    opened.defer(() => desktop.close());
    const tab: Stage["tab"] = async (options) => {
      const page = await desktop.tab(options);
      onTestFinished(() => page.context().close());
      return page;
    };
    stage = { sandbox, desktop, tab };
  });
  afterEach(() => stage && expectNoTroubles(stage.desktop));
  afterAll(() => opened.disposeAsync());
  return () => {
    if (stage === undefined) throw new Error("the sandbox has not started");
    return stage;
  };
}

/** Insists that nothing went wrong in any tab, but for what was to be expected. */
export function expectNoTroubles(desktop: Desktop, expected?: RegExp): void {
  const troubles = desktop.troubles().filter((one) => expected?.test(one) !== true);
  expect(troubles).toEqual([]);
}
