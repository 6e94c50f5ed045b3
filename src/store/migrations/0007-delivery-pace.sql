-- What makes the ledger fast and exact: lanes that share a limit, slots reserved in them, what a delivery went
-- through, and what the auditor looks for.

-- A lane is what shares one limit: on Discord an application in all its guilds, on Slack an application in one
-- workspace. Within a lane the order is rank, then round, then due_at.
alter table delivery
  add column lane text not null default '',
  -- The first channel of every agency goes before the second of any.
  add column round int not null default 1 check (round >= 1),
  -- It ended because its time was over.
  add column lapsed boolean not null default false,
  -- The version that the first post that may be out there shows.
  add column intended_version int,
  -- Critical before routine; within that recalls, corrections, new cards, other changes.
  add column rank int not null generated always as (urgency * 10 + case
    when ended_version is not null and not lapsed then 1 when kind = 'correction' then 2 when message is null then 3 else 4 end) stored,
  -- The first intent whose outcome is not known yet: from here on a look-up has to search.
  add column doubt_since timestamptz,
  -- On the platform's clock messages grow old, so these are the real one's.
  add column posted_at timestamptz,
  -- Changed once when it was old already: Discord limits that, so it is not changed again.
  add column edited_late boolean not null default false,
  -- How often its card could not be made, in a row.
  add column render_failures int not null default 0,
  -- Taken away, because it could not be changed.
  add column removed boolean not null default false,
  -- What it went through: [moment, "sending" | "intent" | …, epoch, code], the newest last; no content.
  add column life jsonb not null default '[]';

-- plpgsql, because it keeps its plan: it runs for every new delivery.
create function lane_of(p_installation uuid) returns text language plpgsql stable security definer
  set search_path = allpoints, pg_temp as $$
begin
  return (select case platform when 'discord' then 'discord:' || application
                               else 'slack:' || application || ':' || workspace end
            from installation where id = p_installation);
end $$;
alter function lane_of owner to allpoints_definer;
revoke all on function lane_of from public;
grant execute on function lane_of to allpoints_app, allpoints_jobs, allpoints_definer;
do $$ begin
  execute 'drop policy if exists keeper on installation';
  execute 'create policy keeper on installation to allpoints_definer using (true) with check (true)';
  execute 'grant select on installation to allpoints_definer';
end $$;

-- The rows that are there: for this one moment the owner's own statements are not judged row by row.
alter table delivery no force row level security;
update delivery d
   set lane = lane_of(d.installation_id), posted_at = case when d.message is not null then d.created_at end;
alter table delivery force row level security;

-- Keeps the lane and writes down each step. One function, because it runs at every change of the busiest table.
create function keep_delivery() returns trigger language plpgsql as $$
declare
  step text;
begin
  if tg_op = 'INSERT' then
    new.lane := allpoints.lane_of(new.installation_id);
    return new;
  end if;
  step := case when new.state is distinct from old.state then new.state
               when new.epoch is distinct from old.epoch then 'claimed'
               when old.quiet_until is null and new.quiet_until is not null then 'intent'
               when new.ended_version is distinct from old.ended_version then 'ended' end;
  if step is not null then
    new.life := case when jsonb_array_length(old.life) >= 100 then old.life - 1 else old.life end
      || jsonb_build_array(jsonb_build_array(clock_timestamp(), step, new.epoch,
           left(case when step in ('dead', 'blocked') then new.reason when step in ('pending', 'checking') then new.last_error end, 60)));
  end if;
  return new;
end $$;
create trigger kept before insert or update on delivery for each row execute function keep_delivery();

-- A workspace whose application changed is in another lane.
create function keep_lanes() returns trigger language plpgsql security definer set search_path = allpoints, pg_temp as $$
begin
  update delivery set lane = lane_of(new.id) where installation_id = new.id and lane <> lane_of(new.id);
  return null;
end $$;
alter function keep_lanes owner to allpoints_definer;
create trigger lanes after update of application, workspace on installation for each row
  when (new.application is distinct from old.application or new.workspace is distinct from old.workspace)
  execute function keep_lanes();

