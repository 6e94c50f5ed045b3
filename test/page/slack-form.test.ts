import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ShownForm } from "../../sandbox/page/client.ts";
import { slackForm } from "../../sandbox/page/slack/slack-form.ts";
import type { ShownField } from "../../sandbox/pretend.ts";
import type { KitElement } from "../../sandbox/slack/block-kit.ts";
import { formOf, lineOf, strangers, viewer } from "./slack-samples.ts";

const plain = (text: string): { readonly type: "plain_text"; readonly text: string } => ({
  type: "plain_text",
  text,
});
const drawnForm = (form: ShownForm): Promise<string> => lineOf(slackForm(form, viewer));

function oneField(element: KitElement, field: Partial<ShownField> = {}): Promise<string> {
  const input = { type: "input", block_id: "what", label: plain("What"), element };
  const shown: ShownField = { id: "what", label: "What", kind: "text", required: true, ...field };
  return drawnForm(formOf([input], { fields: [shown] }));
}
const options = [
  { value: "a", label: "Schools" },
  { value: "b", label: "Worship" },
];

describe("a form in the Slack client", () => {
  it("has a title, a way out at both ends, and the button that submits it", async () => {
    const line = await drawnForm(formOf([]));
    expect(line).toContain(
      '<form data-form="V0001" novalidate><header><h2 id="slack-form-title">New tip</h2>',
    );
    expect(line).toContain('data-close aria-label="Close">✕</button>');
    expect(line).toContain("data-close>Cancel</button>");
    expect(line).toContain('<button type="submit" class="button primary">Next</button>');
  });

  it("has nothing to submit where the app gave nothing, and the app's word for closing", async () => {
    const { submit: _submit, ...form } = formOf([]);
    expect(await drawnForm(form)).not.toContain('type="submit"');
    expect(await drawnForm(form)).toContain("data-close>Close</button>");
    const named = formOf([], { raw: { type: "modal", blocks: [], close: plain("Not now") } });
    expect(await drawnForm(named)).toContain("data-close>Not now</button>");
  });

  it("keeps the app's order, with other blocks between the fields", async () => {
    const element = { type: "plain_text_input", action_id: "x" };
    const act = { type: "button", action_id: "ask", text: plain("Ask") };
    const form = formOf(
      [
        { type: "section", text: plain("First") },
        { type: "input", block_id: "two", label: plain("x"), element },
        { type: "actions", elements: [act] },
        { type: "input", block_id: "one", label: plain("x"), element },
      ],
      {
        fields: [
          { id: "one", label: "One", kind: "text", required: true },
          { id: "two", label: "Two", kind: "text", required: true },
        ],
      },
    );
    expect(await drawnForm(form)).toMatch(/First.*name="two".*data-press="ask".*name="one"/);
  });

  it("names, fills and describes a line of text", async () => {
    const element = { type: "plain_text_input", placeholder: plain("A name"), max_length: 5 };
    const line = await oneField(element, { value: 'a "b"', hint: "As heard", required: false });
    expect(line).toContain('<label for="slack-form-0">What<span class="optional">(optional)</span></label>');
    expect(line).toMatch(
      /<input type="text" id="slack-form-0" name="what" [^>]*value="a &quot;b&quot;" placeholder="A name"/,
    );
    expect(line).toContain('aria-describedby="slack-form-0-hint"');
    expect(line).toContain('<p class="help" id="slack-form-0-hint">As heard</p>');
    expect(line).not.toContain("maxlength");
    expect(line).not.toContain("required");
    expect(line).not.toContain("aria-invalid");
  });

  it("says what is wrong, at the field and to a screen reader", async () => {
    const line = await oneField({ type: "plain_text_input" }, { problem: "Too short.", hint: "As heard" });
    expect(line).toContain('aria-invalid="true" aria-describedby="slack-form-0-problem slack-form-0-hint"');
    expect(line).toContain('<p class="problem" id="slack-form-0-problem">Too short.</p>');
    expect(line).toContain("required");
  });

  it("keeps every line of a long text", async () => {
    const form = slackForm(
      formOf(
        [
          {
            type: "input",
            block_id: "w",
            label: plain("W"),
            element: { type: "plain_text_input", multiline: true },
          },
        ],
        { fields: [{ id: "w", label: "W", kind: "text", required: true, value: "\n a\n</textarea>" }] },
      ),
      viewer,
    );
    // The first line break after the tag is the parser's.
    expect(String(await form)).toMatch(/<textarea [^>]*>\n\n a\n&lt;\/textarea&gt;<\/textarea>/);
  });

  it.each([
    ["email_text_input", "email"],
    ["url_text_input", "url"],
    ["datepicker", "date"],
    ["timepicker", "time"],
    ["users_select", "text"],
  ])("takes a %s as %s", async (type, expected) => {
    expect(await oneField({ type })).toContain(`<input type="${expected}"`);
  });

  it("offers one of several, beginning with none", async () => {
    const line = await oneField({ type: "static_select" }, { kind: "choice", options, value: ["b"] });
    expect(line).toMatch(
      /<select id="slack-form-0" name="what"[^>]*><option value="">Select an item<\/option>/,
    );
    expect(line).toContain('<option value="a">Schools</option><option value="b" selected>Worship</option>');
  });

  it("offers many as boxes to tick", async () => {
    const field = { kind: "choice", options, value: ["b"], many: true, problem: "Too many." } as const;
    const line = await oneField({ type: "multi_static_select" }, field);
    expect(line).toMatch(/<fieldset class="field" data-many aria-describedby="slack-form-0-problem">/);
    expect(line).toContain("<legend>What</legend>");
    expect(line).toMatch(
      /<label><input type="checkbox" name="what" value="a" [^>]*><span>Schools<\/span><\/label>/,
    );
    expect(line).toMatch(/value="b" checked/);
  });

  it("offers radio buttons as one of several", async () => {
    const line = await oneField({ type: "radio_buttons" }, { kind: "choice", options });
    expect(line).toContain('<fieldset class="field" role="radiogroup">');
    expect(line).toContain('<input type="radio" name="what" value="a">');
    expect(line).not.toContain("data-many");
  });

  it("is never HTML where the words are somebody's", async () => {
    const piece = fc.constantFrom('"', "'", "<", ">", "&", "</textarea>", "</option>", "<script>", "\n", "x");
    const text = fc
      .array(fc.oneof(piece, fc.string({ unit: "grapheme" })), { maxLength: 8 })
      .map((all) => all.join(""));
    const types = ["plain_text_input", "static_select", "checkboxes", "radio_buttons", "datepicker"];
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(...types), fc.boolean(), async (words, type, multiline) => {
        const element = { type, multiline, placeholder: plain(words) };
        const input = { type: "input", block_id: words, label: plain(words), element };
        const field: ShownField = {
          id: words,
          label: words,
          hint: words,
          problem: words,
          kind: type.endsWith("s") ? "choice" : "text",
          required: false,
          ...(type === "checkboxes" ? { many: true } : {}),
          options: [{ value: words, label: words }],
          value: words,
        };
        const form = formOf([input, { type: "section", text: plain(words) }], {
          id: words,
          title: words,
          submit: words,
          fields: [field],
        });
        expect(strangers(String(await slackForm(form, viewer)))).toEqual([]);
      }),
    );
  });

  it("uses each id once", async () => {
    const element = { type: "plain_text_input" };
    const inputs = ["a", "b", "c"].map((id) => ({ type: "input", block_id: id, label: plain(id), element }));
    const fields = inputs.map(({ block_id: id }): ShownField => {
      return { id, label: id, kind: "text", required: true, hint: "h", problem: "p" };
    });
    const ids = [...(await drawnForm(formOf(inputs, { fields }))).matchAll(/ id="([^"]+)"/g)].map(
      ([, id]) => id,
    );
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
    expect(ids.every((id) => id?.startsWith("slack-form-"))).toBe(true);
  });
});
