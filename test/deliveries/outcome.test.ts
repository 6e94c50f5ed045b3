import { describe, expect, it } from "vitest";

import type { MessageRef, SendOutcome } from "../../src/chat.ts";
import type { Level } from "../../src/deliveries/delivery.ts";
import {
  afterQuiet,
  backoff,
  judgeSending,
  changeBy,
  isLookedForTooLong,
  NONCE_KEPT,
  settlementOf,
  whenBlind,
  type BeforeSending,
  type Quiet,
} from "../../src/deliveries/outcome.ts";

const message: MessageRef = { platform: "slack", workspace: "W1", channel: "C1", message: "1.1" };
const post = { edit: false, ended: false, removing: false, attempts: 1 };
const edit = { ...post, edit: true };

describe("what the platform said decides what a delivery becomes", () => {
  it.each<[SendOutcome, typeof post, object]>([
    [{ kind: "sent", message }, post, { to: "applied", message }],
    [{ kind: "sent", message }, edit, { to: "applied" }],
    [
      { kind: "rate-limited", afterMs: 1500, scope: "channel" },
      post,
      { to: "pending", afterMs: 1500, free: true },
    ],
    [{ kind: "unknown", reason: "timeout" }, post, { to: "checking", error: "timeout" }],
    [{ kind: "unknown", reason: "timeout" }, edit, { to: "pending", afterMs: 10_000 }],
    [
      { kind: "unavailable", reason: "refused" },
      { ...post, attempts: 3 },
      { to: "pending", afterMs: 4000 },
    ],
    [
      { kind: "channel-gone", reason: "is_archived" },
      post,
      { to: "dead", reason: "channel_gone", error: "is_archived" },
    ],
    [{ kind: "tenant-gone", reason: "x" }, post, { to: "dead", reason: "tenant_gone" }],
    [{ kind: "scope-missing", reason: "x" }, post, { to: "dead", reason: "scope_missing" }],
    [{ kind: "payload-invalid", reason: "x" }, post, { to: "dead", reason: "payload_invalid" }],
    [{ kind: "policy-blocked", reason: "x" }, post, { to: "dead", reason: "policy_blocked" }],
    [{ kind: "edit-refused", reason: "x" }, edit, { to: "dead", reason: "edit_refused" }],
    [{ kind: "message-gone", reason: "x" }, edit, { to: "dead", reason: "message_gone" }],
    [{ kind: "message-gone", reason: "x" }, { ...edit, ended: true }, { to: "applied" }],
    [
      { kind: "message-gone", reason: "x" },
      { ...post, ended: true },
      { to: "dead", reason: "message_gone" },
    ],
  ])("%j when %j", (outcome, tried, expected) => {
    expect(settlementOf(outcome, tried)).toMatchObject(expected);
  });

  it("a platform that asks for no time at all gets a little", () => {
    const settled = settlementOf({ kind: "rate-limited", afterMs: 0, scope: "channel" }, post);
    expect(settled).toMatchObject({ to: "pending", afterMs: 100 });
  });

  it("an edit keeps the message it has", () => {
    expect(settlementOf({ kind: "sent", message }, edit)).not.toHaveProperty("message");
  });

  it("keeps no more than 2,000 characters of what the platform said", () => {
    const settled = settlementOf({ kind: "unheard-of", reason: "x".repeat(3000) }, post);
    expect(settled).toMatchObject({ to: "dead", reason: "unheard_of", error: "x".repeat(2000) });
  });

  it("what is over and was taken away counts as done, and says so", () => {
    const removing = { ...edit, ended: true, removing: true };
    expect(settlementOf({ kind: "sent", message }, removing)).toEqual({ to: "applied", removed: true });
    expect(settlementOf({ kind: "edit-refused", reason: "cant_delete_message" }, removing)).toMatchObject({
      to: "dead",
      reason: "edit_refused",
    });
  });

  it("a call that was not made because another was refused costs no attempt and no time", () => {
    expect(settlementOf({ kind: "held-back" }, post)).toMatchObject({
      to: "pending",
      afterMs: 0,
      free: true,
    });
  });

  it("backs off up to half a minute", () => {
    expect([0, 1, 2, 3, 5, 6, 50].map(backoff)).toEqual([1000, 1000, 2000, 4000, 16_000, 30_000, 30_000]);
  });
});

