import type { Shown } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import type { JsonObject } from "../shared/json.ts";
import { beginAct, interaction } from "./act.ts";
import type { Act } from "./act.ts";
import type { Deliver } from "./deliver.ts";
import { readerOf, showForm } from "./shown.ts";
import { topView, viewPayload } from "./view-methods.ts";
import { personOf } from "./world.ts";
import type { Person, View, World } from "./world.ts";

export interface InView {
  readonly person: Person;
  readonly view: View;
}

/** Who has which form open. */
interface Target {
  readonly workspace: string;
  readonly user: string;
  readonly form: string;
}

function openIn({ workspace, user }: Person, id: string): View | undefined {
  return workspace.modals.get(user.id)?.find((each) => each.id === id);
}

/** An open form that nothing covers: of the others one can do nothing to. */
export function findModal(person: Person, id: string): View | undefined {
  const view = openIn(person, id);
  if (view === undefined || view === topView(person)) return view;
  throw new ImpossibleError(`Another form covers "${view.content.title?.text ?? id}".`);
}

/** A form as its person sees it now, also under another one. */
export function formNow(world: World, target: Target): Shown {
  const person = personOf(world, target);
  const view = openIn(person, target.form);
  return view === undefined ? { kind: "nothing" } : showForm(view, readerOf(world, person.user));
}

/** A person closes a form without submitting it; what it uncovers. Closing what is closed does nothing. */
export async function close(world: World, deliver: Deliver, target: Target): Promise<Shown> {
  const person = personOf(world, target);
  const view = findModal(person, target.form);
  return view === undefined ? { kind: "nothing" } : closeView(world, deliver, { person, view });
}

/** In a modal the team is the person's own; whose app it is stands in the view. */
export function interactionInView(world: World, act: Act, { person, view }: InView): JsonObject {
  return {
    ...interaction(world, act),
    team: { id: person.home, domain: person.home.toLowerCase() },
    view: viewPayload(world, person.workspace, view),
  };
}

export async function closeView(world: World, deliver: Deliver, { person, view }: InView): Promise<Shown> {
  const begun = beginAct(world, person, { inModal: true });
  const payload = {
    ...interactionInView(world, begun, { person, view }),
    type: "view_closed",
    is_cleared: false,
  };
  begun.watch.end();
  pop(person, view.content.clear_on_close === true);
  if (view.content.notify_on_close === true) await deliver({ type: "interactive", payload });
  return beneath(world, person);
}

export function pop({ workspace, user }: Person, everything: boolean): void {
  const stack = workspace.modals.get(user.id) ?? [];
  workspace.modals.set(user.id, everything ? [] : stack.slice(0, -1));
}

/** What a closed modal uncovers. */
export function beneath(world: World, person: Person): Shown {
  const view = topView(person);
  return view === undefined ? { kind: "nothing" } : showForm(view, readerOf(world, person.user));
}

/** Takes a form from the stack, whatever lies on it. */
export function withdraw({ workspace, user }: Person, view: View): void {
  const stack = workspace.modals.get(user.id) ?? [];
  workspace.modals.set(
    user.id,
    stack.filter((each) => each !== view),
  );
}
