-- Whoever hit an entry asks its owner whether it holds, and says afterwards what came of it. An owner that keeps
-- silent loses its entries for a while.

-- What its owner stands by, whatever any job has done about that yet: see in_force_until.
create function in_force(e entry, p_at timestamptz) returns boolean language sql stable as $$
  select e.state = 'active' and in_force_until(e) > p_at
$$;

-- Concerns two agencies: the owner of the entry and the one that asked. Never an entry the asker must not notice.
create table confirmation (
  id uuid not null primary key,
  owner_agency_id uuid not null,
  agency_id uuid not null,
  query_id uuid not null,
  query_ref text not null,
  entry_id uuid not null,
  entry_ref text not null,
  -- What the asker was shown of it.
  sensitivity text not null check (sensitivity in ('OPEN', 'AGENCY_ONLY')),
  purpose text not null,
  asked_by uuid not null,
  asked_at timestamptz not null default clock.now(),
  -- How long each of the two requests waits: 10 is urgent, 60 routine.
  wait_minutes int not null check (wait_minutes in (10, 60)),
  state text not null default 'asked' check (state in ('asked', 'second', 'unanswered', 'answered')),
  due_at timestamptz not null,
  -- "Needs time" was said so often.
  extensions int not null default 0 check (extensions between 0 and 2),
  -- When the first request was on its way to the owner's desk, and the second, whose card is a new one.
  posted_at timestamptz,
  second_id uuid unique,
  second_at timestamptz,
  -- Each request so far was really before its owner when its time was over.
  reached boolean not null default false,
  -- Stays when an answer comes after all: both requests had run out.
  unanswered_at timestamptz,
  answer text check (answer in ('confirmed', 'denied', 'not_same_person', 'stale')),
  answered_by uuid,
  answered_at timestamptz,
  -- Steps that the asker is to hear of, and how many of them they were told.
  news int not null default 0,
  told int not null default 0,
  -- When the follow-up has to do something; null when it has not.
  step_at timestamptz generated always as (
    case when state in ('asked', 'second') then case when posted_at is null then asked_at else due_at end end) stored,
  unique (query_id, entry_id),
  foreign key (owner_agency_id, entry_id) references entry (agency_id, id),
  foreign key (agency_id, query_id) references query (agency_id, id),
  foreign key (agency_id, asked_by) references officer (agency_id, id),
  foreign key (owner_agency_id, answered_by) references officer (agency_id, id),
  constraint answered_or_open check ((state = 'answered') = (answer is not null)
    and num_nulls(answer, answered_by, answered_at) in (0, 3)),
  constraint second_person check (answered_by <> asked_by),
  constraint due_later check (due_at > asked_at),
  constraint two_requests check (num_nulls(second_id, second_at) in (0, 2)
    and (state <> 'asked' or second_id is null) and (state not in ('second', 'unanswered') or second_id is not null)),
  constraint ran_out check ((state <> 'unanswered' or unanswered_at is not null)
    and (state not in ('asked', 'second') or unanswered_at is null)),
  constraint told_what_happened check (told between 0 and news)
);
create index confirmation_step on confirmation (step_at) where step_at is not null;
create index confirmation_news on confirmation (asked_at) where told < news;
create index confirmation_unanswered on confirmation (owner_agency_id, unanswered_at) where unanswered_at is not null;
create index confirmation_open on confirmation (owner_agency_id, due_at) where state <> 'answered';
create index confirmation_entry on confirmation (owner_agency_id, entry_id) where answer = 'not_same_person';
create index confirmation_asked on confirmation (agency_id, asked_by, asked_at);

