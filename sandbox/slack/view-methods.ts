import { isObject, stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { isView, viewProblems } from "./block-kit.ts";
import type { KitView } from "./block-kit.ts";
import { botId } from "./chat-methods.ts";
import type { ApiCall } from "./chat-methods.ts";
import { decoded, refuse, withIds } from "./content.ts";
import type { Parsed, Reply } from "./content.ts";
import { keptInput, stateOf } from "./modal-fields.ts";
import { readerOf, showForm } from "./shown.ts";
import { keyOf, personOf } from "./world.ts";
import type { Person, Trigger, View, Workspace, World } from "./world.ts";

const MAX_VIEW_BYTES = 250 * 1024;
export const MAX_STACK = 3;

/** A view as the app sent it, or Slack's refusal. */
export function readView(world: World, source: unknown, type: KitView["type"]): Parsed<KitView> {
  const view = decoded(source);
  const problems = viewProblems(view);
  if (!isView(view)) return { refusal: refuse("invalid_arguments", problems) };
  if (view.type !== type)
    return { refusal: refuse("invalid_arguments", [`must be a ${type} [json-pointer:/view/type]`]) };
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_VIEW_BYTES) return { refusal: refuse("view_too_large") };
  return { value: { ...view, blocks: withIds(world, view.blocks) } };
}

/** The view object of Web API answers and interaction payloads. */
export function viewPayload(world: World, workspace: Workspace, view: View): JsonObject {
  const { content } = view;
  return {
    id: view.id,
    team_id: workspace.id,
    type: content.type,
    blocks: content.blocks,
    private_metadata: content.private_metadata ?? "",
    callback_id: content.callback_id ?? "",
    state: { values: stateOf(view) },
    hash: view.hash,
    title: content.title ?? null,
    clear_on_close: content.clear_on_close === true,
    notify_on_close: content.notify_on_close === true,
    close: content.close ?? null,
    submit: content.submit ?? null,
    previous_view_id: view.previous ?? null,
    root_view_id: view.root,
    app_id: world.app.id,
    external_id: content.external_id ?? "",
    app_installed_team_id: workspace.id,
    bot_id: botId(workspace),
  };
}

/** Opens a modal on top of what is there. */
export function addView(world: World, person: Person, content: KitView): View {
  const { workspace, user } = person;
  const stack = workspace.modals.get(user.id) ?? [];
  const id = world.nextId("V");
  const view: View = {
    id,
    workspace: workspace.id,
    user: user.id,
    root: stack[0]?.id ?? id,
    previous: stack.at(-1)?.id,
    hash: world.nextTs(),
    content,
    raw: content,
    entered: {},
    problems: {},
  };
  workspace.modals.set(user.id, [...stack, view]);
  return view;
}

/** Replaces what a view shows; what was entered stays where block and action ids stay. */
export function changeView(world: World, view: View, content: KitView): void {
  view.content = content;
  view.raw = content;
  view.hash = world.nextTs();
  view.problems = {};
  view.entered = keptInput(view);
}

export function topView(person: Person): View | undefined {
  return person.workspace.modals.get(person.user.id)?.at(-1);
}

/** Does nothing for a view that another one covers. */
function show(world: World, view: View, to: { readonly person: Person; readonly act?: string }): void {
  const { person, act } = to;
  if (topView(person) !== view) return;
  world.screens.show(showForm(view, readerOf(world, person.user)), { place: keyOf(person), act });
}

/** Each trigger opens one modal, within three seconds of the act it came from. */
function exchange({ world, workspace, args }: ApiCall): Parsed<Trigger> {
  const trigger = world.triggers.get(stringAt(args, "trigger_id") ?? "");
  if (trigger === undefined || trigger.person.workspace !== workspace)
    return { refusal: refuse("invalid_trigger_id") };
  if (trigger.used) return { refusal: refuse("exchanged_trigger_id") };
  if (Date.now() > trigger.expiresAt) return { refusal: refuse("expired_trigger_id") };
  trigger.used = true;
  return { value: trigger };
}

function externalIdTaken(workspace: Workspace, content: KitView, own?: View): boolean {
  const { external_id: id } = content;
  if (id === undefined || id === "") return false;
  return allViews(workspace).some((view) => view !== own && view.content.external_id === id);
}

function allViews(workspace: Workspace): readonly View[] {
  return [...workspace.modals.values(), [...workspace.homes.values()]].flat();
}

function opened(call: ApiCall, trigger: Trigger, content: KitView): Reply {
  const view = addView(call.world, trigger.person, content);
  show(call.world, view, trigger);
  return { ok: true, view: viewPayload(call.world, call.workspace, view) };
}

export function openView(call: ApiCall): Reply {
  const content = readView(call.world, call.args["view"], "modal");
  if ("refusal" in content) return content.refusal;
  if (externalIdTaken(call.workspace, content.value)) return refuse("duplicate_external_id");
  const trigger = exchange(call);
  if ("refusal" in trigger) return trigger.refusal;
  // Opening starts a new stack; only pushing adds to the one that is there.
  call.workspace.modals.delete(trigger.value.person.user.id);
  return opened(call, trigger.value, content.value);
}

export function pushView(call: ApiCall): Reply {
  const content = readView(call.world, call.args["view"], "modal");
  if ("refusal" in content) return content.refusal;
  if (externalIdTaken(call.workspace, content.value)) return refuse("duplicate_external_id");
  const trigger = exchange(call);
  if ("refusal" in trigger) return trigger.refusal;
  const stack = call.workspace.modals.get(trigger.value.person.user.id) ?? [];
  if (!trigger.value.inModal || stack.length === 0) return refuse("not_found");
  if (stack.length >= MAX_STACK) return refuse("push_limit_reached");
  return opened(call, trigger.value, content.value);
}

export function updateView(call: ApiCall): Reply {
  const { world, workspace, args } = call;
  const id = stringAt(args, "view_id");
  const externalId = stringAt(args, "external_id");
  const view = allViews(workspace).find((each) =>
    id === undefined ? externalId !== undefined && each.content.external_id === externalId : each.id === id,
  );
  if (view === undefined) return refuse("not_found");
  const hash = stringAt(args, "hash");
  if (hash !== undefined && hash !== view.hash) return refuse("hash_conflict");
  const content = readView(world, args["view"], view.content.type);
  if ("refusal" in content) return content.refusal;
  if (externalIdTaken(workspace, content.value, view)) return refuse("duplicate_external_id");
  changeView(world, view, content.value);
  if (view.content.type === "modal")
    world.changes.tell({ kind: "form", workspace: workspace.id, user: view.user, form: view.id });
  show(world, view, { person: personOf(world, view) });
  return { ok: true, view: viewPayload(world, workspace, view) };
}

export function publishView(call: ApiCall): Reply {
  const { world, workspace, args } = call;
  const user = workspace.users.get(stringAt(args, "user_id") ?? "");
  if (user === undefined) return refuse("invalid_arguments", ["invalid `user_id`"]);
  const content = readView(world, args["view"], "home");
  if ("refusal" in content) return content.refusal;
  const existing = workspace.homes.get(user.id);
  if (existing !== undefined && isObject(content.value)) {
    changeView(world, existing, content.value);
    return { ok: true, view: viewPayload(world, workspace, existing) };
  }
  const id = world.nextId("V");
  const home: View = {
    id,
    workspace: workspace.id,
    user: user.id,
    root: id,
    previous: undefined,
    hash: world.nextTs(),
    content: content.value,
    raw: content.value,
    entered: {},
    problems: {},
  };
  workspace.homes.set(user.id, home);
  return { ok: true, view: viewPayload(world, workspace, home) };
}
