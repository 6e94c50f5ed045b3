import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Fault } from "../../sandbox/pretend.ts";
import { headlines, platforms, statusOf } from "./platforms.ts";
import type { Platform } from "./platforms.ts";

describe.each(platforms)("a fault on %s", (name, open) => {
  let platform: Platform;
  beforeEach(async () => {
    platform = await open({});
  });
  afterEach(async () => {
    await platform.close();
  });

  const outcomes: readonly (readonly [Fault, number | "nothing" | "reset", "written" | "not written"])[] = [
    [{ kind: "rate-limited" }, 429, "not written"],
    [{ kind: "server-error" }, 500, "not written"],
    [{ kind: "error-before" }, 500, "not written"],
    [{ kind: "error-after" }, 500, "written"],
    [{ kind: "hang-before" }, "nothing", "not written"],
    [{ kind: "hang-before", reset: true }, "reset", "not written"],
    [{ kind: "hang-after" }, "nothing", "written"],
    [{ kind: "hang-after", reset: true }, "reset", "written"],
    [{ kind: "half-open" }, "nothing", "not written"],
    [{ kind: "half-open", afterMs: 20 }, "reset", "not written"],
    [{ kind: "down" }, 503, "not written"],
    [{ kind: "down", reset: true }, "reset", "not written"],
  ];
  test.each(outcomes)("%o is heard as %s, %s", async (fault, heard, written) => {
    await platform.people.addFault({ ...fault, method: platform.postMethod });
    expect(statusOf(await platform.post("struck"))).toBe(heard);
    expect(await headlines(platform)).toEqual(written === "written" ? ["struck"] : []);
    const [call] = await platform.people.calls({ method: platform.postMethod });
    expect(call?.status).toBe(typeof heard === "string" ? 0 : heard);
    expect(statusOf(await platform.post("afterwards"))).toBe(200);
  });

  test("lets a message land after its sender gave up", async () => {
    await platform.people.addFault({ kind: "late", afterMs: 400 });
    expect(await platform.post("late")).toBe("nothing");
    expect(await headlines(platform)).toEqual([]);
    await vi.waitFor(async () => expect(await headlines(platform)).toEqual(["late"]), 2_000);
  });

  test("delays an answer that is all right", async () => {
    await platform.people.addFault({ kind: "slow", afterMs: 100 });
    const began = performance.now();
    expect(statusOf(await platform.post("slow"))).toBe(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(95);
    expect(await headlines(platform)).toEqual(["slow"]);
  });

  test("strikes the share of calls that it says, the same ones for the same seed", async () => {
    const struck = async (seed: number): Promise<string> => {
      await platform.people.clearFaults();
      await platform.people.addFault({ kind: "error-before", share: 0.3, seed });
      const heard = [];
      for (let count = 0; count < 60; count += 1) heard.push(statusOf(await platform.post("x")));
      return heard.map((status) => (status === 500 ? "!" : ".")).join("");
    };
    const first = await struck(7);
    expect(first.replaceAll(".", "").length).toBeGreaterThan(8);
    expect(first.replaceAll(".", "").length).toBeLessThan(30);
    expect(await struck(7)).toBe(first);
    expect(await struck(8)).not.toBe(first);
  });

  test("ends when its time is over, or with its number of times", async () => {
    await platform.people.addFault({ kind: "down", forMs: 60_000, times: 3 });
    for (const expected of [503, 503, 503, 200]) expect(statusOf(await platform.post("x"))).toBe(expected);
    await platform.people.addFault({ kind: "down", forMs: 60_000 });
    expect(statusOf(await platform.post("x"))).toBe(503);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    expect(statusOf(await platform.post("x"))).toBe(200);
    vi.useRealTimers();
  });

  test("spares other channels and other methods", async () => {
    const { people, workspace, channel, postMethod } = platform;
    const other = name === "Slack" ? "C2" : "400000000000000002";
    await people.addChannel({ workspace, id: other, name: "other" });
    await people.addFault({ kind: "down", method: postMethod, channel, share: 1 });
    expect(statusOf(await platform.post("x"))).toBe(503);
    expect(statusOf(await platform.post("x", { channel: other }))).toBe(200);
    expect(statusOf(await platform.whoAmI())).toBe(200);
  });

  test("that left a call hanging does not keep the platform from closing", async () => {
    await platform.people.addFault({ kind: "hang-before" });
    const hanging = platform.post("x");
    await vi.waitFor(async () => expect(await platform.people.counts()).toMatchObject([{ unanswered: 1 }]));
    await platform.close();
    expect(await hanging).toBe("reset");
    platform = await open({});
  });
});

describe.each(platforms)("%s as an oracle", (name, open) => {
  let platform: Platform;
  const opened = async (...[opening]: Parameters<typeof open>) => {
    platform = await open(opening);
    return platform;
  };
  afterEach(async () => {
    await platform.close();
  });

  test("takes as long as it is told", async () => {
    await opened({ latencyMs: 80 });
    const began = performance.now();
    await platform.post("x");
    expect(performance.now() - began).toBeGreaterThanOrEqual(78);
  });

  test("counts every call and keeps the last", async () => {
    const { people, post, postMethod } = await opened({ keptCalls: 3 });
    await people.addFault({ kind: "rate-limited", times: 2 });
    await people.addFault({ kind: "error-after" });
    await people.addFault({ kind: "hang-after", reset: true });
    for (let count = 0; count < 10; count += 1) await post(`text ${count}`);
    expect(await people.counts()).toEqual([
      { method: postMethod, calls: 10, rateLimited: 2, failed: 1, unanswered: 1 },
    ]);
    const bodies = (await people.calls({})).map(({ body }) => JSON.stringify(body));
    expect(bodies).toHaveLength(3);
    expect(bodies.map((body) => /text \d/.exec(body)?.[0])).toEqual(["text 7", "text 8", "text 9"]);
  });

  test("adds a crowd whose ids follow from the numbers, and whose channels can be posted in", async () => {
    const { people, post } = await opened({});
    const places = await people.crowd({ workspaces: 3, channels: 2 });
    expect(new Set(places.flatMap(({ channels }) => channels)).size).toBe(6);
    expect(places.map(({ id, channels }) => [id, channels])).toEqual(
      name === "Slack"
        ? [1, 2, 3].map((one) => [`T0CROWD00${one}`, [`C0CROWD00${one}001`, `C0CROWD00${one}002`]])
        : [1, 2, 3].map((one) => [
            `81000000000000000${one}`,
            [`82000000000000${one}001`, `82000000000000${one}002`],
          ]),
    );
    for (const { channels, token } of places)
      for (const channel of channels) expect(statusOf(await post("x", { channel, token }))).toBe(200);
    const posts = await people.posts({ workspace: places[1]?.id ?? "" });
    expect(posts.map(({ channel }) => channel)).toEqual(places[1]?.channels);
    await expect(people.crowd({ workspaces: 1, channels: 1 })).rejects.toThrow("there already");
  });

  test("tells of every post by the key it came with, and of nothing that people said", async () => {
    const { people, post, workspace, channel } = await opened({});
    const before = Date.now();
    await post("first", { key: "key-1" });
    await people.say({
      workspace,
      channel,
      user: name === "Slack" ? "U1" : "300000000000000001",
      text: "a person's",
    });
    await post("second\nand more", { key: "key-2" });
    await post("third");
    const posts = await people.posts({});
    expect(posts).toMatchObject([
      { key: "key-1", headline: "first", edits: 0, channel, workspace: platform.workspace },
      { key: "key-2", headline: "second" },
      { headline: "third" },
    ]);
    expect(posts[2]).not.toHaveProperty("key");
    expect(posts[0]?.at).toBeGreaterThanOrEqual(before);
    expect(posts[0]?.at).toBeLessThanOrEqual(Date.now() + 1);
    expect(posts.map(({ removed }) => removed)).toEqual([undefined, undefined, undefined]);
  });
});
