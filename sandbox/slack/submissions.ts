import type { Shown } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import { isObject, objectAt, stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { beginAct } from "./act.ts";
import type { Deliver } from "./deliver.ts";
import { clientProblems, fillIn, hasField, stateOf } from "./modal-fields.ts";
import { beneath, findModal, interactionInView, pop, withdraw } from "./modals.ts";
import type { InView } from "./modals.ts";
import { tellRefusedAck, wordsOf } from "./refused.ts";
import { readerOf, showForm } from "./shown.ts";
import { addView, changeView, MAX_STACK, readView } from "./view-methods.ts";
import { personOf } from "./world.ts";
import type { World } from "./world.ts";

interface Submission {
  readonly workspace: string;
  readonly user: string;
  readonly form: string;
  readonly values: Readonly<Record<string, string | readonly string[]>>;
}

const AFTER_CLOSING_MS = 300;

/** A person fills in the modal on top and submits it. */
export async function submit(
  world: World,
  deliver: Deliver,
  { form, values, ...who }: Submission,
): Promise<Shown> {
  const person = personOf(world, who);
  const view = findModal(person, form);
  if (view === undefined) throw new ImpossibleError(`${person.user.name} has no form ${form} open.`);
  if (view.content.submit === undefined) throw new ImpossibleError("This form has nothing to submit.");
  view.entered = fillIn(view, values);
  view.problems = clientProblems(view);
  if (Object.keys(view.problems).length > 0) return showForm(view, readerOf(world, person.user));

  const begun = beginAct(world, person, { inModal: true });
  const payload = {
    ...interactionInView(world, begun, { person, view }),
    type: "view_submission",
    response_urls: [],
  };
  const ack = await deliver({ type: "interactive", payload });
  const trouble = ack.kind === "failed" ? ack.error : obey(world, { person, view }, ack.body);
  if (typeof trouble === "string") {
    if (ack.kind === "ok") tellRefusedAck(world, person.workspace.id, trouble);
    begun.watch.end();
    return { kind: "error", text: `We had some trouble connecting. Try again? (${trouble})` };
  }
  if (trouble !== undefined) {
    begun.watch.end();
    return trouble;
  }
  const other = await begun.watch.first(AFTER_CLOSING_MS);
  return other ?? beneath(world, person);
}

/** Does what the acknowledgment says. A string is what Slack finds wrong with it; undefined: something closed. */
function obey(world: World, { person, view }: InView, body: unknown): Shown | string | undefined {
  const action = stringAt(body, "response_action");
  if (action === "errors") return showProblems(world, { person, view }, objectAt(body, "errors"));
  if (action === "update" || action === "push") return replaceOrPush(world, { person, view }, body);
  const empty = body === undefined || (isObject(body) && Object.keys(body).length === 0);
  if (action !== "clear" && !empty) return "the acknowledgment is neither empty nor a response_action";
  // The app may have put another view on top meanwhile; what was submitted goes all the same.
  if (action === "clear") pop(person, true);
  else withdraw(person, view);
  return undefined;
}

function showProblems(world: World, { person, view }: InView, errors: JsonObject): Shown | string {
  const problems = Object.entries(errors).flatMap(([id, text]) =>
    typeof text === "string" ? [[id, text]] : [],
  );
  const stray = Object.keys(errors).filter((id) => !hasField(view, id));
  if (problems.length === 0) return "errors names no block";
  if (stray.length > 0) return `errors names blocks that are no inputs: ${stray.join(", ")}`;
  view.problems = Object.fromEntries(problems);
  return showForm(view, readerOf(world, person.user));
}

function replaceOrPush(world: World, { person, view }: InView, body: unknown): Shown | string {
  const content = readView(world, objectAt(body, "view"), "modal");
  if ("refusal" in content) return wordsOf(content.refusal);
  const reader = readerOf(world, person.user);
  if (stringAt(body, "response_action") === "update") {
    changeView(world, view, content.value);
    return showForm(view, reader);
  }
  const stack = person.workspace.modals.get(person.user.id) ?? [];
  if (stack.length >= MAX_STACK) return "push_limit_reached";
  // What was submitted stays under the new view, as it was filled in.
  view.entered = stateOf(view);
  return showForm(addView(world, person, content.value), reader);
}
