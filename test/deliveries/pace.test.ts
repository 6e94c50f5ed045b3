import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  documented,
  laneUses,
  nextSlot,
  perMinute,
  perSecond,
  recovered,
  reserve,
  slowedDown,
  untouched,
  usesOf,
  type Asking,
  type Budget,
  type Errand,
  type Pace,
} from "../../src/deliveries/pace.ts";

const HORIZON = 1000;
const lane = { key: "lane", budget: perSecond(10, 3) };

/** One that wants to go into a channel, which bears so much. */
function ask(
  id: string,
  channel: string,
  use: { readonly budget?: Budget; readonly calls?: number } = {},
): Asking {
  const { budget = perSecond(1), calls = 1 } = use;
  return { id, uses: { lane, channel: { key: channel, budget }, calls } };
}

const none = new Map<string, Pace>();
const ids = (slots: readonly { readonly id: string }[]) => slots.map(({ id }) => id);

/** What is left of the limits when so much time has passed. */
function later(paces: ReadonlyMap<string, Pace>, ms: number): Map<string, Pace> {
  return new Map(
    [...paces].map(([key, pace]) => [
      key,
      { ...pace, freeInMs: pace.freeInMs - ms, closedForMs: pace.closedForMs - ms },
    ]),
  );
}

interface Gone {
  readonly id: string;
  readonly at: number;
  readonly key: string;
  readonly budget: Budget;
  readonly calls: number;
}

/** Asks again and again, as workers do, until all are gone; each moment is absolute. */
function simulate(asking: readonly Asking[], pauses: readonly number[]): readonly Gone[] {
  let now = 0;
  let paces: ReadonlyMap<string, Pace> = none;
  let waiting = asking;
  const gone: Gone[] = [];
  for (let round = 0; waiting.length > 0 && round < 2000; round += 1) {
    const { slots, paces: left } = reserve(waiting.slice(0, 50), paces, HORIZON);
    paces = new Map([...paces, ...left]);
    for (const { id, inMs } of slots) {
      const { uses } = waiting.find((one) => one.id === id) ?? ask("none", "none");
      const { calls } = uses;
      gone.push(
        { id, at: now + inMs, ...uses.lane, calls },
        { id, at: now + inMs, ...uses.channel, calls: 1 },
      );
    }
    const taken = new Set(ids(slots));
    waiting = waiting.filter(({ id }) => !taken.has(id));
    const pause = pauses[round % pauses.length] ?? 100;
    now += pause;
    paces = later(paces, pause);
  }
  expect(waiting).toEqual([]);
  return gone;
}

/** The most that goes beyond what a limit allows, over every window that begins and ends with a call. */
function worstExcess(gone: readonly Gone[], burst = (of: Budget) => of.burst): number {
  const excesses = [...Map.groupBy(gone, ({ key }) => key).values()].flatMap((all) => {
    const moments = all.toSorted((a, b) => a.at - b.at);
    return moments.flatMap((first, begin) => {
      let calls = 0;
      return moments.slice(begin).map((last) => {
        calls += last.calls;
        return calls - burst(last.budget) - (last.at - first.at) / last.budget.everyMs;
      });
    });
  });
  return Math.max(...excesses);
}

const errands = fc
  .array(fc.record({ channel: fc.nat(6), calls: fc.constantFrom(1, 1, 1, 2) }), {
    minLength: 1,
    maxLength: 80,
  })
  .map((all) =>
    all.map(({ channel, calls }, place) =>
      ask(`${place}`, `c${channel}`, { budget: perSecond(2, 2), calls }),
    ),
  );
const pauses = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 20 });