-- ANALYZE at a quiet moment would see that nothing is pending or being sent, and every partial index below would look
-- empty and as good as any other: a claim of fifty then reads them all. So the planner is told how many states there are
-- and learns nothing more.
alter table delivery alter column state set statistics 0, alter column state set (n_distinct = 6);
drop index delivery_due;
create index delivery_lane on delivery (lane, rank, round, due_at) where state = 'pending';
create index delivery_due on delivery (due_at) where state = 'pending';
-- Not on the lease and the quiet time: an index on them would make every intent a new row version in every index.
drop index delivery_running;
create index delivery_running on delivery (lane) where state = 'sending';
drop index delivery_quiet;
create index delivery_quiet on delivery (lane) where state = 'checking';

-- What a limit has left. GCRA: free_at is when it would be whole again. All on the real clock.
create table pace (
  -- 'slack:A1:T1 post', 'discord:1234', 'channel:<id> edit'
  key text not null primary key,
  free_at timestamptz not null default clock_timestamp(),
  -- The platform said 429: nothing before this.
  closed_until timestamptz,
  -- Learned from 429: the interval in percent of the setting's; fades by itself.
  slower int not null default 100 check (slower between 100 and 1600),
  slower_at timestamptz not null default clock_timestamp(),
  -- 429s so far.
  refused int not null default 0
) with (fillfactor = 50);

-- One for each application in a workspace: after too many failures in a row nothing goes there but a probe.
create table breaker (
  installation_id uuid not null primary key references installation (id),
  failures int not null default 0,
  tried int not null default 0,
  failed int not null default 0,
  -- Set: open until then, and after that half open.
  open_until timestamptz,
  opened_at timestamptz
) with (fillfactor = 50);
grant select, insert, update, delete on pace, breaker to allpoints_jobs;

-- What was planned when a bulletin, or its correction, was sent: what the auditor compares the ledger with.
create table fan_out (
  owner_agency_id uuid not null references agency (id),
  kind text not null check (kind in ('bulletin', 'correction')),
  subject_id uuid not null,
  channels int not null check (channels >= 0),
  at timestamptz not null default clock.now(),
  primary key (kind, subject_id)
);
alter table fan_out enable row level security;
alter table fan_out force row level security;
create policy own on fan_out for select using (owner_agency_id = (select current_agency()));
create policy system on fan_out for select to allpoints_jobs using ((select current_actor()) = 'system');
create policy keeper on fan_out to allpoints_definer using (true) with check (true);
grant select on fan_out to allpoints_app, allpoints_jobs;
grant select, insert on fan_out to allpoints_definer;
create index fan_out_at on fan_out (at);

create or replace function plan_deliveries(p_bulletin uuid, p_kind text, p_refs text[], p_urgency int)
returns table (installation_id uuid, level text)
language plpgsql security definer set search_path = allpoints, clock, pg_temp as $$
#variable_conflict use_column
declare
  planned int;
begin
  if p_kind not in ('bulletin', 'correction') then
    raise exception 'only bulletins and their corrections are fanned out';
  end if;
  return query
  insert into delivery (id, ref, kind, subject_id, owner_agency_id, agency_id, channel_id, installation_id, level,
                        urgency, round, state, reason)
  select gen_random_uuid(), p_refs[row_number() over (order by turn, agency_id)], p_kind, p_bulletin, current_agency(),
         agency_id, channel_id, installation_id, nullif(level, 'refused'), p_urgency, turn,
         case when level = 'refused' then 'blocked' else 'pending' end,
         case when level = 'refused' then 'label' end
    from (select *, row_number() over (partition by agency_id order by channel_id) as turn
            from (select t.channel_id, t.agency_id, t.installation_id, t.level
                    from bulletin_audience(p_bulletin) t where p_kind = 'bulletin'
                  union all
                  select d.channel_id, d.agency_id, d.installation_id, d.level
                    from delivery d join bulletin b on b.id = d.subject_id
                   where p_kind = 'correction' and d.kind = 'bulletin' and d.subject_id = p_bulletin
                     and b.agency_id = current_agency() and (d.applied_version > 0 or d.state in ('sending', 'checking')
                          or d.reason = 'outcome_unknown')
                 ) as all_channels) as in_turn
  on conflict (kind, subject_id, channel_id) do nothing
  returning installation_id, coalesce(level, 'refused');
  get diagnostics planned = row_count;
  insert into fan_out (owner_agency_id, kind, subject_id, channels)
  select b.agency_id, p_kind, b.id, planned from bulletin b
   where b.id = p_bulletin and b.agency_id = current_agency()
      on conflict (kind, subject_id) do nothing;
