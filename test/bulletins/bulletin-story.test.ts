import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import {
  cardOf,
  openBench,
  person,
  refOn,
  seen,
  subscribe,
  what,
  who,
  wordsOf,
  write,
  type Bench,
  type Channel,
  type Person,
  type Place,
} from "./bulletin-bench.ts";

let bench: Bench;
let metro: Place;
let riverton: Place;
let cedar: Place;
let analyst: Person;
let lund: Person;
let watch: Person;
let diaz: Person;
let desk: Channel;
let full: Channel;
let pointer: Channel;
let entry: string;

beforeAll(async () => {
  bench = await openBench();
  metro = await bench.addPlace("Metro");
  riverton = await bench.addPlace("Riverton");
  cedar = await bench.addPlace("Cedar", "discord");
  analyst = await bench.addPerson(metro, ["analyst"], "Det. Okafor");
  lund = await bench.addPerson(metro, ["supervisor"], "Sgt Lund");
  watch = await bench.addPerson(metro, ["watch_commander"], "Lt Ortiz");
  diaz = await bench.addPerson(riverton, ["supervisor"], "Sgt Diaz");
  desk = await bench.addChannel(metro, "desk");
  full = await bench.addChannel(riverton, "bulletins", "full");
  pointer = await bench.addChannel(cedar, "bulletins");
  entry = await bench.addEntry(metro, analyst.id, lund.id);
  await subscribe(diaz, full);
  await subscribe(await bench.addPerson(cedar, ["supervisor"], "Sgt Ruiz"), pointer);
});
afterAll(() => bench.close());

/** Written from the entry, sent for approval, and opened by the approver. */
async function opened(by = lund) {
  const preview = await write(analyst, { from: entry, do: person, who: { entry } });
  await analyst.presses(preview, "Send for approval");
  const ref = refOn(preview);
  return { ref, preview, approval: cardOf(await by.types("bulletin", `show ${ref}`)) };
}

async function sent() {
  const { ref, approval } = await opened();
  await lund.presses(approval, "Approve and send");
  await bench.deliver();
  return ref;
}

const copiesOf = (ref: string, channel: Channel) =>
  bench.messagesIn(channel).filter(({ card }) => wordsOf(card).includes(ref));

