-- The ground everything stands on: the moving clock, who is asking, the audit, and what arrived already.
-- Run by the owner with search_path = allpoints and row_security = off.

create schema clock;

-- Business deadlines compare with clock.now(); a test or the sandbox moves this one row, nothing else can.
create table clock.shift (
  one boolean primary key default true check (one),
  by interval not null default '0'
);
insert into clock.shift default values;
create function clock.now() returns timestamptz language sql stable parallel safe
  as $$ select clock_timestamp() + (select by from clock.shift) $$;
grant usage on schema clock to allpoints_app, allpoints_jobs, allpoints_definer;
grant select on clock.shift to allpoints_app, allpoints_jobs, allpoints_definer;

grant usage on schema allpoints to allpoints_app, allpoints_jobs, allpoints_definer;

-- Both come from the settings that transaction(actor) made, never from the caller.
create function current_agency() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.agency', true), '')::uuid $$;
create function current_actor() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('app.actor', true), '') $$;

-- ------------------------------------------------------------------------------------------------ audit

-- One row per event and agency concerned (null: the operator's). Ids, codes and counts; never content.
create table audit (
  id uuid primary key default gen_random_uuid(),
  nr bigint generated always as identity,
  event_id uuid not null,
  agency_id uuid,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  outcome text not null check (outcome in ('ok', 'denied', 'error')),
  detail jsonb not null,
  xact xid8 not null default pg_current_xact_id()
);
create index audit_xact on audit (xact);
create index audit_subject on audit (subject);
create index audit_agency on audit (agency_id, nr);

-- Rows the sealer has not chained yet. A row leaves when its seal is written.
create table audit_waiting (
  audit_id uuid primary key references audit (id),
  agency_id uuid
);

-- The chain: one link per audit row, each over the one before. The nil agency is the operator's chain.
create table audit_seal (
  chain_id uuid not null,
  seq bigint not null,
  audit_id uuid not null unique,
  hash bytea not null,
  primary key (chain_id, seq)
);
create table audit_head (
  chain_id uuid primary key,
  seq bigint not null,
  hash bytea not null
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% rows are never changed', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on audit for each row execute function refuse_change();
create trigger append_only before update or delete on audit_seal for each row execute function refuse_change();

alter table audit enable row level security;
alter table audit force row level security;
create policy own on audit for select using (agency_id = (select current_agency()));
create policy operator on audit for select to allpoints_app, allpoints_jobs
  using ((select current_actor()) = 'operator' and agency_id is null);
create policy sealing on audit for select to allpoints_jobs using ((select current_actor()) = 'system');
create policy keeper on audit to allpoints_definer using (true) with check (true);
alter table audit_waiting enable row level security;
alter table audit_waiting force row level security;
create policy sealing on audit_waiting to allpoints_jobs using ((select current_actor()) = 'system');
create policy keeper on audit_waiting to allpoints_definer using (true) with check (true);

-- Not nr and xact: they are one sequence for all agencies, and gaps in it would tell of the others' events.
grant select (id, event_id, agency_id, at, actor, action, subject, outcome, detail) on audit to allpoints_app;
grant select on audit to allpoints_jobs;
grant select, insert on audit to allpoints_definer;
grant insert on audit_waiting to allpoints_definer;
grant select, delete on audit_waiting to allpoints_jobs;
-- Seals and heads say nothing about anybody: what protects them is the key, not the role.
grant select, insert on audit_seal to allpoints_jobs;
grant select, insert, update on audit_head to allpoints_jobs;

-- Writes one row for each agency concerned; no agency at all means the operator's chain.
create function append_audit(
  p_event uuid, p_agencies uuid[], p_action text, p_subject text, p_outcome text, p_detail jsonb
) returns void language plpgsql security definer set search_path = allpoints, clock, pg_temp as $$
declare
  concerned uuid;
  written uuid;
begin
  if current_actor() is null then
    raise exception 'audit outside a transaction of an actor';
  end if;
  if coalesce(cardinality(p_agencies), 0) = 0 then
    p_agencies := array[null::uuid];
  end if;
  foreach concerned in array p_agencies loop
    insert into audit (event_id, agency_id, at, actor, action, subject, outcome, detail)
    values (p_event, concerned, clock.now(), current_actor(), p_action, p_subject, p_outcome, p_detail)
    returning id into written;
    insert into audit_waiting values (written, concerned);
  end loop;
end $$;
alter function append_audit owner to allpoints_definer;
revoke all on function append_audit from public;
grant execute on function append_audit to allpoints_app, allpoints_jobs, allpoints_definer;

-- A commit that changed state without an audit row is refused (deferred, so that the order does not matter).
create function require_audit() returns trigger language plpgsql security definer
  set search_path = allpoints, pg_temp as $$
begin
  if not exists (select from audit where xact = pg_current_xact_id()) then
    raise exception '% changed without an audit row', tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
alter function require_audit owner to allpoints_definer;

-- Made with the keyring at the first start: another keyring opens nothing here, and must not seal anything either.
create table key_mark (
  one boolean primary key default true check (one),
  mark bytea not null
);
grant select, insert on key_mark to allpoints_jobs;

-- ------------------------------------------------------------------------------------------------ inbound

-- What arrived already: a platform's retry or a double click finds its key here and has no second effect.
create table inbound_seen (
  platform text not null check (platform in ('slack', 'discord')),
  dedupe_key text not null,
  at timestamptz not null default clock_timestamp(),
  -- What the first arrival made ("tip:<id>"), so that the answer can be rendered again.
  made text,
  primary key (platform, dedupe_key)
);
grant select, insert, update on inbound_seen to allpoints_app;
grant select, delete on inbound_seen to allpoints_jobs;
