-- What the standing check reads, and what it remembers of its last run.

-- It compares rows across agencies; what it reads here are ids, versions, labels and levels.
create policy system_reads on dissemination for select to allpoints_jobs
  using ((select current_actor()) = 'system');
create policy system_reads on acknowledgment for select to allpoints_jobs
  using ((select current_actor()) = 'system');

-- When a delivery last came to rest, on the real clock. Not its life's newest step: an expression on that would not be
-- leakproof, and row-level security would keep it from using an index.
alter table delivery add column rested_at timestamptz;
create function note_rest() returns trigger language plpgsql as $$
begin
  new.rested_at := clock_timestamp();
  return new;
end $$;
create trigger rested before update of state on delivery for each row
  when (new.state is distinct from old.state and new.state in ('applied', 'dead', 'blocked'))
  execute function note_rest();
create index delivery_rested on delivery (rested_at) where state in ('applied', 'dead', 'blocked');
-- What a person has to look at.
create index delivery_dead on delivery (rested_at) where state = 'dead';

-- By channel too: thousands of rows share one object, and each of its deliveries asks for its own.
drop index dissemination_object;
create index dissemination_given on dissemination (object, channel_id);

-- The last run, by whichever process made it.
create table standing_check (
  one boolean not null primary key default true check (one),
  -- On the real clock, and on the one of the agencies' deadlines.
  ran_at timestamptz not null,
  ran_at_clock timestamptz not null,
  -- The last time nothing was wrong.
  clean_at timestamptz,
  -- [{invariant, subject, ref, what}]: ids and codes.
  findings jsonb not null,
  -- From an intent whose outcome became unknown to the moment it was known: the worst of the last run that saw one,
  -- and the worst so far.
  recovery_last_ms int,
  recovery_max_ms int
);
grant select, insert, update on standing_check to allpoints_jobs;
