import { durationWords, inBoth, SECOND } from "../clock.ts";
import type { DeliveryState } from "./delivery.ts";

// The life of one delivery in words, for the operator. Ids and codes; never what it says.

export interface Step {
  readonly at: string;
  /** A state, or "claimed", "intent", "ended". */
  readonly step: string;
  readonly epoch: number;
  readonly code: string | null;
}

/** What is left of a limit it falls under. */
interface TracedPace {
  readonly key: string;
  readonly free: string;
  /** Set: the platform wants nothing more before. */
  readonly closed: string | null;
  readonly slower: number;
  readonly refused: number;
}

export interface Given {
  readonly at: Date;
  readonly version: number;
  readonly level: string;
  readonly tlp: string;
  readonly reason: string;
}

export interface Recorded {
  readonly at: Date;
  readonly action: string;
  readonly actor: string;
  readonly outcome: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly agencies: readonly string[];
}

export interface Traced {
  readonly id: string;
  readonly ref: string;
  readonly kind: string;
  readonly subjectId: string;
  /** The reference of the bulletin behind it. */
  readonly subject: string | null;
  readonly ownerId: string;
  readonly owner: string;
  readonly agencyId: string;
  readonly agency: string;
  readonly platform: "slack" | "discord";
  readonly workspace: string;
  readonly application: string;
  readonly lane: string;
  readonly installationId: string;
  readonly installation: string;
  readonly channelId: string;
  /** The platform's own id of it. */
  readonly channel: string;
  readonly use: string;
  readonly channelState: string;
  readonly level: string | null;
  readonly urgency: number;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly lastError: string | null;
  readonly wanted: number;
  readonly applied: number;
  readonly ended: number | null;
  readonly removed: boolean;
  readonly attempts: number;
  readonly epoch: number;
  readonly repeated: boolean;
  readonly message: string | null;
  readonly messageWorkspace: string | null;
  readonly messageChannel: string | null;
  readonly createdAt: Date;
  readonly appliedAt: Date | null;
  readonly dueAt: Date;
  readonly dueLater: boolean;
  readonly leaseUntil: Date | null;
  readonly quietUntil: Date | null;
  readonly doubtSince: Date | null;
  /** Set: the workspace keeps failing, and one delivery is let through then to see. */
  readonly breakerUntil: Date | null;
  /** The delivery in whose thread it goes. */
  readonly under: string | null;
  readonly underState: DeliveryState | null;
  readonly underThere: boolean;
  /** Its bulletin is over. Null: it has none. */
  readonly over: boolean | null;
  readonly life: readonly Step[];
  readonly paces: readonly TracedPace[];
}

export interface Trace extends Traced {
  readonly givings: readonly Given[];
  readonly audits: readonly Recorded[];
  /** Where a person finds the message. */
  readonly link: string | null;
  /** Why it is not done yet; empty: it waits for nothing. */
  readonly waits: readonly string[];
}

type Placed = Pick<Traced, "platform" | "use" | "message" | "messageWorkspace" | "messageChannel">;

/** Where the message is, for somebody who is in that workspace. */
export function linkOf({ platform, use, message, messageWorkspace, messageChannel }: Placed): string | null {
  if (message === null || messageWorkspace === null || messageChannel === null) return null;
  return platform === "discord"
    ? `https://discord.com/channels/${use === "person" ? "@me" : messageWorkspace}/${messageChannel}/${message}`
    : `https://app.slack.com/client/${messageWorkspace}/${messageChannel}/p${message.replace(".", "")}`;
}

/** Everything that keeps it from being done at this moment. */
export function waitsOf(traced: Traced, zone: string): readonly string[] {
  const until = (moment: Date | string) => inBoth(new Date(moment), zone);
  const { leaseUntil, quietUntil } = traced;
  switch (traced.state) {
    case "sending":
      return [`the worker that has it${leaseUntil === null ? "" : ` until ${until(leaseUntil)}`}`];
    case "checking":
      return [`word of what became of its call${quietUntil === null ? "" : `, after ${until(quietUntil)}`}`];
    case "pending": {
      const reasons = [...lostPlaces(traced), ...pauses(traced, until)];
      return reasons.length > 0 ? reasons : ["nothing but its turn"];
    }
    case "applied":
    case "dead":
    case "blocked":
      return [];
  }
}

