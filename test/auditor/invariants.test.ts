import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { verify } from "../../src/auditor/auditor.ts";
import { invariants } from "../../src/auditor/invariants.ts";
import type { LedgerRow } from "../deliveries/ledger-bench.ts";
import { openAuditorBench, type AuditorBench } from "./auditor-bench.ts";

let bench: AuditorBench;
/** Names in the planted statements. */
const named = new Map<string, string>();
beforeAll(async () => {
  bench = await openAuditorBench(3);
  // Some of what is planted a constraint would refuse: somebody who keeps the database has taken it away.
  await bench.tamper(`
    do $$ declare one record; begin
      for one in select conname from pg_constraint where conrelid = 'delivery'::regclass and contype = 'c' loop
        execute format('alter table delivery drop constraint %I', one.conname);
      end loop;
    end $$`);
  await tellHealthyStory();
});
afterAll(() => bench.close());

/** Two copies that arrived, one that waits, and a card that a worker has. */
async function tellHealthyStory(): Promise<void> {
  const bulletin = await bench.sendBulletin();
  const [first, second, waiting] = (await bench.rows(bulletin)) as [LedgerRow, LedgerRow, LedgerRow];
  for (const { id } of [first, second]) await bench.worker.deliver(id);
  const intake = await bench.request(bench.owner, { channelId: await bench.addChannel(bench.owner, "desk") });
  const [sending] = (await bench.rows(intake)) as [LedgerRow];
  await bench.worker.claim(sending.id);
  const oldest = await bench.asSystem((tx) =>
    tx.selectFrom("audit").select("id").orderBy("nr").limit(1).executeTakeFirstOrThrow(),
  );
  const names = {
    bulletin,
    first: first.id,
    second: second.id,
    waiting: waiting.id,
    sending: sending.id,
    channel: first.channel_id,
    installation: first.installation_id,
    lane: first.lane,
    agency: bench.receiver.agency,
    row: oldest.id,
  };
  for (const [name, value] of Object.entries(names)) named.set(name, value);
}

const spelled = (statements: string): string =>
  statements.replaceAll(/\$(\w+)\b/g, (all, name: string) => named.get(name) ?? all);

async function found(recent: boolean): Promise<readonly string[]> {
  const findings = await verify(bench.database.jobs, { recent });
  return findings.map(({ invariant, subject, what }) => `${invariant} ${subject} ${what}`).toSorted();
}

