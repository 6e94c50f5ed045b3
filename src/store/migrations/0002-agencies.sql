-- Agencies, their officers, the workspaces the bot is installed in, and what each channel is for.

create table agency (
  id uuid primary key,
  agency_id uuid not null generated always as (id) stored,
  name text not null unique check (length(name) between 2 and 80),
  ori text unique check (ori ~ '^[A-Z0-9]{9}$'),
  state text not null check (state in ('pending', 'active', 'suspended')),
  time_zone text not null,
  contact_name text not null,
  -- A number that is answered day and night; on every card.
  contact_phone text not null,
  areas text[] not null check (cardinality(areas) > 0),
  -- Off until the agency's privacy officer turns it on.
  watch_on_discord boolean not null default false,
  approved_by uuid,
  created_at timestamptz not null default clock.now()
);

-- An agency cannot make itself a member: the operator can, and approve_agency on another member's word.
create function guard_membership() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
begin
  if new.state <> old.state and current_actor() is distinct from 'operator' and current_user <> 'allpoints_definer' then
    raise exception 'membership is not an agency''s own to decide' using errcode = 'check_violation',
      constraint = 'membership';
  end if;
  return new;
end $$;
create trigger membership before update of state on agency for each row execute function guard_membership();

create table officer (
  id uuid not null,
  agency_id uuid not null references agency (id),
  name_sealed bytea not null,
  state text not null check (state in ('active', 'suspended', 'removed')),
  created_at timestamptz not null default clock.now(),
  primary key (id),
  unique (agency_id, id)
);

create table officer_role (
  agency_id uuid not null,
  officer_id uuid not null,
  role text not null check (role in ('officer', 'dispatcher', 'analyst', 'supervisor', 'watch_commander',
    'agency_admin', 'privacy_officer', 'auditor')),
  primary key (agency_id, officer_id, role),
  foreign key (agency_id, officer_id) references officer (agency_id, id)
);

-- One person may act from several accounts; one account is one person.
create table chat_account (
  platform text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  user_id text not null,
  agency_id uuid not null,
  officer_id uuid not null,
  linked_at timestamptz not null default clock.now(),
  primary key (platform, workspace, user_id),
  foreign key (agency_id, officer_id) references officer (agency_id, id)
);
create index chat_account_officer on chat_account (agency_id, officer_id);

-- A one-time code the operator or an agency admin hands to a person. Only its keyed hash is kept.
create table invitation (
  id uuid primary key,
  agency_id uuid not null references agency (id),
  code_hash bytea not null unique,
  name_sealed bytea not null,
  roles text[] not null,
  created_at timestamptz not null default clock.now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  used_by uuid
);