describe("writing and approving", () => {
  it("shows the author the exact card and how many get which part of it", async () => {
    const preview = wordsOf(await write(analyst, { from: entry, do: person, who: { entry } }));
    expect(preview).toContain("HIGH officer-safety bulletin B-");
    expect(preview).toContain("John A. Smyth");
    expect(preview).toContain("NO WARRANT · ASKED: be aware, document and report. Do not seek contact.");
    expect(preview).toContain("Source B (usually reliable), information 3 (possibly true)");
    expect(preview).toContain("Goes to 2 channels of 2 agencies: 1 full, 0 summary, 1 pointer. Refused: 0.");
  });

  it("tells the desk that a draft waits, without a word of it", async () => {
    const { ref } = await opened();
    await bench.deliver();
    const [card] = copiesOf(ref, desk);
    expect(card?.card.headline).toBe(`A draft waits: ${ref}. HIGH officer-safety bulletin`);
    expect(wordsOf(card?.card)).not.toMatch(/Smyth|Elm St|rifle/);
  });

  it("each channel gets what it may see, and the desk's card says who approved", async () => {
    const ref = await sent();
    const [there] = copiesOf(ref, full);
    const [here] = copiesOf(ref, pointer);
    expect(wordsOf(there?.card)).toContain("MD ABC1234");
    const pointed = wordsOf(here?.card);
    expect(pointed).toContain(
      "Nothing more may be shown in this channel. Get it now: Metro watch 555-0142, 24 h",
    );
    expect(pointed).not.toMatch(/Smyth|Elm St|rifle|armed/);
    const [asked] = copiesOf(ref, desk);
    expect(wordsOf(asked?.card)).toContain("By Sgt Lund");
    expect(bench.kicked).toContain(riverton.installation);
  });

  it("approving what was edited since is refused, and sends nothing", async () => {
    const { ref, preview, approval } = await opened();
    const page = await analyst.presses(preview, "Edit what");
    await analyst.fills(page, { ...what, headline: "Something quite different" });
    expect(seen(await lund.presses(approval, "Approve and send"))).toContain(
      `${ref} was changed after you opened it`,
    );
    await bench.deliver();
    expect(copiesOf(ref, full)).toEqual([]);
    const again = cardOf(await lund.types("bulletin", `show ${ref}`));
    expect(wordsOf(again)).toContain("Something quite different");
    expect(seen(await lund.presses(again, "Approve and send"))).toContain("was approved by Sgt Lund");
  });

  it("nobody approves their own, whatever their role; the attempt is audited", async () => {
    const preview = await write(lund, { from: entry, do: person, who: { entry } });
    await lund.presses(preview, "Send for approval");
    const ref = refOn(preview);
    const approval = cardOf(await watch.types("bulletin", `show ${ref}`));
    expect(seen(await lund.presses(approval, "Approve and send"))).toContain("who did not write it");
    const [{ subject } = { subject: "" }] = approval.buttons ?? [];
    expect(await bench.audit(`press:${subject}`)).toMatchObject([
      { action: "bulletin.approve", outcome: "denied" },
    ]);
  });

  it("the database refuses an author who approves, whatever the code believed", async () => {
    const preview = await write(lund, { from: entry, do: person, who: { entry } });
    const owner = await bench.database.ownerClient();
    await owner.query("set row_security = on");
    await owner.query(`select set_config('app.agency', $1, false), set_config('app.actor', $2, false)`, [
      metro.agency,
      lund.id,
    ]);
    await expect(
      owner.query(
        `update bulletin set state = 'sent', approver_id = author_id, approved_hash = content_hash,
                     sent_at = clock.now(), expires_at = clock.now() + interval '1 day' where ref = $1`,
        [refOn(preview)],
      ),
    ).rejects.toThrow(/inv_02_second_person/);
  });

  it("returned with a note: the author reads it, the desk sees by whom, and it can be sent again", async () => {
    const { ref, approval } = await opened();
    const page = await lund.presses(approval, "Return with note");
    expect(seen(await lund.fills(page, { note: "Quote the words." }))).toContain(
      "was returned to its author",
    );
    await bench.deliver();
    expect(wordsOf(copiesOf(ref, desk)[0]?.card)).toContain("Returned to Det. Okafor by Sgt Lund");
    const draft = cardOf(await analyst.types("bulletin", `show ${ref}`));
    expect(wordsOf(draft)).toContain("Returned with a note: Quote the words.");
    await analyst.presses(draft, "Send for approval");
    expect(seen(await lund.types("bulletin", `show ${ref}`))).toContain("APPROVE?");
    await bench.deliver();
    const told = bench.messagesIn(desk).map(({ card }) => card.headline);
    expect(told).toContain(`${ref} waits for approval again. Run /bulletin show ${ref}.`);
  });

  it("an empty audience sends nothing and says so; the draft stays waiting", async () => {
    const preview = await write(analyst, { from: entry, do: person, who: { entry, areas: "Quiet Valley" } });
    expect(wordsOf(preview)).toContain("Nobody gets this");
    await analyst.presses(preview, "Send for approval");
    const approval = cardOf(await lund.types("bulletin", `show ${refOn(preview)}`));
    expect(seen(await lund.presses(approval, "Approve and send"))).toContain(
      "Not sent: no channel of any agency",
    );
    expect(seen(await lund.types("bulletin", `status ${refOn(preview)}`))).toContain("waits for approval");
  });

  it("a repeated page makes no second draft, and opens the next page again", async () => {
    const first = await analyst.types("bulletin", "new");
    const one = await analyst.fills(first, what, "same");
    const two = await analyst.fills(first, what, "same");
    expect(one).toMatchObject({ kind: "form", form: { form: "bulletin.do" } });
    expect(two).toMatchObject({ kind: "form", form: { form: "bulletin.do" } });
    const refs = [one, two].map((answer) => (answer.kind === "form" ? answer.form.state.slice(0, 9) : ""));
    expect(refs[0]).toBe(refs[1]);
  });

  it("a person without an entry, a summary that names them, a detention without cause: refused at the field", async () => {
    const start = async () => analyst.fills(await analyst.types("bulletin", "new"), what);
    const todo = { legal: ["no_warrant"], action: ["document"] };
    expect(await analyst.fills(await start(), { ...todo, person: person.person })).toMatchObject({
      problems: { summary: expect.stringContaining("without the person") },
    });
    expect(
      await analyst.fills(await start(), {
        ...todo,
        ...person,
        summary: "A man called SMYTH threatened an officer.",
      }),
    ).toMatchObject({ problems: { summary: expect.stringContaining("Smyth") } });
    expect(await analyst.fills(await start(), { ...todo, action: ["detain_with_pc"] })).toMatchObject({
      problems: { action: expect.stringContaining("probable cause") },
    });
    const third = await analyst.fills(await start(), { ...todo, ...person });
    expect(await analyst.fills(third, who)).toMatchObject({
      problems: { entry: expect.stringContaining("active entry") },
    });
  });

  it("the database refuses a situational bulletin about a person, and one whose entry is not active any more", async () => {
    const { ref, approval } = await opened();
    const owner = await bench.database.ownerClient();
    await owner.query("set row_security = on");
    await owner.query(`select set_config('app.agency', $1, false), set_config('app.actor', $2, false)`, [
      metro.agency,
      lund.id,
    ]);
    await expect(
      owner.query("update bulletin set basis = 'situational', entry_id = null where ref = $1", [ref]),
    ).rejects.toThrow(/basis_situational/);
    await owner.query("begin");
    await owner.query("update entry set state = 'suspended' where ref = $1", [entry]);
    await owner.query(
      "select append_audit(gen_random_uuid(), array[$1::uuid], 'entry.suspend', 'entry:x', 'ok', '{}')",
      [metro.agency],
    );
    await owner.query("commit");
    expect(seen(await lund.presses(approval, "Approve and send"))).toContain(`Not sent: the basis of ${ref}`);
    await expect(
      owner.query(
        `update bulletin set state = 'sent', approver_id = $2, approved_hash = content_hash,
                     sent_at = clock.now(), expires_at = clock.now() + interval '1 day' where ref = $1`,
        [ref, lund.id],
      ),
    ).rejects.toThrow(/not active/);
    await owner.query("begin");
    // A suspended entry returns by validation alone.
    await owner.query(
      `update entry set state = 'active', validated_by = $2, validation_sealed = 'x', last_validated_at = clock.now()
        where ref = $1`,
      [entry, lund.id],
    );
    await owner.query(
      "select append_audit(gen_random_uuid(), array[$1::uuid], 'entry.restore', 'entry:x', 'ok', '{}')",
      [metro.agency],
    );
    await owner.query("commit");
  });

  it("where private answers may show nothing, nobody can approve", async () => {
    const chief = await bench.addPerson(cedar, ["supervisor"]);
    const writer = await bench.addPerson(cedar, ["analyst"]);
    const preview = await write(writer);
    expect(wordsOf(preview)).not.toContain("Elm St");
    await writer.presses(preview, "Send for approval");
    const answer = seen(await chief.types("bulletin", `show ${refOn(preview)}`));
    expect(answer).toContain("cannot be judged here");
    expect(answer).not.toContain("Elm St");
  });
});

