import type { Locator } from "playwright-core";

import type { Values } from "../../sandbox/cast.ts";

// The forms that a client opens, as a person fills them in: by what stands at each field.

/** Closes whatever form is open. */
export async function closeForms(dialog: Locator): Promise<void> {
  // Slack stacks forms: closing one may uncover another.
  while (await dialog.isVisible()) {
    const form = await formId(dialog);
    // oxlint-disable-next-line no-await-in-loop
    await dialog.getByRole("button", { name: "Close" }).first().click();
    // oxlint-disable-next-line no-await-in-loop
    await gone(dialog, form);
  }
}

const formId = (dialog: Locator) => dialog.locator("form").getAttribute("data-form");
const gone = (dialog: Locator, form: string | null) =>
  dialog.locator(`form[data-form="${form}"]`).waitFor({ state: "hidden" });

/** Fills in the fields of the open form, by their labels. */
export async function fillFields(dialog: Locator, values: Values): Promise<void> {
  await dialog.waitFor();
  for (const [label, value] of Object.entries(values)) {
    // oxlint-disable-next-line no-await-in-loop
    await fillField(dialog, label, value);
  }
}

/** Text into a box, a choice out of a list, ticks in a group. */
async function fillField(dialog: Locator, label: string, value: string | string[]): Promise<void> {
  const name = new RegExp(`^${escaped(label)}\\s*(\\((optional|required)\\))?$`);
  const one = dialog.getByRole("textbox", { name }).or(dialog.getByRole("combobox", { name }));
  const group = dialog.getByRole("group", { name }).or(dialog.getByRole("radiogroup", { name }));
  await one.or(group).first().waitFor();
  if ((await group.count()) > 0) return tick(group.first(), [value].flat());
  const field = one.first();
  if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption(value);
  else await field.fill([value].flat().join("\n"));
}

async function tick(group: Locator, values: readonly string[]): Promise<void> {
  for (const value of values) {
    const named = group.getByLabel(value, { exact: true });
    // oxlint-disable-next-line no-await-in-loop
    await named
      .or(group.locator(`input[value="${value}"]`))
      .first()
      .check();
  }
}

/** As it stands, inside a pattern. */
export function escaped(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
