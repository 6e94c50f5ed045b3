-- Tips: unvetted information, below reasonable suspicion; seen by nobody but the agency that took it.

create table tip (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  ref text not null unique,
  exercise boolean not null default false,
  submitted_by uuid not null,
  submitted_at timestamptz not null default clock.now(),
  -- What the officer chose in the form: codes, not words.
  urgency text not null check (urgency in ('now', 'days', 'weeks', 'unknown', 'past')),
  source text not null check (source in ('own_observation', 'relative_or_friend', 'somebody_else', 'online', 'call',
    'confidential_source', 'other_agency', 'supervision')),
  priority text not null check (priority in ('P0', 'P1', 'P2', 'P3')),
  -- One JSON { said, who, where }: sealed together because they are read together.
  words_sealed bytea,
  state text not null check (state in ('new', 'taken', 'closed', 'withdrawn', 'purged')),
  taken_by uuid,
  taken_at timestamptz,
  -- The grade: source reliability A-F, information 1-6 (Admiralty), threat to life, only opinion or protest.
  source_grade text check (source_grade in ('A', 'B', 'C', 'D', 'E', 'F')),
  information_grade text check (information_grade in ('1', '2', '3', '4', '5', '6')),
  threat_to_life text check (threat_to_life in ('yes', 'unclear', 'no')),
  protected_speech boolean,
  graded_by uuid,
  graded_at timestamptz,
  outcome text check (outcome in ('substantiated', 'unsubstantiated', 'unfounded', 'information_only', 'referred', 'malicious')),
  closed_by uuid,
  closed_at timestamptz,
  retention_until timestamptz not null,
  unique (agency_id, id),
  foreign key (agency_id, submitted_by) references officer (agency_id, id),
  foreign key (agency_id, taken_by) references officer (agency_id, id),
  foreign key (agency_id, graded_by) references officer (agency_id, id),
  foreign key (agency_id, closed_by) references officer (agency_id, id),
  check (state <> 'taken' or taken_by is not null),
  check (state <> 'closed' or (closed_by is not null and outcome is not null)),
  check ((state = 'purged') = (words_sealed is null)),
  check (num_nulls(source_grade, information_grade, threat_to_life, protected_speech, graded_by, graded_at) in (0, 6))
);
create index tip_retention on tip (retention_until) where state <> 'purged';
create index tip_open on tip (agency_id, submitted_at) where state in ('new', 'taken');

-- What was added later, and what was asked and answered.
create table tip_note (
  id uuid not null primary key,
  agency_id uuid not null,
  tip_id uuid not null,
  kind text not null check (kind in ('person', 'online', 'weapons', 'grade', 'question', 'answer', 'outcome')),
  author_id uuid not null,
  at timestamptz not null default clock.now(),
  words_sealed bytea not null,
  foreign key (agency_id, tip_id) references tip (agency_id, id),
  foreign key (agency_id, author_id) references officer (agency_id, id)
);
create index tip_note_of on tip_note (agency_id, tip_id, at);

do $$
declare name text;
begin
  foreach name in array array['tip', 'tip_note'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own on %I using (agency_id = (select current_agency()))
      with check (agency_id = (select current_agency()))', name);
    execute format('grant select, insert, update on %I to allpoints_app, allpoints_jobs', name);
  end loop;
end $$;
grant delete on tip_note to allpoints_jobs;
-- What falls due is found across agencies; it is then worked on as the agency it belongs to.
create policy system on tip for select to allpoints_jobs using ((select current_actor()) = 'system');

create constraint trigger audited after insert or update of state, taken_by, graded_at on tip
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert on tip_note
  deferrable initially deferred for each row execute function require_audit();
