import { appendAudit } from "../audit/audit-store.ts";
import type { ChannelFacts, ChannelRef, PlatformNews } from "../chat.ts";
import { eachDue, type FollowUp } from "../follow-ups.ts";
import type { Store } from "../store/store.ts";
import { markInstallationGone } from "./agency-store.ts";
import { findChannel, findStaleChannels, refreshFacts } from "./channel-store.ts";
import type { Channel } from "./channel.ts";

type Inspect = (channel: ChannelRef) => Promise<ChannelFacts | undefined>;

const system = { agency: null, id: "system" };

/** What the platform reports about its workspaces and channels, written down at once. */
export async function hearNews(store: Store, inspect: Inspect, news: PlatformNews): Promise<void> {
  if (news.kind === "removed") {
    await store.transaction(system, async (tx) => {
      const agency = await markInstallationGone(tx, news.platform, news.workspace);
      if (agency === undefined) return;
      await appendAudit(tx, agency, { action: "installation.gone", subject: `workspace:${news.workspace}` });
    });
    return;
  }
  const channel = await store.transaction(system, (tx) => findChannel(tx, news));
  if (channel !== undefined) await refresh(store, inspect, channel);
}

/** Looks at every channel at least twice a day: what is older than 24 hours counts as unknown, and gets pointers only. */
export function channelRefresh(inspect: Inspect): FollowUp {
  return eachDue({
    name: "channel-refresh",
    find: findStaleChannels,
    async work(store, channel) {
      await refresh(store, inspect, channel);
      return [];
    },
    // Each waits for a platform to answer, and everything else that is due waits for them.
    limit: 20,
  });
}

async function refresh(store: Store, inspect: Inspect, channel: Channel): Promise<void> {
  const { platform, workspace, ref } = channel;
  const facts = await inspect({ platform, workspace, channel: ref });
  await store.transaction(system, async (tx) => {
    await refreshFacts(tx, channel.id, facts);
    await appendAudit(tx, channel.agency, {
      action: "channel.facts",
      subject: `channel:${channel.id}`,
      detail:
        facts === undefined
          ? { seen: false }
          : { private: facts.private, sharedOutside: facts.sharedOutside, archived: facts.archived },
    });
  });
}
