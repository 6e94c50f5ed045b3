-- The watch-list: entries with an approved predicate, their index of opaque ids, and the queries put to it.

create table entry (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  ref text not null unique,
  exercise boolean not null default false,
  version int not null default 1,
  state text not null check (state in ('draft', 'waiting', 'active', 'suspended', 'cancelled', 'expired', 'purged')),
  author_id uuid not null,
  tip_id uuid,
  -- One JSON: names, birth dates, identifiers, description, facts, sources, relevance, direct relation, summary.
  content_sealed bytea,
  content_hash bytea,
  predicate text check (predicate in ('vpf1_convicted_violence_le', 'vpf2_convicted_violent',
    'vpf3_convicted_violent_weapon', 'vpf4_expressed_intent_le', 'rs_threat_crime', 'rs_attack_preparation',
    'active_case')),
  -- Lengths of what is sealed, so that the database can refuse an empty predicate it cannot read. The offence is
  -- a definable one: a statute or an offence code.
  offence_length int,
  facts_length int,
  source_length int,
  relevance_length int,
  direct_relation_length int,
  first_amendment boolean,
  sensitivity text check (sensitivity in ('OPEN', 'AGENCY_ONLY', 'RESTRICTED')),
  tlp text check (tlp in ('clear', 'green', 'amber', 'amber+strict', 'red')),
  pap text check (pap in ('clear', 'green', 'amber', 'red')),
  legal_status text check (legal_status in ('no_warrant', 'warrant', 'pc_exists', 'wanted_for_questioning')),
  requested_action text check (requested_action in ('awareness', 'document', 'contact_originator', 'locate', 'detain_with_pc')),
  cautions text[],
  source_grade text check (source_grade in ('A', 'B', 'C', 'D', 'E', 'F')),
  information_grade text check (information_grade in ('1', '2', '3', '4', '5', '6')),
  juvenile boolean,
  -- 'all' members, or the agencies in entry_audience.
  audience text check (audience in ('all', 'named')),
  -- A RESTRICTED entry with caution "armed" or "violent" hides danger from the asker: somebody answers for that.
  hidden_danger_signed_by uuid,
  valid_days int check (valid_days between 1 and 1826),
  approver_id uuid,
  approved_at timestamptz,
  returned_note_sealed bytea,
  last_validated_at timestamptz,
  review_due_at timestamptz,
  expires_at timestamptz,
  ended_at timestamptz,
  end_reason text check (end_reason in ('resolved', 'error', 'wrong_person', 'unfounded', 'court_order', 'expired')),
  unique (agency_id, id),
  foreign key (agency_id, author_id) references officer (agency_id, id),
  foreign key (agency_id, approver_id) references officer (agency_id, id),
  foreign key (agency_id, tip_id) references tip (agency_id, id),
  foreign key (agency_id, hidden_danger_signed_by) references officer (agency_id, id),
  constraint inv_01_predicate check (state in ('draft', 'purged') or (predicate is not null and offence_length >= 3
    and facts_length >= 80 and source_length >= 3 and relevance_length >= 20
    and content_sealed is not null and content_hash is not null and sensitivity is not null and tlp is not null
    and pap is not null and legal_status is not null and requested_action is not null and cautions is not null
    and audience is not null and first_amendment is not null and juvenile is not null
    and source_grade is not null and information_grade is not null)),
  constraint inv_01_approved check (state not in ('active', 'suspended', 'expired')
    or (approver_id is not null and approved_at is not null)),
  constraint inv_02_second_person check (approver_id is null or approver_id <> author_id),
  constraint inv_03_expiry check (state not in ('active', 'suspended') or (expires_at is not null
    and last_validated_at is not null and expires_at <= last_validated_at + interval '5 years'
    and expires_at > last_validated_at and review_due_at is not null)),
  constraint inv_21_speech check (not coalesce(first_amendment, false) or state in ('draft', 'purged')
    or direct_relation_length >= 20),
  constraint f6_alone check (state in ('draft', 'purged') or not (source_grade = 'F' and information_grade = '6')),
  constraint confirmed_needs_source check (state in ('draft', 'purged') or information_grade <> '1' or source_length >= 3),
  constraint hidden_danger check (state in ('draft', 'waiting', 'purged') or sensitivity <> 'RESTRICTED'
    or not (cautions && array['armed', 'violent']) or hidden_danger_signed_by is not null),
  constraint juvenile_180 check (state in ('draft', 'purged') or not coalesce(juvenile, false)
    or (valid_days is not null and valid_days <= 180)),
  check ((state = 'purged') = (content_sealed is null) or state = 'draft')
);
create index entry_ending on entry (expires_at) where state in ('active', 'suspended');