describe("taking back", () => {
  it("wrong person: every copy becomes a tombstone, a new message follows, and the receipt counts exactly", async () => {
    const ref = await sent();
    const receipt = cardOf(await analyst.types("bulletin", `cancel ${ref} reason:wrong_person`));
    expect(receipt.headline).toContain(`Recall ${ref} (wrong person): recalled 0 of 2`);
    await bench.deliver();
    const refreshed = seen(await analyst.presses(receipt, "Refresh"));
    expect(refreshed).toContain(`Recall ${ref} (wrong person): recalled 2 of 2`);
    expect(refreshed).toContain(
      "Correction sent to 2 of 2 channels. Agencies that acknowledged the correction: 0 of 2.",
    );
    for (const channel of [full, pointer]) {
      const [copy, correction] = copiesOf(ref, channel).map(({ card }) => wordsOf(card));
      expect(copy).toMatch(/^CANCELLED .*: wrong person/);
      expect(copy).not.toMatch(/Smyth|Elm St|Acknowledge/);
      expect(correction).toMatch(/^CANCELLED .*: WRONG PERSON. Do not act on any copy/);
      expect(correction).toContain("[Acknowledge correction]");
    }
    const correction = copiesOf(ref, full).find(({ kind }) => kind === "correction");
    expect(seen(await diaz.presses(correction?.card, "Acknowledge correction"))).toContain("Recorded");
    expect(seen(await analyst.types("bulletin", `status ${ref}`))).toContain(
      "acknowledged the correction: 1 of 2",
    );
  });

  it("resolved: tombstones, and no new message", async () => {
    const ref = await sent();
    await watch.types("bulletin", `cancel ${ref} reason:resolved`);
    await bench.deliver();
    expect(copiesOf(ref, full)).toHaveLength(1);
    expect(copiesOf(ref, full)[0]?.card.headline).toMatch(/^CANCELLED .*: resolved/);
  });

  it("what was not sent yet is never sent, and gets no correction (INV-17)", async () => {
    const { ref, approval } = await opened();
    await lund.presses(approval, "Approve and send");
    const receipt = seen(await analyst.types("bulletin", `cancel ${ref} reason:error`));
    expect(receipt).toContain("recalled 0 of 0");
    expect(receipt).toContain("Stopped before sending: 2.");
    await bench.deliver();
    expect(copiesOf(ref, full)).toEqual([]);
  });

  it("cancelling again, or what was never sent, changes nothing", async () => {
    const ref = await sent();
    await analyst.types("bulletin", `cancel ${ref} reason:resolved`);
    expect(seen(await analyst.types("bulletin", `cancel ${ref} reason:error`))).toContain("(resolved)");
    const { ref: waiting } = await opened();
    expect(seen(await analyst.types("bulletin", `cancel ${waiting} reason:error`))).toContain(
      "was never sent",
    );
  });

  it("another agency finds nothing to cancel, to approve or to follow", async () => {
    const ref = await sent();
    for (const words of [`cancel ${ref} reason:error`, `status ${ref}`]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(seen(await diaz.types("bulletin", words))).toContain(`I find no ${ref} that you may see`);
    }
    expect(seen(await diaz.pressesRaw("bulletin.approve", `${ref}.000000000000`))).toContain(
      `I find no ${ref}`,
    );
  });
});

