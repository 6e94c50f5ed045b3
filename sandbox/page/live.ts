import type { SSEStreamingApi } from "hono/streaming";

import type { Change } from "../client.ts";
import { platforms, type Platform, type Viewer } from "./client.ts";
import type { Desk } from "./desk.ts";
import { patchOf, type Drawn } from "./lists.ts";
import { drawMessages } from "./messages.ts";
import type { Panel } from "./panel.ts";
import type { Standing, View } from "./view.ts";

// The stream of one tab. It begins with everything the tab shows, so that a tab that was away for a while just comes
// back, and goes on with what is different. Whatever happens in between is drawn together.

/** At most ten times a second: a burst of a thousand messages is drawn as it stands, not a thousand times. */
const REST_MS = 100;

export interface Tab {
  readonly stage: {
    readonly desks: Readonly<Record<Platform, Desk>>;
    readonly progress: string | undefined;
    readonly onProgress: (hear: () => void) => () => void;
  };
  readonly view: View;
  /** When the page was loaded: older private answers are forgotten. */
  readonly since: number;
}

/** What else a tab may be told, by the name of the event. */
type Tell = (event: string, data: unknown) => Promise<void>;

interface ListOf {
  readonly name: string;
  readonly desk: Desk;
  readonly standing: Standing;
  readonly inThread: boolean;
}

/** Streams until the tab goes away. */
export async function streamTab({ stage, view, since }: Tab, stream: SSEStreamingApi): Promise<void> {
  const { desks } = stage;
  const lists = platforms.flatMap((platform): readonly ListOf[] => {
    const [desk, standing] = [desks[platform], view[platform]];
    const main = { name: platform, desk, standing, inThread: false };
    return standing.thread === undefined
      ? [main]
      : [main, { name: `${platform}-thread`, desk, standing, inThread: true }];
  });
  const dirty = new Set(lists);
  const shown = new Map<ListOf, Drawn>();
  const tell: Tell = (event, data) => stream.writeSSE({ event, data: JSON.stringify(data) });
  const news = new Map<string, unknown>();
  const bell = openBell();

  const hear = (platform: Platform) => (change: Change | "all") => {
    for (const list of lists) if (list.desk === desks[platform] && concerns(change, list)) dirty.add(list);
    for (const [key, item] of newsOf(platform, change, view[platform])) news.set(key, item);
    bell.ring();
  };
  // Whoever asked for what is not there any more, or was away while channels came and went, hears where they stand.
  for (const platform of platforms) {
    const { workspace, user, channel } = view[platform];
    const edition = desks[platform].edition();
    news.set(`${platform} standing`, { kind: "standing", platform, workspace, user, channel, edition });
  }
  const stops = [
    ...platforms.map((platform) => desks[platform].listen(hear(platform))),
    stage.onProgress(() => {
      news.set("progress", { kind: "progress", words: stage.progress });
      bell.ring();
    }),
  ];
  news.set("progress", { kind: "progress", words: stage.progress });
  stream.onAbort(() => bell.close());
  try {
    while (!stream.aborted && !stream.closed) {
      const now = [...dirty];
      dirty.clear();
      for (const list of now) {
        // What cannot be drawn now (a channel that is going away) is tried again with the next change.
        // oxlint-disable-next-line no-await-in-loop
        await send(list, { shown, tell, since }).catch(() => dirty.add(list));
      }
      const said = [...news.values()];
      news.clear();
      // oxlint-disable-next-line no-await-in-loop
      if (said.length > 0) await tell("news", said);
      // oxlint-disable-next-line no-await-in-loop
      await bell.next(REST_MS);
    }
  } finally {
    for (const stop of stops) stop();
    bell.close();
  }
}

async function send(
  list: ListOf,
  { shown, tell, since }: { readonly shown: Map<ListOf, Drawn>; readonly tell: Tell; readonly since: number },
): Promise<void> {
  const { name, desk, standing, inThread } = list;
  const viewer = { ...(await viewerOf(desk, standing)), inThread };
  const drawn = await drawMessages(desk.client, { standing, viewer, since });
  const patch = patchOf(name, shown.get(list), drawn);
  shown.set(list, drawn);
  if (patch !== undefined) await tell("list", patch);
}

/** Who looks, as far as the platform knows them. */
export async function viewerOf(
  desk: Desk,
  { workspace, user }: Pick<Standing, "workspace" | "user">,
): Promise<Viewer> {
  const person = desk
    .places()
    .find(({ id }) => id === workspace)
    ?.people.find(({ id }) => id === user);
  if (person === undefined) return { timeZone: "UTC", shortcuts: [], inThread: false };
  const { shortcuts } = await desk.commands({ workspace, user });
  return {
    timeZone: person.timeZone,
    shortcuts: shortcuts.filter(({ on }) => on === "message").map(({ name }) => name),
    inThread: false,
  };
}

function concerns(change: Change | "all", { standing, inThread }: ListOf): boolean {
  if (change === "all") return true;
  if (change.kind !== "message") return false;
  const { workspace, user, channel, thread } = standing;
  if (change.workspace !== workspace || change.channel !== channel) return false;
  if (change.onlyFor !== undefined && change.onlyFor !== user) return false;
  // A reply also changes the message it is under, in its channel.
  return !inThread || thread === change.thread || thread === change.message;
}

/** What the tab shows outside its lists, under a key that keeps only the last of a kind. */
function newsOf(platform: Platform, change: Change | "all", standing: Standing): [string, unknown][] {
  if (change === "all") return [];
  if (change.kind !== "message") return [[`${platform} ${JSON.stringify(change)}`, { platform, ...change }]];
  const seen = change.workspace === standing.workspace && change.channel === standing.channel;
  if (change.is !== "new" || seen || change.onlyFor !== undefined) return [];
  const { kind, workspace, channel } = change;
  return [[`${platform} ${workspace} ${channel}`, { platform, kind, workspace, channel }]];
}

/** What happens behind the clients is asked for as often as somebody can follow, while the panel is open. */
const LOOK_MS = 700;

/** Streams the panel's lists until the tab goes away. */
export async function streamPanel(panel: Panel, stream: SSEStreamingApi): Promise<void> {
  const shown = new Map<string, Drawn>();
  while (!stream.aborted && !stream.closed) {
    // A database that is away for a moment is a thing to be seen here, not the end of the stream.
    // oxlint-disable-next-line no-await-in-loop
    const lists = await panel.draw().catch(() => new Map<string, Drawn>());
    for (const [name, drawn] of lists) {
      const patch = patchOf(name, shown.get(name), drawn);
      shown.set(name, drawn);
      // oxlint-disable-next-line no-await-in-loop
      if (patch !== undefined) await stream.writeSSE({ event: "list", data: JSON.stringify(patch) });
    }
    // oxlint-disable-next-line no-await-in-loop
    await stream.sleep(LOOK_MS);
  }
}

interface Bell {
  readonly ring: () => void;
  /** Waits until it is rung, and at least `restMs` since it was last waited for. */
  readonly next: (restMs: number) => Promise<void>;
  readonly close: () => void;
}

function openBell(): Bell {
  let rung = Promise.withResolvers<void>();
  let closed = false;
  return {
    ring: () => rung.resolve(),
    async next(restMs) {
      if (closed) return;
      await new Promise((resolve) => setTimeout(resolve, restMs));
      await rung.promise;
      if (!closed) rung = Promise.withResolvers<void>();
    },
    close() {
      closed = true;
      rung.resolve();
    },
  };
}
