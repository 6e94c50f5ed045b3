-- Root keys change. What was sealed under an old one is wrapped anew, without being opened: a sealed value is one byte
-- version (1), the length of the key id, the key id, 60 bytes of the value's own key under that root key, and then the
-- body (src/store/seal.ts). Only what stands before the body changes.

-- Bytes are cut off before they are looked at: reading one of a long value would read all of it. Single expressions,
-- which PostgreSQL puts in the place of the call.
create function sealed_head_length(p_sealed bytea) returns int language sql immutable parallel safe as $$
  select case when octet_length(p_sealed) >= 62 and get_byte(substring(p_sealed from 1 for 1), 0) = 1
               and octet_length(p_sealed) >= 62 + get_byte(substring(p_sealed from 2 for 1), 0)
              then 62 + get_byte(substring(p_sealed from 2 for 1), 0) end
$$;
create function sealed_head(p_sealed bytea) returns bytea language sql immutable parallel safe as $$
  select substring(p_sealed from 1 for allpoints.sealed_head_length(p_sealed))
$$;
create function sealed_body(p_sealed bytea) returns bytea language sql immutable parallel safe as $$
  select substring(p_sealed from 1 + allpoints.sealed_head_length(p_sealed))
$$;
-- The id of the root key, as encode(…, 'escape') writes it; null: this was sealed by nobody.
create function sealed_key(p_sealed bytea) returns text language sql immutable parallel safe as $$
  select encode(substring(p_sealed from 3 for allpoints.sealed_head_length(p_sealed) - 62), 'escape')
$$;

-- Every column that holds sealed values: they are named so.
create function sealed_columns() returns table (relation text, sealed text)
language sql stable set search_path = allpoints, pg_temp as $$
  select c.relname::text, a.attname::text
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   where c.relnamespace = 'allpoints'::regnamespace and c.relkind = 'r'
     and a.attname like '%\_sealed' and a.atttypid = 'bytea'::regtype
   order by 1, 2
$$;

-- ------------------------------------------------------------------------------------------------ keys that were made

-- Every root key that was added with this database: a keyring that lacks one is an old copy, and makes none itself.
create table root_key (
  id text not null primary key,
  added_at timestamptz not null default clock_timestamp(),
  -- When it became the one that seals; null: until then it is copied to every machine. The latest is what everything
  -- is wrapped under, whatever an older keyring on some machine says.
  activated_at timestamptz
);
grant select, insert, update (activated_at) on root_key to allpoints_jobs;

-- ------------------------------------------------------------------------------------------------ keys that are over

-- Nothing may be sealed under these any more: a process that does not know yet is refused, instead of sealing what
-- nobody could open.
create table retired_key (
  id text not null primary key,
  at timestamptz not null default clock_timestamp()
);
grant select on retired_key to allpoints_app, allpoints_jobs, allpoints_definer;
grant insert, delete on retired_key to allpoints_jobs;

create function is_under_retired_key(p_sealed bytea) returns boolean
language sql stable set search_path = allpoints, pg_temp as $$
  select exists (select from retired_key where id = sealed_key(p_sealed))
$$;
create function refuse_retired_key() returns trigger language plpgsql as $$
begin
  raise exception '%: this root key was retired', tg_table_name
    using errcode = 'check_violation', constraint = 'retired_key';
end $$;

-- ------------------------------------------------------------------------------------------------ wrapping anew

-- How far each column is, for each key that became the current one.
create table rewrapping (
  key_id text not null,
  relation text not null,
  sealed text not null,
  -- A pass walks the table's blocks from the first to the last that was there when it began.
  next_block bigint not null default 0,
  end_block bigint,
  -- Since the last audit row.
  moved bigint not null default 0,
  -- Values in this pass that their own key does not open: damaged.
  failed bigint not null default 0,
  -- When nothing was left that can be moved. On the real clock: it paces machines.
  clean_at timestamptz,
  primary key (key_id, relation, sealed)
);
grant select, insert, update on rewrapping to allpoints_jobs;

-- The two below take the name of a column: one of ours, and nobody but the system names it.
create function check_sealed_column(p_relation text, p_sealed text) returns void
language plpgsql stable set search_path = allpoints, pg_temp as $$
begin
  if coalesce(current_actor(), '') not in ('system', 'operator')
     or not exists (select from sealed_columns() c where c.relation = p_relation and c.sealed = p_sealed) then
    raise exception 'not a sealed column, or not for you';
  end if;
end $$;