const quiet: Quiet = {
  platform: "slack",
  edit: false,
  ended: false,
  urgency: 5,
  repeated: false,
  attempts: 1,
  doubtMs: 10_000,
};

describe("an outcome that stays unknown", () => {
  const discord = { platform: "discord", repeated: true } as const;
  it.each<[string, Partial<Quiet>, string]>([
    ["an edit is made again", { edit: true }, "again"],
    ["an edit is made again, also into a tombstone", { edit: true, ended: true }, "again"],
    ["on Slack it is looked for, however urgent", { urgency: 1 }, "look"],
    ["on Discord the nonce makes a repetition safe", { ...discord, attempts: 7 }, "repeat"],
    ["on Discord it does not for ever", { ...discord, doubtMs: NONCE_KEPT }, "look"],
    ["on Discord it is not tried without end", { ...discord, attempts: 8 }, "look"],
    ["what is over is not posted late", { platform: "discord", ended: true, urgency: 1 }, "look"],
  ])("%s", (_title, facts, expected) => {
    expect(afterQuiet({ ...quiet, ...facts })).toBe(expected);
  });

  it.each<[string, Partial<Quiet>, string]>([
    ["a routine card waits for a person", {}, "lost"],
    ["a critical card is repeated", { urgency: 3 }, "repeat"],
    ["a critical card is repeated once", { urgency: 1, repeated: true }, "lost"],
    ["what is over is not posted late", { urgency: 1, ended: true }, "lost"],
  ])("and that nobody can look up: %s", (_title, facts, expected) => {
    expect(whenBlind({ ...quiet, ...facts })).toBe(expected);
  });

  it("is looked for again and again for an hour", () => {
    expect(isLookedForTooLong({ ...quiet, doubtMs: 3_600_000 })).toBe(false);
    expect(isLookedForTooLong({ ...quiet, doubtMs: 3_600_001 })).toBe(true);
  });
});

describe("a message that is there", () => {
  const change = { platform: "discord", old: true, editedLate: true, ended: false } as const;
  it.each<[string, Partial<Parameters<typeof changeBy>[0]>, string]>([
    ["is edited", { old: false, editedLate: false }, "edit"],
    ["on Discord is edited once when it is old", { editedLate: false }, "edit"],
    ["on Discord is then left as it is", {}, "leave"],
    ["on Discord is then taken away where it is over", { ended: true }, "remove"],
    ["on Slack is edited, however old it is", { platform: "slack", ended: true }, "edit"],
  ])("%s", (_title, facts, expected) => {
    expect(changeBy({ ...change, ...facts })).toBe(expected);
  });
});

describe("just before a card goes out", () => {
  const before: BeforeSending = {
    kind: "bulletin",
    level: "summary",
    allowed: "summary",
    edit: false,
    ended: false,
    over: false,
  };
  it.each<[string, Partial<BeforeSending>, object]>([
    ["as planned", {}, { send: true, level: "summary" }],
    ["cleared for less by now: less", { allowed: "pointer" }, { send: true, level: "pointer" }],
    ["cleared for more by now: as planned", { allowed: "full" }, { send: true, level: "summary" }],
    ["refused by now", { allowed: "refused" }, { send: false, reason: "label" }],
    [
      "refused by now, but a copy is there: it shrinks",
      { allowed: "refused", edit: true },
      { send: true, level: "pointer" },
    ],
    [
      "a tombstone goes wherever the copy is",
      { allowed: "refused", edit: true, ended: true },
      { send: true, level: "summary" },
    ],
    ["recalled before it was sent", { ended: true }, { send: false, reason: "ended" }],
    ["expired, and nobody has noticed", { over: true }, { send: false, reason: "ended" }],
    [
      "a correction follows a bulletin that is over",
      { kind: "correction", over: true },
      { send: true, level: "summary" },
    ],
    [
      "the agency's own card has no level",
      { kind: "intake", level: null, allowed: null },
      { send: true, level: null },
    ],
  ])("%s", (_title, facts, expected) => {
    expect(judgeSending({ ...before, ...facts })).toEqual(expected);
  });

  it("never raises a level, whatever is planned and whatever is allowed", () => {
    const all: readonly Level[] = ["pointer", "summary", "full"];
    for (const [planned, level] of all.entries()) {
      for (const [now, allowed] of all.entries()) {
        expect(judgeSending({ ...before, level, allowed })).toEqual({
          send: true,
          level: all[Math.min(planned, now)],
        });
      }
    }
  });
});