/** What nobody may write, and how it is taken back. */
const planted: readonly {
  readonly finds: string;
  readonly plant: string;
  readonly undo: string;
}[] = [
  {
    finds: "I1 bulletin:$bulletin deliveries_missing",
    plant: "update fan_out set channels = channels + 1 where subject_id = '$bulletin'",
    undo: "update fan_out set channels = channels - 1 where subject_id = '$bulletin'",
  },
  {
    finds: "I1 bulletin:$bulletin deliveries_added",
    plant: "update fan_out set channels = channels - 1 where subject_id = '$bulletin'",
    undo: "update fan_out set channels = channels + 1 where subject_id = '$bulletin'",
  },
  {
    finds: "I1 bulletin:$bulletin never_fanned_out",
    plant: "update fan_out set kind = 'correction', channels = 0 where subject_id = '$bulletin'",
    undo: "update fan_out set kind = 'bulletin', channels = 3 where subject_id = '$bulletin'",
  },
  {
    finds: "I2 delivery:$waiting late",
    plant: "update delivery set due_at = due_at - interval '62 s' where id = '$waiting'",
    undo: "update delivery set due_at = clock_timestamp() where id = '$waiting'",
  },
  {
    finds: "I2 delivery:$sending lease_over",
    plant: "update delivery set lease_until = clock_timestamp() - interval '16 s' where id = '$sending'",
    undo: "update delivery set lease_until = clock_timestamp() + interval '1 h' where id = '$sending'",
  },
  {
    finds: "I2 delivery:$sending unknown_too_long",
    plant:
      "update delivery set state = 'checking', quiet_until = clock_timestamp() - interval '61 s', lease_until = null where id = '$sending'",
    undo: "update delivery set state = 'sending', quiet_until = null, lease_until = clock_timestamp() + interval '1 h' where id = '$sending'",
  },
  {
    finds: "I2 delivery:$waiting nobody_told",
    plant:
      "update delivery set state = 'dead', reason = 'payload_invalid', rested_at = clock_timestamp() where id = '$waiting'",
    undo: "update delivery set state = 'pending', reason = null, rested_at = null where id = '$waiting'",
  },
  {
    finds: "I2 delivery:$sending no_reason",
    plant:
      "update delivery set state = 'dead', lease_until = null, rested_at = clock_timestamp() where id = '$sending'",
    undo: "update delivery set state = 'sending', lease_until = clock_timestamp() + interval '1 h', rested_at = null where id = '$sending'",
  },
  {
    finds: "I3 delivery:$first message_shared & I3 delivery:$second message_shared",
    plant: "update delivery set message = 'm' where id in ('$first', '$second')",
    undo: "update delivery set message = id::text where id in ('$first', '$second')",
  },
  {
    finds: "I3 delivery:$first no_message",
    plant:
      "update delivery set removed = true, message_channel = message, message = null where id = '$first'",
    undo: "update delivery set removed = false, message = message_channel, message_channel = 'C1' where id = '$first'",
  },
  {
    finds: "I4 delivery:$first unaudited",
    plant:
      "update audit set action = 'delivery.gone' where subject = 'delivery:$first' and action = 'delivery.applied' and agency_id = '$agency'",
    undo: "update audit set action = 'delivery.applied' where subject = 'delivery:$first' and action = 'delivery.gone'",
  },
  {
    finds: "I4 delivery:$second giving_unrecorded",
    plant:
      "update dissemination set kind = 'reading' where channel_id = (select channel_id from delivery where id = '$second')",
    undo: "update dissemination set kind = 'delivery' where kind = 'reading'",
  },
  {
    finds: "I5 delivery:$first strange_epoch",
    plant: "update delivery set epoch = epoch + 1 where id = '$first'",
    undo: "update delivery set epoch = epoch - 1 where id = '$first'",
  },
  {
    finds: "I5 delivery:$first strange_epoch",
    plant: "update delivery set life = jsonb_set(life, '{1,2}', '7') where id = '$first'",
    undo: "update delivery set life = jsonb_set(life, '{1,2}', '1') where id = '$first'",
  },
  {
    finds: "I6 table:acknowledgment key_missing",
    plant: "alter table acknowledgment drop constraint acknowledgment_agency_id_kind_bulletin_id_version_key",
    undo: "alter table acknowledgment add constraint acknowledgment_agency_id_kind_bulletin_id_version_key unique (agency_id, kind, bulletin_id, version)",
  },
  {
    finds: "I7 bulletin:$bulletin not_expired",
    plant: "update bulletin set expires_at = clock.now() - interval '3 minutes' where id = '$bulletin'",
    undo: "update bulletin set expires_at = clock.now() + interval '3 days' where id = '$bulletin'",
  },
  {
    finds: "I7 bulletin:$bulletin review_not_asked",
    plant: "update bulletin set review_due_at = clock.now() - interval '3 minutes' where id = '$bulletin'",
    undo: "update bulletin set review_due_at = null where id = '$bulletin'",
  },
  {
    finds: "I7 bulletin:$bulletin not_shrunk",
    plant: `update bulletin set basis = 'emergency', danger_length = 30, sent_at = sent_at - interval '25 h',
      review_due_at = clock.now() - interval '24 h', review_paged_at = clock.now() where id = '$bulletin'`,
    undo: `update bulletin set basis = 'situational', sent_at = sent_at + interval '25 h', review_due_at = null,
      review_paged_at = null where id = '$bulletin'`,
  },
  {
    finds: "I7 confirmation:$bulletin confirmation_stuck",
    plant: `insert into confirmation (id, owner_agency_id, agency_id, query_id, query_ref, entry_id, entry_ref,
        sensitivity, purpose, asked_by, wait_minutes, posted_at, asked_at, due_at)
      values ('$bulletin', '$agency', '$agency', '$bulletin', 'Q', '$bulletin', 'E', 'OPEN', 'audit', '$bulletin', 10,
        clock.now(), clock.now() - interval '13 minutes', clock.now() - interval '3 minutes')`,
    undo: "delete from confirmation where id = '$bulletin'",
  },
  {
    finds: "I7 audit:$row not_sealed",
    plant: "update audit set at = at - interval '3 minutes' where id = '$row'",
    undo: "update audit set at = at + interval '3 minutes' where id = '$row'",
  },
  {
    finds: "I8 table:inbound_seen key_missing",
    plant: "alter table inbound_seen drop constraint inbound_seen_pkey",
    undo: "alter table inbound_seen add constraint inbound_seen_pkey primary key (platform, dedupe_key)",
  },
  {
    finds: "I9 table:tip row_security_off",
    plant: "alter table tip no force row level security",
    undo: "alter table tip force row level security",
  },
  {
    finds: "I9 table:tip_note no_policy",
    plant: "drop policy own on tip_note",
    undo: "create policy own on tip_note using (agency_id = (select current_agency()))",
  },
  {
    finds: "I9 table:tip open_policy",
    plant: "create policy everybody on tip for select using (true)",
    undo: "drop policy everybody on tip",
  },
  {
    finds: "I10 delivery:$first ahead",
    plant: "update delivery set applied_version = wanted_version + 1 where id = '$first'",
    undo: "update delivery set applied_version = wanted_version where id = '$first'",
  },
  {
    finds: "I10 delivery:$first behind",
    plant: "update delivery set wanted_version = wanted_version + 1 where id = '$first'",
    undo: "update delivery set wanted_version = wanted_version - 1 where id = '$first'",
  },
  {
    finds: "I10 delivery:$first end_not_wanted",
    plant: "update delivery set ended_version = wanted_version + 1 where id = '$first'",
    undo: "update delivery set ended_version = null where id = '$first'",
  },
  {
    finds:
      "I10 delivery:$first shows_what_is_over & I10 delivery:$second shows_what_is_over & I10 delivery:$waiting shows_what_is_over",
    plant: `update bulletin set state = 'cancelled', ended_at = clock.now(), cancelled_by = author_id,
      cancel_reason = 'error' where id = '$bulletin'`,
    undo: `update bulletin set state = 'sent', ended_at = null, cancelled_by = null, cancel_reason = null
      where id = '$bulletin'`,
  },
  {
    finds: "I11 delivery:$sending sent_while_closed",
    plant: `insert into pace (key, closed_until, slower_at)
        select lane || ' post', clock_timestamp() + interval '1 h', clock_timestamp() - interval '1 h'
          from delivery where id = '$sending';
      update delivery set quiet_until = clock_timestamp() + interval '1 h' where id = '$sending'`,
    undo: "delete from pace; update delivery set quiet_until = null where id = '$sending'",
  },
  {
    finds: "I11 lane:$lane post too_far_ahead",
    plant:
      "insert into pace (key, free_at, slower) values ('$lane post', clock_timestamp() + interval '61 s', 200)",
    undo: "delete from pace where key = '$lane post'",
  },
  {
    finds: "I12 delivery:$first full_on_discord",
    plant: `update dissemination set level = 'full' where channel_id = '$channel';
      update delivery set level = 'full' where id = '$first'; update channel set platform = 'discord' where id = '$channel'`,
    undo: `update dissemination set level = 'summary' where channel_id = '$channel';
      update delivery set level = 'summary' where id = '$first'; update channel set platform = 'slack' where id = '$channel'`,
  },
  {
    finds: "I12 delivery:$first unsigned",
    plant: `update dissemination set level = 'full' where channel_id = '$channel';
      update delivery set level = 'full' where id = '$first'`,
    undo: `update dissemination set level = 'summary' where channel_id = '$channel';
      update delivery set level = 'summary' where id = '$first'`,
  },
  {
    finds: "I12 delivery:$first above_its_level",
    plant: "update delivery set level = 'pointer' where id = '$first'",
    undo: "update delivery set level = 'summary' where id = '$first'",
  },
  {
    finds: "I12 delivery:$first red_given",
    plant: "update dissemination set tlp = 'red' where channel_id = '$channel'",
    undo: "update dissemination set tlp = 'green' where channel_id = '$channel'",
  },
];