-- What stands before the bodies of the values in these blocks that are under one of these keys. Their rows are held;
-- rows that somebody else holds are left for the next pass.
create function heads_under(p_relation text, p_sealed text, p_keys text[], p_from bigint, p_to bigint)
returns table (place text, head bytea)
language plpgsql security definer set search_path = allpoints, pg_temp as $$
begin
  perform check_sealed_column(p_relation, p_sealed);
  return query execute format(
    'select ctid::text, sealed_head(%1$I) from %2$I
      where ctid >= $1 and ctid < $2 and %1$I is not null and sealed_key(%1$I) = any ($3)
        for no key update skip locked', p_sealed, p_relation)
    using format('(%s,0)', p_from)::tid, format('(%s,0)', p_to)::tid, p_keys;
end $$;

-- Puts new heads in the place of old ones. The bodies stay as they are: there is no way here to change one.
create function replace_heads(p_relation text, p_sealed text, p_places text[], p_old bytea[], p_new bytea[])
returns bigint language plpgsql security definer set search_path = allpoints, pg_temp as $$
declare replaced bigint;
begin
  perform check_sealed_column(p_relation, p_sealed);
  if cardinality(p_new) <> cardinality(p_places) or cardinality(p_old) <> cardinality(p_places)
     or exists (select from unnest(p_new) as one where one is null or sealed_head(one) is distinct from one) then
    raise exception 'no head of a sealed value';
  end if;
  execute format(
    'update %2$I t set %1$I = w.new || sealed_body(t.%1$I)
       from unnest($1::tid[], $2, $3) as w(place, old, new)
      where t.ctid = w.place and sealed_head(t.%1$I) = w.old', p_sealed, p_relation)
    using p_places, p_old, p_new;
  get diagnostics replaced = row_count;
  return replaced;
end $$;

create function blocks_of(p_relation text, p_sealed text) returns bigint
language plpgsql security definer set search_path = allpoints, pg_temp as $$
begin
  perform check_sealed_column(p_relation, p_sealed);
  return pg_relation_size(format('allpoints.%I', p_relation)::regclass) / current_setting('block_size')::bigint;
end $$;

-- How many values of a column are under which key; a null key: not sealed by us.
create function count_by_key(p_relation text, p_sealed text) returns table (key_id text, held bigint)
language plpgsql security definer set search_path = allpoints, pg_temp as $$
begin
  perform check_sealed_column(p_relation, p_sealed);
  return query execute format(
    'select sealed_key(%1$I), count(*) from %2$I where %1$I is not null group by 1', p_sealed, p_relation);
end $$;

do $$
declare signature regprocedure;
begin
  foreach signature in array array['heads_under(text,text,text[],bigint,bigint)',
    'replace_heads(text,text,text[],bytea[],bytea[])', 'blocks_of(text,text)',
    'count_by_key(text,text)']::regprocedure[] loop
    execute format('alter function %s owner to allpoints_definer', signature);
    execute format('revoke all on function %s from public', signature);
    execute format('grant execute on function %s to allpoints_jobs', signature);
  end loop;
end $$;

-- A migration that adds a sealed column calls this at its end (a test fails where it does not): the column can be
-- wrapped anew, by the functions above alone, and takes nothing under a key that is over.
create function cover_sealed_columns() returns void
language plpgsql set search_path = allpoints, pg_temp as $$
declare one record;
begin
  for one in select * from sealed_columns() loop
    execute format('grant select (ctid, %2$I), update (%2$I) on %1$I to allpoints_definer', one.relation, one.sealed);
    if not exists (select from pg_policy where polrelid = one.relation::regclass and polname = 'rewrapping') then
      execute format('create policy rewrapping on %I to allpoints_definer using (true) with check (true)',
        one.relation);
    end if;
    execute format('create or replace trigger %4$I before insert or update of %2$I on %1$I for each row
      when (is_under_retired_key(new.%2$I)) execute function refuse_retired_key()',
      one.relation, one.sealed, null, 'key_is_current_' || one.sealed);
  end loop;
end $$;
revoke all on function cover_sealed_columns from public;

-- Whether a row was wrapped anew, and changed in nothing else.
create function only_rewrapped(p_old jsonb, p_new jsonb) returns boolean
language sql immutable set search_path = allpoints, pg_temp as $$
  select bool_and(o.value is not distinct from n.value
    or (key like '%\_sealed' and coalesce(sealed_body(decode(substr(o.value, 3), 'hex'))
                                        = sealed_body(decode(substr(n.value, 3), 'hex')), false)))
    from jsonb_each_text(p_old) o join jsonb_each_text(p_new) n using (key)
$$;

-- As before; and nothing has changed in a row that says the same as before. A table's worth of them has one audit row.
create or replace function require_audit() returns trigger language plpgsql security definer
  set search_path = allpoints, pg_temp as $$
begin
  if not exists (select from audit where xact = pg_current_xact_id())
     and (tg_op <> 'UPDATE' or not only_rewrapped(to_jsonb(old), to_jsonb(new))) then
    raise exception '% changed without an audit row', tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_user = 'allpoints_definer'
     and allpoints.only_rewrapped(to_jsonb(old), to_jsonb(new)) then
    return new;
  end if;
  raise exception '% rows are never changed', tg_table_name using errcode = 'restrict_violation';
end $$;

select cover_sealed_columns();
