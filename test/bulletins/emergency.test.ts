import { afterAll, beforeAll, expect, it } from "vitest";

import { expireBulletins, pageReviews, shrinkUnreviewed } from "../../src/bulletins/bulletin-follow-ups.ts";
import {
  cardOf,
  openBench,
  person,
  refOn,
  seen,
  subscribe,
  todo,
  what,
  who,
  wordsOf,
  type Bench,
  type Channel,
  type Person,
  type Place,
} from "./bulletin-bench.ts";

const danger = "He left ten minutes ago with the rifle, towards the station, said his brother by phone.";
const { areas, tlp, phone } = who;

let bench: Bench;
let metro: Place;
let ortiz: Person;
let lund: Person;
let desk: Channel;
let full: Channel;

beforeAll(async () => {
  bench = await openBench();
  metro = await bench.addPlace("Metro");
  const riverton = await bench.addPlace("Riverton");
  ortiz = await bench.addPerson(metro, ["watch_commander"], "Lt Ortiz");
  lund = await bench.addPerson(metro, ["supervisor"], "Sgt Lund");
  desk = await bench.addChannel(metro, "desk");
  full = await bench.addChannel(riverton, "bulletins", "full");
  await subscribe(await bench.addPerson(riverton, ["supervisor"], "Sgt Diaz"), full);
});
afterAll(() => bench.close());

async function preview() {
  const first = await ortiz.types("bulletin", "emergency");
  const second = await ortiz.fills(first, what);
  const third = await ortiz.fills(second, { ...todo, ...person });
  return cardOf(await ortiz.fills(third, { danger, areas, tlp, phone, valid: ["72"] }));
}

async function sent() {
  const card = await preview();
  await ortiz.presses(card, "Send now");
  await bench.deliver();
  return refOn(card);
}

const copyOf = (ref: string, channel: Channel, kind = "bulletin") =>
  bench.messagesIn(channel).find((one) => one.kind === kind && wordsOf(one.card).includes(ref))?.card;

it("a watch commander sends alone, after seeing what is sent; every copy says that nobody has reviewed it", async () => {
  const card = await preview();
  expect(card.buttons?.map(({ label }) => label)).toContain("Send now");
  expect(seen(await ortiz.presses(card, "Send now"))).toContain("is being sent, unreviewed");
  await bench.deliver();
  const [, second] = wordsOf(copyOf(refOn(card), full)).split("\n");
  expect(second).toMatch(
    /^UNREVIEWED: sent by the watch commander alone, <.+>, to prevent imminent danger\. Second review due <.+>\. Do not rely on it without calling\.$/,
  );
});

it("sending twice sends once, and nobody else's press sends it", async () => {
  const card = await preview();
  expect(seen(await lund.presses(card, "Send now"))).toContain("needs watch commander");
  await ortiz.presses(card, "Send now");
  await ortiz.presses(card, "Send now");
  await bench.deliver();
  expect(bench.messagesIn(full).filter((one) => wordsOf(one.card).includes(refOn(card)))).toHaveLength(1);
});

it("only a watch commander may begin one, the danger is stated, and it lasts 72 hours at most", async () => {
  expect(seen(await lund.types("bulletin", "emergency"))).toContain("needs watch commander");
  const second = await ortiz.fills(await ortiz.types("bulletin", "emergency"), what);
  const third = await ortiz.fills(second, todo);
  expect(await ortiz.fills(third, { danger: "Soon.", areas, tlp, valid: ["720"] })).toMatchObject({
    problems: { danger: expect.stringContaining("at least 20"), valid: expect.stringContaining("72") },
  });
  const owner = await bench.database.ownerClient();
  await owner.query("set row_security = on");
  await owner.query("select set_config('app.agency', $1, false), set_config('app.actor', $2, false)", [
    metro.agency,
    ortiz.id,
  ]);
  const ref = refOn(await preview());
  const send = `update bulletin set state = 'sent', sent_at = clock.now(), expires_at = clock.now() + interval '1 hour',
                  review_due_at = clock.now()`;
  await expect(owner.query(`${send}, valid_hours = 73 where ref = $1`, [ref])).rejects.toThrow(
    /basis_emergency/,
  );
  await expect(owner.query(`${send}, danger_length = 19 where ref = $1`, [ref])).rejects.toThrow(
    /basis_emergency/,
  );
});

