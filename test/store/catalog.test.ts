import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openTestDatabase, superuser } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

/** What must not be there: a question that names the offenders, and one planted for it to find. */
const rules = [
  {
    rule: "a table with agency_id but without forced row-level security",
    offenders: `
    select c.relname as name from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname in ('agency_id', 'owner_agency_id')
     where c.relnamespace = 'allpoints'::regnamespace and c.relkind in ('r', 'p')
       and not (c.relrowsecurity and c.relforcerowsecurity)`,
    planted: "create table bad (agency_id uuid); alter table bad enable row level security",
    found: "bad",
  },
  {
    // BullMQ's statements do not name their schema.
    rule: "a table that bears a name of BullMQ's",
    offenders: `
    select a.relname as name from pg_class a join pg_class b using (relname)
     where a.relnamespace = 'allpoints'::regnamespace and b.relnamespace = 'bullmq'::regnamespace
       and a.relkind in ('r', 'p', 'v', 'm')`,
    planted: "create table job (id int)",
    found: "job",
  },
  {
    rule: "a role of ours with more than it needs",
    offenders: `
    select rolname as name from pg_roles
     where rolname like 'allpoints\\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
    planted: "alter role allpoints_jobs bypassrls",
    found: "allpoints_jobs",
  },
  {
    rule: "a login among the roles that only own",
    offenders: `
    select rolname as name from pg_roles where rolname = 'allpoints_definer' and rolcanlogin`,
    planted: "alter role allpoints_definer login",
    found: "allpoints_definer",
  },
  {
    rule: "a role that the bot or the jobs belong to",
    offenders: `
    select m.roleid::regrole::text as name from pg_auth_members m
     where m.member in ('allpoints_app'::regrole, 'allpoints_jobs'::regrole)`,
    planted: "grant allpoints_app to allpoints_jobs",
    found: "allpoints_app",
  },
  {
    rule: "a table or function that the bot or the jobs own",
    offenders: `
    select relname as name from pg_class where relowner in ('allpoints_app'::regrole, 'allpoints_jobs'::regrole)
       and relpersistence <> 't'
    union all select proname from pg_proc where proowner in ('allpoints_app'::regrole, 'allpoints_jobs'::regrole)`,
    planted: `set role allpoints_owner; grant create on schema allpoints to allpoints_app; set role allpoints_app;
     create table bad (id int); reset role`,
    found: "bad",
  },
  {
    rule: "a schema in which the bot, the jobs or the definer may make anything",
    offenders: `
    select r.rolname || ' in ' || n.nspname as name from pg_namespace n, pg_roles r
     where r.rolname in ('allpoints_app', 'allpoints_jobs', 'allpoints_definer') and n.nspname !~ '^pg_'
       and has_schema_privilege(r.rolname, n.oid, 'create')`,
    planted: "grant create on schema clock to allpoints_jobs",
    found: "allpoints_jobs in clock",
  },
  {
    rule: "a SECURITY DEFINER function that does not pin its search_path to our schemas, the temporary one last",
    offenders: `
    select p.proname as name from pg_proc p
     where p.pronamespace = 'allpoints'::regnamespace and p.prosecdef
       and not exists (select from unnest(p.proconfig) c where c ~ '^search_path=allpoints,( clock,)? pg_temp$')`,
    planted:
      "create function bad() returns int language sql security definer set search_path = pg_temp, allpoints as 'select 1'",
    found: "bad",
  },
  {
    rule: "a SECURITY DEFINER function of another owner than the definer",
    offenders: `
    select p.proname as name from pg_proc p
     where p.pronamespace in ('allpoints'::regnamespace, 'clock'::regnamespace) and p.prosecdef
       and p.proowner <> 'allpoints_definer'::regrole`,
    planted: "create function bad() returns int language sql security definer as 'select 1'",
    found: "bad",
  },
  {
    rule: "a SECURITY DEFINER function that anybody may call",
    offenders: `
    select p.proname as name from pg_proc p
     where p.pronamespace = 'allpoints'::regnamespace and p.prosecdef and p.prorettype <> 'trigger'::regtype
       and has_function_privilege('public', p.oid, 'execute')`,
    planted: "create function bad() returns int language sql security definer as 'select 1'",
    found: "bad",
  },
  {
    // Not leakproof: row-level security would keep their comparison from using an index.
    rule: "a column whose type has no leakproof comparison",
    offenders: `
    select c.relname || '.' || a.attname as name from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
      join pg_type t on t.oid = a.atttypid
     where c.relnamespace = 'allpoints'::regnamespace and a.attnum > 0 and not a.attisdropped
       and (t.typtype = 'e' or t.typname = 'numeric')`,
    planted: "create table bad (price numeric)",
    found: "bad.price",
  },
  {
    // Recursion, or milliseconds for each row: a policy compares the row's own columns only.
    rule: "a policy that reads a table",
    offenders: `
    select c.relname || '.' || p.polname as name from pg_policy p join pg_class c on c.oid = p.polrelid
     where concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~ '\\mFROM\\M'`,
    planted: "create table bad (id int); create policy p on bad using (id in (select id from bad))",
    found: "bad.p",
  },
  {
    // Foreign keys ignore row-level security: without the agency in it, a row of another agency would be a parent.
    // Which is meant for an installation (a workspace hosts guests), and cannot happen to audit_waiting, written
    // by append_audit alone.
    rule: "a foreign key between agencies' tables without the agency in it",
    offenders: `
    select k.conrelid::regclass || '.' || k.conname as name from pg_constraint k
     where k.contype = 'f' and k.connamespace = 'allpoints'::regnamespace
       and k.confrelid::regclass::text not in ('agency', 'installation') and k.conrelid::regclass::text <> 'audit_waiting'
       and exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attname in ('agency_id', 'owner_agency_id'))
       and exists (select from pg_attribute a where a.attrelid = k.confrelid and a.attname in ('agency_id', 'owner_agency_id'))
       and not exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)
                                                    and a.attname in ('agency_id', 'owner_agency_id'))`,
    planted: `create table parent (id int primary key, agency_id uuid);
     create table child (agency_id uuid, parent_id int constraint bad references parent (id))`,
    found: "child.bad",
  },
  {
    rule: "a table that the bot or the jobs may empty at once, which no policy watches",
    offenders: `
    select c.relname as name from pg_class c
     where c.relnamespace = 'allpoints'::regnamespace and c.relkind in ('r', 'p')
       and (has_table_privilege('allpoints_app', c.oid, 'truncate') or has_table_privilege('allpoints_jobs', c.oid, 'truncate'))`,
    planted: "create table bad (id int); grant truncate on bad to allpoints_jobs",
    found: "bad",
  },
  {
    rule: "a way for the bot or the jobs to change the audit or the clock",
    offenders: `
    select r || ' ' || p || ' ' || t as name
      from unnest(array['allpoints_app', 'allpoints_jobs']) r, unnest(array['update', 'delete', 'insert']) p,
           unnest(array['allpoints.audit', 'allpoints.schema_migration', 'clock.shift']) t
     where has_table_privilege(r, t, p)`,
    planted: "grant update on clock.shift to allpoints_app",
    found: "allpoints_app update clock.shift",
  },
  {
    rule: "a sealed column that cannot be put under another root key: its migration ends with cover_sealed_columns()",
    offenders: `
    select s.relation || '.' || s.sealed as name from sealed_columns() s
     where not has_column_privilege('allpoints_definer', s.relation::regclass, s.sealed, 'update')
        or not exists (select from pg_policy p where p.polrelid = s.relation::regclass and p.polname = 'rewrapping')
        or not exists (select from pg_trigger t where t.tgrelid = s.relation::regclass
                                                  and t.tgname = 'key_is_current_' || s.sealed)`,
    planted: "alter table tip add column more_sealed bytea",
    found: "tip.more_sealed",
  },
];

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await openTestDatabase();
  client = new Client({
    ...superuser(database.connection.owner.database),
    options: "-c search_path=allpoints",
  });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.close();
});

async function offendersOf(question: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(question);
  return rows.map(({ name }) => name);
}

describe.each(rules)("there is never $rule", ({ offenders, planted, found }) => {
  it("in the schema", async () => {
    expect(await offendersOf(offenders)).toEqual([]);
  });

  it("without being found", async () => {
    await client.query("begin");
    try {
      await client.query(planted);
      expect(await offendersOf(offenders)).toContain(found);
    } finally {
      await client.query("rollback");
    }
  });
});
