-- Somebody asked about a person, and within five days an entry about them comes into force: both sides are told.

-- Under what a question could be met by an entry that is not there yet: short keyed hashes of coarse forms (how pairs of
-- parts of the name sound, identifiers), as many for every question, filled up with random ones. Kept for five days.
create table retro_key (
  query_id uuid not null primary key,
  agency_id uuid not null,
  at timestamptz not null default clock.now(),
  blinds bytea[] not null check (cardinality(blinds) = 64),
  foreign key (agency_id, query_id) references query (agency_id, id)
);
-- Nobody who asks waits for a list of others to be merged.
create index retro_key_blinds on retro_key using gin (blinds) with (fastupdate = off);
create index retro_key_at on retro_key (at);

-- Entries that came into force, or changed in it, and were not compared with the questions before them yet.
create table retro_waiting (
  entry_id uuid not null primary key,
  agency_id uuid not null,
  at timestamptz not null default clock.now(),
  -- One of a whole file: those that somebody approved by hand come first.
  imported boolean not null default false,
  -- When it was committed, within moments. On the real clock: it is about transactions that are under way.
  noted_at timestamptz not null default clock_timestamp(),
  foreign key (agency_id, entry_id) references entry (agency_id, id)
);
create index retro_waiting_turn on retro_waiting (imported, at);

do $$
declare name text;
begin
  foreach name in array array['retro_key', 'retro_waiting'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy keeper on %I to allpoints_definer using (true) with check (true)', name);
    execute format('create policy system on %I to allpoints_jobs using ((select current_actor()) = ''system'')', name);
    execute format('grant select, delete on %I to allpoints_jobs', name);
  end loop;
end $$;
create policy own on retro_key for insert to allpoints_app with check (agency_id = (select current_agency()));
grant insert on retro_key to allpoints_app;
grant select on retro_key to allpoints_definer;
grant select, insert, update on retro_waiting to allpoints_definer;

create policy retro on entry_import for select to allpoints_definer using (true);
grant select (entry_id) on entry_import to allpoints_definer;

create function note_findable() returns trigger language plpgsql security definer
  set search_path = allpoints, clock, pg_temp as $$
begin
  if tg_op = 'INSERT' or (new.state, new.version, new.content_hash, new.sensitivity, new.audience)
       is distinct from (old.state, old.version, old.content_hash, old.sensitivity, old.audience) then
    insert into retro_waiting as w (entry_id, agency_id, imported)
    values (new.id, new.agency_id, tg_op = 'UPDATE' and old.state = 'waiting'
      and exists (select from entry_import i where i.entry_id = new.id))
    on conflict (entry_id) do update
       set at = excluded.at, noted_at = excluded.noted_at, imported = w.imported and excluded.imported;
  end if;
  return null;
end $$;
alter function note_findable owner to allpoints_definer;
-- At the end of the transaction, so that no question that still misses the entry is older than what is noted.
create constraint trigger findable after insert or update of state, version, content_hash, sensitivity, audience on entry
  deferrable initially deferred for each row when (new.state = 'active' and not new.exercise)
  execute function note_findable();

-- An entry as it can be found now: to whom, and how secret it is to whoever asks (as open_hits judges it).
-- `audience` null: all.
create function retro_entry(p_id uuid)
returns table (number int, owner uuid, version int, expires timestamptz, sensitivity text, audience uuid[])
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select e.number, e.agency_id, e.version, e.expires_at,
         case when e.sensitivity <> 'RESTRICTED' and e.tlp = 'red' then 'AGENCY_ONLY' else e.sensitivity end,
         case when e.audience <> 'all' then array(select u.audience_agency_id from entry_audience u
           where u.agency_id = e.agency_id and u.entry_id = e.id order by 1) end
    from entry e
   where current_actor() = 'system' and e.id = p_id
     and e.state = 'active' and not e.exercise and e.expires_at > (select clock.now())
$$;

-- Questions of any agency that share one of these, asked in the five days before.
create function retro_candidates(p_blinds bytea[], p_at timestamptz, p_limit int)
returns table (id uuid, agency uuid)
language sql stable security definer set search_path = allpoints, pg_temp as $$
  select k.query_id, k.agency_id from retro_key k
   where current_actor() = 'system' and k.blinds && p_blinds
     and k.at > p_at - interval '5 days' and k.at < p_at + interval '10 seconds'
   order by k.at desc limit p_limit
$$;

-- In how many names of an entry's lane each of its parts is; token 0: how many names there are, about.
create function retro_counts(p_number int) returns table (token int, names int)
language sql stable security definer set search_path = allpoints, pg_temp as $$
  with part as materialized (
    select distinct n.lane, t.token from entry_name n cross join unnest(n.tokens) as t(token)
     where current_actor() = 'system' and n.lane in ('open', 'restricted') and n.entry_number = p_number
  )
  select p.token, (select count(*)::int from entry_name n where n.lane = p.lane and n.tokens @> array[p.token]) from part p
  union all
  select distinct 0, greatest(0, c.reltuples)::int from part p
    join pg_class c on c.oid = format('allpoints.entry_name_%s', p.lane)::regclass
$$;

-- ------------------------------------------------------------------------------------------------ the asker's side

alter table hit
  -- It was asked before the entry was in force.
  add column retro boolean not null default false,
  -- When whoever asked saw that there is an answer now.
  add column read_at timestamptz;
create index hit_retro on hit (agency_id, asked_by, at) where retro;

create policy keeper on hit to allpoints_definer using (true) with check (true);
grant select, update (read_at) on hit to allpoints_definer;

-- Answers that came later to the questions of whoever asks, for five days, as far as they may be shown now: an entry
-- that is over, suspended, hidden or another audience's by now is none, whichever of these it is.
create function late_hits() returns table (query_id uuid, query_ref text, entry_id uuid, unread boolean)
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  with moment as materialized (select clock.now() as at)
  select h.query_id, h.query_ref, h.entry_id, h.read_at is null
    from moment m, hit h join entry e on e.agency_id = h.owner_agency_id and e.id = h.entry_id
   where h.agency_id = current_agency() and h.asked_by::text = current_actor() and h.retro
     and h.sensitivity <> 'RESTRICTED' and h.shown <> 'nothing' and h.at > m.at - interval '5 days'
     and e.state = 'active' and e.expires_at > m.at and not e.exercise and e.sensitivity <> 'RESTRICTED'
     and (e.agency_id = current_agency() or e.audience = 'all'
          or exists (select from entry_audience u where u.agency_id = e.agency_id and u.entry_id = e.id
                        and u.audience_agency_id = current_agency()))
$$;

create function mark_late_answers_read(p_query uuid) returns void
language sql security definer set search_path = allpoints, clock, pg_temp as $$
  update hit h set read_at = clock.now() from late_hits() l
   where l.query_id = p_query and l.unread and h.query_id = l.query_id and h.entry_id = l.entry_id
$$;

do $$
declare name text;
begin
  foreach name in array array['retro_entry', 'retro_candidates', 'retro_counts', 'late_hits', 'mark_late_answers_read'] loop
    execute format('alter function %I owner to allpoints_definer', name);
    execute format('revoke all on function %I from public', name);
    execute format('grant execute on function %I to %I', name,
      case when name like 'retro%' then 'allpoints_jobs' else 'allpoints_app' end);
  end loop;
end $$;

select cover_sealed_columns();