describe("however it is asked for, and by however many", () => {
  it("no limit ever lets through more than its burst and its rate, in any window of time", () => {
    fc.assert(
      fc.property(errands, pauses, (all, waits) => {
        const single = all.map((one) => ({ ...one, uses: { ...one.uses, calls: 1 } }));
        expect(worstExcess(simulate(single, waits))).toBeLessThanOrEqual(1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it("one that takes two calls counts as two: at most the second of them comes early", () => {
    fc.assert(
      fc.property(errands, pauses, (all, waits) => {
        const calls = simulate(all, waits).filter(({ key }) => key === lane.key);
        expect(worstExcess(calls, ({ burst }) => burst + 1)).toBeLessThanOrEqual(1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it("a lane's slots come in the order in which they were asked for", () => {
    fc.assert(
      fc.property(errands, (all) => {
        const { slots } = reserve(all, none, HORIZON);
        const places = slots.map(({ id }) => Number(id));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        const moments = slots.map(({ inMs }) => inMs);
        expect(moments).toEqual(moments.toSorted((a, b) => a - b));
      }),
    );
  });

  it("nobody is forgotten: each has a slot, waits for its channel, or waits for the lane", () => {
    fc.assert(
      fc.property(errands, (all) => {
        const { slots, later: waiting, nextInMs } = reserve(all, none, HORIZON);
        const left = all.length - slots.length - waiting.length;
        expect(left === 0).toBe(nextInMs === undefined);
        expect(new Set([...ids(slots), ...ids(waiting)]).size).toBe(slots.length + waiting.length);
        for (const { inMs } of slots) expect(inMs).toBeLessThanOrEqual(HORIZON);
      }),
    );
  });

  it("channels that are closed or used up delay nobody else", () => {
    const shut: Pace = { ...untouched, closedForMs: 60_000 };
    const usedUp: Pace = { ...untouched, freeInMs: 30_000 };
    fc.assert(
      fc.property(errands, fc.constantFrom(shut, usedUp), (all, pace) => {
        const { slots } = reserve(all, new Map([["c0", pace]]), HORIZON);
        const others = all.filter((one) => one.uses.channel.key !== "c0");
        expect(slots).toEqual(reserve(others, none, HORIZON).slots);
      }),
    );
  });
});

describe("a slot", () => {
  it("is at once while the burst lasts, and then at the rate", () => {
    const { slots, nextInMs } = reserve(
      Array.from({ length: 20 }, (_, place) => ask(`${place}`, `c${place}`)),
      none,
      500,
    );
    expect(slots.map(({ inMs }) => inMs)).toEqual([0, 0, 0, 100, 200, 300, 400, 500]);
    expect(nextInMs).toBe(600);
  });

  it("of a channel that is not free yet is somebody else's, and its own is later", () => {
    const { slots, later: waiting } = reserve([ask("a", "c"), ask("b", "c"), ask("c", "d")], none, HORIZON);
    expect(ids(slots)).toEqual(["a", "c"]);
    expect(waiting).toEqual([{ id: "b", inMs: 1000 }]);
  });

  it("of a lane that was refused is after that, and then without a burst", () => {
    const refused = new Map([["lane", { freeInMs: 0, closedForMs: 400, slower: 125 }]]);
    const all = Array.from({ length: 9 }, (_, place) => ask(`${place}`, `c${place}`));
    expect(reserve(all, refused, HORIZON).slots.map(({ inMs }) => inMs)).toEqual([400, 525, 650, 775, 900]);
    const other = all.map(({ id, uses }) => ({ id, uses: { ...uses, lane: { ...lane, key: "other" } } }));
    expect(reserve(other, refused, HORIZON).slots).toHaveLength(9);
  });

  it("keeps its distance from the one before, for all the calls that one makes", () => {
    const calm = { key: "calm", budget: perSecond(48) };
    const [slot] = reserve(
      [{ ...ask("a", "c"), uses: { ...ask("a", "c").uses, lane: calm } }],
      none,
      HORIZON,
    ).slots;
    expect(slot?.gapMs).toBeCloseTo((1000 / 48) * 0.98, 6);
    // Fifty calls in a second at most, also by one who catches up.
    expect(1000 / (slot?.gapMs ?? 0)).toBeLessThanOrEqual(49);
    const two = { ...ask("a", "c", { calls: 2 }) };
    const [double] = reserve([{ ...two, uses: { ...two.uses, lane: calm } }], none, HORIZON).slots;
    expect(2000 / (double?.gapMs ?? 0)).toBeLessThanOrEqual(49);
  });
});

describe("what a 429 teaches", () => {
  it("is to go slower each time, within reason", () => {
    expect([100, 125, 200, 390, 400].map(slowedDown)).toEqual([125, 156.25, 250, 400, 400]);
  });

  it("fades by a half every minute, until it is forgotten", () => {
    expect(recovered(200, 0)).toBe(200);
    expect(recovered(200, 60_000)).toBe(150);
    expect(recovered(200, 120_000)).toBe(125);
    expect(recovered(125, 300_000)).toBe(100);
    // A clock that runs backwards teaches nothing.
    expect(recovered(200, -60_000)).toBe(200);
  });

  it("makes the rate slower by that much", () => {
    const slow = { ...untouched, slower: 150 };
    const all = Array.from({ length: 30 }, (_, place) => ask(`${place}`, `c${place}`));
    const { slots } = reserve(all, new Map([["lane", slow]]), HORIZON);
    expect(slots.map(({ inMs }) => inMs)).toEqual([0, 150, 300, 450, 600, 750, 900]);
  });
});

describe("which limits a call falls under", () => {
  const errand: Errand = {
    platform: "slack",
    lane: "slack:A1:T1",
    channelId: "one",
    kind: "bulletin",
    edit: false,
    direct: false,
    threaded: false,
  };
  const keys = (use: Partial<Errand>) => {
    const uses = usesOf({ ...errand, ...use }, documented);
    return [uses.lane.key, uses.channel.key, uses.calls];
  };
  const discord = { platform: "discord", lane: "discord:7" } as const;
  it.each<[string, Partial<Errand>, readonly (string | number)[]]>([
    ["a post in Slack: the workspace's and the channel's", {}, ["slack:A1:T1 post", "channel:one post", 1]],
    [
      "an edit in Slack: the workspace's own for that",
      { edit: true },
      ["slack:A1:T1 edit", "channel:one edit", 1],
    ],
    ["anything in Discord: the application's", discord, ["discord:7", "channel:one post", 1]],
    ["an edit in Discord", { ...discord, edit: true }, ["discord:7", "channel:one edit", 1]],
    [
      "a direct message opens its channel first",
      { ...discord, direct: true },
      ["discord:7", "channel:one post", 2],
    ],
    ["a reply opens its thread first", { ...discord, threaded: true }, ["discord:7", "channel:one post", 2]],
    [
      "an edit opens nothing",
      { ...discord, threaded: true, edit: true },
      ["discord:7", "channel:one edit", 1],
    ],
  ])("%s", (_title, use, expected) => {
    expect(keys(use)).toEqual(expected);
  });

  it("are the lane's, so that a claim can lock them", () => {
    for (const use of [errand, { ...errand, edit: true }, { ...errand, ...discord }]) {
      const { posts, edits } = laneUses(use.platform, use.lane, documented);
      expect([posts, edits]).toContainEqual(usesOf(use, documented).lane);
    }
  });

  it("Discord's leaves two of its fifty for catching up, and Slack's edits are forty in any minute", () => {
    expect(1000 / documented.discord.calls.everyMs).toBe(48);
    const edits = Array.from({ length: 200 }, (_, place) => ({
      id: `${place}`,
      uses: {
        lane: { key: "edits", budget: perMinute(40) },
        channel: { key: `c${place}`, budget: perSecond(1) },
        calls: 1,
      },
    }));
    const moments = simulate(edits, [700])
      .filter(({ key }) => key === "edits")
      .map(({ at }) => at);
    const inTheNextMinute = moments.map(
      (from) => moments.filter((at) => at >= from && at <= from + 60_000).length,
    );
    expect(Math.max(...inTheNextMinute)).toBe(40);
  });

  it("a limit of nothing between two calls is none", () => {
    expect(nextSlot({ everyMs: 0, burst: 1 }, { ...untouched, freeInMs: 0 })).toBe(0);
  });
});
