-- Bulletins, who wants them, the ledger that brings them there, who has them, and who was ever shown what.

create function tlp_rank(p_tlp text) returns int language sql immutable parallel safe
  as $$ select array_position(array['clear', 'green', 'amber', 'amber+strict', 'red'], p_tlp) $$;
create function severity_rank(p_severity text) returns int language sql immutable parallel safe
  as $$ select array_position(array['minor', 'moderate', 'severe', 'extreme'], p_severity) $$;

create table bulletin (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  ref text not null unique,
  version int not null default 1,
  exercise boolean not null default false,
  basis text check (basis in ('entry', 'situational', 'emergency')),
  entry_id uuid,
  -- What it was begun from.
  tip_id uuid,
  type text check (type in ('officer_safety', 'bolo_person', 'bolo_vehicle', 'attempt_to_locate', 'situational', 'request_for_information')),
  -- CAP 1.2 severity; shown CRITICAL, HIGH, MEDIUM, LOW.
  severity text check (severity in ('extreme', 'severe', 'moderate', 'minor')),
  -- One JSON: headline, known, unknown, person, vehicle, summary, phone, danger, legal text.
  content_sealed bytea,
  content_hash bytea,
  -- Names a person or an identifier: what a situational bulletin may not do. One about an entry always does.
  personal boolean,
  legal_status text check (legal_status in ('no_warrant', 'warrant', 'pc_exists', 'wanted_for_questioning')),
  requested_action text check (requested_action in ('awareness', 'document', 'contact_originator', 'locate', 'detain_with_pc')),
  cautions text[],
  source_grade text check (source_grade in ('A', 'B', 'C', 'D', 'E', 'F')),
  information_grade text check (information_grade in ('1', '2', '3', '4', '5', '6')),
  tlp text check (tlp in ('clear', 'green', 'amber', 'amber+strict', 'red')),
  pap text check (pap in ('clear', 'green', 'amber', 'red')),
  areas text[],
  valid_hours int check (valid_hours between 1 and 720),
  state text not null check (state in ('draft', 'waiting', 'sent', 'cancelled', 'expired', 'purged')),
  author_id uuid not null,
  approver_id uuid,
  -- The hash of what the approver was shown: approving anything else is refused.
  approved_hash bytea,
  returned_note_sealed bytea,
  returned_by uuid,
  returned_at timestamptz,
  sent_at timestamptz,
  expires_at timestamptz,
  danger_length int,
  review_due_at timestamptz,
  -- When somebody was asked, and when it was last found that there is nobody to ask.
  review_paged_at timestamptz,
  review_tried_at timestamptz,
  reviewed_by uuid,
  reviewed_at timestamptz,
  shrunk_at timestamptz,
  cancelled_by uuid,
  cancel_reason text check (cancel_reason in ('resolved', 'error', 'wrong_person', 'superseded', 'label')),
  ended_at timestamptz,
  unique (agency_id, id),
  foreign key (agency_id, author_id) references officer (agency_id, id),
  foreign key (agency_id, approver_id) references officer (agency_id, id),
  foreign key (agency_id, returned_by) references officer (agency_id, id),
  foreign key (agency_id, reviewed_by) references officer (agency_id, id),
  foreign key (agency_id, cancelled_by) references officer (agency_id, id),
  foreign key (agency_id, entry_id) references entry (agency_id, id),
  foreign key (agency_id, tip_id) references tip (agency_id, id),
  constraint complete check (state in ('draft', 'purged') or (basis is not null and type is not null and severity is not null
    and content_sealed is not null and content_hash is not null and personal is not null and legal_status is not null
    and requested_action is not null and cautions is not null and tlp is not null and pap is not null
    and cardinality(areas) > 0 and valid_hours is not null)),
  constraint basis_entry check (basis is distinct from 'entry' or state = 'draft'
    or (entry_id is not null and personal)),
  constraint basis_situational check (basis is distinct from 'situational' or state = 'draft' or not personal),
  constraint basis_emergency check (basis is distinct from 'emergency' or state = 'draft'
    or (danger_length >= 20 and valid_hours <= 72)),
  constraint inv_02_second_person check (approver_id is null or approver_id <> author_id),
  constraint approved check (state not in ('sent', 'expired') or basis = 'emergency'
    or (approver_id is not null and approved_hash = content_hash)),
  constraint emergency_review check ((basis is distinct from 'emergency') or state in ('draft', 'purged')
    or review_due_at is not null),
  constraint second_reviewer check (reviewed_by is null or reviewed_by <> author_id),
  constraint sent_expires check (state not in ('sent', 'cancelled', 'expired') or (sent_at is not null
    and expires_at is not null and expires_at <= sent_at + interval '30 days')),
  constraint cancelled_why check (state <> 'cancelled' or (cancelled_by is not null and cancel_reason is not null)),
  constraint red_never check (tlp is distinct from 'red' or state in ('draft', 'purged')),
  constraint clear_names_nobody check (not coalesce(personal, false) or tlp is distinct from 'clear'
    or state in ('draft', 'purged'))
);
create index bulletin_ending on bulletin (expires_at) where state = 'sent';
create index bulletin_review on bulletin (review_due_at) where state = 'sent' and reviewed_at is null;

