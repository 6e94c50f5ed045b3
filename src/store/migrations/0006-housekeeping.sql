-- What is kept for a while only, and the rights of the jobs that delete it then.

create index inbound_seen_at on inbound_seen (at);

-- Codes: each says only that somebody was to be linked, which the audit says too.
grant select, delete on link_request to allpoints_jobs;
grant delete on invitation to allpoints_jobs;
create policy system_finds on invitation for select to allpoints_jobs
  using ((select current_actor()) = 'system');
create policy system_deletes on invitation for delete to allpoints_jobs
  using ((select current_actor()) = 'system');

-- When the bot last looked for the channel: one that it cannot see keeps its old facts_at.
alter table channel add column looked_at timestamptz not null default clock.now();
