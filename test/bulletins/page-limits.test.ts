import { afterAll, beforeAll, expect, it } from "vitest";

import type { Answer, Card, Form } from "../../src/chat.ts";
import { cardOf, openBench, person, subscribe, todo, what, write, type Bench } from "./bulletin-bench.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** Every page and every button that an officer meets from the first page to the acknowledgment. */
async function met(): Promise<{ readonly forms: readonly Form[]; readonly cards: readonly Card[] }> {
  const metro = await bench.addPlace("Metro");
  const author = await bench.addPerson(metro, ["analyst"]);
  const chief = await bench.addPerson(metro, ["supervisor", "watch_commander"]);
  const channel = await bench.addChannel(metro, "bulletins", "full");
  const desk = await bench.addChannel(metro, "desk");
  const wish = await chief.types("subscribe", "", channel);
  await subscribe(chief, channel);
  const one = await author.types("bulletin", "new");
  const two = await author.fills(one, what);
  const three = await author.fills(two, todo);
  const emergency = await chief.types("bulletin", "emergency");
  const last = await chief.fills(await chief.fills(emergency, what), { ...todo, ...person });
  const preview = await write(author);
  await author.presses(preview, "Send for approval");
  await bench.deliver();
  const approval = cardOf(await chief.presses(bench.messagesIn(desk)[0]?.card, "Open"));
  const back = await chief.presses(approval, "Return with note");
  await chief.presses(approval, "Approve and send");
  await bench.deliver();
  const receipt = cardOf(
    await chief.presses(bench.messagesIn(channel)[0]?.card, "Acknowledge for our agency"),
  );
  const note = await chief.presses(receipt, "Add note");
  return {
    forms: [wish, one, two, three, emergency, last, back, note].map(formOf),
    cards: [preview, approval, receipt, ...[...bench.messages.values()].map(({ card }) => card)],
  };
}

function formOf(answer: Answer): Form {
  if (answer.kind !== "form") throw new Error(`no form but ${answer.kind}`);
  return answer.form;
}

it("every page fits a Slack modal and a Discord one, and every button both platforms' rules", async () => {
  const { forms, cards } = await met();
  const tooLong = forms.flatMap((form) => [
    ...over(form.title, 24),
    ...over(form.submit, 24),
    ...over(form.state, 50),
    ...form.fields.flatMap((field) => [
      ...over(field.label, 45),
      ...over(field.hint ?? "", 100),
      ...(field.kind === "choice"
        ? field.options.flatMap(({ label, value }) => [...over(label, 75), ...over(value, 75)])
        : []),
    ]),
  ]);
  expect(tooLong).toEqual([]);
  expect(Math.max(...forms.map(({ fields }) => fields.length))).toBe(5);
  const buttons = cards.flatMap((card) => card.buttons ?? []);
  expect(buttons.flatMap(({ label, subject }) => [...over(label, 75), ...over(subject, 50)])).toEqual([]);
  expect(buttons.filter(({ action }) => !/^[a-z.-]{1,40}$/.test(action))).toEqual([]);
  // A platform tells the buttons of one message apart by their action.
  const doubled = cards.filter(
    (card) => new Set(card.buttons?.map(({ action }) => action)).size < (card.buttons?.length ?? 0),
  );
  expect(doubled).toEqual([]);
  expect(cards.flatMap(({ headline }) => over(headline, 150))).toEqual([]);
});

function over(text: string, limit: number): readonly string[] {
  return text.length > limit ? [text] : [];
}
