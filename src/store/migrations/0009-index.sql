-- The index of the watch-list as it is matched in memory and in SQL: entries by number, names as parts in order, pairs
-- of parts for looking up, birth dates, plates; and how every process learns what changed.
-- name_pair and entry_date stay for the version before this one, which reads them as long as it runs beside this one: what
-- is indexed anew keeps its rows there, what is new is written there too. The next version drops both, and puts every
-- token into token_left once more.

alter table entry
  -- Short, for the index alone. Nobody is told it.
  add column number int generated always as identity,
  -- By which reading of names it was indexed (INDEX_VERSION); null: not by this code, or not at all.
  add column index_version int,
  -- All that is compared of it, in one piece, as numbers of the vocabulary: "12 7 31,12 31:jr;4 19" are two names, the
  -- parts in order, then the suffix, and two birth dates.
  add column index_line text,
  -- The transaction that last changed what the index holds of it.
  add column index_xid xid8 not null default pg_current_xact_id(),
  -- Somebody said that it is wrong: hits say "under review".
  add column challenged_at timestamptz,
  -- The number alone is unique; the agency is there for the keys below.
  add constraint entry_number unique (number, agency_id);
create index entry_changed on entry (index_xid);
create index entry_indexed on entry (index_version) where state = 'active';

alter table token drop constraint token_kind_check;
alter table token add constraint token_kind_check check (kind in ('name', 'date', 'plate'));
alter table token add column xid xid8 not null default pg_current_xact_id();
create index token_added on token (xid);

-- A process reads what changed by transactions that its last look did not see, whatever the order they commit in.
create function mark_indexed() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
begin
  if new.state = 'active' or (tg_op = 'UPDATE' and old.state = 'active') then
    new.index_xid := pg_current_xact_id();
    perform pg_notify('watch_list', '');
  end if;
  return new;
end $$;
create trigger indexed before insert or update of state, expires_at, review_due_at, challenged_at, sensitivity, tlp, audience,
  exercise, index_version on entry
  for each row execute function mark_indexed();

-- Until when its owner stands by an active entry: its end, two weeks after a review that was missed, a month after a
-- challenge that nobody decided, whatever any job has done about that yet. The days are those of entry.ts.
create function in_force_until(e entry) returns timestamptz language sql stable as $$
  select least(e.expires_at, e.review_due_at + interval '14 days', e.challenged_at + interval '30 days')
$$;

-- Who may match an entry is part of what the index holds of it.
create function mark_audience() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
declare
  changed entry_audience := coalesce(new, old);
begin
  update entry set audience = audience
   where agency_id = changed.agency_id and id = changed.entry_id and state = 'active'
     and index_xid <> pg_current_xact_id();
  return null;
end $$;
create trigger indexed after insert or delete on entry_audience for each row execute function mark_audience();

-- ------------------------------------------------------------------------------------------------ what is looked in

-- Everything of RESTRICTED entries is in partitions of its own. Numbers of tokens and entries, never a string.

-- The parts of each name in the order written.
create table entry_name (
  lane text not null check (lane in ('open', 'restricted')),
  entry_number int not null,
  place smallint not null,
  agency_id uuid not null,
  tokens int[] not null,
  suffix text check (suffix in ('jr', 'sr', 'ii', 'iii', 'iv')),
  primary key (lane, entry_number, place),
  foreign key (entry_number, agency_id) references entry (number, agency_id)
) partition by list (lane);
create table entry_name_open partition of entry_name for values in ('open');
create table entry_name_restricted partition of entry_name for values in ('restricted');
create index entry_name_token on entry_name using gin (tokens);

-- Every unordered pair of the parts of a name (a < b); a name of one part is the pair (a, a).
create table entry_pair (
  a int not null,
  b int not null,
  entry_number int not null,
  agency_id uuid not null,
  lane text not null check (lane in ('open', 'restricted')),
  foreign key (entry_number, agency_id) references entry (number, agency_id)
) partition by list (lane);
create table entry_pair_open partition of entry_pair for values in ('open');
create table entry_pair_restricted partition of entry_pair for values in ('restricted');
-- On the partitions, so that the lane is in none of its rows.
create unique index entry_pair_open_pair on entry_pair_open (a, b, entry_number);
create unique index entry_pair_restricted_pair on entry_pair_restricted (a, b, entry_number);

