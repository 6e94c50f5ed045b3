-- Entries that an agency brings from its own list, whole files at a time: approved together, by a second person.

create table import_batch (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  -- Of the file's rows as they were understood, and of the agency: what the dry run said, and what is approved.
  hash bytea not null check (octet_length(hash) = 32),
  -- filling: the file has not been read to its end. replaced: all its entries went into a later batch.
  state text not null check (state in ('filling', 'waiting', 'approved', 'active', 'returned', 'replaced')),
  author_id uuid not null,
  made_at timestamptz not null default clock.now(),
  -- As they were when the file had been read to its end: how many entries, whether one of them takes a privacy
  -- officer, and one hash over the hashes of what an approver would read of each.
  entries int,
  sensitive boolean,
  contents_hash bytea,
  approver_id uuid,
  decided_at timestamptz,
  -- When the decision had reached every entry.
  finished_at timestamptz,
  returned_note_sealed bytea,
  unique (agency_id, id),
  foreign key (agency_id, author_id) references officer (agency_id, id),
  foreign key (agency_id, approver_id) references officer (agency_id, id),
  constraint import_second_person check (approver_id is null or approver_id <> author_id),
  constraint import_complete check (state in ('filling', 'replaced')
    or (entries > 0 and sensitive is not null and contents_hash is not null)),
  constraint import_decided check (state not in ('approved', 'active', 'returned')
    or (approver_id is not null and decided_at is not null))
);
-- The same file again is the same batch, until it is in force.
create unique index import_batch_file on import_batch (agency_id, hash) where state <> 'active';
create index import_batch_due on import_batch (decided_at) where state in ('approved', 'returned') and finished_at is null;

-- Which row of which file an entry came from. The agency's own number stays as a keyed digest when the entry's words
-- are deleted, so that an old file never brings back somebody who was taken off the list.
create table entry_import (
  entry_id uuid not null primary key,
  agency_id uuid not null,
  batch_id uuid not null,
  place int not null,
  number_blind bytea not null,
  number_sealed bytea,
  -- Keyed: of the row as it was understood, and of the entry that was made of it.
  row_hash bytea,
  content_hash bytea,
  -- Where the file gave a day and not a number of days.
  expires_on date,
  -- Neither put in force nor given back yet.
  open boolean not null default true,
  -- Why it is not in force though its batch was approved: the rule that refused it, or the reason of its suspension.
  kept_out text,
  constraint entry_import_number unique (agency_id, number_blind),
  foreign key (agency_id, entry_id) references entry (agency_id, id),
  foreign key (agency_id, batch_id) references import_batch (agency_id, id)
);
create index entry_import_kept_out on entry_import (batch_id) where kept_out is not null;
create index entry_import_open on entry_import (batch_id, place) where open;

do $$
declare name text;
begin
  foreach name in array array['import_batch', 'entry_import'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own on %I using (agency_id = (select current_agency()))
      with check (agency_id = (select current_agency()))', name);
    execute format('grant select, insert, update on %I to allpoints_app, allpoints_jobs', name);
  end loop;
end $$;
create policy system on import_batch for select to allpoints_jobs using ((select current_actor()) = 'system');

create constraint trigger audited after insert or update of state, approver_id on import_batch
  deferrable initially deferred for each row execute function require_audit();

-- The same rule as for a single entry (guard_entry, which judges every row again).
create function guard_import() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
begin
  if new.approver_id is not null and (tg_op = 'INSERT' or new.approver_id is distinct from old.approver_id)
     and not exists (select from officer_role r where r.agency_id = new.agency_id and r.officer_id = new.approver_id
           and (r.role = 'privacy_officer'
                or (r.role in ('supervisor', 'watch_commander') and (new.state = 'returned' or not new.sensitive)))) then
    raise exception 'the approver has not the role for this import'
      using errcode = 'check_violation', constraint = 'import_role';
  end if;
  return new;
end $$;
create trigger guarded before insert or update on import_batch for each row execute function guard_import();

create function forget_import() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
begin
  update entry_import set number_sealed = null, row_hash = null, content_hash = null, open = false
   where entry_id = new.id;
  return null;
end $$;
create trigger forgotten after update of state on entry for each row
  when (new.state = 'purged' and old.state <> 'purged') execute function forget_import();

-- Beside whatever other kinds there are by now.
do $$
declare kinds text;
begin
  select string_agg(quote_literal(kind), ', ' order by kind) into kinds from (
    select m[1] as kind from pg_constraint c,
           regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''::text', 'g') as m
     where c.conrelid = 'notice'::regclass and c.conname = 'notice_kind_check'
    union
    select unnest(array['import_waiting', 'import_yours', 'import_approved', 'import_returned'])) as known;
  alter table notice drop constraint notice_kind_check;
  execute format('alter table notice add constraint notice_kind_check check (kind in (%s))', kinds);
end $$;