it("after 30 minutes the desk is asked once; a second person confirms and the banner goes", async () => {
  const ref = await sent();
  await bench.pass("29 minutes", pageReviews);
  await bench.deliver();
  expect(copyOf(ref, desk, "review")).toBeUndefined();
  await bench.pass("2 minutes", pageReviews, pageReviews);
  await bench.deliver();
  const asked = copyOf(ref, desk, "review");
  expect(asked?.headline).toBe(`SECOND REVIEW DUE: ${ref}`);
  expect(wordsOf(asked)).not.toMatch(/Smyth|rifle|Elm St/);
  expect(seen(await ortiz.presses(asked, "Review"))).toContain("who did not send it");
  const review = cardOf(await lund.presses(asked, "Review"));
  expect(wordsOf(review)).toContain(`Imminent danger: ${danger}`);
  expect(seen(await lund.presses(review, "Confirm"))).toContain("was reviewed by Sgt Lund");
  await bench.deliver();
  expect(wordsOf(copyOf(ref, full))).not.toContain("UNREVIEWED");
  expect(wordsOf(copyOf(ref, full))).toContain("Smyth");
  expect(wordsOf(copyOf(ref, desk, "review"))).toContain("By Sgt Lund");
  await bench.pass("25 hours", shrinkUnreviewed);
  await bench.deliver();
  expect(wordsOf(copyOf(ref, full))).toContain("Smyth");
});

it("an agency without a desk channel: everybody who may review is asked directly, its author is not", async () => {
  const place = await bench.addPlace("Deskless");
  const alone = await bench.addPerson(place, ["watch_commander"], "Lt Alone");
  const reviewers = [
    await bench.addPerson(place, ["supervisor"]),
    await bench.addPerson(place, ["watch_commander"]),
  ];
  await bench.addPerson(place, ["analyst"]);
  const before = bench.messages.size;
  const first = await alone.types("bulletin", "emergency");
  const third = await alone.fills(await alone.fills(first, what), todo);
  const card = cardOf(await alone.fills(third, { danger, areas, tlp, valid: ["24"] }));
  await alone.presses(card, "Send now");
  await bench.pass("31 minutes", pageReviews);
  await bench.deliver();
  const asked = [...bench.messages.values()]
    .slice(before)
    .filter((one) => one.kind === "review" && one.card.headline.includes(refOn(card)));
  expect(asked).toHaveLength(reviewers.length);
  expect(seen((await reviewers[0]?.presses(asked[0]?.card, "Review")) ?? { kind: "nothing" })).toContain(
    "Lt Alone",
  );
});

it("with nobody to ask, it is tried again every minute and the operator hears of it, until somebody is there", async () => {
  const place = await bench.addPlace("Empty");
  const alone = await bench.addPerson(place, ["watch_commander"], "Lt Alone");
  const third = await alone.fills(await alone.fills(await alone.types("bulletin", "emergency"), what), todo);
  const card = cardOf(await alone.fills(third, { danger, areas, tlp, valid: ["24"] }));
  await alone.presses(card, "Send now");
  const id = await idOf(place, refOn(card));
  expect(await bench.pass("31 minutes", pageReviews, pageReviews)).toEqual([id]);
  expect(await bench.pass("59 seconds", pageReviews)).toEqual([]);
  expect(await bench.pass("1 second", pageReviews)).toEqual([id]);
  const paged = async () => (await bench.audit(`bulletin:${id}`)).map(({ action }) => action);
  expect(await paged()).not.toContain("bulletin.page-review");
  const late = await bench.addChannel(place, "desk");
  expect(await bench.pass("1 minute", pageReviews, pageReviews)).toEqual([]);
  await bench.deliver();
  expect(bench.messagesIn(late).map((one) => one.card.headline)).toEqual([
    `SECOND REVIEW DUE: ${refOn(card)}`,
  ]);
  expect((await paged()).filter((action) => action === "bulletin.page-review")).toHaveLength(1);
});

