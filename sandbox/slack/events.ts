import type { JsonObject } from "../shared/json.ts";
import type { Deliver } from "./deliver.ts";
import type { Channel, Workspace, World } from "./world.ts";

/** Slack tries again at once, after a minute and after five; only the first repeat is waited for. */
const RETRY_AFTER_MS = [0, 60_000, 300_000];

export interface Events {
  /** Resolves when the app took it, or after the first repeat. */
  readonly send: (workspace: Workspace, event: JsonObject) => Promise<void>;
  readonly close: () => void;
}

export function createEvents(world: World, deliver: Deliver): Events {
  const timers = new Set<NodeJS.Timeout>();

  const attempt = async (payload: JsonObject, number: number): Promise<void> => {
    const retry = number === 0 ? {} : { retry: { number, reason: "http_error" } };
    const ack = await deliver({ type: "events_api", payload, ...retry });
    const delay = RETRY_AFTER_MS[number];
    if (ack.kind === "ok" || ack.noRetry === true || delay === undefined) return;
    if (delay === 0) return attempt(payload, number + 1);
    const timer = setTimeout(() => {
      timers.delete(timer);
      void attempt(payload, number + 1);
    }, delay);
    timers.add(timer.unref());
  };

  return {
    send: (workspace, event) => attempt(envelope(world, workspace, event), 0),
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

function envelope(world: World, workspace: Workspace, event: JsonObject): JsonObject {
  return {
    token: "verification-token",
    team_id: workspace.id,
    context_team_id: workspace.id,
    context_enterprise_id: null,
    api_app_id: world.app.id,
    type: "event_callback",
    event_id: world.nextId("Ev"),
    event_time: Math.floor(Date.now() / 1000),
    event: { ...event, event_ts: world.nextTs() },
    authorizations: [
      {
        enterprise_id: null,
        team_id: workspace.id,
        user_id: workspace.botUser,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  };
}

interface Change {
  readonly workspace: Workspace;
  readonly before: Channel;
  readonly after: Channel;
}

/** The events by which Slack tells of a change; private channels have other names for some. */
export function eventsOf({ workspace, before, after }: Change): readonly JsonObject[] {
  const channel = after.id;
  const kind = after.private ? "group" : "channel";
  const joined = before.botIsMember !== after.botIsMember;
  // An app that is not in a private channel hears nothing of it.
  if (!after.botIsMember && after.private && !joined) return [];
  const events: JsonObject[] = [];
  if (before.archived !== after.archived)
    events.push({ type: `${kind}_${after.archived ? "archive" : "unarchive"}`, channel });
  if (before.sharedOutside !== after.sharedOutside)
    events.push({ type: after.sharedOutside ? "channel_shared" : "channel_unshared", channel });
  if (before.name !== after.name)
    events.push({ type: `${kind}_rename`, channel: { id: channel, name: after.name } });
  if (joined) events.push(after.botIsMember ? joining(workspace, after) : { type: `${kind}_left`, channel });
  return events;
}

function joining(workspace: Workspace, { id, private: closed }: Channel): JsonObject {
  const type = closed ? "G" : "C";
  return {
    type: "member_joined_channel",
    user: workspace.botUser,
    channel: id,
    channel_type: type,
    team: workspace.id,
  };
}
