import type { ClientPlace } from "../client.ts";
import { agencies } from "../world.ts";
import type { Platform } from "./client.ts";

// What a tab looks at stands in its address, so that a reload, a second tab and a link show the same.

/** Where one of the two clients stands: who looks at what. */
export interface Standing {
  readonly workspace: string;
  readonly user: string;
  readonly channel: string;
  /** The message whose thread is open. */
  readonly thread?: string;
  /** The first message of the window, or "~" and the one to begin some way before; absent: the newest are shown. */
  readonly from?: string;
}
export type View = Readonly<Record<Platform, Standing>>;

const SEPARATOR = ",";
const parts = ["workspace", "user", "channel", "thread", "from"] as const;

/** "T0METRO00,U0REYES00,C0METROIN" */
export function writeStanding(standing: Standing): string {
  return parts
    .map((part) => standing[part] ?? "")
    .join(SEPARATOR)
    .replace(/,+$/, "");
}

/** The standing an address asks for, corrected to what there is: the first of whatever is missing or unknown. */
export function readStanding(asked: string | undefined, places: readonly ClientPlace[]): Standing {
  const [wantedPlace, wantedUser, wantedChannel, ...inside] = (asked ?? "").split(SEPARATOR);
  const { id: workspace, people, channels } = wanted(places, wantedPlace) ?? nowhere;
  const { id: user } = wanted(people, wantedUser) ?? nowhere;
  const open = channels.filter(({ members }) => members === undefined || members.includes(user));
  const { id: channel } = wanted(open, wantedChannel) ?? nowhere;
  // Whatever else an address says there is no id of a message.
  const [thread, from] = channel === wantedChannel ? inside.map((id) => (messageId.test(id) ? id : "")) : [];
  return {
    workspace,
    user,
    channel,
    ...(thread ? { thread } : {}),
    ...(from ? { from } : {}),
  };
}

const messageId = /^~?\d{1,20}(\.\d{1,6})?$/;
const nowhere = { id: "", people: [], channels: [] };

function wanted<Thing extends { readonly id: string }>(
  things: readonly Thing[],
  id: string | undefined,
): Thing | undefined {
  return things.find((one) => one.id === id) ?? things[0];
}

/** The address of a page that shows this; `over` replaces where one client stands. */
export function pageAddress(view: View, over: Partial<View> = {}): string {
  const all = { ...view, ...over };
  const query = Object.entries(all).map(([platform, standing]) => `${platform}=${writeStanding(standing)}`);
  return `/?${query.join("&")}`;
}

const roleWords: ReadonlyMap<string, string> = new Map(
  agencies.flatMap(({ people }) =>
    Object.values(people).map(({ user, roles }) => [user, roles.join(", ").replaceAll("_", " ")] as const),
  ),
);

/** What the seeded world says a person is: "watch commander". */
export function roleOf(user: string): string | undefined {
  return roleWords.get(user);
}