describe("what must hold", () => {
  it("is twelve sentences, each with a planted case that breaks it", () => {
    expect(invariants.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, nr) => `I${nr + 1}`));
    const covered = new Set(planted.map(({ finds }) => finds.split(" ")[0]));
    expect(covered).toEqual(new Set(invariants.map(({ id }) => id)));
  });

  it("holds where everything went as it should", async () => {
    expect(await found(true)).toEqual([]);
    expect(await found(false)).toEqual([]);
  });

  it.each(planted)("is found broken: $finds", async ({ finds, plant, undo }) => {
    await bench.tamper(spelled(plant));
    try {
      const expected = spelled(finds).split(" & ").toSorted();
      expect(await found(true)).toEqual(expected);
      expect(await found(false)).toEqual(expected);
    } finally {
      await bench.tamper(spelled(undo));
    }
    expect(await found(false)).toEqual([]);
  });
});

/** What makes a delivery wait with good reason. */
const excuses: readonly { readonly why: string; readonly plant: string; readonly undo: string }[] = [
  {
    why: "the platform closed its lane",
    plant:
      "insert into pace (key, closed_until, free_at) values ('$lane post', clock_timestamp() + interval '1 h', '-infinity')",
    undo: "delete from pace",
  },
  {
    why: "its lane is at work on others, at its limit",
    plant: "insert into pace (key) values ('$lane post')",
    undo: "delete from pace",
  },
  {
    why: "its workspace keeps failing",
    plant: "insert into breaker (installation_id, open_until) values ('$installation', clock_timestamp())",
    undo: "delete from breaker",
  },
  {
    why: "its workspace is not connected any more",
    plant: "update installation set state = 'gone' where id = '$installation'",
    undo: "update installation set state = 'active' where id = '$installation'",
  },
  {
    why: "it is not urgent",
    plant: "update delivery set urgency = 5 where id = '$waiting'",
    undo: "update delivery set urgency = 2 where id = '$waiting'",
  },
];

describe("a delivery due for two minutes", () => {
  const due = "update delivery set due_at = clock_timestamp() - interval '2 minutes' where id = '$waiting'";

  it.each(excuses)("is not late when $why", async ({ plant, undo }) => {
    await bench.tamper(spelled(`${due}; ${plant}`));
    try {
      expect(await found(true)).toEqual([]);
    } finally {
      await bench.tamper(spelled(undo));
    }
    expect(await found(true)).toEqual([spelled("I2 delivery:$waiting late")]);
  });
});