create table entry_audience (
  agency_id uuid not null,
  entry_id uuid not null,
  audience_agency_id uuid not null references agency (id),
  primary key (agency_id, entry_id, audience_agency_id),
  foreign key (agency_id, entry_id) references entry (agency_id, id)
);

-- The vocabulary: every token or date once, known by a keyed digest, its string sealed. What an index row holds
-- is only the opaque id; whoever reads the tables learns frequencies, not names.
create table token (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('name', 'date')),
  digest bytea not null,
  string_sealed bytea not null,
  unique (kind, digest)
);

-- Names as unordered pairs of token ids (a <= b); a one-token name is the pair (a, a). `tokens` is how many tokens
-- the whole name has. RESTRICTED entries live in their own partition, probed on every query, never ranked or
-- counted with the rest.
create table name_pair (
  lane text not null check (lane in ('open', 'restricted')),
  a bigint not null,
  b bigint not null,
  name_id uuid not null,
  entry_id uuid not null,
  agency_id uuid not null,
  tokens int not null,
  primary key (lane, a, b, name_id),
  foreign key (agency_id, entry_id) references entry (agency_id, id)
) partition by list (lane);
create table name_pair_open partition of name_pair for values in ('open');
create table name_pair_restricted partition of name_pair for values in ('restricted');
create index name_pair_entry on name_pair (entry_id);

create table entry_date (
  lane text not null check (lane in ('open', 'restricted')),
  date_id bigint not null,
  entry_id uuid not null,
  agency_id uuid not null,
  primary key (lane, date_id, entry_id),
  foreign key (agency_id, entry_id) references entry (agency_id, id)
) partition by list (lane);
create table entry_date_open partition of entry_date for values in ('open');
create table entry_date_restricted partition of entry_date for values in ('restricted');
create index entry_date_entry on entry_date (entry_id);

-- Exact identifiers as keyed blind indexes, one key per kind for the whole deployment.
create table identifier (
  lane text not null check (lane in ('open', 'restricted')),
  kind text not null check (kind in ('plate', 'phone', 'email', 'handle', 'vin')),
  blind bytea not null,
  entry_id uuid not null,
  agency_id uuid not null,
  primary key (lane, kind, blind, entry_id),
  foreign key (agency_id, entry_id) references entry (agency_id, id)
) partition by list (lane);
create table identifier_open partition of identifier for values in ('open');
create table identifier_restricted partition of identifier for values in ('restricted');
create index identifier_entry on identifier (entry_id);

-- One row for every query, hit or not: the same columns with the same sizes.
create table query (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  ref text not null unique,
  officer_id uuid not null,
  at timestamptz not null default clock.now(),
  purpose text not null check (purpose in ('traffic_stop', 'call_for_service', 'field_contact', 'warrant_service',
    'investigation', 'event_security', 'supervision_check', 'audit')),
  -- What was asked, and what was found, padded to one size before sealing. Deleted after a year; what then stays is a
  -- keyed hash of what was asked.
  inputs_sealed bytea,
  found_sealed bytea,
  inputs_hash bytea,
  -- The hits, the owners' notices and the owners' audit are written by a job, for every query alike.
  followed_at timestamptz,
  unique (agency_id, id),
  foreign key (agency_id, officer_id) references officer (agency_id, id),
  check (num_nulls(inputs_sealed, found_sealed) in (0, 2) and (inputs_sealed is null) = (inputs_hash is not null))
);
create index query_waiting on query (at) where followed_at is null;
create index query_with_words on query (at) where inputs_sealed is not null;
create index query_of_officer on query (agency_id, officer_id, at);