-- What came of a hit, in the asker's words: once for each.
create table outcome (
  id uuid not null primary key,
  owner_agency_id uuid not null,
  agency_id uuid not null,
  query_id uuid not null,
  query_ref text not null,
  entry_id uuid not null,
  entry_ref text not null,
  officer_id uuid not null,
  outcome text not null check (outcome in ('not_same_person', 'awareness', 'contact_made', 'arrest', 'no_action', 'other')),
  -- Deleted with the query's words.
  note_sealed bytea,
  at timestamptz not null default clock.now(),
  changed_at timestamptz not null default clock.now(),
  -- What the owner's desk is to hear of, and how much of it it was told.
  news int not null default 0,
  told int not null default 0,
  unique (query_id, entry_id),
  foreign key (owner_agency_id, entry_id) references entry (agency_id, id),
  foreign key (agency_id, query_id) references query (agency_id, id),
  foreign key (agency_id, officer_id) references officer (agency_id, id),
  constraint changed_within_a_day check (changed_at between at and at + interval '24 hours'),
  constraint told_what_happened check (told between 0 and news)
);
create index outcome_news on outcome (at) where told < news;
create index outcome_entry on outcome (owner_agency_id, entry_id, at);

-- Three requests in thirty days went unanswered: none of the agency's entries is found until it validates again.
create table suspension (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  at timestamptz not null default clock.now(),
  -- How many entries it took out so far, up to which id they were looked at, and when that was all of them.
  entries int not null default 0 check (entries >= 0),
  swept_to uuid not null default '00000000-0000-0000-0000-000000000000',
  swept_at timestamptz,
  lifted_at timestamptz,
  lifted_by uuid,
  foreign key (agency_id, lifted_by) references officer (agency_id, id),
  check ((lifted_at is null) = (lifted_by is null))
);
create unique index suspension_one on suspension (agency_id) where lifted_at is null;
create index suspension_lifted on suspension (agency_id, lifted_at);
create index suspension_waiting on suspension (at) where swept_at is null;