create table entry_birth (
  lane text not null check (lane in ('open', 'restricted')),
  entry_number int not null,
  token int not null,
  agency_id uuid not null,
  primary key (lane, entry_number, token),
  foreign key (entry_number, agency_id) references entry (number, agency_id)
) partition by list (lane);
create table entry_birth_open partition of entry_birth for values in ('open');
create table entry_birth_restricted partition of entry_birth for values in ('restricted');
create index entry_birth_date on entry_birth (token, entry_number);

-- Plates are whole in the vocabulary, for looking up a part of one: which of them is still some entry's.
create table entry_plate (
  lane text not null check (lane in ('open', 'restricted')),
  entry_number int not null,
  token int not null references token (id),
  agency_id uuid not null,
  primary key (lane, entry_number, token),
  foreign key (entry_number, agency_id) references entry (number, agency_id)
) partition by list (lane);
create table entry_plate_open partition of entry_plate for values in ('open');
create table entry_plate_restricted partition of entry_plate for values in ('restricted');
create index entry_plate_token on entry_plate (token);

do $$
declare name text;
begin
  foreach name in array array['entry_name', 'entry_name_open', 'entry_name_restricted', 'entry_pair', 'entry_pair_open',
    'entry_pair_restricted', 'entry_birth', 'entry_birth_open', 'entry_birth_restricted', 'entry_plate',
    'entry_plate_open', 'entry_plate_restricted'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
  end loop;
  foreach name in array array['entry_name', 'entry_pair', 'entry_birth', 'entry_plate'] loop
    execute format('create policy own on %I using (agency_id = (select current_agency()))
      with check (agency_id = (select current_agency()))', name);
    execute format('create policy keeper on %I to allpoints_definer using (true)', name);
    execute format('grant select, insert, delete on %I to allpoints_app, allpoints_jobs', name);
    execute format('grant select on %I to allpoints_definer', name);
  end loop;
end $$;

-- Candidates are looked for in one partition itself, where its index alone answers: the lane is no column of that.
do $$
declare name text;
begin
  foreach name in array array['entry_name_open', 'entry_name_restricted', 'entry_pair_open', 'entry_pair_restricted',
    'entry_birth_open', 'entry_birth_restricted'] loop
    execute format('create policy keeper on %I to allpoints_definer using (true)', name);
    execute format('grant select on %I to allpoints_definer', name);
  end loop;
end $$;

-- Numbers of tokens that an entry had until it ended or changed: some are nobody's any more. Written without looking
-- whether they are there already, so that nobody waits for anybody.
create table token_left (
  id bigint generated always as identity primary key,
  token int not null
);
-- What entries had that are purged by now.
insert into token_left (token) select id from token;
create index name_pair_second on name_pair (b);
grant insert on token_left to allpoints_app, allpoints_jobs;
grant usage on sequence token_left_id_seq to allpoints_app, allpoints_jobs;
grant select, update, delete on token_left to allpoints_definer;
grant delete, update on token to allpoints_definer;

-- Numbers of words, kept from being forgotten until the end of the transaction.
create function hold_tokens(p_kinds text[], p_digests bytea[]) returns table (kind text, digest bytea, id int)
language sql volatile security definer set search_path = allpoints, pg_temp as $$
  select t.kind, t.digest, t.id::int
    from unnest(p_kinds, p_digests) as w(kind, digest)
    join token t on t.kind = w.kind and t.digest = w.digest
   order by t.id for key share of t
$$;

-- Takes so many of what entries left behind, and deletes from the vocabulary what is nobody's any more: a name, a date
-- or a plate of somebody who was taken off the list. How many it is done with.
create function forget_tokens(p_limit int) returns int language plpgsql volatile security definer
  set search_path = allpoints, pg_temp as $$
declare
  left_ids bigint[];
  candidates int[];
  done int;
begin
  if current_actor() is distinct from 'system' then
    return 0;
  end if;
  select array_agg(l.id), array_agg(distinct l.token) into left_ids, candidates
    from (select id, token from token_left order by id limit p_limit for update skip locked) l;
  -- Whoever takes one up holds it, from before until its entry is there for everybody to see. So first nobody can any
  -- more, and only then, in a statement of its own, who has it is looked at. What somebody holds stays, for the next time.
  select array_agg(t.id) into candidates
    from (select id from token where id = any (candidates::bigint[]) order by id for update skip locked) t;
  delete from token t
   where t.id = any (candidates::bigint[])
     and case t.kind
       when 'name' then
         not exists (select from entry_pair_open p where p.a = t.id)
         and not exists (select from entry_pair_restricted p where p.a = t.id)
         and not exists (select from entry_name n where n.tokens @> array[t.id::int])
         and not exists (select from name_pair p where p.lane in ('open', 'restricted') and p.a = t.id)
         and not exists (select from name_pair p where p.b = t.id)
       when 'date' then
         not exists (select from entry_birth d where d.token = t.id)
         and not exists (select from entry_date d where d.lane in ('open', 'restricted') and d.date_id = t.id)
       else not exists (select from entry_plate p where p.token = t.id)
     end;
  delete from token_left l where l.id = any (left_ids)
    and (l.token = any (candidates) or not exists (select from token t where t.id = l.token));
  get diagnostics done = row_count;
  return done;
end $$;

-- ------------------------------------------------------------------------------------------------ feeding the index

-- Entries in force, of every agency, for a process that holds the index. `audience` null: all. `kept`: how many there are
-- is for their owner to tell. `expires`: when they are over of themselves.
create function index_feed(p_after int, p_until int)
returns table (number int, lane text, owner uuid, audience uuid[], kept boolean, expires float8, line text)
language sql stable security definer set search_path = allpoints, pg_temp as $$
  select e.number, case when e.sensitivity = 'RESTRICTED' then 'restricted' else 'open' end, e.agency_id,
         case when e.audience <> 'all' then array(select u.audience_agency_id from entry_audience u
           where u.agency_id = e.agency_id and u.entry_id = e.id order by 1) end,
         e.sensitivity <> 'OPEN' or e.tlp = 'red', extract(epoch from in_force_until(e))::float8, e.index_line
    from entry e
   where current_actor() = 'system' and e.number > p_after and e.number <= p_until
     and e.state = 'active' and not e.exercise and e.index_line is not null
$$;

-- Up to which number there are entries.
create function index_last() returns int language sql stable security definer set search_path = allpoints, pg_temp as $$
  select coalesce(max(e.number), 0) from entry e where current_actor() = 'system'
$$;

-- The same as index_feed for a few numbers; what is not answered is not in force.
create function index_rows(p_numbers int[])
returns table (number int, lane text, owner uuid, audience uuid[], kept boolean, expires float8, line text)
language sql stable security definer set search_path = allpoints, pg_temp as $$
  select e.number, case when e.sensitivity = 'RESTRICTED' then 'restricted' else 'open' end, e.agency_id,
         case when e.audience <> 'all' then array(select u.audience_agency_id from entry_audience u
           where u.agency_id = e.agency_id and u.entry_id = e.id order by 1) end,
         e.sensitivity <> 'OPEN' or e.tlp = 'red', extract(epoch from e.until)::float8, e.index_line
    from unnest(p_numbers) as f(number)
    cross join lateral (select x.*, in_force_until(x) as until from entry x where x.number = f.number offset 0) e
   where current_actor() = 'system' and e.state = 'active' and not e.exercise and e.index_line is not null
$$;

-- What changed since a look that had seen everything before `p_since`. A xid from beyond is of another cluster, from
-- which this database was restored.
create function index_changes(p_since xid8) returns table (number int, xid xid8)
language sql stable security definer set search_path = allpoints, pg_temp as $$
  select e.number, e.index_xid from entry e
   where current_actor() = 'system' and e.index_xid >= p_since
     and e.index_xid < pg_snapshot_xmax(pg_current_snapshot())
$$;

-- In how many names of a lane each part is; token 0: how many names there are.
create function index_counts() returns table (lane text, token int, names int)
language sql stable security definer set search_path = allpoints, pg_temp set enable_seqscan = on as $$
  select n.lane, t.token, count(*)::int from entry_name n cross join unnest(n.tokens) as t(token)
   where current_actor() = 'system' group by 1, 2
  union all
  select n.lane, 0, count(*)::int from entry_name n where current_actor() = 'system' group by 1
$$;

-- ------------------------------------------------------------------------------------------------ looking

-- Candidates of one lane for the agency that asks, as index_rows shows them: names with one part of p_a[i] and one
-- of p_b[i] ("{1,2}"), the smaller number of the first, or of p_single; where p_dated[i], and of p_single after the
-- first p_any_date, only if the entry has no birth date or one of p_born (null: any); entries born on one of p_dates
-- with any of p_parts in a name; and p_also. What falls out by its birth date falls out before the entry is read, which
-- costs several times as much.
do $do$
declare lane text;
begin
  foreach lane in array array['open', 'restricted'] loop
    execute format($create$
create function find_names_%1$s(p_a text[], p_b text[], p_dated boolean[], p_single int[], p_any_date int, p_limit int,
  p_dates int[], p_born int[], p_parts int[], p_also int[], p_now timestamptz)
returns table (number int, lane text, owner uuid, audience uuid[], kept boolean, expires float8, line text)
language sql stable security definer set search_path = allpoints, pg_temp
set plan_cache_mode = force_generic_plan as $$
  with reached as (
    select p.entry_number as number, q.dated
      from unnest(p_a, p_b, p_dated) as q(a, b, dated)
      cross join lateral (
        select x.entry_number from entry_pair_%1$s x where x.a = any (q.a::int[]) and x.b = any (q.b::int[])) p
    union all
    (select s.entry_number, w.place > p_any_date
       from unnest(p_single) with ordinality as w(token, place)
       cross join lateral (select n.entry_number from entry_name_%1$s n where n.tokens @> array[w.token]
                            limit p_limit) s
      limit p_limit)
    union all
    select d.entry_number, false from entry_birth_%1$s d
     where d.token = any (p_dates)
       and exists (select from entry_name_%1$s n
                    where n.lane = %1$L and n.entry_number = d.entry_number and n.tokens && p_parts)
    union all
    select unnest(p_also), false
  ), found as materialized (
    select r.number from (select number, bool_and(dated) as dated from reached group by number) r
     where not r.dated or p_born is null
        or coalesce((select bool_or(d.token in (select unnest(p_born))) from entry_birth_%1$s d
                      where d.lane = %1$L and d.entry_number = r.number), true)
  )
  select e.number, %1$L, e.agency_id,
         case when e.audience <> 'all' then array(select u.audience_agency_id from entry_audience u
           where u.agency_id = e.agency_id and u.entry_id = e.id order by 1) end,
         e.sensitivity <> 'OPEN' or e.tlp = 'red', extract(epoch from e.until)::float8, e.index_line
    from found f
    cross join lateral (select x.*, in_force_until(x) as until from entry x where x.number = f.number offset 0) e
   where current_agency() is not null
     and (e.sensitivity = 'RESTRICTED') = (%1$L = 'restricted') and e.index_line is not null
     and e.state = 'active' and e.until > p_now and not e.exercise
     and (e.agency_id = current_agency() or e.audience = 'all'
          or exists (select from entry_audience u where u.agency_id = e.agency_id and u.entry_id = e.id
                        and u.audience_agency_id = current_agency()))
$$ $create$, lane);
  end loop;
end $do$;

-- Entries that have one of these identifiers, in either lane, for the agency that asks, now. `key`: its place. The keys
-- first, whatever the statistics say: without any (right after an import) the planner would begin at the entries.
create function find_identified(p_kinds text[], p_blinds bytea[])
returns table (lane text, number int, key int)
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  with found as materialized (
    select i.lane, i.entry_id, w.key
      from unnest(p_kinds, p_blinds) with ordinality as w(kind, blind, key)
      cross join lateral (select x.lane, x.entry_id from identifier x
                           where x.lane in ('open', 'restricted') and x.kind = w.kind and x.blind = w.blind offset 0) i
  )
  select f.lane, e.number, f.key::int
    from found f
    cross join lateral (select x.* from entry x
                         where x.id = f.entry_id and in_force_until(x) > (select clock.now()) offset 0) e
   where current_agency() is not null
     and e.state = 'active' and not e.exercise
     and (e.agency_id = current_agency() or e.audience = 'all'
          or exists (select from entry_audience u where u.agency_id = e.agency_id and u.entry_id = e.id
                        and u.audience_agency_id = current_agency()))
   order by e.number, f.key
$$;

-- Which of these plates entries have that the agency which asks may match now: of each lane by itself, so that neither
-- pushes out anything of the other. At most so many entries of a lane, by the order of the plates.
create function find_plates(p_tokens int[], p_limit int)
returns table (lane text, token int)
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select l.lane, f.token
    from (values ('open'), ('restricted')) as l(lane)
    cross join lateral (
      select p.token
        from unnest(p_tokens) as w(token)
        cross join lateral (select x.token, x.entry_number from entry_plate x
                             where x.lane = l.lane and x.token = w.token offset 0) p
        cross join lateral (select x.* from entry x
                             where x.number = p.entry_number and in_force_until(x) > (select clock.now()) offset 0) e
       where current_agency() is not null
         and e.state = 'active' and not e.exercise and (e.sensitivity = 'RESTRICTED') = (l.lane = 'restricted')
         and (e.agency_id = current_agency() or e.audience = 'all'
              or exists (select from entry_audience u where u.agency_id = e.agency_id and u.entry_id = e.id
                            and u.audience_agency_id = current_agency()))
       limit p_limit) f
$$;

-- The numbers of entries that were found before, as far as the agency that asks may match them now.
create function find_numbers(p_entries uuid[]) returns table (entry_id uuid, number int)
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select e.id, e.number
    from unnest(p_entries) as w(id)
    cross join lateral (select x.* from entry x
                         where x.id = w.id and in_force_until(x) > (select clock.now()) offset 0) e
   where current_agency() is not null
     and e.state = 'active' and not e.exercise
     and (e.agency_id = current_agency() or e.audience = 'all'
          or exists (select from entry_audience u where u.agency_id = e.agency_id and u.entry_id = e.id
                        and u.audience_agency_id = current_agency()))
$$;

-- (Of all functions that look at a few entries of many: "offset 0" keeps the planner from any other order, because
-- right after an import it knows nothing of what is there.)

-- Reads candidates again, at the moment of answering, and in the same statement writes down what the asker is shown of
-- them: however the index came to a number, what is over, suspended or kept from this agency does not come out.
-- The first row is always there and says whether more could be shown. Shown are at most p_most: OPEN entries, and owners
-- of AGENCY_ONLY ones, each once however many they keep. At most p_most rows too: the best of each, then more of these
-- owners'. `p_then`: of what was found before, and how secret it was then; null: of everything. Nothing about RESTRICTED
-- entries is written.
create function open_hits(p_event uuid, p_action text, p_subject text, p_detail jsonb, p_tells boolean,
  p_open int[], p_restricted int[], p_then uuid[], p_then_secrecy text[], p_most int, p_most_silent int)
returns table (number int, entry_id uuid, owner_agency_id uuid, ref text, sensitivity text, cautions text[],
  legal_status text, requested_action text, tlp text, pap text, source_grade text, information_grade text,
  expires_at timestamptz, challenged boolean, review_due boolean, more boolean)
language sql volatile security definer set search_path = allpoints, clock, pg_temp as $$
  with moment as materialized (
    select clock.now() as at
  ), asked as (
    select a.number, min(a.place) as place, bool_or(a.restricted) as restricted
      from (select o.number, o.place, false as restricted from unnest(p_open) with ordinality as o(number, place)
            union all
            select r.number, r.place, true from unnest(p_restricted) with ordinality as r(number, place)) a
     group by a.number
  ), valid as materialized (
    select a.place, e.*, m.at,
           case when a.restricted or e.sensitivity = 'RESTRICTED' or t.secrecy = 'RESTRICTED' then 'RESTRICTED'
                when e.tlp = 'red' or e.sensitivity = 'AGENCY_ONLY' or t.secrecy = 'AGENCY_ONLY' then 'AGENCY_ONLY'
                else 'OPEN' end as secrecy
      from asked a
      cross join moment m
      cross join lateral (select x.* from entry x where x.number = a.number and in_force_until(x) > m.at offset 0) e
      left join unnest(p_then, p_then_secrecy) as t(id, secrecy) on t.id = e.id
     where current_agency() is not null and (p_then is null or t.id is not null)
       and e.state = 'active' and not e.exercise
       and (e.agency_id = current_agency() or e.audience = 'all'
            or exists (select from entry_audience u where u.agency_id = e.agency_id and u.entry_id = e.id
                          and u.audience_agency_id = current_agency()))
  ), folded as (
    select v.*, case when v.secrecy = 'AGENCY_ONLY' then min(v.place) over (partition by v.secrecy, v.agency_id)
                     else v.place end as section
      from valid v
  ), ranked as (
    select f.*, dense_rank() over (partition by f.secrecy = 'RESTRICTED' order by f.section) as rank from folded f
  ), placed as materialized (
    select r.*, row_number() over (partition by r.secrecy = 'RESTRICTED' order by r.place <> r.section, r.place) as nth
      from ranked r
  ), shown as materialized (
    select * from placed p where p.secrecy <> 'RESTRICTED' and p.rank <= p_most and p.nth <= p_most
  ), audited as materialized (
    select append_audit(p_event, array[current_agency()], p_action, p_subject, 'ok', p_detail || jsonb_build_object(
      'entries', coalesce((select jsonb_agg(s.ref order by s.place) from shown s where p_tells and s.secrecy = 'OPEN'), '[]'),
      'owners', coalesce((select jsonb_agg(distinct s.agency_id) from shown s where p_tells and s.secrecy = 'AGENCY_ONLY'),
        '[]')))::text as done
  ), answer as (
    select 0 as lane, 0::bigint as place, null::int as number, null::uuid as id, null::uuid as agency_id, null::text as ref,
           null::text as secrecy, null::text[] as cautions, null::text as legal_status, null::text as requested_action,
           null::text as tlp, null::text as pap, null::text as source_grade, null::text as information_grade,
           null::timestamptz as expires_at, null::boolean as challenged, null::boolean as review_due,
           exists (select from placed r where r.secrecy <> 'RESTRICTED' and r.rank > p_most) as more
      from audited
    union all
    select case when r.secrecy = 'RESTRICTED' then 2 else 1 end, r.place, r.number, r.id, r.agency_id, r.ref, r.secrecy,
           r.cautions, r.legal_status, r.requested_action, r.tlp, r.pap, r.source_grade, r.information_grade, r.expires_at,
           r.challenged_at is not null, r.review_due_at <= r.at, null
      from placed r
     where case when r.secrecy = 'RESTRICTED' then r.nth <= p_most_silent
                else r.rank <= p_most and r.nth <= p_most end
  )
  select a.number, a.id, a.agency_id, a.ref, a.secrecy, a.cautions, a.legal_status, a.requested_action, a.tlp, a.pap,
         a.source_grade, a.information_grade, a.expires_at, a.challenged, a.review_due, a.more
    from answer a order by a.lane, a.place
$$;

do $$
declare name text;
begin
  foreach name in array array['index_feed', 'index_last', 'index_rows', 'index_changes', 'index_counts', 'find_names_open',
    'find_names_restricted', 'find_identified', 'find_plates', 'find_numbers', 'open_hits', 'hold_tokens',
    'forget_tokens'] loop
    execute format('alter function %I owner to allpoints_definer', name);
    execute format('revoke all on function %I from public', name);
    execute format('grant execute on function %I to allpoints_app', name);
  end loop;
  foreach name in array array['hold_tokens', 'forget_tokens'] loop
    execute format('grant execute on function %I to allpoints_jobs', name);
  end loop;
end $$;