-- Concerns two agencies: the owner of the entry and the one that asked.
create table hit (
  id uuid not null primary key,
  owner_agency_id uuid not null,
  agency_id uuid not null,
  query_id uuid not null,
  query_ref text not null,
  entry_id uuid not null,
  entry_ref text not null,
  sensitivity text not null check (sensitivity in ('OPEN', 'AGENCY_ONLY', 'RESTRICTED')),
  purpose text not null,
  -- What the asker was shown: the card, whom to call, or nothing at all.
  shown text not null check (shown in ('full', 'owner_only', 'nothing')),
  asked_by uuid not null,
  -- One JSON: the asker's name, case or CAD number and unit, for the owner's analysts. Deleted with the query's words.
  asker_sealed bytea,
  asked_at timestamptz not null,
  at timestamptz not null default clock.now(),
  unique (query_id, entry_id),
  foreign key (owner_agency_id, entry_id) references entry (agency_id, id),
  foreign key (agency_id, query_id) references query (agency_id, id)
);
create index hit_owner on hit (owner_agency_id, at);

do $$
declare name text;
begin
  foreach name in array array['entry', 'entry_audience', 'name_pair', 'name_pair_open', 'name_pair_restricted',
    'entry_date', 'entry_date_open', 'entry_date_restricted', 'identifier', 'identifier_open',
    'identifier_restricted', 'query', 'hit'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
  end loop;
  foreach name in array array['entry', 'entry_audience', 'name_pair', 'entry_date', 'identifier', 'query'] loop
    execute format('create policy own on %I using (agency_id = (select current_agency()))
      with check (agency_id = (select current_agency()))', name);
    execute format('create policy keeper on %I to allpoints_definer using (true)', name);
    execute format('grant select, insert, update on %I to allpoints_app, allpoints_jobs', name);
    execute format('grant select on %I to allpoints_definer', name);
  end loop;
end $$;
grant delete on entry_audience, name_pair, entry_date, identifier to allpoints_app, allpoints_jobs;
-- The owner of a RESTRICTED entry sees who asked; the asker must not see that anything was found.
create policy owner on hit for select using (owner_agency_id = (select current_agency()));
create policy asker on hit for select
  using (agency_id = (select current_agency()) and sensitivity <> 'RESTRICTED');
create policy system on hit to allpoints_jobs
  using ((select current_actor()) = 'system') with check ((select current_actor()) = 'system');
grant select on hit to allpoints_app;
grant select, insert, update (asker_sealed) on hit to allpoints_jobs;
create policy system on entry for select to allpoints_jobs using ((select current_actor()) = 'system');
create policy system on query for select to allpoints_jobs using ((select current_actor()) = 'system');
grant select, insert on token to allpoints_app, allpoints_jobs, allpoints_definer;
grant usage on sequence token_id_seq to allpoints_app, allpoints_jobs;

create constraint trigger audited after insert or update of state, version, approver_id on entry
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update of inputs_sealed on query
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update of asker_sealed on hit
  deferrable initially deferred for each row execute function require_audit();

-- What a check on one row cannot see: the tip behind an entry, the role of who decided, what was approved before.
create function guard_entry() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
declare
  before entry;
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  if new.tip_id is not null
     and (new.tip_id is distinct from before.tip_id
          or (new.state in ('waiting', 'active') and new.state is distinct from before.state))
     and not exists (select from tip t where t.id = new.tip_id and t.graded_at is not null and not t.protected_speech) then
    raise exception 'the tip of an entry is graded, and more than opinion or protest'
      using errcode = 'check_violation', constraint = 'inv_21_tip';
  end if;
  if new.approver_id is distinct from before.approver_id and new.approver_id is not null
     and not exists (select from officer_role r where r.agency_id = new.agency_id and r.officer_id = new.approver_id
           and (r.role = 'privacy_officer' or (r.role in ('supervisor', 'watch_commander')
                and not (new.first_amendment or new.juvenile or new.sensitivity = 'RESTRICTED')))) then
    raise exception 'the approver has not the role for this entry'
      using errcode = 'check_violation', constraint = 'inv_02_role';
  end if;
  if new.hidden_danger_signed_by is distinct from before.hidden_danger_signed_by and new.hidden_danger_signed_by is not null
     and not exists (select from officer_role r where r.agency_id = new.agency_id
           and r.officer_id = new.hidden_danger_signed_by and r.role = 'watch_commander') then
    raise exception 'only a watch commander signs for a hidden caution'
      using errcode = 'check_violation', constraint = 'hidden_danger_role';
  end if;
  if before.state in ('active', 'suspended', 'cancelled', 'expired') and new.state <> 'purged'
     and new.content_hash is distinct from before.content_hash then
    raise exception 'what was approved is not edited' using errcode = 'check_violation', constraint = 'approved_content';
  end if;
  return new;
end $$;
create trigger guarded before insert or update on entry for each row execute function guard_entry();

-- Which entries fit these opaque keys, in either lane, for this agency, now. State, expiry and audience are judged
-- here, at the moment of asking, whatever any job has or has not done yet. Nothing sealed leaves the owner's rows:
-- what an answer shows is codes. `key` is the place of the matched identifier in p_identifiers ([{kind, blind}]).
create function find_entries(p_pairs bigint[][], p_identifiers jsonb)
returns table (lane text, entry_id uuid, owner_agency_id uuid, ref text, sensitivity text, key int,
  name_id uuid, tokens int, pairs int, date_ids bigint[], cautions text[], legal_status text,
  requested_action text, tlp text, pap text, source_grade text, information_grade text,
  expires_at timestamptz)
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  with wanted as (
    select p_pairs[i][1] as a, p_pairs[i][2] as b
      from generate_series(1, coalesce(array_length(p_pairs, 1), 0)) as i
  ), named as (
    select p.lane, p.entry_id, p.name_id, p.tokens, count(*)::int as pairs
      from wanted w join name_pair p on p.a = w.a and p.b = w.b
     where p.lane in ('open', 'restricted')
     group by p.lane, p.entry_id, p.name_id, p.tokens
  ), identified as (
    select i.lane, i.entry_id, w.key::int
      from jsonb_array_elements(p_identifiers) with ordinality as w(one, key)
      join identifier i on i.kind = w.one ->> 'kind' and i.blind = decode(w.one ->> 'blind', 'hex')
     where i.lane in ('open', 'restricted')
  ), matched as (
    select lane, entry_id, null::int as key, name_id, tokens, pairs from named
    union all
    select lane, entry_id, key, null::uuid, null::int, null::int from identified
  )
  select m.lane, e.id, e.agency_id, e.ref, e.sensitivity, m.key, m.name_id, m.tokens, m.pairs,
         array(select d.date_id from entry_date d where d.lane = m.lane and d.entry_id = e.id),
         e.cautions, e.legal_status, e.requested_action, e.tlp, e.pap, e.source_grade, e.information_grade, e.expires_at
    from matched m
    join entry e on e.id = m.entry_id
   where current_agency() is not null
     and e.state = 'active' and e.expires_at > (select clock.now()) and not e.exercise
     and (e.agency_id = current_agency() or e.audience = 'all'
          or exists (select from entry_audience u where u.agency_id = e.agency_id and u.entry_id = e.id
                        and u.audience_agency_id = current_agency()))
$$;
alter function find_entries owner to allpoints_definer;
revoke all on function find_entries from public;
grant execute on function find_entries to allpoints_app;
