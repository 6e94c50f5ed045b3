import type { Locator, Page } from "playwright-core";

/** The panel for the sceptic, as somebody reads and uses it. */
export interface Panel {
  readonly presses: (button: string) => Promise<void>;
  readonly switches: (name: string, on: boolean) => Promise<void>;
  /** Waits until the panel says this. */
  readonly says: (words: RegExp) => Promise<void>;
  /** What stands beside a term: "Deliveries", "Queue". */
  readonly fact: (term: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

export async function openPanel(page: Page): Promise<Panel> {
  const panel = page.getByRole("complementary", { name: "For the sceptic" });
  if (!(await panel.isVisible())) await page.getByRole("button", { name: "For the sceptic" }).click();
  await panel.waitFor();
  const fact = (term: string): Locator =>
    panel.locator("dt", { hasText: term }).locator("xpath=following-sibling::dd");
  return {
    presses: (button) => panel.getByRole("button", { name: button, exact: true }).click(),
    async switches(name, on) {
      const lever = panel.getByRole("switch", { name });
      if ((await lever.getAttribute("aria-checked")) !== String(on)) await lever.click();
      await panel.getByRole("switch", { name, checked: on }).waitFor();
    },
    says: (words) => panel.getByText(words).first().waitFor(),
    fact: (term) => fact(term).innerText(),
    close: () => panel.getByRole("button", { name: "Close the panel" }).click(),
  };
}

/** Insists that the panel says this, soon. */
export function expectPanel(panel: Panel, words: RegExp): Promise<void> {
  return panel.says(words);
}
