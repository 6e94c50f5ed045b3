import { startJobs, type Jobs, type JobsOptions } from "../../jobs/jobs.ts";
import type { Card, Platform } from "../../src/chat.ts";
import type { DeliveryKind, Rendering } from "../../src/deliveries/delivery.ts";
import { openLog } from "../../src/log.ts";
import { createNotices, oneByOne, renderNotices, type Renderer, type RenderMany } from "../../src/notices.ts";
import {
  lifted,
  openLedgerBench,
  type LedgerBench,
  type LedgerRow,
  type Place,
} from "../deliveries/ledger-bench.ts";
import { openMemoryChat, type MemoryChat } from "./memory-chat.ts";

export interface JobsBench extends LedgerBench {
  readonly slack: MemoryChat;
  readonly discord: MemoryChat;
  /** Every card shows this; a subject of its own overrides it. */
  readonly words: Map<string, string>;
  readonly renderings: Rendering[];
  /** Another jobs process on the same database. Stopped with the bench. */
  readonly startJobs: (extra?: Partial<JobsOptions>) => Promise<Jobs>;
  readonly logged: readonly string[];
  /** One card of an agency's own on its way to one channel. */
  readonly oneCard: (use?: Asked, at?: Place) => Promise<OneCard>;
  /** A bulletin of one agency on its way to another's channel. */
  readonly oneBulletin: (use?: Asked & { readonly platform?: Platform }) => Promise<OneBulletin>;
  /** The one delivery there is about this. */
  readonly rowOf: (subjectId: string) => Promise<LedgerRow>;
  /** The platform's id of a channel. */
  readonly addressOf: (channelId: string) => Promise<string>;
  /** The line that each message in a channel shows now. */
  readonly shown: (address: string) => readonly (string | undefined)[];
  readonly close: () => Promise<void>;
}

type Asked = Partial<Parameters<LedgerBench["request"]>[1]>;
export interface OneCard {
  readonly place: Place;
  readonly channelId: string;
  readonly subjectId: string;
  readonly address: string;
}
export interface OneBulletin extends OneCard {
  readonly owner: Place;
  /** Of the owner's desk. */
  readonly desk: string;
}

/** The jobs over a real database and queue, with chat platforms in memory. */
export async function openJobsBench(redisUrl: string | undefined): Promise<JobsBench> {
  const ledger = await openLedgerBench();
  const [slack, discord] = [openMemoryChat("slack"), openMemoryChat("discord")];
  const words = new Map<string, string>();
  const renderings: Rendering[] = [];
  const logged: string[] = [];
  const started: Jobs[] = [];
  const render: Renderer = async (_tx, rendering) => {
    renderings.push(rendering);
    const headline = words.get(rendering.subjectId) ?? "Words";
    if (headline === "unrenderable") throw new Error(headline);
    const card: Card = { headline, blocks: [] };
    if (rendering.level === null || headline.startsWith("CANCELLED")) return { card };
    const object = `bulletin:${rendering.subjectId}`;
    const given = { object, version: 1, reason: "subscription", tlp: "green", level: rendering.level };
    return { card, given };
  };
  const kinds: readonly Exclude<DeliveryKind, "notice">[] = [
    "bulletin",
    "correction",
    "intake",
    "approval",
    "review",
    "acknowledgment",
    "hit",
  ];
  const renderers = Object.fromEntries(kinds.map((kind) => [kind, oneByOne(render)]));
  const notices = createNotices({ ...renderers, notice: renderNotices() } as Record<
    DeliveryKind,
    RenderMany
  >);
  return {
    ...ledger,
    ...openStage(ledger, [slack, discord]),
    slack,
    discord,
    words,
    renderings,
    logged,
    async startJobs(extra = {}) {
      const jobs = await startJobs({
        store: ledger.database.jobs,
        connection: ledger.database.connection.jobs,
        redisUrl,
        keyring: ledger.database.keyring,
        notices,
        adapters: [slack, discord],
        followUps: [],
        limits: lifted,
        log: openLog({ level: "warn", to: { write: (line) => logged.push(line) } }),
        sweeping: false,
        ...extra,
      });
      started.push(jobs);
      return jobs;
    },
    async close() {
      await Promise.all(started.map((jobs) => jobs.stop()));
      await ledger.database.close();
    },
  };
}

/** What most tests begin with, and what they look at. */
function openStage(ledger: LedgerBench, chats: readonly MemoryChat[]) {
  const addressOf: JobsBench["addressOf"] = (channelId) =>
    ledger.asSystem(async (tx) => {
      const channel = await tx
        .selectFrom("channel")
        .select("channel_ref")
        .where("id", "=", channelId)
        .executeTakeFirstOrThrow();
      return channel.channel_ref;
    });
  const oneCard: JobsBench["oneCard"] = async (use = {}, at) => {
    const place = at ?? (await ledger.addPlace());
    const channelId = use.channelId ?? (await ledger.addChannel(place));
    const subjectId = await ledger.request(place, { channelId, ...use });
    return { place, channelId, subjectId, address: await addressOf(channelId) };
  };
  const oneBulletin: JobsBench["oneBulletin"] = async ({ platform = "slack", ...use } = {}) => {
    const [owner, place] = [await ledger.addPlace(), await ledger.addPlace(platform)];
    const subjectId = await ledger.addBulletin(owner);
    const desk = await addressOf(await ledger.addChannel(owner, "desk"));
    const bulletin = { kind: "bulletin", ownerAgency: owner.agency, urgency: 3, level: "full" } as const;
    return { owner, desk, ...(await oneCard({ ...bulletin, subjectId, ...use }, place)) };
  };
  return {
    addressOf,
    oneCard,
    oneBulletin,
    async rowOf(subjectId: string) {
      const [row, ...more] = await ledger.rows(subjectId);
      if (row === undefined || more.length > 0) throw new Error("not one delivery");
      return row;
    },
    shown: (address: string) =>
      chats.flatMap((chat) => chat.messages(address)).map(({ shown: cards }) => cards.at(-1)?.headline),
  };
}
