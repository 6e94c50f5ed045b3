import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { asMessage, expectNoWords, expectWords, refIn } from "../../sandbox/cast.ts";
import { forgetRetroKeys, retroHits } from "../../src/watch-list/retro-follow-up.ts";
import { findRetroCandidates } from "../../src/watch-list/retro-store.ts";
import { formsOfPerson } from "../../src/watch-list/retro.ts";
import { openRetroScene, type RetroScene } from "./retro-scene.ts";

let town: RetroScene["town"];
let scene: RetroScene;
let { rows, untouched, asks, enters, toldOf, whoAsked }: RetroScene = {} as RetroScene;
beforeAll(async () => {
  scene = await openRetroScene();
  ({ town, rows, untouched, asks, enters, toldOf, whoAsked } = scene);
}, 60_000);
afterAll(() => scene.close());

describe("an entry that comes after somebody asked about the person", () => {
  it("tells whoever asked that there is an answer, which they open privately, and tells its owner", async () => {
    const hale = town.person("riverton", "hale");
    const query = await asks(hale, { Name: "Jon Pasternack", "Birth date": "1984-03-02" });
    await town.pass("3 hours");
    const entry = await enters({ name: "John Pasternak" });
    expect(await toldOf(hale, query)).toEqual([`There is an answer for ${query}. Run /allpoints queue.`]);
    expectWords(
      await hale.types("/allpoints queue"),
      `There is an answer for ${query}. Run /allpoints show ${query}.`,
    );

    const shown = await hale.types(`/allpoints show ${query}`);
    expectWords(
      shown,
      "It came after you asked",
      "CAUTION",
      "violent",
      entry,
      "555-0142",
      "Not probable cause",
    );
    expectNoWords(await hale.types("/allpoints queue"), query);
    const told = await whoAsked(entry);
    expectWords(told, query, "Riverton PD", "Ofc. Hale", "They asked before the entry was in force");
    // Of the others nobody may open it, and whoever opened it can do so again.
    expectWords(
      await town.person("riverton", "diaz").types(`/allpoints show ${query}`),
      `I find no ${query}`,
    );
    expectWords(await hale.types(`/allpoints show ${query}`), entry);
  });

  it("asks with its buttons like any other hit", async () => {
    const hale = town.person("riverton", "hale");
    const query = await asks(hale, { Name: "Corwin Delacroy", "Birth date": "1984-03-02" });
    await enters({ name: "Corwin Delacroy" });
    await toldOf(hale, query);
    const shown = asMessage(await hale.types(`/allpoints show ${query}`));
    await hale.presses(shown, "Ask owner to confirm: 10 min");
    expect(await rows("select state from confirmation where query_ref = $1", query)).toEqual([
      { state: "asked" },
    ]);
  });

  it("AGENCY_ONLY: whoever asked learns whom to call and nothing else", async () => {
    const hale = town.person("riverton", "hale");
    const query = await asks(hale, { Name: "Amber Agencyson", "Birth date": "1984-03-02" });
    const entry = await enters({ name: "Amber Agencyson", sensitivity: "AGENCY_ONLY" });
    expect(await toldOf(hale, query)).toHaveLength(1);
    const shown = await hale.types(`/allpoints show ${query}`);
    expectWords(shown, "A record may match. Its owner keeps the details: call Metro watch 555-0142");
    expectNoWords(shown, entry, "violent", "CAUTION");
    expectWords(await whoAsked(entry), "AGENCY_ONLY", "your number and nothing else");
  });

  it("RESTRICTED: only its owner is told", async () => {
    const hale = town.person("riverton", "hale");
    const query = await asks(hale, { Name: "Rona Restricton", "Birth date": "1984-03-02" });
    const entry = await enters({ name: "Rona Restricton", sensitivity: "RESTRICTED" });
    expect(await toldOf(hale, query)).toEqual([]);
    expectWords(await hale.types("/allpoints queue"), /Nothing waits|Waiting/);
    expectNoWords(await hale.types("/allpoints queue"), query);
    expectWords(await hale.types(`/allpoints show ${query}`), "Nothing to show for this query");
    const told = await whoAsked(entry);
    expectWords(
      told,
      query,
      "RESTRICTED",
      "do not know that it exists",
      "They asked before the entry was in force",
    );
    // Nothing of it in their agency's audit.
    expect(
      await rows(
        "select from audit where action = 'query.late-answer' and subject like '%' || (select id from query where ref = $1)",
        query,
      ),
    ).toEqual([]);
  });

  it("on the fourth day tells, on the sixth not, and by then nothing is kept", async () => {
    const hale = town.person("riverton", "hale");
    const early = await asks(hale, { Name: "Sixten Sixthday", "Birth date": "1984-03-02" });
    await town.pass("2 days");
    const late = await asks(hale, { Name: "Fortuna Fourthday", "Birth date": "1984-03-02" });
    await town.pass("4 days");
    await enters({ name: "Sixten Sixthday" });
    await enters({ name: "Fortuna Fourthday" });
    expect(await toldOf(hale, late)).toHaveLength(1);
    expect(await toldOf(hale, early)).toEqual([]);
    while ((await forgetRetroKeys.run(town.db.jobs, town.db.keyring)).again);
    const [kept] = await rows(
      "select count(*)::int as n from retro_key where at <= clock.now() - interval '5 days'",
    );
    expect(kept).toEqual({ n: 0 });
    expect(
      await rows("select from retro_key where query_id = (select id from query where ref = $1)", late),
    ).toHaveLength(1);
  });

  it("is told of once, by however many processes, and not again when it changes", async () => {
    const hale = town.person("riverton", "hale");
    const query = await asks(hale, { Name: "Onslow Onceonly", "Birth date": "1984-03-02" });
    const entry = await enters({ name: "Onslow Onceonly" });
    await scene.ripen();
    const run = () => retroHits.run(town.db.jobs, town.db.keyring);
    await Promise.all([run(), run(), run(), run()]);
    expect(await toldOf(hale, query)).toHaveLength(1);
    const hits = () => rows("select id from hit where query_ref = $1", query);
    expect(await hits()).toHaveLength(1);
    await rows(
      "insert into retro_waiting (entry_id, agency_id) select id, agency_id from entry where ref = $1 on conflict do nothing",
      entry,
    );
    expect(await toldOf(hale, query)).toHaveLength(1);
    expect(await hits()).toHaveLength(1);
    expect(await rows("select from retro_waiting")).toEqual([]);
  });

  it("is nobody's outside its audience, and nobody's in an exercise", async () => {
    const hale = town.person("riverton", "hale");
    const cedar = await rows("select id from agency where name = 'Cedar County SO'");
    const query = await asks(hale, { Name: "Nadia Namedfew", "Birth date": "1984-03-02" });
    await enters({ name: "Nadia Namedfew", audience: String(cedar[0]?.["id"]) });
    expect(await toldOf(hale, query)).toEqual([]);

    const drill = await asks(hale, { Name: "Xenia Exercise", "Birth date": "1984-03-02" });
    const entry = await enters({
      name: "Xenia Exercise",
      before: (ref) => untouched("update entry set exercise = true where ref = $1", ref),
    });
    // Neither by itself, nor where something asks for it.
    await rows(
      "insert into retro_waiting (entry_id, agency_id) select id, agency_id from entry where ref = $1",
      entry,
    );
    expect(await toldOf(hale, drill)).toEqual([]);
    await expect(whoAsked(entry)).rejects.toThrow("nobody was told");
  });

  it("is not told to somebody who may not ask any more; its owner is", async () => {
    const hale = town.person("riverton", "hale");
    const query = await asks(hale, { Name: "Susan Suspendova", "Birth date": "1984-03-02" });
    const state = (to: string) =>
      untouched(
        "update officer set state = $1 where id = (select officer_id from query where ref = $2)",
        to,
        query,
      );
    await state("suspended");
    const entry = await enters({ name: "Susan Suspendova" });
    expect(await toldOf(hale, query)).toEqual([]);
    expectWords(await whoAsked(entry), query, "They were shown nothing and do not know that it exists");
    await state("active");
    expectNoWords(await hale.types("/allpoints queue"), query);
    expectNoWords(await hale.types(`/allpoints show ${query}`), entry);
  });

  it("is not told where it was found at once", async () => {
    const hale = town.person("riverton", "hale");
    const entry = await enters({ name: "Prior Presentson" });
    const shown = await hale.submits(await hale.types("/watch"), {
      "Why are you asking?": "Traffic stop",
      "CAD or case number, and for which unit": "24-118833",
      Name: "Prior Presentson",
      "Birth date": "1984-03-02",
    });
    expectWords(shown, "ANSWER TO YOUR QUERY", entry);
    await rows(
      "insert into retro_waiting (entry_id, agency_id) select id, agency_id from entry where ref = $1 on conflict do nothing",
      entry,
    );
    expect(await toldOf(hale, refIn(shown, "Q"))).toEqual([]);
  });
});

