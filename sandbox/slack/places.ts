import type { PretendApi } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import { threeDigits } from "../shared/crowd.ts";
import type { CrowdNames } from "../shared/crowd.ts";
import { newChannel } from "./channels.ts";
import { eventsOf } from "./events.ts";
import type { Events } from "./events.ts";
import { channelOf, workspaceOf } from "./world.ts";
import type { Workspace, World } from "./world.ts";

type Places = Pick<PretendApi, "addWorkspace" | "addUser" | "addChannel" | "changeChannel" | "removeApp">;

/** Workspaces, their people and channels, and whether the app is installed. */
export function createPlaces(world: World, events: Events): Places {
  const changed = (): void => world.changes.tell({ kind: "places" });
  return {
    addWorkspace: async (workspace) => {
      const known = world.workspaces.get(workspace.id);
      if (known !== undefined && !known.removed)
        throw new ImpossibleError(`${workspace.id} is there already.`);
      const added = { ...emptyWorkspace(), ...known, ...workspace, removed: false };
      if (known !== undefined) world.tokens.delete(known.token);
      world.workspaces.set(added.id, added);
      world.tokens.set(added.token, added);
      changed();
    },
    addUser: async (user) => {
      workspaceOf(world, user.workspace).users.set(user.id, user);
      changed();
    },
    addChannel: async (channel) => {
      const { channels } = workspaceOf(world, channel.workspace);
      if (channels.has(channel.id)) throw new ImpossibleError(`Channel ${channel.id} is there already.`);
      channels.set(channel.id, newChannel(channel));
      changed();
    },
    changeChannel: async ({ workspace: workspaceId, id, ...change }) => {
      const workspace = workspaceOf(world, workspaceId);
      const channel = channelOf(workspace, id);
      const before = { ...channel };
      Object.assign(channel, change);
      // People see it before the app has heard of it.
      changed();
      for (const event of eventsOf({ workspace, before, after: channel }))
        await events.send(workspace, event);
    },
    removeApp: async ({ workspace: id }) => {
      const workspace = workspaceOf(world, id);
      workspace.removed = true;
      changed();
      await events.send(workspace, {
        type: "tokens_revoked",
        tokens: { oauth: [], bot: [workspace.botUser] },
      });
      await events.send(workspace, { type: "app_uninstalled" });
    },
  };
}

function emptyWorkspace(): Pick<Workspace, "users" | "channels" | "privateAnswers" | "modals" | "homes"> {
  return { users: new Map(), channels: new Map(), privateAnswers: [], modals: new Map(), homes: new Map() };
}

export const crowdNames: CrowdNames = {
  workspace: (number) => {
    const id = `T0CROWD${threeDigits(number)}`;
    return { id, token: `xoxb-${id}`, botUser: `U0CROWD${threeDigits(number)}` };
  },
  channel: (workspace, number) => `C0CROWD${threeDigits(workspace)}${threeDigits(number)}`,
};
