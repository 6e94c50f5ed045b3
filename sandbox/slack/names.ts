import type { Workspace, World } from "./world.ts";

/** What a person or channel is called: the name this workspace knows, else the one of any other; undefined for no id. */
function knownName(world: World, id: string, first: Workspace | undefined): string | undefined {
  const own = first === undefined ? undefined : nameWithin(world, first, id);
  if (own !== undefined) return own;
  for (const workspace of world.workspaces.values()) {
    const name = nameWithin(world, workspace, id);
    if (name !== undefined) return name;
  }
  return undefined;
}

function nameWithin(world: World, workspace: Workspace, id: string): string | undefined {
  if (workspace.botUser === id) return world.app.name;
  return workspace.users.get(id)?.name ?? workspace.channels.get(id)?.name;
}

/** The id itself when nobody is called that. */
export function nameIn(world: World, id: string, first?: Workspace): string {
  return knownName(world, id, first) ?? id;
}

const idLike = /\b[A-Z][A-Z0-9]+\b/g;

/** Everybody and every channel that some content names, by id. */
export function namesIn(world: World, content: unknown, first: Workspace): Readonly<Record<string, string>> {
  const ids = new Set(JSON.stringify(content).match(idLike));
  return Object.fromEntries(
    [...ids].flatMap((id) => {
      const name = knownName(world, id, first);
      return name === undefined ? [] : [[id, name]];
    }),
  );
}