describe("reading and listing", () => {
  it("a receiver reads it privately at the level of their channels, and that is recorded", async () => {
    const ref = await sent();
    const officer = await bench.addPerson(riverton, ["officer"]);
    expect(seen(await officer.types("bulletin", `show ${ref}`))).toContain("MD ABC1234");
    const stranger = await bench.addPlace("Elsewhere");
    const other = await bench.addPerson(stranger, ["supervisor"]);
    expect(seen(await other.types("bulletin", `show ${ref}`))).toContain(`I find no ${ref}`);
    const read = await bench.database.jobs.transaction({ agency: metro.agency, id: "system" }, (tx) =>
      tx.selectFrom("dissemination").select(["kind", "level"]).where("officer_id", "=", officer.id).execute(),
    );
    expect(read).toEqual([{ kind: "reading", level: "full" }]);
  });

  it("on Discord a reader gets the pointer and whom to call", async () => {
    const ref = await sent();
    const officer = await bench.addPerson(cedar, ["officer"]);
    const shown = seen(await officer.types("bulletin", `show ${ref}`));
    expect(shown).toContain("Get it now: Metro watch 555-0142, 24 h");
    expect(shown).not.toContain("Smyth");
  });

  it("lists and completes references with codes only, for those who may", async () => {
    const ref = await sent();
    expect(seen(await analyst.types("bulletin", "list state:open"))).toContain(
      `${ref}: HIGH officer-safety bulletin`,
    );
    expect(await diaz.completes()).toMatchObject({
      choices: expect.arrayContaining([{ value: ref, label: `${ref} · HIGH · open` }]),
    });
  });

  it("status says who has it, who acknowledged and who has not", async () => {
    const ref = await sent();
    const copy = copiesOf(ref, full)[0];
    await diaz.presses(copy?.card ?? { headline: "", blocks: [] }, "Acknowledge for our agency");
    await bench.deliver();
    const status = seen(await analyst.types("bulletin", `status ${ref}`));
    expect(status).toContain("In 2 of 2 channels. Acknowledged by 1 of 2 agencies.");
    expect(status).toMatch(
      /Riverton \S+: has it, full\. Acknowledged v1 for Riverton \S+ by Sgt Diaz \(supervisor\)/,
    );
    expect(status).toMatch(
      /Cedar \S+: has it, pointer\. Not acknowledged: call Cedar watch 555-0142, 24 h\./,
    );
  });
});

describe("much later", () => {
  it("the approver reads in which year the entry behind it was approved", async () => {
    await bench.pass("200 days");
    // Its first review was missed since.
    await bench.database.store.transaction({ agency: metro.agency, id: lund.id }, async (tx) => {
      await appendAudit(tx, metro.agency, { action: "entry.validate", subject: "entry:test" });
      await sql`update entry set state = 'active', validated_by = ${lund.id}, validation_sealed = 'x',
                  last_validated_at = clock.now(), review_due_at = expires_at where ref = ${entry}`.execute(
        tx,
      );
    });
    const { approval } = await opened();
    expect(wordsOf(approval)).toMatch(
      /Basis: entry E-\w{3}-\w{3} \(approved \w{3} \d+ \w{3} 20\d\d \d\d:\d\d E[DS]T, Sgt Lund\)\./,
    );
  });
});
