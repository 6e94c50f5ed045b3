import type { Page } from "playwright-core";

const MOST_STOPS = 120;

/** Presses Tab until what has this name is focused; without a mouse there is no other way to come to it. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    // Each stop depends on the one before.
    // oxlint-disable-next-line no-await-in-loop
    const words = await focusedName(page);
    if (name.test(words)) return;
    seen.push(words);
    // oxlint-disable-next-line no-await-in-loop
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never came to ${String(name)}, only to: ${seen.join(" | ")}`);
}

/** What names the control that has the focus; "" where none has. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate<string>(nameOfFocused);
}

// Runs in the page, whose types the tests do not know.
const nameOfFocused = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return "";
  const [label] = element.labels ?? [];
  return (element.getAttribute("aria-label") ?? label?.innerText ?? element.innerText ?? "").trim();
})()`;
