import type { Invariant } from "./invariant.ts";
import { ledgerInvariants } from "./ledger-invariants.ts";

const rest: readonly Invariant[] = [
  {
    id: "I6",
    name: "acknowledged once",
    sentence: "an agency acknowledges one version of a bulletin at most once",
    fix: "Somebody changed the schema: restore the key of table acknowledgment.",
    sql: `
      select 'table:acknowledgment' as subject, null as ref, 'key_missing' as what
       where not exists (
         select from pg_index i
          where i.indrelid = 'acknowledgment'::regclass and i.indisunique and i.indisvalid and i.indpred is null
            and (select array_agg(a.attname::text order by a.attname) from pg_attribute a
                  where a.attrelid = i.indrelid and a.attnum = any(i.indkey))
                = array['agency_id', 'bulletin_id', 'kind', 'version'])
      union all
      select 'bulletin:' || bulletin_id, null, 'acknowledged_twice'
        from acknowledgment where (select whole from span)
       group by agency_id, kind, bulletin_id, version having count(*) > 1`,
  },
  {
    id: "I7",
    name: "nothing due is late",
    sentence:
      "what falls due by the clock (expiry, reviews, hits, the audit's seals) is done within two minutes",
    fix: "Is a jobs process running, and what does its log say of follow-ups? An expired bulletin is cancelled by hand.",
    sql: `
      select 'bulletin:' || id as subject, ref, 'not_expired' as what
        from bulletin where state = 'sent' and expires_at < (select clock_now from span) - interval '2 minutes'
      union all
      select 'bulletin:' || id, ref, 'review_not_asked'
        from bulletin
       where state = 'sent' and reviewed_at is null and review_paged_at is null
         and review_due_at < (select clock_now from span) - interval '2 minutes'
      union all
      select 'bulletin:' || id, ref, 'not_shrunk'
        from bulletin
       where state = 'sent' and reviewed_at is null and shrunk_at is null and basis = 'emergency'
         and review_due_at < (select clock_now from span) - interval '2 minutes'
         and sent_at < (select clock_now from span) - interval '24 hours 2 minutes'
      union all
      select 'entry:' || id, ref, 'not_expired'
        from entry
       where state in ('active', 'suspended') and expires_at < (select clock_now from span) - interval '2 minutes'
      union all
      select 'query:' || id, ref, 'owner_not_told'
        from query where followed_at is null and at < (select clock_now from span) - interval '2 minutes'
      union all
      select 'confirmation:' || id, query_ref, 'confirmation_stuck'
        from confirmation where step_at < (select clock_now from span) - interval '2 minutes'
      union all
      (select 'audit:' || a.id, null, 'not_sealed'
         from audit_waiting w join audit a on a.id = w.audit_id
        where a.at < (select clock_now from span) - interval '2 minutes' order by a.nr limit 1)`,
  },
  {
    id: "I8",
    name: "one effect of one event",
    sentence: "the key that keeps a platform's repetition from having an effect is there",
    fix: "Somebody changed the schema: restore the primary key of table inbound_seen, and look for twins since then.",
    sql: `
      select 'table:inbound_seen' as subject, null as ref, 'key_missing' as what
       where not exists (
         select from pg_index i
          where i.indrelid = 'inbound_seen'::regclass and i.indisunique and i.indisvalid and i.indpred is null
            and (select array_agg(a.attname::text order by a.attname) from pg_attribute a
                  where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) = array['dedupe_key', 'platform'])`,
  },
  {
    id: "I9",
    name: "each agency sees its own",
    sentence: "every agency's table has forced row-level security and policies, and no role is above them",
    fix: "Stop the bot: one agency may see another's rows. Restore the schema, and find out who changed it.",
    sql: `
      select 'table:' || c.relname as subject, null as ref,
             case when c.relrowsecurity and c.relforcerowsecurity then 'no_policy' else 'row_security_off' end as what
        from pg_class c
       where c.relnamespace = 'allpoints'::regnamespace and c.relkind in ('r', 'p')
         and exists (select from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
                        and a.attname in ('agency_id', 'owner_agency_id'))
         and not (c.relrowsecurity and c.relforcerowsecurity
                  -- A partition is reached through its table; by itself it has none, and shows nothing.
                  and (c.relispartition or exists (select from pg_policy p where p.polrelid = c.oid
                                                      and p.polroles <> array['allpoints_definer'::regrole::oid])))
      union all
      select 'table:' || c.relname, null, 'open_policy'
        from pg_policy p join pg_class c on c.oid = p.polrelid
       where c.relnamespace = 'allpoints'::regnamespace and p.polpermissive
         and 'true' in (pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
         and p.polroles <> array['allpoints_definer'::regrole::oid]
      union all
      select 'role:' || rolname, null, 'above_policies'
        from pg_roles where rolname in ('allpoints_app', 'allpoints_jobs') and (rolsuper or rolbypassrls)`,
  },
  {
    id: "I11",
    name: "within the limits",
    sentence: "nobody reserves further ahead than the horizon, and nothing goes out in a lane that is closed",
    fix: "A platform may be about to refuse everything: lower the limits in the settings, and report it as a bug.",
    // What was claimed when the penalty came may still go out within the horizon.
    sql: `
      select 'lane:' || key as subject, null as ref, 'too_far_ahead' as what
        from pace
       where free_at > clock_timestamp() + (select reach_ms from span) * slower / 100 * interval '1 ms'
      union all
      select 'delivery:' || d.id, d.ref, 'sent_while_closed'
        from delivery d
        join pace p on split_part(p.key, ' ', 1) = d.lane
         and p.key in (d.lane, d.lane || case when d.message is null then ' post' else ' edit' end)
       where d.state = 'sending' and d.quiet_until is not null and p.closed_until > clock_timestamp()
         and (d.life -> -1 ->> 0)::timestamptz > p.slower_at + interval '3 s'`,
  },
];

const number = ({ id }: Invariant): number => Number(id.slice(1));

/** All that must hold, in order. */
export const invariants: readonly Invariant[] = [...ledgerInvariants, ...rest].toSorted(
  (one, other) => number(one) - number(other),
);