it("what was kept is met for five days, whether or not anybody has deleted it", async () => {
  const query = await asks(town.person("riverton", "hale"), { Name: "Fyodor Fivedays" });
  const forms = formsOfPerson({ names: ["Fedor Fivedays"], birthDates: [], identifiers: [] });
  const met = async (after: string) => {
    const [at] = await rows("select (at + $1::interval)::text as at from query where ref = $2", after, query);
    return town.db.jobs.transaction({ agency: null, id: "system" }, (tx) =>
      findRetroCandidates(tx, town.db.keyring, { forms, at: String(at?.["at"]), limit: 5 }),
    );
  };
  expect(await met("4 days 23 hours")).toHaveLength(1);
  expect(await met("5 days 1 minute")).toEqual([]);
  // Asked afterwards it was no question before.
  expect(await met("-1 hour")).toEqual([]);
});

it("as much is kept of every question, and it tells nothing by its shape", async () => {
  const hale = town.person("riverton", "hale");
  await enters({ name: "Silent Silentson", sensitivity: "RESTRICTED" });
  const questions = [
    await asks(hale, { Name: "Silent Silentson", "Birth date": "1984-03-02" }),
    await asks(hale, { Name: "Nora Nobody", "Birth date": "1984-03-02" }),
    await asks(hale, { "Plate, phone, e-mail, handle or VIN": "VA ZZZ9999" }),
    await asks(hale, { Name: "Aa Bb Cc Dd Ee Ff Gg Hh", "Birth date": "1971" }),
  ];
  const kept = await rows(
    `select cardinality(blinds) as keys, pg_column_size(blinds) as bytes,
            (select bool_and(length(b) = 8) from unnest(blinds) b) as even,
            blinds = array(select b from unnest(blinds) b order by b) as sorted
       from retro_key k join query q on q.id = k.query_id where q.ref = any($1)`,
    questions,
  );
  expect(kept).toHaveLength(4);
  expect(new Set(kept.map((row) => JSON.stringify(row))).size).toBe(1);
  expect(kept[0]).toMatchObject({ keys: 64, even: true, sorted: true });
});
