import { afterAll, beforeAll, expect, it } from "vitest";

import { asMessage, expectWords, refIn, wordsOf, type Values } from "../../sandbox/cast.ts";
import type { ShownMessage } from "../../sandbox/pretend.ts";
import { openTown, type Town } from "../support/town.ts";

// The failures of test/failures.json that need no kill: what the database and people at once can do.

let town: Town;
beforeAll(async () => {
  town = await openTown({ expected: /an event failed/ });
  for (const one of [town.person("riverton", "diaz"), town.person("cedar", "ruiz")]) {
    expectWords(
      await one.submits(await one.types("/subscribe", "bulletins"), wish),
      "This channel is subscribed.",
    );
  }
}, 60_000);
afterAll(() => town.close());

const wish: Values = {
  "Which bulletins?": ["officer-safety bulletin", "situational bulletin"],
  "From which severity on?": "LOW",
};
const pages: readonly Values[] = [
  {
    "What kind?": "situational bulletin",
    "How severe?": "HIGH",
    "The bottom line, in one line": "Shots heard near the Elm St station",
    "What do we know?": 'A caller said "three shots", 22 Nov, by telephone.',
  },
  { "Legal status": "NO WARRANT", "What do you ask for?": "be aware. Do not seek contact." },
  { "Which areas?": "Riverton" },
];
const tip: Values = {
  "What was said or seen?": "He said he will bring it along on Friday",
  "Who might do it?": "A man in a red coat",
  "Who or what is at risk, where, when?": "Elm St station, Riverton",
  "How soon?": "Days",
  "How do you know?": "Family, friend or partner told me",
};

/** A bulletin that waits, with the card that says so. */
async function waiting(): Promise<{ readonly ref: string; readonly card: ShownMessage }> {
  const okafor = town.person("metro", "okafor");
  const preview = asMessage(await okafor.fills(await okafor.types("/bulletin new"), pages));
  const ref = refIn(preview, "B");
  await okafor.presses(preview, "Send for approval");
  return { ref, card: await town.channel("metro", "desk").shows(ref) };
}

async function copies(ref: string): Promise<readonly number[]> {
  await town.idle();
  const channels = [town.channel("riverton", "bulletins"), town.channel("cedar", "bulletins")];
  const seen = await Promise.all(channels.map((channel) => channel.read()));
  return seen.map((messages) => messages.filter((message) => wordsOf(message).includes(ref)).length);
}

it("F4: two who approve at once, and again, send one bulletin", async () => {
  const { ref, card } = await waiting();
  const [lund, brandt] = [town.person("metro", "lund"), town.person("metro", "brandt")];
  const opened = [
    { one: lund, shown: asMessage(await lund.presses(card, "Open")) },
    { one: brandt, shown: asMessage(await brandt.presses(card, "Open")) },
  ];
  const approve = () => Promise.all(opened.map(({ one, shown }) => one.presses(shown, "Approve and send")));
  const words = [...(await approve()), ...(await approve())].map(wordsOf);
  expect(words.filter((one) => one.includes("is being sent")).length).toBeGreaterThanOrEqual(1);
  expect(await copies(ref)).toEqual([1, 1]);
});

it("F5: planning that breaks off at any row leaves nothing, and is done whole the next time", async () => {
  const { ref, card } = await waiting();
  const lund = town.person("metro", "lund");
  const opened = asMessage(await lund.presses(card, "Open"));
  // The second of the two channels.
  await using broken = await refusing(
    "delivery",
    "(select count(*) from delivery where subject_id = new.subject_id) >= 1",
  );
  expectWords(await lund.presses(opened, "Approve and send"), /Something broke on our side/);
  expect(await copies(ref)).toEqual([0, 0]);
  await broken.lift();
  expectWords(await lund.presses(opened, "Approve and send"), "is being sent");
  expect(await copies(ref)).toEqual([1, 1]);
});

it("F25: what cannot be stored is said to be not stored, and nothing of it is kept in memory", async () => {
  const reyes = town.person("metro", "reyes");
  const form = await reyes.types("/tip");
  const before = (await town.channel("metro", "intake").read()).length;
  await using full = await refusing("tip", "true");
  const refused = await reyes.submits(form, tip);
  expectWords(refused, "I cannot promise that this was done");
  await full.lift();
  await town.idle();
  expect((await town.channel("metro", "intake").read()).length).toBe(before);
  expectWords(await reyes.submits(await reyes.types("/tip"), tip), "Received: T-");
  await town.idle();
  expect((await town.channel("metro", "intake").read()).length).toBe(before + 1);
});

/** Until it is lifted, the database takes no row of this table for which this holds: "disk full" (53100). */
async function refusing(table: string, condition: string) {
  const owner = await town.db.ownerClient();
  await owner.query(`
    create function refuse_${table}() returns trigger language plpgsql as $$ begin
      if ${condition} then raise exception 'could not extend file' using errcode = '53100'; end if;
      return new;
    end $$;
    grant execute on function refuse_${table} to public;
    create trigger refused before insert on ${table} for each row execute function refuse_${table}()`);
  let lifted = false;
  const lift = async () => {
    if (!lifted) await owner.query(`drop function refuse_${table} cascade`);
    lifted = true;
  };
  return { lift, [Symbol.asyncDispose]: lift };
}
