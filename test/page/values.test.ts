import { describe, expect, it } from "vitest";

import type { ClientPlace } from "../../sandbox/client.ts";
import { patchOf, type Drawn } from "../../sandbox/page/lists.ts";
import { pageAddress, readStanding, roleOf, writeStanding } from "../../sandbox/page/view.ts";
import { testimony } from "../../sandbox/page/witness.ts";
import type { Posted } from "../../sandbox/pretend.ts";
import { world } from "../../sandbox/world.ts";

const drawn = (...items: readonly (readonly [string, string])[]): Drawn => ({
  items: new Map(items),
  earlier: false,
  later: false,
});

describe("a patch of a list", () => {
  it("is everything the first time", () => {
    expect(patchOf("slack", undefined, drawn(["1", "<p>one</p>"]))).toEqual({
      list: "slack",
      order: ["1"],
      items: { "1": "<p>one</p>" },
      earlier: false,
      later: false,
    });
  });

  it("carries only what is different, and the whole order", () => {
    const patch = patchOf("slack", drawn(["1", "a"], ["2", "b"]), drawn(["2", "b"], ["3", "c"]));
    expect(patch?.order).toEqual(["2", "3"]);
    expect(patch?.items).toEqual({ "3": "c" });
  });

  it("is sent for a new order, for something gone and for another frame, and for nothing else", () => {
    const before = drawn(["1", "a"], ["2", "b"]);
    expect(patchOf("l", before, drawn(["1", "a"], ["2", "b"]))).toBeUndefined();
    expect(patchOf("l", before, drawn(["2", "b"], ["1", "a"]))?.order).toEqual(["2", "1"]);
    expect(patchOf("l", before, drawn(["1", "a"]))?.order).toEqual(["1"]);
    expect(patchOf("l", before, { ...before, later: true })?.later).toBe(true);
  });
});

const person = (id: string) => ({ id, name: id, timeZone: "UTC" });
const channel = (id: string, members?: readonly string[]) => ({
  id,
  name: id,
  kind: "channel" as const,
  private: true,
  sharedOutside: false,
  archived: false,
  ...(members === undefined ? {} : { members }),
});
const places: readonly ClientPlace[] = [
  {
    id: "T1",
    name: "One",
    installed: true,
    people: [person("U1"), person("U2")],
    channels: [channel("C0", ["U2"]), channel("C1"), channel("C2")],
  },
  { id: "T2", name: "Two", installed: true, people: [person("U9")], channels: [channel("C9")] },
];

describe("where a client stands", () => {
  it("is read as it was written", () => {
    const standing = { workspace: "T1", user: "U2", channel: "C2", thread: "17.5", from: "~17.1" };
    expect(readStanding(writeStanding(standing), places)).toEqual(standing);
    expect(writeStanding({ workspace: "T1", user: "U1", channel: "C1" })).toBe("T1,U1,C1");
  });

  it("is corrected to what there is: never a channel the person is not in, nor a thread of another channel", () => {
    expect(readStanding(undefined, places)).toEqual({ workspace: "T1", user: "U1", channel: "C1" });
    expect(readStanding("T1,U1,C0,17.5", places)).toEqual({ workspace: "T1", user: "U1", channel: "C1" });
    expect(readStanding("T2,U1,C1", places)).toEqual({ workspace: "T2", user: "U9", channel: "C9" });
    expect(readStanding("'\"><script>,,", places)).toEqual({ workspace: "T1", user: "U1", channel: "C1" });
    expect(readStanding("T1,U1,C1,abc,~", places)).toEqual({ workspace: "T1", user: "U1", channel: "C1" });
    expect(readStanding("T1", [])).toEqual({ workspace: "", user: "", channel: "" });
  });

  it("keeps the other client where it is in an address", () => {
    const view = {
      slack: { workspace: "T1", user: "U1", channel: "C1" },
      discord: { workspace: "G1", user: "D1", channel: "R1" },
    };
    const moved = pageAddress(view, { slack: { workspace: "T2", user: "", channel: "" } });
    expect(moved).toBe("/?slack=T2&discord=G1,D1,R1");
  });

  it("knows every seeded person's role", () => {
    expect(roleOf(world.metro.people.brandt.user)).toBe("watch commander");
    expect(roleOf("U0NOBODY0")).toBeUndefined();
  });
});

const post = (key: string | undefined, id: string): Posted => ({
  workspace: "T1",
  channel: "C1",
  id,
  ...(key === undefined ? {} : { key }),
  at: 0,
  edits: 0,
  headline: "",
});
const asked = { since: "2026-11-22T09:00:00.000Z", at: "2026-11-22T10:00:00.000Z" };

describe("the platforms as witnesses", () => {
  it("find what is there once, twice and not at all", () => {
    const posts = [post("a", "1"), post("b", "2"), post("b", "3"), post(undefined, "4")];
    const told = testimony(posts, ["a", "b", "c"], asked);
    expect(told.seen.get("b")).toBe(2);
    expect(told).toMatchObject({ messages: 4, doubled: 1, missing: 1 });
  });

  it("are not asked for what the ledger does not hold for applied", () => {
    expect(testimony([post("a", "1")], [], asked)).toMatchObject({ messages: 1, doubled: 0, missing: 0 });
  });
});