create function has_role(p_agency uuid, p_officer uuid, p_roles text[]) returns boolean
language sql stable set search_path = allpoints, pg_temp as $$
  select exists (select from officer_role r
    where r.agency_id = p_agency and r.officer_id = p_officer and r.role = any(p_roles))
$$;

-- What a check on one row cannot see: the entry and the tip behind a bulletin, the role of who decided, what was
-- sent before. Judged at the moment of it, whatever the code believed.
create function guard_bulletin() returns trigger language plpgsql set search_path = allpoints, clock, pg_temp as $$
declare
  before bulletin;
  sending boolean;
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  sending := new.state = 'sent' and before.state is distinct from 'sent';
  if sending and new.basis = 'entry' and not exists (
    select from entry e where e.agency_id = new.agency_id and e.id = new.entry_id and e.state = 'active'
       and e.expires_at > (select clock.now())) then
    raise exception 'the entry behind the bulletin is not active' using errcode = 'check_violation',
      constraint = 'basis_entry_active';
  end if;
  if new.tip_id is not null
     and (new.tip_id is distinct from before.tip_id
          or (new.state in ('waiting', 'sent') and new.state is distinct from before.state))
     and not exists (select from tip t where t.agency_id = new.agency_id and t.id = new.tip_id
           and t.graded_at is not null and not t.protected_speech) then
    raise exception 'the tip of a bulletin is graded, and more than opinion or protest'
      using errcode = 'check_violation', constraint = 'inv_21_tip';
  end if;
  if new.approver_id is not null and (new.approver_id is distinct from before.approver_id or sending)
     and not has_role(new.agency_id, new.approver_id, array['supervisor', 'watch_commander']) then
    raise exception 'the approver has not the role for a bulletin'
      using errcode = 'check_violation', constraint = 'inv_02_role';
  end if;
  if sending and new.basis = 'emergency' and not has_role(new.agency_id, new.author_id, array['watch_commander']) then
    raise exception 'only a watch commander sends an emergency alone'
      using errcode = 'check_violation', constraint = 'emergency_role';
  end if;
  if new.reviewed_by is not null and new.reviewed_by is distinct from before.reviewed_by
     and not has_role(new.agency_id, new.reviewed_by, array['supervisor', 'watch_commander']) then
    raise exception 'the reviewer has not the role for an emergency'
      using errcode = 'check_violation', constraint = 'second_reviewer_role';
  end if;
  if before.state in ('sent', 'cancelled', 'expired') and new.state <> 'purged'
     and new.content_hash is distinct from before.content_hash then
    raise exception 'what was sent is not edited' using errcode = 'check_violation', constraint = 'sent_content';
  end if;
  return new;
end $$;
create trigger guarded before insert or update on bulletin for each row execute function guard_bulletin();

create table subscription (
  id uuid not null primary key,
  agency_id uuid not null,
  channel_id uuid not null,
  types text[] not null check (cardinality(types) > 0),
  min_severity text not null check (min_severity in ('extreme', 'severe', 'moderate', 'minor')),
  -- Empty: every area.
  areas text[] not null,
  max_tlp text not null check (max_tlp in ('clear', 'green', 'amber', 'amber+strict')),
  state text not null check (state in ('active', 'paused', 'stopped', 'suspended')),
  set_by uuid not null,
  set_at timestamptz not null default clock.now(),
  unique (agency_id, channel_id),
  foreign key (agency_id, channel_id) references channel (agency_id, id),
  foreign key (agency_id, set_by) references officer (agency_id, id)
);