end $$;

-- Who has to be told when a place stops taking cards.
alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check check (kind in ('channel_test', 'tip_taken', 'tip_question', 'tip_answer',
  'tip_closed', 'tip_unread', 'entry_waiting', 'entry_approved', 'entry_returned', 'bulletin_waiting', 'bulletin_approved',
  'bulletin_returned', 'channel_gone', 'scope_missing', 'card_lost', 'recall_failed'));
create policy system on notice for insert to allpoints_jobs with check ((select current_actor()) = 'system');
create policy system_reads on notice for select to allpoints_jobs using ((select current_actor()) = 'system');
create index notice_told on notice (agency_id, kind, at);
grant update (edited_late, lapsed) on delivery to allpoints_app;

-- What waits for a channel or a thread that is gone is found from there.
create index delivery_place on delivery (channel_id) where state = 'pending';
create index channel_stale on channel (facts_at) where state = 'active';
create index channel_lost on channel (id) where state <> 'active';
create index installation_gone on installation (id) where state = 'gone';
create index delivery_under on delivery (under_id) where state = 'pending' and under_id is not null;

-- The same rule as before, written so that PostgreSQL can put it into the statement that asks: a function that sets its
-- own search_path is called row by row, which cost more than all the rest of a claim.
create or replace function clearance(p_channel channel, p_tlp text) returns text
language sql stable as $$
  select case
    when p_tlp = 'red' then 'refused'
    when not p_channel.private or p_channel.shared_outside
      or p_channel.facts_at <= (select clock.now()) - interval '24 hours' then 'pointer'
    when p_channel.cleared_for = 'pointer' then 'pointer'
    -- Discord: nothing but pointers until a privacy officer decided otherwise, and never personal details.
    when p_channel.platform = 'discord' then
      case when p_channel.cleared_for in ('summary', 'full') and p_channel.cleared_until > (select clock.now())
                and allpoints.tlp_rank(p_tlp) <= allpoints.tlp_rank('amber') then 'summary' else 'pointer' end
    when p_channel.cleared_for = 'full' and p_channel.cleared_until > (select clock.now()) then 'full'
    else 'summary'
  end
$$;

-- Three steps a delivery, each a new version of its row: with room on the page they need no new index entries.
alter table delivery set (fillfactor = 50);
-- Only append_audit and append_audits write here, each together with the row it names.
alter table audit_waiting drop constraint audit_waiting_audit_id_fkey;

-- The same as append_audit for many events at once: [{event, agencies, action, subject, detail}].
create function append_audits(p_events jsonb) returns void language plpgsql security definer
  set search_path = allpoints, clock, pg_temp as $$
begin
  if current_actor() is null then
    raise exception 'audit outside a transaction of an actor';
  end if;
  with written as (
    insert into audit (event_id, agency_id, at, actor, action, subject, outcome, detail)
    select e.event, a.agency, clock.now(), current_actor(), e.action, e.subject, 'ok', e.detail
      from jsonb_to_recordset(p_events) as e(event uuid, agencies uuid[], action text, subject text, detail jsonb)
     cross join lateral unnest(e.agencies) as a(agency)
    returning id, agency_id
  )
  insert into audit_waiting select id, agency_id from written;
end $$;
alter function append_audits owner to allpoints_definer;
revoke all on function append_audits from public;
grant execute on function append_audits to allpoints_app, allpoints_jobs;
