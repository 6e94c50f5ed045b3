import { describe, expect, it } from "vitest";

import { fieldsOf } from "../../sandbox/discord/fields.ts";
import type { ShownForm } from "../../sandbox/page/client.ts";
import { discordForm } from "../../sandbox/page/discord/discord-form.ts";
import { htmlOf, strangersIn, viewer, wordsOf } from "./discord-messages.ts";

const options = [
  { value: "a", label: "Officer safety", default: true },
  { value: "b", label: "Urgent" },
];
const labelled = (label: string, component: object, description?: string): Record<string, unknown> => ({
  type: 18,
  label,
  description,
  component,
});
const text = (custom_id: string, more: object = {}): object => ({ type: 4, style: 1, custom_id, ...more });

async function drawn(
  components: readonly Record<string, unknown>[],
  problems: Readonly<Record<string, string>> = {},
): Promise<string> {
  const modal = { custom_id: "tip", title: "Report a tip", components };
  const fields = fieldsOf(modal).map(({ shown }) => {
    const problem = problems[shown.id];
    return problem === undefined ? shown : { ...shown, problem };
  });
  const form: ShownForm = {
    kind: "form",
    id: "f1",
    title: "Report a tip",
    fields,
    lines: [],
    buttons: [],
    raw: modal,
  };
  return htmlOf(discordForm(form, viewer));
}

describe("a modal", () => {
  it("has a title, two ways to close it, and one to send it", async () => {
    const html = await drawn([labelled("What", text("what"))]);
    expect(html).toMatch(/^<form data-form="f1" novalidate>/);
    expect(html).toContain('<h2 id="discord-form-title">Report a tip</h2>');
    expect(html).toContain('<button type="button" data-close aria-label="Close">');
    expect(html).toContain("data-close>Cancel</button>");
    expect(html).toMatch(/<button type="submit"[^>]*>Submit<\/button><\/footer><\/form>$/);
    expect(wordsOf(html)).toContain("This form will be submitted to Allpoints. Do not share passwords");
  });

  it("shows its texts between the fields, in the viewer's zone", async () => {
    const html = await drawn([
      labelled("First", text("a")),
      { type: 10, content: "**Until** <t:1763795640:t>" },
      labelled("Second", text("b")),
    ]);
    expect(wordsOf(html)).toMatch(/First.*Until 02:14 EST.*Second/);
  });

  it("gives every element an id of its own", async () => {
    const html = await drawn([labelled("A", text("same id")), labelled("B", text("other id"))]);
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^discord-form-\S+$/.test(id ?? ""))).toBe(true);
  });
});

describe("fields of a modal", () => {
  it("a short text is one line, a paragraph several", async () => {
    expect(await drawn([labelled("A", text("a", { value: "B-1", placeholder: "ref" }))])).toMatch(
      /<input type="text" value="B-1" id="[^"]+" name="a" placeholder="ref" autocomplete="off" ?\/>/,
    );
    expect(await drawn([labelled("A", text("a", { style: 2, value: "long" }))])).toMatch(
      /<textarea[^>]* name="a"/,
    );
  });

  it("keeps the first line break of a paragraph", async () => {
    const modal = {
      custom_id: "x",
      title: "x",
      components: [labelled("A", text("a", { style: 2, value: "\nx" }))],
    };
    const fields = fieldsOf(modal).map(({ shown }) => shown);
    const form: ShownForm = { kind: "form", id: "f", title: "x", fields, lines: [], buttons: [], raw: modal };
    expect(String(await discordForm(form, viewer))).toContain(">\n\nx</textarea>");
  });

  it("says to eyes and ears what is required", async () => {
    const required =
      '<span class="required" aria-hidden="true">*</span><span class="sr-only">(required)</span>';
    expect(await drawn([labelled("A", text("a"))])).toContain(`A${required}</label>`);
    expect(await drawn([labelled("A", text("a", { required: false }))])).not.toContain("required");
  });

  it("reads the description and the problem with the field", async () => {
    const html = await drawn([labelled("A", text("a"), "In their words")], { a: "This field is required." });
    const [, about, problem] = /aria-describedby="(\S+) (\S+)"/.exec(html) ?? [];
    expect(html).toContain(`<p class="about" id="${about}">In their words</p>`);
    expect(html).toContain(`<p class="problem" id="${problem}">This field is required.</p>`);
    expect(html).toContain('aria-invalid="true"');
    expect(await drawn([labelled("A", text("a"))])).not.toMatch(/aria-describedby|aria-invalid/);
  });

  it("one choice is a list that begins with none", async () => {
    const html = await drawn([labelled("A", { type: 3, custom_id: "a", options })]);
    expect(html).toContain('<option value="">Make a selection</option>');
    expect(html).toContain('<option value="a" selected>Officer safety</option>');
    expect(html).toContain('<option value="b">Urgent</option>');
  });

  it("many choices are boxes to tick", async () => {
    const html = await drawn([labelled("A", { type: 3, custom_id: "a", max_values: 2, options })], {
      a: "no",
    });
    expect(html).toContain('<fieldset class="field" data-many="a" aria-describedby=');
    expect(html).toMatch(/<input type="checkbox" value="a" checked name="a" aria-invalid="true" ?\/>/);
    expect(html).toMatch(/<input type="checkbox" value="b" name="a" aria-invalid="true" ?\/>/);
  });

  it("a box of its own is ticked or not", async () => {
    const html = await drawn([labelled("Sure", { type: 23, custom_id: "sure", default: true })]);
    expect(html).toMatch(/data-many="sure".*<input type="checkbox" value="true" checked name="sure" ?\/>/);
  });

  it("takes the older layout as well", async () => {
    expect(await drawn([{ type: 1, components: [text("old", { label: "Old" })] }])).toContain('name="old"');
  });

  it("a hostile text stays a text", async () => {
    const evil = `"></textarea><script>alert(1)</script>`;
    const html = await drawn(
      [
        labelled(evil, text(evil, { value: evil, placeholder: evil, style: 2 }), evil),
        labelled(evil, text("x", { value: evil })),
        labelled(evil, {
          type: 3,
          custom_id: "s",
          options: [{ value: evil, label: evil }, ...options],
          max_values: 2,
        }),
        labelled(evil, {
          type: 3,
          custom_id: "t",
          placeholder: evil,
          options: [{ value: evil, label: evil }],
        }),
      ],
      { x: evil },
    );
    expect(strangersIn(html)).toEqual([]);
    expect(html).not.toContain("<script");
  });
});
