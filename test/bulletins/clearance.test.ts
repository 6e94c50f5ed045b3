import { afterAll, beforeAll, expect, it } from "vitest";

import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** A private Slack channel of one organisation, looked at just now, and what the row says otherwise. */
interface Said {
  readonly platform?: "slack" | "discord";
  readonly private?: boolean;
  readonly shared_outside?: boolean;
  /** How long ago the platform was asked. */
  readonly asked?: string;
  readonly cleared_for?: "pointer" | "summary" | "full";
  /** How long the signature still holds. */
  readonly signed?: string;
}

async function clearance(said: Said, tlp: string): Promise<unknown> {
  const { asked = "0", signed = "1 day", ...rest } = said;
  const owner = await database.ownerClient();
  const { rows } = await owner.query<{ level: unknown }>(
    `select clearance(jsonb_populate_record(null::channel, $1::jsonb || jsonb_build_object(
       'facts_at', clock.now() - $2::interval, 'cleared_until', clock.now() + $3::interval)), $4) as level`,
    [
      JSON.stringify({ platform: "slack", private: true, shared_outside: false, ...rest }),
      asked,
      signed,
      tlp,
    ],
  );
  return rows[0]?.level;
}

const full = { cleared_for: "full" } as const;
const table: readonly (readonly [string, Said, string, string])[] = [
  ["RED, even to a channel signed for everything", full, "red", "refused"],
  ["a public channel", { ...full, private: false }, "clear", "pointer"],
  ["a channel shared with another organisation", { ...full, shared_outside: true }, "clear", "pointer"],
  ["a channel last looked at 24 hours ago", { ...full, asked: "24 hours" }, "green", "pointer"],
  ["a channel last looked at 23 hours ago", { ...full, asked: "23 hours" }, "green", "full"],
  ["a private channel nobody signed for", {}, "amber", "summary"],
  ["a private channel nobody signed for, STRICT", {}, "amber+strict", "summary"],
  ["a private channel signed for full", full, "amber", "full"],
  ["a private channel signed for full, STRICT", full, "amber+strict", "full"],
  ["a signature that ran out", { ...full, signed: "-1 second" }, "amber", "summary"],
  ["a channel signed for pointers only", { cleared_for: "pointer" }, "clear", "pointer"],
  [
    "a channel signed for pointers only, long ago",
    { cleared_for: "pointer", signed: "-1 day" },
    "clear",
    "pointer",
  ],
  ["a channel signed for summaries", { cleared_for: "summary" }, "green", "summary"],
  ["Discord, whatever the label", { platform: "discord" }, "clear", "pointer"],
  ["Discord, by a recorded decision", { platform: "discord", cleared_for: "summary" }, "amber", "summary"],
  ["Discord never gets personal details", { ...full, platform: "discord" }, "green", "summary"],
  ["Discord above its ceiling", { ...full, platform: "discord" }, "amber+strict", "pointer"],
  [
    "Discord, when the decision ran out",
    { ...full, platform: "discord", signed: "-1 second" },
    "green",
    "pointer",
  ],
  ["Discord, RED", { platform: "discord" }, "red", "refused"],
];

it.each(table)("%s", async (...[, said, tlp, level]) => {
  expect(await clearance(said, tlp)).toBe(level);
});

it("the database refuses a signature for full on a channel that is public or shared", async () => {
  const owner = await database.ownerClient();
  const checks = await owner.query<{ definition: string }>(
    `select pg_get_constraintdef(oid) as definition from pg_constraint where conrelid = 'channel'::regclass and contype = 'c'`,
  );
  expect(checks.rows.map(({ definition }) => definition).join("\n")).toMatch(
    /'full'.*private.*NOT shared_outside/,
  );
});
