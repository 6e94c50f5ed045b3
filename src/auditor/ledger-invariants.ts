import type { Invariant } from "./invariant.ts";

// What must hold of single deliveries, whatever crashed when.

/** Tables that several questions begin with. */
const said = `
  said as materialized (
    select id, ref, kind, owner_agency_id, agency_id, channel_id, level, life,
           'delivery:' || id as subject, 'bulletin:' || subject_id as object
      from touched)`;

export const ledgerInvariants: readonly Invariant[] = [
  {
    id: "I1",
    name: "nothing lost",
    sentence: "every bulletin that was sent has exactly the deliveries that were planned",
    fix: "Stop the jobs, keep the database as it is, and call the channels' agencies: who was meant is in the audit.",
    // Bulletins older than the table of what was planned cannot be compared with it.
    sql: `
      select 'bulletin:' || f.subject_id as subject, b.ref,
             case when there.deliveries < f.channels then 'deliveries_missing' else 'deliveries_added' end as what
        from fan_out f
        join bulletin b on b.id = f.subject_id
        cross join lateral (
          select count(*) as deliveries from delivery d where d.subject_id = f.subject_id and d.kind = f.kind) there
       where there.deliveries <> f.channels
         and (f.at > (select clock_since from span) or f.subject_id = any((select known from span)::uuid[]))
      union all
      select 'bulletin:' || b.id, b.ref, 'never_fanned_out'
        from bulletin b
       where b.state in ('sent', 'cancelled', 'expired')
         and (b.sent_at > (select clock_since from span) or b.id = any((select known from span)::uuid[]))
         and b.sent_at > (select applied_at from schema_migration where name = '0007-delivery-pace.sql')
         and not exists (select from fan_out f where f.kind = 'bulletin' and f.subject_id = b.id)`,
  },
  {
    id: "I2",
    name: "nothing stuck",
    sentence: "every delivery comes to rest in time, and somebody is told of each that died",
    fix: "`allpoints delivery trace` says what it waits for. Is a jobs process running? Call the agency meanwhile.",
    // Late is what waits although its place is there, nothing closed it, and its limits are not in use by others.
    sql: `
      with closed as materialized (
        select split_part(key, ' ', 1) as what from pace
         where closed_until > clock_timestamp() or free_at > clock_timestamp() - interval '5 s')
      select 'delivery:' || d.id as subject, d.ref, 'late' as what
        from delivery d
        join channel c on c.agency_id = d.agency_id and c.id = d.channel_id and c.state <> 'gone'
         and (c.state <> 'released' or d.message is not null)
        join installation i on i.id = d.installation_id and i.state = 'active'
        left join delivery u on u.id = d.under_id
       where d.state = 'pending' and d.due_at < (select now from span) - interval '60 s'
         and (d.urgency <= 3 or d.due_at < (select now from span) - interval '10 minutes')
         and (d.under_id is null or u.message is not null)
         and not exists (select from breaker b where b.installation_id = d.installation_id and b.open_until is not null
                          and coalesce(b.opened_at, b.open_until) > (select now from span) - interval '30 minutes')
         and (d.due_at < (select now from span) - interval '2 hours'
              or not exists (select from closed where what in (d.lane, 'channel:' || d.channel_id)))
      union all
      select 'delivery:' || d.id, d.ref, 'lease_over'
        from delivery d
       where d.state = 'sending' and d.lease_until < (select now from span) - interval '15 s'
      union all
      select 'delivery:' || d.id, d.ref, 'unknown_too_long'
        from delivery d
       where d.state = 'checking'
         and greatest(d.quiet_until, d.lease_until) < (select now from span) - interval '60 s'
         and not exists (select from breaker b where b.installation_id = d.installation_id and b.open_until is not null
                          and coalesce(b.opened_at, b.open_until) > (select now from span) - interval '30 minutes')
         and not exists (select from closed where what = d.lane)
      union all
      select 'delivery:' || d.id, d.ref, 'nobody_told'
        from delivery d
       where d.state = 'dead' and d.kind in ('bulletin', 'correction')
         and d.rested_at > (select now from span) - interval '7 days'
         -- One notice speaks for all channels of an agency that were lost for one reason; a recall that failed has its own.
         and not exists (
           select from delivery o
             left join notice t on t.agency_id = o.owner_agency_id and t.kind = 'recall_failed' and t.ref = o.id::text
             join delivery n on n.subject_id in (o.id, t.id) and n.kind = 'notice' and n.state not in ('dead', 'blocked')
            where o.subject_id = d.subject_id and o.kind = d.kind and o.agency_id = d.agency_id
              and o.state = 'dead' and o.reason = d.reason)
      union all
      select 'delivery:' || d.id, d.ref, 'no_reason'
        from delivery d where d.state = 'dead' and coalesce(d.reason, '') = ''`,
  },
  {
    id: "I3",
    name: "nothing doubled",
    sentence: "no two deliveries are one message, and what was applied has its message",
    fix: "Look at the channel: one of the two did not arrive, or a message is nobody's.",
    sql: `
      select 'delivery:' || id as subject, ref, 'message_shared' as what
        from (select id, ref, count(*) over (partition by message_workspace, message_channel, message) as sharing
                from touched where message is not null) as messages
       where sharing > 1
      union all
      select 'delivery:' || id, ref, 'no_message' from touched where state = 'applied' and message is null`,
  },
  {
    id: "I4",
    name: "everything audited",
    sentence:
      "each time a delivery came to rest both agencies' audits say so, and whatever was given was recorded",
    fix: "Keep database and keyring as they are and find out who wrote past the program (`allpoints audit verify`).",
    sql: `
      with ${said}
      select s.subject, s.ref, 'unaudited' as what
        from said s
       where jsonb_array_length(s.life) between 1 and 99
         and exists (
           select from (select entry ->> 1 as step, count(*) as times
                          from jsonb_array_elements(s.life) as steps (entry)
                         where entry ->> 1 in ('applied', 'dead', 'blocked') group by 1) as rests
             cross join unnest(array[s.owner_agency_id, s.agency_id]) as concerned (agency)
            where rests.times > (select count(*) from audit a
                                  where a.subject = s.subject and a.action = 'delivery.' || rests.step
                                    and a.agency_id = concerned.agency))
      union all
      select s.subject, s.ref, 'giving_unrecorded'
        from said s
       where s.kind = 'bulletin' and s.life @? 'strict $[*] ? (@[1] == "intent")'
         and not exists (select from dissemination g
                          where g.kind = 'delivery' and g.object = s.object and g.channel_id = s.channel_id)`,
  },
  {
    id: "I5",
    name: "only its holder writes",
    sentence: "epochs never fall, and rise with a claim alone",
    fix: "Two workers held one delivery: compare its channel with `allpoints delivery trace`, and report it as a bug.",
    sql: `
      select 'delivery:' || t.id as subject, t.ref, 'strange_epoch' as what
        from touched t
       where exists (
           select from (select (entry ->> 2)::int as epoch, entry ->> 1 as step,
                               lag((entry ->> 2)::int) over (order by nr) as before
                          from jsonb_array_elements(t.life) with ordinality as steps (entry, nr)) as steps
            where epoch < before or (epoch > before and step not in ('sending', 'claimed')))
          or t.epoch <> (t.life -> -1 ->> 2)::int`,
  },
  {
    id: "I10",
    name: "the newest only",
    sentence: "no copy shows less or more than was asked for, and none shows what is over as if it were not",
    fix: "Have the channel's agency look: the copy may show an old version. Report it as a bug.",
    sql: `
      select 'delivery:' || id as subject, ref,
             case when applied_version > wanted_version then 'ahead'
                  when ended_version > wanted_version then 'end_not_wanted' else 'behind' end as what
        from touched
       where applied_version > wanted_version or ended_version > wanted_version
          or (state = 'applied' and (applied_version <> wanted_version or applied_version < ended_version))
      union all
      select 'delivery:' || d.id, d.ref, 'shows_what_is_over'
        from bulletin b
        join delivery d on d.subject_id = b.id and d.kind = 'bulletin' and d.ended_version is null
         and d.state <> 'blocked'
       where b.state in ('cancelled', 'expired')
         and (b.ended_at > (select clock_since from span) - interval '1 day'
              or d.id = any((select known from span)::uuid[]))`,
  },
  {
    id: "I12",
    name: "nothing above its clearance",
    sentence: "no channel was given more than its label, its platform and its signature allow",
    fix: "Tell the owner's privacy officer now, cancel the bulletin, and keep everything: this may be a breach.",
    sql: `
      with ${said}, given as materialized (
        select s.subject, s.ref, s.level as allowed, c.platform, 'channel:' || c.id as channel, g.tlp, g.level, g.at,
               g.at = max(g.at) over (partition by s.id) as latest
          from said s
          join channel c on c.id = s.channel_id
          join dissemination g on g.kind = 'delivery' and g.object = s.object and g.channel_id = s.channel_id
         where s.kind = 'bulletin')
      select g.subject, g.ref,
             case when g.tlp = 'red' then 'red_given' when g.level <> 'full' then 'above_its_level'
                  when g.platform = 'discord' then 'full_on_discord' else 'unsigned' end as what
        from given g
       where g.tlp = 'red' or (g.level = 'full' and g.platform = 'discord')
          or (g.latest and array_position(array['pointer', 'summary', 'full'], g.level)
                           > array_position(array['pointer', 'summary', 'full'], g.allowed))
          or (g.level = 'full' and (
               select a.action = 'channel.clearance' and a.detail ->> 'level' = 'full'
                      and a.at > g.at - interval '90 days'
                 from audit a
                where a.subject = g.channel and a.action in ('channel.clearance', 'channel.use') and a.at <= g.at
                order by a.nr desc limit 1) is not true)`,
  },
];