const idOf = (place: Place, ref: string) =>
  bench.database.jobs.transaction({ agency: place.agency, id: "system" }, async (tx) => {
    const row = await tx.selectFrom("bulletin").select("id").where("ref", "=", ref).executeTakeFirst();
    return row?.id;
  });

it("one that cannot be done holds up no other", async () => {
  const [stuck, fine] = [await sent(), await sent()];
  const id = await idOf(metro, stuck);
  const owner = await bench.database.ownerClient();
  await owner.query(`create function break_one() returns trigger language plpgsql as
    $$ begin raise exception 'broken'; end $$`);
  await owner.query(`create trigger broken before update on bulletin for each row
    when (old.id = '${id}') execute function break_one()`);
  expect(await bench.pass("73 hours", expireBulletins)).toEqual([id]);
  await owner.query("drop trigger broken on bulletin");
  await bench.deliver();
  expect(copyOf(fine, full)?.headline).toMatch(new RegExp(`^${fine} ended `));
});

it("unreviewed for 24 hours, every copy shrinks to a pointer, also for those who read it privately", async () => {
  const ref = await sent();
  await bench.pass("23 hours", shrinkUnreviewed);
  await bench.deliver();
  expect(wordsOf(copyOf(ref, full))).toContain("Smyth");
  await bench.pass("61 minutes", shrinkUnreviewed);
  await bench.deliver();
  const shrunk = wordsOf(copyOf(ref, full));
  expect(shrunk).toContain("UNREVIEWED");
  expect(shrunk).toContain("Nothing more may be shown in this channel");
  expect(shrunk).not.toMatch(/Smyth|rifle|Elm St|armed/);
  expect(seen(await lund.types("bulletin", `status ${ref}`))).toContain("every copy shrank to a pointer");
  expect(seen(await lund.types("bulletin", `show ${ref}`))).not.toContain("Smyth");
});

it("the second person cancels instead: every copy goes, and the correction follows", async () => {
  const ref = await sent();
  await bench.pass("31 minutes", pageReviews);
  await bench.deliver();
  const review = cardOf(await lund.presses(copyOf(ref, desk, "review"), "Review"));
  expect(seen(await lund.presses(review, "Cancel: wrong person"))).toContain(`Recall ${ref} (wrong person)`);
  await bench.deliver();
  expect(copyOf(ref, full, "correction")?.headline).toContain("WRONG PERSON");
  expect(wordsOf(copyOf(ref, desk, "review"))).toContain("no review is needed any more");
});

it("when its time is over every copy loses its content, nothing new is sent, and nobody can acknowledge it", async () => {
  const ref = await sent();
  const before = bench.messagesIn(full).length;
  const old = copyOf(ref, full);
  await bench.pass("73 hours");
  // Not a word of it, even before anything has noticed that it is over.
  expect(seen(await lund.types("bulletin", `show ${ref}`))).not.toContain("Smyth");
  await bench.pass("1 second", expireBulletins, expireBulletins);
  await bench.deliver();
  expect(bench.messagesIn(full)).toHaveLength(before);
  const ended = copyOf(ref, full);
  expect(ended?.headline).toMatch(new RegExp(`^${ref} ended `));
  expect(wordsOf(ended)).toContain("Content removed here. Discard notes and print-outs; do not act on it.");
  expect(ended?.buttons ?? []).toEqual([]);
  const supervisor = await bench.addPerson(full.place, ["supervisor"]);
  expect(seen(await supervisor.presses(old, "Acknowledge for our agency"))).toContain(
    "nothing to acknowledge",
  );
  expect(seen(await lund.types("bulletin", `status ${ref}`))).toContain("Removed from 1 of 1.");
});
