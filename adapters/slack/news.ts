import type { App } from "@slack/bolt";

import type { InstallationDirectory, PlatformNews, Sink } from "../../src/chat.ts";

export interface NewsOptions {
  readonly sink: Sink;
  readonly installations: InstallationDirectory;
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

/** An Events API envelope, as far as it is read here. */
interface Envelope {
  readonly team_id?: string | undefined;
  readonly authorizations?: readonly { readonly team_id: string | null }[] | undefined;
  readonly event: { readonly type: string };
}

type Reading = (envelope: Envelope, workspace: string) => readonly PlatformNews[];

const removed: Reading = (_envelope, workspace) => [{ kind: "removed", platform: "slack", workspace }];
const changed: Reading = ({ event }, workspace) =>
  ["channel", "old_channel_id", "new_channel_id"]
    .flatMap((name) => channelId(at(event, name)))
    .map((channel) => ({
      kind: "channel-changed",
      platform: "slack",
      workspace,
      channel,
    }));

/** Every event that changes what we know of a workspace or a channel. */
const readings: Readonly<Record<string, Reading>> = {
  app_uninstalled: removed,
  // People may revoke a token of their own; only the bot's takes the workspace away.
  tokens_revoked: (envelope, workspace) => (hasBotToken(envelope) ? removed(envelope, workspace) : []),
  channel_archive: changed,
  channel_unarchive: changed,
  channel_deleted: changed,
  channel_left: changed,
  channel_rename: changed,
  channel_shared: changed,
  channel_unshared: changed,
  channel_convert_to_private: changed,
  channel_convert_to_public: changed,
  channel_id_changed: changed,
  group_archive: changed,
  group_unarchive: changed,
  group_deleted: changed,
  group_left: changed,
  group_rename: changed,
  member_joined_channel: changed,
};

/** Passes on what changed on the platform itself. Bolt has acknowledged these before it calls us. */
export function passOnNews(app: App, { sink, installations, track }: NewsOptions): void {
  app.event(/^/, ({ body }) => track(pass(body)));

  async function pass(envelope: Envelope): Promise<void> {
    const workspace = envelope.authorizations?.[0]?.team_id ?? envelope.team_id ?? "";
    if (envelope.event.type === "member_joined_channel") {
      const installation = await installations.find("slack", workspace);
      // Who else joins is none of our business.
      if (installation?.botUser !== at(envelope.event, "user")) return;
    }
    for (const news of readings[envelope.event.type]?.(envelope, workspace) ?? []) await sink.news(news);
  }
}

function at(event: object, name: string): unknown {
  const found: unknown = Reflect.get(event, name);
  return found;
}

function channelId(found: unknown): string[] {
  if (typeof found === "string") return [found];
  const id = typeof found === "object" && found !== null && "id" in found ? found.id : undefined;
  return typeof id === "string" ? [id] : [];
}

function hasBotToken({ event }: Envelope): boolean {
  const tokens = at(event, "tokens");
  if (typeof tokens !== "object" || tokens === null || !("bot" in tokens)) return false;
  return Array.isArray(tokens.bot) && tokens.bot.length > 0;
}
