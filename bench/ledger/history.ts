import { Client, type ClientConfig } from "pg";

/**
 * A month in which every bulletin reached every channel: deliveries that are applied, each with what the product
 * writes beside it (its life, two rows of audit, one of dissemination). Made by SQL: nothing of it is measured, and
 * what is left to do after so much writing is done at once.
 */
export async function makeHistory(
  superuser: ClientConfig,
  bulletins: readonly string[],
  finished: number,
): Promise<number> {
  const client = new Client({ ...superuser, options: "-c search_path=allpoints" });
  client.on("error", () => {});
  await client.connect();
  try {
    let made = 0;
    for (const bulletin of bulletins) {
      // oxlint-disable-next-line no-await-in-loop
      made += await finish(client, bulletin, finished - made);
    }
    await client.query("vacuum analyze");
    await client.query("checkpoint");
    return made;
  } finally {
    await client.end();
  }
}

/** In one transaction, because no change is committed without its audit. */
async function finish(client: Client, bulletin: string, most: number): Promise<number> {
  await client.query("begin");
  const { rowCount } = await client.query(
    `insert into delivery (id, ref, kind, subject_id, owner_agency_id, agency_id, channel_id, installation_id, level,
                           urgency, round, state, wanted_version, applied_version, message_workspace, message_channel,
                           message, epoch, life, due_at, created_at, applied_at, posted_at)
     select gen_random_uuid(), 'D-' || substr(md5(random()::text), 1, 7), 'bulletin', b.id, b.agency_id, c.agency_id,
            c.id, c.installation_id, c.cleared_for, 1, 1, 'applied', 1, 1, c.workspace, c.channel_ref,
            'm' || md5(c.id::text || b.id::text), 1,
            jsonb_build_array(jsonb_build_array(t.at, 'sending', 1, null), jsonb_build_array(t.at, 'intent', 1, null),
                              jsonb_build_array(t.at, 'applied', 1, null)), t.at, t.at, t.at, t.at
       from bulletin b cross join lateral (select b.sent_at - interval '30 days' * random() as at) t
      cross join (select * from channel where use = 'bulletins' order by id limit $2) c
      where b.id = $1`,
    [bulletin, most],
  );
  await client.query(
    `insert into audit (event_id, agency_id, at, actor, action, subject, outcome, detail)
     select d.id, a.agency, d.applied_at, 'system', 'delivery.applied', 'delivery:' || d.id, 'ok', '{"version": 1}'
       from delivery d
      cross join lateral (select d.agency_id as agency union select d.owner_agency_id) a
      where d.subject_id = $1`,
    [bulletin],
  );
  await client.query(
    `insert into dissemination (id, at, kind, object, version, owner_agency_id, agency_id, channel_id, reason, tlp, level)
     select gen_random_uuid(), d.applied_at, 'delivery', 'bulletin:' || d.subject_id, 1, d.owner_agency_id, d.agency_id,
            d.channel_id, 'subscription', 'green', d.level
       from delivery d where d.subject_id = $1`,
    [bulletin],
  );
  await client.query(
    `insert into fan_out (owner_agency_id, kind, subject_id, channels, at)
     select owner_agency_id, 'bulletin', subject_id, count(*), min(created_at)
       from delivery where subject_id = $1 group by owner_agency_id, subject_id`,
    [bulletin],
  );
  await client.query("commit");
  return rowCount ?? 0;
}
