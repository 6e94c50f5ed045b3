import { stringAt } from "../shared/json.ts";
import { directChannel } from "./channels.ts";
import { botId, channelFor } from "./chat-methods.ts";
import type { ApiCall } from "./chat-methods.ts";
import { refuse } from "./content.ts";
import type { Reply } from "./content.ts";
import type { Channel, Workspace } from "./world.ts";

export function authTest({ world, workspace }: ApiCall): Reply {
  return {
    ok: true,
    url: `https://${workspace.id.toLowerCase()}.slack.com/`,
    team: workspace.name,
    user: world.app.name,
    team_id: workspace.id,
    user_id: workspace.botUser,
    bot_id: botId(workspace),
    app_id: world.app.id,
    is_enterprise_install: false,
  };
}

export function apiTest({ args }: ApiCall): Reply {
  const error = stringAt(args, "error");
  return error === undefined ? { ok: true, args } : { ok: false, error, args };
}

function conversation(workspace: Workspace, channel: Channel): Readonly<Record<string, unknown>> {
  const direct = channel.directWith !== undefined;
  return {
    id: channel.id,
    ...(direct
      ? { user: channel.directWith }
      : { name: channel.name, name_normalized: channel.name.toLowerCase() }),
    is_channel: !direct && !channel.private,
    is_group: !direct && channel.private,
    is_im: direct,
    is_mpim: false,
    is_private: channel.private,
    is_archived: channel.archived,
    is_general: false,
    is_shared: channel.sharedOutside,
    is_org_shared: false,
    is_ext_shared: channel.sharedOutside,
    is_pending_ext_shared: false,
    is_member: channel.botIsMember,
    context_team_id: workspace.id,
    shared_team_ids: [workspace.id],
  };
}

export function conversationInfo(call: ApiCall): Reply {
  const channel = channelFor(call);
  if (channel === undefined) return refuse("channel_not_found");
  return { ok: true, channel: conversation(call.workspace, channel) };
}

export function openConversation({ world, workspace, args }: ApiCall): Reply {
  const users = (stringAt(args, "users") ?? "").split(",").filter((id) => id !== "");
  const [user] = users;
  if (user === undefined) return refuse("users_list_not_supplied");
  // Group conversations need other scopes, and nothing here drives them.
  if (users.length > 1) return refuse("not_allowed_token_type");
  if (user === workspace.botUser) return refuse("cannot_dm_bot");
  if (!workspace.users.has(user)) return refuse("user_not_found");
  const existed = workspace.channels.has(`D${user.slice(1)}`);
  const channel = directChannel(world, workspace, user);
  return { ok: true, ...(existed ? { no_op: true, already_open: true } : {}), channel: { id: channel.id } };
}

export function userInfo({ workspace, args }: ApiCall): Reply {
  const user = workspace.users.get(stringAt(args, "user") ?? "");
  if (user === undefined) return refuse("user_not_found");
  return {
    ok: true,
    user: {
      id: user.id,
      team_id: workspace.id,
      name: user.name.toLowerCase().replaceAll(/\W+/g, "."),
      real_name: user.name,
      tz: user.timeZone ?? "America/New_York",
      profile: { real_name: user.name, display_name: user.name, team: workspace.id },
      deleted: false,
      is_bot: false,
      is_restricted: false,
      is_ultra_restricted: false,
    },
  };
}
