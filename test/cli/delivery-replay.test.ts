import { expect, it } from "vitest";

import { refuseReplay } from "../../src/deliveries/replay.ts";
import { linkOf, waitsOf, type Traced } from "../../src/deliveries/trace.ts";

const at = new Date("2026-11-22T07:00:00Z");
const dead: Traced = {
  id: "0",
  ref: "D-000-000",
  kind: "bulletin",
  subjectId: "1",
  subject: "B-000-000",
  ownerId: "2",
  owner: "Metro PD",
  agencyId: "3",
  agency: "Riverton PD",
  platform: "slack",
  workspace: "T1",
  application: "A1",
  lane: "slack:A1:T1",
  installationId: "4",
  installation: "active",
  channelId: "5",
  channel: "C1",
  use: "bulletins",
  channelState: "active",
  level: "full",
  urgency: 2,
  state: "dead",
  reason: "payload_invalid",
  lastError: null,
  wanted: 1,
  applied: 0,
  ended: null,
  removed: false,
  attempts: 1,
  epoch: 1,
  repeated: false,
  message: null,
  messageWorkspace: null,
  messageChannel: null,
  createdAt: at,
  appliedAt: null,
  dueAt: at,
  dueLater: false,
  leaseUntil: null,
  quietUntil: null,
  doubtSince: null,
  breakerUntil: null,
  under: null,
  underState: null,
  underThere: false,
  over: false,
  life: [],
  paces: [],
};
const there = { message: "1732251600.000100", messageWorkspace: "T1", messageChannel: "C1" } as const;

it.each<{ readonly what: string; readonly row: Partial<Traced>; readonly even?: true }>([
  { what: "a dead one whose place is there", row: {} },
  { what: "a recall that could not be done, although it is over", row: { ...there, over: true, ended: 2 } },
  { what: "a correction, although its bulletin is over", row: { kind: "correction", over: true } },
  { what: "an edit of which nobody knows", row: { ...there, reason: "outcome_unknown" } },
  { what: "one that may repeat, when told so", row: { reason: "outcome_unknown" }, even: true },
])("$what may be tried again", ({ row, even }) => {
  expect(refuseReplay({ ...dead, ...row }, even === true)).toBeUndefined();
});

it.each<{ readonly why: string; readonly row: Partial<Traced> }>([
  { why: "was delivered", row: { state: "applied", ...there } },
  { why: "is on its way (checking)", row: { state: "checking" } },
  { why: "must not go out (label)", row: { state: "blocked", reason: "label" } },
  { why: "must not go out (ended)", row: { state: "blocked", reason: "ended" } },
  { why: "is over: it is never posted late", row: { over: true } },
  { why: "is over: it is never posted late", row: { kind: "correction", ended: 2 } },
  { why: "it may be there twice", row: { reason: "outcome_unknown" } },
  { why: "is not connected", row: { installation: "gone" } },
  { why: "is gone", row: { channelState: "gone" } },
  { why: "is not in use", row: { channelState: "released" } },
  { why: "goes into the thread of D-111-111", row: { under: "D-111-111", underState: "dead" } },
])("one that $why is not", ({ why, row }) => {
  const refusal = refuseReplay({ ...dead, ...row }, false);
  expect(refusal?.why).toContain(why);
  expect(refusal?.fix).not.toBe("");
});

it("even when told so, what is over is not posted late", () => {
  expect(refuseReplay({ ...dead, over: true, reason: "outcome_unknown" }, true)?.why).toContain("is over");
});

it("a message's link opens it on its platform", () => {
  expect(linkOf({ ...dead, ...there })).toBe("https://app.slack.com/client/T1/C1/p1732251600000100");
  const discord = { ...dead, ...there, platform: "discord", message: "77" } as const;
  expect(linkOf(discord)).toBe("https://discord.com/channels/T1/C1/77");
  expect(linkOf({ ...discord, use: "person" })).toBe("https://discord.com/channels/@me/C1/77");
  expect(linkOf(dead)).toBeNull();
});

it.each<{ readonly waits: string; readonly row: Partial<Traced> }>([
  { waits: "nothing but its turn", row: {} },
  { waits: "its channel, which is gone", row: { channelState: "gone" } },
  { waits: "its time, Sun 22 Nov 02:00 EST (07:00Z)", row: { dueLater: true } },
  {
    waits: "its workspace, which keeps failing and is tried at Sun 22 Nov 02:00 EST (07:00Z)",
    row: { breakerUntil: at },
  },
  {
    waits: "D-111-111, in whose thread it goes and which is checking",
    row: { under: "D-111-111", underState: "checking" },
  },
  {
    waits: '"discord:1", which the platform closed until Sun 22 Nov 02:00 EST (07:00Z)',
    row: {
      paces: [
        { key: "discord:1", free: at.toISOString(), closed: at.toISOString(), slower: 125, refused: 1 },
      ],
    },
  },
])("a pending one waits for $waits", ({ waits, row }) => {
  expect(waitsOf({ ...dead, state: "pending", ...row }, "America/New_York")).toEqual([waits]);
});