-- The ledger: one card on its way to one channel. Sending, updating, recalling and expiring all mean bringing
-- applied_version to wanted_version.
create table delivery (
  id uuid not null primary key,
  -- For people to quote. Not unique: a fan-out of thousands would sooner or later draw one that another row has.
  ref text not null,
  kind text not null check (kind in ('bulletin', 'correction', 'intake', 'approval', 'review', 'notice',
    'acknowledgment', 'hit')),
  subject_id uuid not null,
  owner_agency_id uuid not null references agency (id),
  agency_id uuid not null,
  channel_id uuid not null,
  installation_id uuid not null references installation (id),
  -- Posted in the thread under this delivery's message.
  under_id uuid,
  -- What the channel may see; null where clearance does not apply (the agency's own cards).
  level text check (level in ('full', 'summary', 'pointer')),
  -- 1 is sent first.
  urgency int not null check (urgency between 1 and 9),
  state text not null check (state in ('blocked', 'pending', 'sending', 'checking', 'applied', 'dead')),
  -- Why it is blocked or dead: a code.
  reason text,
  wanted_version int not null default 1 check (wanted_version >= 1),
  applied_version int not null default 0 check (applied_version >= 0),
  -- The version from which on the message is a tombstone; null while the subject lives.
  ended_version int,
  message_workspace text,
  message_channel text,
  message text,
  epoch int not null default 0,
  attempts int not null default 0,
  -- The three below run on the real clock: they pace machines, not people.
  due_at timestamptz not null default clock_timestamp(),
  lease_until timestamptz,
  quiet_until timestamptz,
  -- The outcome was unknown once and the card was sent again.
  repeated boolean not null default false,
  last_error text,
  created_at timestamptz not null default clock.now(),
  applied_at timestamptz,
  unique (kind, subject_id, channel_id),
  unique (agency_id, id),
  foreign key (agency_id, channel_id) references channel (agency_id, id),
  check ((state in ('sending', 'checking')) = (lease_until is not null or quiet_until is not null)),
  check (state <> 'applied' or (message is not null and applied_version >= 1)),
  check (state not in ('blocked', 'dead') or reason is not null)
) with (fillfactor = 70);
create index delivery_due on delivery (installation_id, urgency, due_at) where state = 'pending';
create index delivery_running on delivery (lease_until) where state = 'sending';
create index delivery_quiet on delivery (quiet_until) where state = 'checking';
create index delivery_subject on delivery (subject_id, kind);

create table acknowledgment (
  id uuid not null primary key,
  owner_agency_id uuid not null,
  agency_id uuid not null,
  kind text not null check (kind in ('bulletin', 'correction')),
  bulletin_id uuid not null,
  version int not null,
  delivery_id uuid not null,
  officer_id uuid not null,
  -- As it was at that moment, for the record and for the other agency's screen.
  officer_name_sealed bytea not null,
  role text not null,
  shown text not null check (shown in ('full', 'summary', 'pointer')),
  at timestamptz not null default clock.now(),
  unique (agency_id, kind, bulletin_id, version),
  unique (agency_id, id),
  foreign key (owner_agency_id, bulletin_id) references bulletin (agency_id, id),
  foreign key (agency_id, delivery_id) references delivery (agency_id, id),
  foreign key (agency_id, officer_id) references officer (agency_id, id)
);
create table acknowledgment_note (
  id uuid not null primary key,
  owner_agency_id uuid not null,
  agency_id uuid not null,
  acknowledgment_id uuid not null,
  officer_id uuid not null,
  at timestamptz not null default clock.now(),
  words_sealed bytea not null,
  foreign key (agency_id, acknowledgment_id) references acknowledgment (agency_id, id),
  foreign key (agency_id, officer_id) references officer (agency_id, id)
);

-- Who was given what, when and why (28 CFR 23.20(g)). Append-only, free of content.
create table dissemination (
  id uuid not null primary key,
  at timestamptz not null default clock.now(),
  kind text not null check (kind in ('delivery', 'query_hit', 'reading', 'emergency')),
  object text not null,
  version int not null,
  owner_agency_id uuid not null,
  agency_id uuid not null,
  channel_id uuid,
  officer_id uuid,
  reason text not null,
  tlp text not null,
  level text not null check (level in ('full', 'summary', 'pointer', 'owner_only', 'nothing'))
);
create index dissemination_object on dissemination (object);
create trigger append_only before update or delete on dissemination for each row execute function refuse_change();

do $$
declare name text;
begin
  foreach name in array array['bulletin', 'subscription', 'delivery', 'acknowledgment', 'acknowledgment_note',
    'dissemination'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
  end loop;
  foreach name in array array['bulletin', 'subscription'] loop
    execute format('create policy own on %I using (agency_id = (select current_agency()))
      with check (agency_id = (select current_agency()))', name);
    execute format('grant select, insert, update on %I to allpoints_app, allpoints_jobs', name);
  end loop;
  foreach name in array array['delivery', 'acknowledgment', 'acknowledgment_note', 'dissemination'] loop
    execute format('create policy concerned on %I for select
      using (agency_id = (select current_agency()) or owner_agency_id = (select current_agency()))', name);
    execute format('grant select, insert on %I to allpoints_app, allpoints_jobs', name);
  end loop;
  foreach name in array array['bulletin', 'subscription', 'delivery', 'channel', 'agency'] loop
    execute format('drop policy if exists keeper on %I', name);
    execute format('create policy keeper on %I to allpoints_definer using (true) with check (true)', name);
    execute format('grant select, insert, update on %I to allpoints_definer', name);
  end loop;
end $$;
-- Bulletins and corrections are planned by plan_deliveries alone: a row of these kinds gives a right to read.
create policy concerned_insert on delivery for insert
  with check (kind not in ('bulletin', 'correction') and (owner_agency_id = (select current_agency())
    or (kind = 'acknowledgment' and agency_id = (select current_agency()))));
create policy concerned_update on delivery for update
  using (agency_id = (select current_agency()) or owner_agency_id = (select current_agency()));
grant update (state, reason, wanted_version, ended_version, due_at, lease_until) on delivery to allpoints_app;
grant update on delivery to allpoints_jobs;
create policy acknowledging on acknowledgment for insert with check (agency_id = (select current_agency()));
create policy noting on acknowledgment_note for insert with check (agency_id = (select current_agency()));
-- Only the owner of a thing can record having given it away; the system can, for it.
create policy giving on dissemination for insert with check (owner_agency_id = (select current_agency()));
-- Nothing was given to whoever asked and hit a RESTRICTED entry: only its owner may see that they asked.
create policy silent on dissemination as restrictive for select
  using (level <> 'nothing' or owner_agency_id = (select current_agency()));
create policy receiving on dissemination for insert with check (agency_id = (select current_agency()) and kind = 'reading');

create policy system on delivery to allpoints_jobs using ((select current_actor()) = 'system')
  with check ((select current_actor()) = 'system');
create policy system on bulletin for select to allpoints_jobs using ((select current_actor()) = 'system');
create policy system on dissemination for insert to allpoints_jobs with check ((select current_actor()) = 'system');
create policy system on subscription to allpoints_jobs using ((select current_actor()) = 'system')
  with check ((select current_actor()) = 'system');

create constraint trigger audited after insert or update of state, version, content_hash, reviewed_at, shrunk_at on bulletin
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update on subscription
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert on acknowledgment
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert on acknowledgment_note
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert on dissemination
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update of state on delivery
  deferrable initially deferred for each row
  when (new.state in ('applied', 'dead', 'blocked')) execute function require_audit();

-- What a channel may be shown of a bulletin with this label. The one place where clearance is decided: when
-- planned, and again when sent. 'refused' is never sent at all.
create function clearance(p_channel channel, p_tlp text) returns text
language sql stable set search_path = allpoints, clock, pg_temp as $$
  select case
    when p_tlp = 'red' then 'refused'
    when not p_channel.private or p_channel.shared_outside
      or p_channel.facts_at <= (select clock.now()) - interval '24 hours' then 'pointer'
    when p_channel.cleared_for = 'pointer' then 'pointer'
    -- Discord: nothing but pointers until a privacy officer decided otherwise, and never personal details.
    when p_channel.platform = 'discord' then
      case when p_channel.cleared_for in ('summary', 'full') and p_channel.cleared_until > (select clock.now())
                and tlp_rank(p_tlp) <= tlp_rank('amber') then 'summary' else 'pointer' end
    when p_channel.cleared_for = 'full' and p_channel.cleared_until > (select clock.now()) then 'full'
    else 'summary'
  end
$$;

-- Which channels want this bulletin, and what each may see. Several subscriptions of a channel count as one wish.
create function bulletin_audience(p_bulletin uuid)
returns table (channel_id uuid, agency_id uuid, installation_id uuid, level text)
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select c.id, c.agency_id, c.installation_id, clearance(c, b.tlp)
    from bulletin b
    join subscription s on s.state = 'active'
     and b.type = any(s.types)
     and severity_rank(b.severity) >= severity_rank(s.min_severity)
     and (cardinality(s.areas) = 0 or s.areas && b.areas)
     and tlp_rank(b.tlp) <= tlp_rank(s.max_tlp)
    join agency a on a.id = s.agency_id and a.state = 'active'
    join channel c on c.agency_id = s.agency_id and c.id = s.channel_id and c.use = 'bulletins' and c.state = 'active'
   where b.id = p_bulletin and b.agency_id = current_agency()
$$;

-- Counts, never names.
create function preview_deliveries(p_bulletin uuid)
returns table (level text, channels int, agencies int)
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select level, count(*)::int, count(distinct agency_id)::int from bulletin_audience(p_bulletin) group by level
  union all
  select 'all', count(*)::int, count(distinct agency_id)::int from bulletin_audience(p_bulletin)
   where level <> 'refused'
$$;

-- Makes all deliveries of a bulletin at once; the ids and references are drawn by the caller's code.
create function plan_deliveries(p_bulletin uuid, p_kind text, p_refs text[], p_urgency int)
returns table (installation_id uuid, level text)
language plpgsql security definer set search_path = allpoints, clock, pg_temp as $$
#variable_conflict use_column
begin
  if p_kind not in ('bulletin', 'correction') then
    raise exception 'only bulletins and their corrections are fanned out';
  end if;
  return query
  insert into delivery (id, ref, kind, subject_id, owner_agency_id, agency_id, channel_id, installation_id, level,
                        urgency, state, reason)
  select gen_random_uuid(), p_refs[row_number() over (order by turn, agency_id)], p_kind, p_bulletin, current_agency(),
         agency_id, channel_id, installation_id, nullif(level, 'refused'), p_urgency,
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
end $$;

-- How many references plan_deliveries needs.
create function count_deliveries(p_bulletin uuid, p_kind text) returns int
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select case p_kind
    when 'bulletin' then (select count(*)::int from bulletin_audience(p_bulletin))
    else (select count(*)::int from delivery d join bulletin b on b.id = d.subject_id
           where d.kind = 'bulletin' and d.subject_id = p_bulletin and b.agency_id = current_agency()) end
$$;

-- A bulletin another agency was given, as it stands now: for reading it privately and for acknowledging it.
create function received_bulletin(p_bulletin uuid) returns setof bulletin
language sql stable security definer set search_path = allpoints, clock, pg_temp as $$
  select b.* from bulletin b
   where b.id = p_bulletin
     and exists (select from delivery d where d.subject_id = b.id and d.owner_agency_id = b.agency_id
                    and d.kind in ('bulletin', 'correction')
                    and d.agency_id = current_agency() and d.state <> 'blocked')
$$;

-- A place can be reached again: its copies of what is over, that could not be changed while it was gone, are due.
-- A channel is for its agency to say, an installation for the operator, whose installation may host several.
create function revive_ended(p_channel uuid, p_installation uuid)
returns table (id uuid, owner_agency_id uuid, agency_id uuid, installation_id uuid, reason text)
language sql security definer set search_path = allpoints, clock, pg_temp as $$
  with affected as (
    select d.id, d.reason
      from delivery d
      join channel c on c.agency_id = d.agency_id and c.id = d.channel_id and c.state <> 'gone'
      join installation i on i.id = d.installation_id and i.state = 'active'
     where d.state = 'dead' and d.message is not null and d.applied_version < d.ended_version
       and ((d.channel_id = p_channel and d.agency_id = current_agency())
            or (d.installation_id = p_installation and current_actor() = 'operator'))
     order by d.id for update of d
  )
  update delivery d set state = 'pending', reason = null, due_at = clock_timestamp()
    from affected a where d.id = a.id
  returning d.id, d.owner_agency_id, d.agency_id, d.installation_id, a.reason
$$;

do $$
declare signature regprocedure;
begin
  foreach signature in array array['bulletin_audience(uuid)', 'preview_deliveries(uuid)',
    'plan_deliveries(uuid,text,text[],int)', 'count_deliveries(uuid,text)',
    'received_bulletin(uuid)', 'revive_ended(uuid,uuid)']::regprocedure[] loop
    execute format('alter function %s owner to allpoints_definer', signature);
    execute format('revoke all on function %s from public', signature);
  end loop;
end $$;
grant execute on function preview_deliveries, plan_deliveries, count_deliveries, received_bulletin to allpoints_app, allpoints_jobs;
grant execute on function revive_ended to allpoints_app;