function lostPlaces(traced: Traced): readonly string[] {
  const { installation, channelState, message, under, underThere } = traced;
  return [
    installation === "gone" && "its workspace, which is not connected any more",
    channelState === "gone" && "its channel, which is gone",
    channelState === "released" && message === null && "its channel, which has no use any more",
    under !== null && !underThere && `${under}, in whose thread it goes and which is ${traced.underState}`,
  ].filter((reason) => reason !== false);
}

function pauses(traced: Traced, until: (moment: Date | string) => string): readonly string[] {
  const { breakerUntil, dueAt, dueLater, paces } = traced;
  return [
    ...(breakerUntil === null
      ? []
      : [`its workspace, which keeps failing and is tried at ${until(breakerUntil)}`]),
    ...(dueLater ? [`its time, ${until(dueAt)}`] : []),
    ...paces.flatMap(({ key, closed }) =>
      closed === null ? [] : [`"${key}", which the platform closed until ${until(closed)}`],
    ),
  ];
}

const withSeconds = (moment: Date, zone: string): string =>
  `${inBoth(moment, zone)} +${((moment.getTime() / SECOND) % 60).toFixed(3)} s`;

function lifeLines({ life, createdAt }: Trace, zone: string): readonly string[] {
  return life.map(({ at, step, epoch, code }, nr) => {
    const moment = new Date(at);
    const before = life[nr - 1];
    const took = moment.getTime() - (before === undefined ? createdAt : new Date(before.at)).getTime();
    return `  ${withSeconds(moment, zone)}  ${step}, epoch ${epoch}${code === null ? "" : `, ${code}`} (after ${precise(took)})`;
  });
}

function precise(ms: number): string {
  return ms < 60 * SECOND ? `${(Math.max(0, ms) / SECOND).toFixed(3)} s` : durationWords(ms);
}

/** The whole trace on the operator's screen. */
export function traceLines(trace: Trace, zone: string): readonly string[] {
  const moment = (at: Date | null) => (at === null ? "never" : inBoth(at, zone));
  const facts = [
    ["about", trace.subject ?? "no bulletin"],
    ["from", `${trace.owner} to ${trace.agency}`],
    [
      "place",
      `${trace.platform} ${trace.workspace}, channel ${trace.channel} (${trace.use}, ${trace.channelState})`,
    ],
    ["lane", `${trace.lane}, urgency ${trace.urgency}`],
    ["level", trace.level ?? "not limited"],
    ["versions", `wanted ${trace.wanted}, applied ${trace.applied}, ended ${trace.ended ?? "no"}`],
    ["attempts", `${trace.attempts} since it last worked, epoch ${trace.epoch}`],
    ["possible repeat", trace.repeated ? "yes" : undefined],
    ["taken away", trace.removed ? "yes" : undefined],
    ["last error", trace.lastError ?? undefined],
    ["planned", moment(trace.createdAt)],
    ["applied", moment(trace.appliedAt)],
    ["message", trace.link ?? "none"],
    ["waits for", trace.waits.length === 0 ? undefined : trace.waits.join("; ")],
  ] as const;
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${title}:`, ...lines];
  return [
    `${trace.ref} · ${trace.kind} · ${trace.state}${trace.reason === null ? "" : ` (${trace.reason})`} · ${trace.id}`,
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
    ...part("life", lifeLines(trace, zone)),
    ...part(
      "limits",
      trace.paces.map(
        ({ key, closed, slower, refused }) =>
          `  ${key}: ${slower} % of its interval, 429 ${refused} times${closed === null ? "" : `, closed until ${moment(new Date(closed))}`}`,
      ),
    ),
    ...part(
      "given",
      trace.givings.map(
        ({ at, version, level, tlp, reason }) =>
          `  ${moment(at)}  version ${version}, ${level}, TLP ${tlp}, ${reason}`,
      ),
    ),
    ...part(
      "audit",
      trace.audits.map(
        ({ at, action, actor, outcome, detail, agencies }) =>
          `  ${moment(at)}  ${action} ${outcome} by ${actor} ${JSON.stringify(detail)} (${agencies.join(", ")})`,
      ),
    ),
  ];
}