-- A stranger who asked to be linked: the code is read to the agency's admin, who approves it.
create table link_request (
  code_hash bytea primary key,
  platform text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  user_id text not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table installation (
  id uuid primary key,
  -- The agency that hosts the workspace; officers of others may be guests in it.
  agency_id uuid not null references agency (id),
  platform text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  application text not null,
  bot_user text not null,
  api_base_url text not null,
  environment text not null check (environment in ('commercial', 'gov')),
  token_sealed bytea not null,
  state text not null check (state in ('active', 'gone')),
  created_at timestamptz not null default clock.now(),
  unique (platform, workspace)
);

create table channel (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  installation_id uuid not null references installation (id),
  platform text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  -- The platform's channel id; a person's user id where use = 'person'.
  channel_ref text not null,
  use text not null check (use in ('intake', 'desk', 'bulletins', 'admin', 'person')),
  state text not null check (state in ('active', 'gone', 'released')),
  -- As the platform said at facts_at; older than 24 h counts as unknown.
  private boolean not null,
  shared_outside boolean not null,
  archived boolean not null,
  can_post boolean not null,
  facts_at timestamptz not null,
  -- What the privacy officer signed this channel for, until when (a recorded decision).
  cleared_for text check (cleared_for in ('pointer', 'summary', 'full')),
  cleared_by uuid,
  cleared_until timestamptz,
  set_by uuid,
  created_at timestamptz not null default clock.now(),
  unique (platform, workspace, channel_ref),
  unique (agency_id, id),
  check ((cleared_for is null) = (cleared_by is null) and (cleared_for is null) = (cleared_until is null)),
  check (cleared_for is distinct from 'full' or (private and not shared_outside))
);

-- Something to tell a person or a desk without saying what: a kind and a reference, never content.
create table notice (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  kind text not null check (kind in ('channel_test', 'tip_taken', 'tip_question', 'tip_answer', 'tip_closed',
    'tip_unread', 'entry_waiting', 'entry_approved', 'entry_returned', 'bulletin_waiting', 'bulletin_approved',
    'bulletin_returned')),
  ref text not null,
  at timestamptz not null default clock.now()
);

create table form_draft (
  agency_id uuid not null,
  officer_id uuid not null,
  form text not null,
  subject_hash text not null,
  values_sealed bytea not null,
  -- Names the sealed value, because a draft is written again and again under one key.
  id uuid not null,
  expires_at timestamptz not null,
  primary key (agency_id, officer_id, form, subject_hash),
  foreign key (agency_id, officer_id) references officer (agency_id, id)
);

do $$
declare name text;
begin
  foreach name in array array['agency', 'officer', 'officer_role', 'chat_account', 'invitation', 'installation',
    'channel', 'notice', 'form_draft'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own on %I using (agency_id = (select current_agency()))
      with check (agency_id = (select current_agency()))', name);
    execute format('create policy keeper on %I to allpoints_definer using (true) with check (true)', name);
    execute format('grant select, insert, update on %I to allpoints_app, allpoints_jobs', name);
    execute format('grant select, insert, update on %I to allpoints_definer', name);
  end loop;
end $$;
grant delete on officer_role, chat_account, form_draft to allpoints_app;
grant delete on form_draft to allpoints_jobs;
grant select, insert, update on link_request to allpoints_definer;

-- The operator's command line makes agencies, installations and invitations; it can read no content.
create policy operator on agency to allpoints_app using ((select current_actor()) = 'operator')
  with check ((select current_actor()) = 'operator');
create policy operator on installation to allpoints_app using ((select current_actor()) = 'operator')
  with check ((select current_actor()) = 'operator');
create policy operator on invitation for insert to allpoints_app with check ((select current_actor()) = 'operator');

-- Jobs post everywhere: they need the address of every channel and the token of every installation.
create policy system on installation to allpoints_jobs using ((select current_actor()) = 'system');
create policy system on channel to allpoints_jobs using ((select current_actor()) = 'system');
create policy system on agency for select to allpoints_jobs using ((select current_actor()) = 'system');
create policy system on form_draft to allpoints_jobs using ((select current_actor()) = 'system');

create constraint trigger audited after insert or update on agency
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update of state on officer
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or delete on officer_role
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or delete on chat_account
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update on invitation
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update of state on installation
  deferrable initially deferred for each row execute function require_audit();
create constraint trigger audited after insert or update of use, state, cleared_for, cleared_until on channel
  deferrable initially deferred for each row execute function require_audit();

-- ------------------------------------------------------------------- the named crossings between agencies

-- Who is this account? Suspended people are found too, so that they can be told.
create function officer_of(p_platform text, p_workspace text, p_user text)
returns table (officer_id uuid, agency_id uuid, state text, roles text[], name_sealed bytea,
  agency_name text, agency_state text, time_zone text)
language sql stable security definer set search_path = allpoints, pg_temp as $$
  select o.id, o.agency_id, o.state,
         array(select r.role from officer_role r where r.agency_id = o.agency_id and r.officer_id = o.id order by 1),
         o.name_sealed, a.name, a.state, a.time_zone
    from chat_account c
    join officer o on o.agency_id = c.agency_id and o.id = c.officer_id
    join agency a on a.id = c.agency_id
   where c.platform = p_platform and c.workspace = p_workspace and c.user_id = p_user
$$;

-- What member agencies may know of each other: name, standing, the number to call.
create function agency_directory()
returns table (id uuid, name text, state text, contact_name text, contact_phone text, time_zone text, areas text[])
language sql stable security definer set search_path = allpoints, pg_temp as $$
  select a.id, a.name, a.state, a.contact_name, a.contact_phone, a.time_zone, a.areas from agency a
   where current_actor() is not null
$$;

-- The installation that serves a workspace: the adapters' directory.
create function installation_of(p_platform text, p_workspace text)
returns table (id uuid, agency_id uuid, platform text, workspace text, application text, bot_user text,
  api_base_url text, environment text, token_sealed bytea)
language sql stable security definer set search_path = allpoints, pg_temp as $$
  select i.id, i.agency_id, i.platform, i.workspace, i.application, i.bot_user, i.api_base_url, i.environment,
         i.token_sealed
    from installation i
   where i.platform = p_platform and i.workspace = p_workspace and i.state = 'active'
$$;

-- Whose channel is this? Null where nobody said.
create function channel_owner(p_platform text, p_workspace text, p_channel text)
returns uuid language sql stable security definer set search_path = allpoints, pg_temp as $$
  select c.agency_id from channel c
   where c.platform = p_platform and c.workspace = p_workspace and c.channel_ref = p_channel and c.state <> 'released'
$$;

-- Takes a code once and links the account to the officer it was made for (the invitation's id becomes the officer's).
create function link_with_invitation(p_code_hash bytea, p_platform text, p_workspace text, p_user text)
returns text language plpgsql security definer set search_path = allpoints, clock, pg_temp as $$
declare found_one invitation;
begin
  select * into found_one from invitation i where i.code_hash = p_code_hash for update;
  if exists (select from chat_account c
              where c.platform = p_platform and c.workspace = p_workspace and c.user_id = p_user) then
    -- The same command a moment ago.
    return 'linked';
  elsif not found or found_one.expires_at <= clock.now() then
    return 'unknown';
  elsif found_one.used_at is not null then
    return 'used';
  end if;
  update invitation set used_at = clock.now(), used_by = found_one.id where id = found_one.id;
  insert into officer (id, agency_id, name_sealed, state)
  values (found_one.id, found_one.agency_id, found_one.name_sealed, 'active');
  insert into officer_role select found_one.agency_id, found_one.id, role from unnest(found_one.roles) as role;
  insert into chat_account (platform, workspace, user_id, agency_id, officer_id)
  values (p_platform, p_workspace, p_user, found_one.agency_id, found_one.id);
  perform append_audit(gen_random_uuid(), array[found_one.agency_id], 'officer.link', 'officer:' || found_one.id, 'ok',
    jsonb_build_object('roles', to_jsonb(found_one.roles)));
  return 'linked';
exception when unique_violation then
  return 'linked';
end $$;

create function ask_to_link(p_code_hash bytea, p_platform text, p_workspace text, p_user text)
returns void language sql security definer set search_path = allpoints, clock, pg_temp as $$
  insert into link_request (code_hash, platform, workspace, user_id, expires_at)
  values (p_code_hash, p_platform, p_workspace, p_user, clock.now() + interval '1 day')
$$;

create function take_link_request(p_code_hash bytea)
returns table (platform text, workspace text, user_id text)
language sql security definer set search_path = allpoints, clock, pg_temp as $$
  update link_request set used_at = clock.now()
   where code_hash = p_code_hash and used_at is null and expires_at > (select clock.now())
  returning platform, workspace, user_id
$$;

-- A pending agency becomes a member when another member's admin says so.
create function approve_agency(p_name text, p_officer uuid)
returns uuid language sql security definer set search_path = allpoints, pg_temp as $$
  update agency set state = 'active', approved_by = p_officer
   where name = p_name and state = 'pending' and id <> current_agency()
     and exists (select from agency a where a.id = current_agency() and a.state = 'active')
  returning id
$$;

do $$
declare signature regprocedure;
begin
  foreach signature in array array['officer_of(text,text,text)', 'agency_directory()', 'installation_of(text,text)',
    'channel_owner(text,text,text)', 'link_with_invitation(bytea,text,text,text)', 'ask_to_link(bytea,text,text,text)',
    'take_link_request(bytea)', 'approve_agency(text,uuid)']::regprocedure[] loop
    execute format('alter function %s owner to allpoints_definer', signature);
    execute format('revoke all on function %s from public', signature);
    execute format('grant execute on function %s to allpoints_app, allpoints_jobs', signature);
  end loop;
end $$;
