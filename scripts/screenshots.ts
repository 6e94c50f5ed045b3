import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { ACKNOWLEDGE, tip } from "../sandbox/story-values.ts";
import { openBrowser, type Desktop } from "../test/page/browser.ts";
import { openPanel } from "../test/page/panel.ts";
import { peopleAt } from "../test/page/person.ts";
import { startSandbox } from "../test/page/sandbox.ts";
import { approvedEntry, gradedTip, subscribeBoth, waitingBulletin } from "../test/page/scenario.ts";

// `npm run screenshots`: plays what the pictures of the README show, and takes them.

const folder = join(import.meta.dirname, "../docs/images");

const sandbox = await startSandbox();
try {
  mkdirSync(folder, { recursive: true });
  await subscribeBoth(sandbox.platforms);
  const entry = await approvedEntry(sandbox.platforms, await gradedTip(sandbox.platforms));
  const bulletin = await waitingBulletin(sandbox.platforms, entry);
  await bulletin.approve();
  const desktop = await openBrowser(sandbox.url);
  try {
    await takeAll(desktop, bulletin.ref, async () => waitingBulletin(sandbox.platforms, entry));
  } finally {
    await desktop.close();
  }
} finally {
  await sandbox.stop();
}

async function takeAll(
  desktop: Desktop,
  ref: string,
  another: () => Promise<{ readonly approve: () => Promise<void> }>,
): Promise<void> {
  const page = await desktop.tab({ colorScheme: "light" });
  const people = peopleAt(page);
  const [diaz, ruiz] = [people("riverton", "diaz"), people("cedar", "ruiz")];
  for (const supervisor of [diaz, ruiz]) {
    await supervisor.goes("bulletins");
    await supervisor.sees(ref, ACKNOWLEDGE);
  }
  await take(page, "main");

  for (const supervisor of [diaz, ruiz]) {
    await supervisor.presses(ACKNOWLEDGE, ref);
    await supervisor.sees(ref, "Acknowledged v1");
  }
  await diaz.opensThread("Acknowledged v1", ref);
  await diaz.readsInThread("Acknowledged v1 for Riverton PD by Sgt Diaz");
  await ruiz.opensThread("Acknowledged v1", ref);
  await ruiz.readsInThread("Acknowledged v1 for Cedar County SO by Sgt Ruiz");
  await take(page, "thread");

  await inTheDark(desktop, ref);
  await onThePhone(desktop, ref);
  await aForm(desktop);
  await theFaults(desktop, await another());
}

async function inTheDark(desktop: Desktop, ref: string): Promise<void> {
  const page = await desktop.tab({ colorScheme: "dark" });
  const people = peopleAt(page);
  for (const person of [people("riverton", "hale"), people("cedar", "moss")]) {
    await person.goes("bulletins");
    await person.sees(ref);
  }
  await take(page, "main-dark");
}

async function onThePhone(desktop: Desktop, ref: string): Promise<void> {
  const page = await desktop.tab({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
  const hale = peopleAt(page)("riverton", "hale");
  await hale.goes("bulletins");
  await hale.sees(ref);
  await take(page, "phone");
}

async function aForm(desktop: Desktop): Promise<void> {
  const page = await desktop.tab();
  const people = peopleAt(page);
  const [reyes, moss] = [people("metro", "reyes"), people("cedar", "moss")];
  await moss.types("/tip", "intake");
  await moss.sees("What was said or seen?");
  await reyes.types("/tip", "intake");
  await reyes.enters(tip);
  await take(page, "modal");
}

async function theFaults(
  desktop: Desktop,
  waiting: { readonly approve: () => Promise<void> },
): Promise<void> {
  const page = await desktop.tab();
  const people = peopleAt(page);
  await people("riverton", "diaz").goes("bulletins");
  await people("cedar", "ruiz").goes("bulletins");
  const panel = await openPanel(page);
  await panel.switches("Slack down", true);
  await waiting.approve();
  await panel.says(/^[1-9]\d* pending/);
  await panel.presses("Verify");
  await panel.says(/^Whole/);
  await take(page, "panel");
}

/** Without the caret and the pointer, which are nowhere twice. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}.png`), caret: "hide", animations: "disabled" });
  console.log(`docs/images/${name}.png`);
}