do $$
declare name text;
begin
  foreach name in array array['confirmation', 'outcome', 'suspension'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy system on %I to allpoints_jobs using ((select current_actor()) = ''system'')
      with check ((select current_actor()) = ''system'')', name);
    execute format('grant select on %I to allpoints_app, allpoints_jobs', name);
  end loop;
  foreach name in array array['confirmation', 'outcome'] loop
    execute format('create policy concerned on %I for select
      using (agency_id = (select current_agency()) or owner_agency_id = (select current_agency()))', name);
    execute format('create policy keeper on %I to allpoints_definer using (true) with check (true)', name);
    execute format('grant select, insert, update on %I to allpoints_definer', name);
  end loop;
end $$;
-- Asked by whoever hit the entry (ask_confirmation below); answered by its owner and by nobody else.
create policy answering on confirmation for update using (owner_agency_id = (select current_agency()))
  with check (owner_agency_id = (select current_agency()));
grant update (state, answer, answered_by, answered_at, due_at, extensions, news) on confirmation to allpoints_app;
grant update (state, posted_at, second_id, second_at, reached, unanswered_at, due_at, news, told)
  on confirmation to allpoints_jobs;
grant update (note_sealed, told) on outcome to allpoints_jobs;
create policy own on suspension using (agency_id = (select current_agency()))
  with check (agency_id = (select current_agency()));
grant update (lifted_at, lifted_by) on suspension to allpoints_app;
grant insert, update (entries, swept_to, swept_at) on suspension to allpoints_jobs;
-- When whoever asked was told of a hit: entry_behind below.
create policy told on hit for select to allpoints_definer using (true);
grant select on hit to allpoints_definer;

create constraint trigger audited after insert or update of state, answer, due_at on confirmation
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update of outcome, note_sealed on outcome
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update on suspension
  deferrable initially deferred for each row execute function require_audit();

-- What a check on one row cannot see: the role of who answered, the entry behind it, what was answered before.
create function guard_confirmation() returns trigger language plpgsql set search_path = allpoints, clock, pg_temp as $$
begin
  if old.state = 'answered' and (new.state, new.answer, new.answered_by, new.answered_at)
       is distinct from (old.state, old.answer, old.answered_by, old.answered_at) then
    raise exception 'what was answered stays' using errcode = 'check_violation', constraint = 'answered_once';
  end if;
  if new.answer is not null and old.answer is null then
    if not has_role(new.owner_agency_id, new.answered_by, array['analyst', 'supervisor', 'watch_commander']) then
      raise exception 'only the owner''s desk answers' using errcode = 'check_violation', constraint = 'answer_role';
    end if;
    if new.answer = 'confirmed' and not exists (
      select from entry e where e.agency_id = new.owner_agency_id and e.id = new.entry_id
         and in_force(e, clock.now())) then
      raise exception 'an entry that is not in force is not confirmed'
        using errcode = 'check_violation', constraint = 'confirmed_in_force';
    end if;
  end if;
  -- Whoever owns the entry moves a deadline by what is counted; else it moves when a request is sent.
  if (new.extensions <> old.extensions or new.due_at <> old.due_at)
     and not (new.extensions = old.extensions + 1 and new.due_at >= old.due_at and new.state = old.state
              and new.state in ('asked', 'second'))
     and not (new.extensions = old.extensions and ((old.posted_at is null and new.posted_at is not null)
              or (old.state = 'asked' and new.state = 'second'))) then
    raise exception 'a deadline moves by one of its counted extensions'
      using errcode = 'check_violation', constraint = 'extension_counted';
  end if;
  if new.extensions > old.extensions and new.due_at > (select clock.now()) + interval '4 hours' then
    raise exception 'more than four hours is no answer' using errcode = 'check_violation', constraint = 'extension_length';
  end if;
  return new;
end $$;
create trigger guarded before update on confirmation for each row execute function guard_confirmation();

create function guard_suspension() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
begin
  if new.lifted_by is not null
     and not has_role(new.agency_id, new.lifted_by, array['supervisor', 'watch_commander', 'privacy_officer']) then
    raise exception 'only who approves entries lifts their suspension'
      using errcode = 'check_violation', constraint = 'lifting_role';
  end if;
  return new;
end $$;
create trigger guarded before update of lifted_by on suspension for each row execute function guard_suspension();

-- An entry that this officer's question may have hit, in force and shown to them now. A hidden one is none. `at`: when
-- they were told of it, which is later than the question where the entry came into force after it.
create function entry_behind(p_query uuid, p_entry uuid)
returns table (query_id uuid, query_ref text, purpose text, officer_id uuid, at timestamptz, agency_id uuid,
  entry_id uuid, entry_ref text, owner_agency_id uuid, sensitivity text, in_force boolean)
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select q.id, q.ref, q.purpose, q.officer_id,
         greatest(q.at, (select h.at from hit h where h.query_id = q.id and h.entry_id = e.id)), q.agency_id,
         e.id, e.ref, e.agency_id, case when e.tlp = 'red' then 'AGENCY_ONLY' else e.sensitivity end,
         in_force(e, clock.now())
    from query q join entry e on e.id = p_entry
   where q.id = p_query and q.agency_id = current_agency() and q.officer_id::text = current_actor()
     and e.sensitivity <> 'RESTRICTED' and not e.exercise
     and (e.agency_id = current_agency() or e.audience = 'all'
          or exists (select from entry_audience u where u.agency_id = e.agency_id and u.entry_id = e.id
                        and u.audience_agency_id = current_agency()))
$$;

-- Asks the owner of a hit once. `p_sensitivity`: what was shown then; what may be shown now counts too.
create function ask_confirmation(p_id uuid, p_query uuid, p_entry uuid, p_sensitivity text, p_minutes int)
returns table (owner_agency_id uuid)
language sql security definer set search_path = allpoints, clock, pg_temp as $$
  -- One moment: asked twice, the clock gives two.
  with m as materialized (select clock.now() as at)
  insert into confirmation (id, owner_agency_id, agency_id, query_id, query_ref, entry_id, entry_ref, sensitivity,
                            purpose, asked_by, wait_minutes, asked_at, due_at)
  select p_id, b.owner_agency_id, b.agency_id, b.query_id, b.query_ref, b.entry_id, b.entry_ref,
         case when p_sensitivity = 'OPEN' then b.sensitivity else 'AGENCY_ONLY' end,
         b.purpose, b.officer_id, p_minutes, m.at, m.at + make_interval(mins => p_minutes)
    from m, entry_behind(p_query, p_entry) b
   where b.in_force and b.at > m.at - interval '24 hours' and p_sensitivity in ('OPEN', 'AGENCY_ONLY')
      on conflict (query_id, entry_id) do nothing
  returning owner_agency_id
$$;

-- Whether what an officer asked about is not in force any more: whatever was answered before, nobody stands by it now.
create function confirmation_ended(p_confirmation uuid) returns boolean
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select exists (
    select from confirmation c join entry e on e.agency_id = c.owner_agency_id and e.id = c.entry_id
     where c.id = p_confirmation and c.agency_id = current_agency() and c.asked_by::text = current_actor()
       and not coalesce(in_force(e, clock.now()), false))
$$;

-- What came of a hit; said again within a day it replaces what was said. No row: it is too late, or there is no hit.
create function record_outcome(p_id uuid, p_query uuid, p_entry uuid, p_outcome text, p_note bytea)
returns table (id uuid, owner_agency_id uuid)
language sql security definer set search_path = allpoints, clock, pg_temp as $$
  with m as materialized (select clock.now() as at)
  insert into outcome as o (id, owner_agency_id, agency_id, query_id, query_ref, entry_id, entry_ref, officer_id,
                            outcome, note_sealed, at, changed_at, news)
  select p_id, b.owner_agency_id, b.agency_id, b.query_id, b.query_ref, b.entry_id, b.entry_ref, b.officer_id,
         p_outcome, p_note, m.at, m.at, case when p_outcome in ('not_same_person', 'arrest') then 1 else 0 end
    from m, entry_behind(p_query, p_entry) b
      on conflict (query_id, entry_id) do update
     set outcome = excluded.outcome, note_sealed = excluded.note_sealed, changed_at = excluded.changed_at,
         news = o.news + case when excluded.outcome <> o.outcome then excluded.news else 0 end
   where o.id = p_id and excluded.changed_at <= o.at + interval '24 hours'
  returning o.id, o.owner_agency_id
$$;

do $$
declare signature regprocedure;
begin
  foreach signature in array array['entry_behind(uuid,uuid)', 'ask_confirmation(uuid,uuid,uuid,text,int)',
    'record_outcome(uuid,uuid,uuid,text,bytea)', 'confirmation_ended(uuid)']::regprocedure[] loop
    execute format('alter function %s owner to allpoints_definer', signature);
    execute format('revoke all on function %s from public', signature);
  end loop;
end $$;
grant execute on function ask_confirmation(uuid, uuid, uuid, text, int) to allpoints_app;
grant execute on function record_outcome(uuid, uuid, uuid, text, bytea) to allpoints_app;
grant execute on function confirmation_ended(uuid) to allpoints_app;

-- New kinds beside those there are, whichever they are by now.
do $$
declare
  kinds text[];
  place record;
begin
  for place in select * from (values
    ('delivery', array['confirmation']),
    ('dissemination', array['confirmation']),
    ('notice', array['confirmation_news', 'confirmation_unanswered', 'entries_suspended', 'outcome_news'])
  ) as places (of_table, added) loop
    select array_agg(m[1]) into kinds
      from pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''', 'g') m
     where c.conrelid = format('allpoints.%I', place.of_table)::regclass and c.conname = place.of_table || '_kind_check';
    execute format('alter table %I drop constraint %I', place.of_table, place.of_table || '_kind_check');
    execute format('alter table %I add constraint %I check (kind in (%s))', place.of_table, place.of_table || '_kind_check',
      (select string_agg(quote_literal(kind), ', ') from unnest(kinds || place.added) as kind));
  end loop;
end $$;
