-- An entry's life after its approval: reviews and validation, changes, challenges, and why it was suspended.

alter table entry
  -- On the business clock; null for what was begun before this column was.
  add column begun_at timestamptz,
  -- A draft that changes an approved entry. It is never found itself: approved, it becomes that entry's next version.
  add column changes_id uuid,
  add column validated_by uuid,
  -- Why it still holds, in the words of whoever validated it last.
  add column validation_sealed bytea,
  -- When its author and desk were told that its review is due; null again after each validation.
  add column review_told_at timestamptz,
  add column suspended_at timestamptz,
  add column suspended_reason text check (suspended_reason in ('by_hand', 'review_missed', 'challenge_undecided',
    'confirmations_unanswered'));
alter table entry alter column begun_at set default clock.now();
alter table entry
  -- Not valid: row-level security keeps the owner from looking, and every row has nothing there yet.
  add constraint entry_changes_fkey foreign key (agency_id, changes_id) references entry (agency_id, id) not valid,
  add constraint entry_validated_by_fkey foreign key (agency_id, validated_by)
    references officer (agency_id, id) not valid,
  add constraint change_stays_draft check (changes_id is null or state in ('draft', 'waiting', 'purged')),
  add constraint validated_with_reason check (validated_by is null or state = 'purged' or validation_sealed is not null),
  -- The first one after an approval within 90 days, a later one within a year of the validation before it. A minute
  -- more, because the clock goes on within a statement.
  add constraint inv_03_review check (state not in ('active', 'suspended')
    or (review_due_at <= last_validated_at + interval '365 days'
        and ((validated_by is not null and last_validated_at > approved_at)
             or review_due_at <= greatest(approved_at, last_validated_at) + interval '90 days 1 minute'))),
  -- By its newest approval, or by its last validation.
  add constraint juvenile_180_end check (state not in ('active', 'suspended') or not coalesce(juvenile, false)
    or expires_at <= greatest(approved_at, last_validated_at) + interval '180 days');
-- Not valid: what was suspended before had no reason; the guard gives it one when it is next written.
alter table entry add constraint suspended_with_reason
  check (state <> 'suspended' or (suspended_reason is not null and suspended_at is not null)) not valid;
-- At most one change of an entry is being written.
create unique index entry_change on entry (changes_id) where changes_id is not null and state in ('draft', 'waiting');
create index entry_review on entry (review_due_at) where state = 'active';
create index entry_challenged on entry (challenged_at) where challenged_at is not null;
create index entry_ended on entry (ended_at) where state in ('cancelled', 'expired');
-- An agency's lists: a million entries in force must not be read to show what comes first.
create index entry_next on entry (agency_id, least(review_due_at, expires_at) nulls first, id desc)
  where state in ('draft', 'waiting', 'active', 'suspended');
create index entry_unapproved on entry (agency_id, id) where state in ('draft', 'waiting');

-- Somebody disputes an entry: decided by a privacy officer within 30 days, or it is suspended.
create table entry_challenge (
  id uuid not null primary key,
  agency_id uuid not null references agency (id),
  entry_id uuid not null,
  -- The entry's version that is disputed.
  version int not null,
  opened_by uuid not null,
  opened_at timestamptz not null default clock.now(),
  -- One JSON: who disputes it, and what. Deleted with the entry's words.
  words_sealed bytea,
  decided_by uuid,
  decided_at timestamptz,
  -- 'ended': the entry was over before it was decided.
  outcome text check (outcome in ('rejected', 'corrected', 'cancelled', 'ended')),
  reason_sealed bytea,
  unique (agency_id, id),
  foreign key (agency_id, entry_id) references entry (agency_id, id),
  foreign key (agency_id, opened_by) references officer (agency_id, id),
  foreign key (agency_id, decided_by) references officer (agency_id, id),
  constraint challenge_decided check ((decided_at is null) = (outcome is null)),
  constraint challenge_decider check (outcome is null or outcome = 'ended' or decided_by is not null),
  constraint challenge_words check (words_sealed is not null or decided_at is not null)
);
create unique index entry_challenge_open on entry_challenge (entry_id) where decided_at is null;
alter table entry_challenge enable row level security;
alter table entry_challenge force row level security;
create policy own on entry_challenge using (agency_id = (select current_agency()))
  with check (agency_id = (select current_agency()));
grant select, insert, update on entry_challenge to allpoints_app, allpoints_jobs;
create constraint trigger audited after insert on entry_challenge
  deferrable initially deferred for each row execute function require_audit();
-- Not when a sealed value is only wrapped under another key.
create constraint trigger audited_decision after update on entry_challenge deferrable initially deferred for each row
  when (new.decided_at is distinct from old.decided_at or (new.words_sealed is null) <> (old.words_sealed is null))
  execute function require_audit();
-- Where the state or the version changes, the first trigger asks already.
create constraint trigger audited_life after update of last_validated_at, expires_at, challenged_at, review_told_at on entry
  deferrable initially deferred for each row
  when (new.state = old.state and new.version = old.version) execute function require_audit();

create function holds_role(p_agency uuid, p_officer uuid, p_roles text[]) returns boolean
language sql stable set search_path = allpoints, pg_temp as $$
  select exists (select from officer_role r
                  where r.agency_id = p_agency and r.officer_id = p_officer and r.role = any (p_roles))
$$;

-- What a check on one row cannot see: the tip behind an entry, the role of who decided, what was approved before, and
-- the draft that a change came from.
create or replace function guard_entry() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
declare
  before entry;
  -- It was approved, and its time is not over.
  lived boolean := false;
  sensitive boolean := coalesce(new.first_amendment, false) or coalesce(new.juvenile, false)
    or coalesce(new.sensitivity = 'RESTRICTED', false);
  deciders text[];
begin
  if tg_op = 'UPDATE' then
    before := old;
    lived := old.state in ('active', 'suspended');
    -- Nobody takes a flag off to decide alone what it is there for.
    sensitive := sensitive or (lived and (old.first_amendment or old.juvenile or old.sensitivity = 'RESTRICTED'));
  end if;
  deciders := case when sensitive then array['privacy_officer']
    else array['supervisor', 'watch_commander', 'privacy_officer'] end;

  if new.state = 'suspended' and new.suspended_reason is null then
    new.suspended_reason := 'by_hand';
  end if;
  if new.state = 'suspended' and new.suspended_at is null then
    new.suspended_at := clock.now();
  end if;
  if new.state = 'active' then
    new.suspended_reason := null;
    new.suspended_at := null;
  end if;

  if new.tip_id is not null
     and (new.tip_id is distinct from before.tip_id
          or (new.state in ('waiting', 'active') and new.state is distinct from before.state)
          or (lived and (new.version <> before.version or new.last_validated_at is distinct from before.last_validated_at)))
     and not exists (select from tip t where t.id = new.tip_id and t.graded_at is not null and not t.protected_speech) then
    raise exception 'the tip of an entry is graded, and more than opinion or protest'
      using errcode = 'check_violation', constraint = 'inv_21_tip';
  end if;
  if new.approver_id is not null
     and (new.approver_id is distinct from before.approver_id or new.approved_at is distinct from before.approved_at)
     and not holds_role(new.agency_id, new.approver_id, deciders) then
    raise exception 'the approver has not the role for this entry'
      using errcode = 'check_violation', constraint = 'inv_02_role';
  end if;
  if new.hidden_danger_signed_by is not null
     and (new.hidden_danger_signed_by is distinct from before.hidden_danger_signed_by or new.version <> before.version
          or new.author_id <> before.author_id) then
    if not holds_role(new.agency_id, new.hidden_danger_signed_by, array['watch_commander']) then
      raise exception 'only a watch commander signs for a hidden caution'
        using errcode = 'check_violation', constraint = 'hidden_danger_role';
    end if;
    if new.hidden_danger_signed_by = new.author_id then
      raise exception 'nobody signs for a hidden caution of an entry they wrote'
        using errcode = 'check_violation', constraint = 'hidden_danger_second_person';
    end if;
  end if;
  if (before.state is null or before.state in ('draft', 'waiting')) and new.validated_by is not null then
    raise exception 'what was never in force is not validated'
      using errcode = 'check_violation', constraint = 'inv_02_validator';
  end if;
  if new.changes_id is distinct from before.changes_id or (tg_op = 'INSERT' and new.changes_id is not null) then
    if tg_op = 'UPDATE' or not exists (select from entry e where e.id = new.changes_id and e.agency_id = new.agency_id
        and e.state in ('active', 'suspended') and e.changes_id is null and e.version + 1 = new.version) then
      raise exception 'a change is begun of an approved entry, and of no other later'
        using errcode = 'check_violation', constraint = 'change_of_approved';
    end if;
  end if;
  if new.last_validated_at > clock.now() and new.last_validated_at is distinct from before.last_validated_at then
    raise exception 'nobody validates in advance' using errcode = 'check_violation', constraint = 'validated_ahead';
  end if;
  if tg_op = 'INSERT' then
    return new;
  end if;

  if (lived and new.state in ('draft', 'waiting'))
     or (before.state in ('cancelled', 'expired', 'purged') and new.state not in (before.state, 'purged')) then
    raise exception 'an entry that was approved or is over is not taken back'
      using errcode = 'check_violation', constraint = 'state_forward';
  end if;
  if before.state in ('active', 'suspended', 'cancelled', 'expired') and new.state <> 'purged'
     and (new.version, new.author_id, new.approver_id, new.approved_at, new.content_hash, new.tip_id, new.exercise,
          new.predicate, new.offence_length, new.facts_length, new.source_length, new.relevance_length,
          new.direct_relation_length, new.first_amendment, new.juvenile, new.sensitivity, new.tlp, new.pap,
          new.legal_status, new.requested_action, new.cautions, new.source_grade, new.information_grade, new.audience,
          new.valid_days, new.hidden_danger_signed_by)
         is distinct from
         (before.version, before.author_id, before.approver_id, before.approved_at, before.content_hash, before.tip_id,
          before.exercise, before.predicate, before.offence_length, before.facts_length, before.source_length,
          before.relevance_length, before.direct_relation_length, before.first_amendment, before.juvenile,
          before.sensitivity, before.tlp, before.pap, before.legal_status, before.requested_action, before.cautions,
          before.source_grade, before.information_grade, before.audience, before.valid_days,
          before.hidden_danger_signed_by)
     -- Unless all of it is what a second person approves now: the change that waits.
     and (not lived or new.state <> before.state or new.approved_at is not distinct from before.approved_at
          or before.expires_at <= clock.now()
          or not exists (
            select from entry c
             where c.changes_id = new.id and c.agency_id = new.agency_id and c.state = 'waiting'
               and new.tip_id is not distinct from before.tip_id and new.exercise = before.exercise
               and new.version = before.version + 1
               and (new.version, new.author_id, new.content_hash, new.predicate, new.offence_length, new.facts_length,
                    new.source_length, new.relevance_length, new.direct_relation_length, new.first_amendment,
                    new.juvenile, new.sensitivity, new.tlp, new.pap, new.legal_status, new.requested_action,
                    new.cautions, new.source_grade, new.information_grade, new.audience, new.valid_days,
                    new.hidden_danger_signed_by)
                   is not distinct from
                   (c.version, c.author_id, c.content_hash, c.predicate, c.offence_length, c.facts_length,
                    c.source_length, c.relevance_length, c.direct_relation_length, c.first_amendment, c.juvenile,
                    c.sensitivity, c.tlp, c.pap, c.legal_status, c.requested_action, c.cautions, c.source_grade,
                    c.information_grade, c.audience, c.valid_days, c.hidden_danger_signed_by))) then
    raise exception 'what was approved is not edited' using errcode = 'check_violation', constraint = 'approved_content';
  end if;

  if lived and new.last_validated_at is distinct from before.last_validated_at then
    if new.validated_by is null or new.validated_by = new.author_id
       or not holds_role(new.agency_id, new.validated_by, deciders) then
      raise exception 'an entry is validated by a second person who may approve it'
        using errcode = 'check_violation', constraint = 'inv_02_validator';
    end if;
    if before.challenged_at is not null then
      raise exception 'a challenged entry is decided before it is validated'
        using errcode = 'check_violation', constraint = 'challenge_undecided';
    end if;
    if before.expires_at <= clock.now() or new.last_validated_at < before.last_validated_at then
      raise exception 'what is over is not validated' using errcode = 'check_violation', constraint = 'validated_late';
    end if;
  elsif lived and new.state in ('active', 'suspended') then
    if new.expires_at > before.expires_at or new.review_due_at > before.review_due_at then
      raise exception 'only a validation makes an entry last longer'
        using errcode = 'check_violation', constraint = 'inv_03_extended';
    end if;
    if before.state = 'suspended' and new.state = 'active' then
      raise exception 'a suspended entry returns by validation'
        using errcode = 'check_violation', constraint = 'suspended_returns';
    end if;
    if new.validated_by is distinct from before.validated_by then
      raise exception 'nobody validates without a date'
        using errcode = 'check_violation', constraint = 'inv_02_validator';
    end if;
  end if;
  if (new.challenged_at is null) is distinct from (before.challenged_at is null) and new.state <> 'purged'
     and (new.challenged_at is null) = exists (
       select from entry_challenge h where h.agency_id = new.agency_id and h.entry_id = new.id and h.decided_at is null) then
    raise exception 'an entry is under review while a challenge of it is open'
      using errcode = 'check_violation', constraint = 'challenged_while_open';
  end if;
  return new;
end $$;

-- Who opens and decides a challenge, and that an entry was corrected if it says so.
create function guard_challenge() returns trigger language plpgsql set search_path = allpoints, pg_temp as $$
declare
  disputed entry;
begin
  select * into disputed from entry e where e.agency_id = new.agency_id and e.id = new.entry_id;
  if tg_op = 'INSERT' then
    if not holds_role(new.agency_id, new.opened_by, array['privacy_officer']) then
      raise exception 'a privacy officer takes a challenge'
        using errcode = 'check_violation', constraint = 'challenge_role';
    end if;
    if disputed.state is null or disputed.state not in ('active', 'suspended') or disputed.version <> new.version
       or new.decided_at is not null then
      raise exception 'what is challenged is an approved entry as it stands'
        using errcode = 'check_violation', constraint = 'challenge_of_approved';
    end if;
    return new;
  end if;
  if old.decided_at is not null and (new.decided_at, new.outcome, new.decided_by)
       is distinct from (old.decided_at, old.outcome, old.decided_by)
     or (new.entry_id, new.version, new.opened_by, new.opened_at)
       is distinct from (old.entry_id, old.version, old.opened_by, old.opened_at) then
    raise exception 'a challenge is decided once' using errcode = 'check_violation', constraint = 'challenge_once';
  end if;
  if old.decided_at is null and new.outcome = 'ended' and disputed.state in ('active', 'suspended') then
    raise exception 'a challenge ends undecided only with its entry'
      using errcode = 'check_violation', constraint = 'challenge_ended';
  end if;
  if old.decided_at is null and new.outcome <> 'ended' then
    if new.decided_by = disputed.author_id or new.reason_sealed is null
       or not holds_role(new.agency_id, new.decided_by, array['privacy_officer']) then
      raise exception 'a privacy officer who did not write the entry decides, with a reason'
        using errcode = 'check_violation', constraint = 'challenge_role';
    end if;
    if new.outcome = 'corrected' and disputed.version = new.version then
      raise exception 'corrected means that a change was approved since'
        using errcode = 'check_violation', constraint = 'challenge_corrected';
    end if;
  end if;
  return new;
end $$;
create trigger guarded before insert or update on entry_challenge for each row execute function guard_challenge();

-- As before, and a bulletin rests on no entry whose review was missed or whose challenge nobody decided.
create or replace function guard_bulletin() returns trigger language plpgsql set search_path = allpoints, clock, pg_temp as $$
declare
  before bulletin;
  sending boolean;
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  sending := new.state = 'sent' and before.state is distinct from 'sent';
  if sending and new.basis = 'entry' and not exists (
    select from entry e where e.agency_id = new.agency_id and e.id = new.entry_id and in_force(e, clock.now())) then
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

-- Further kinds of notices, in addition to those there are.
do $$
declare
  kinds text[] := array(select distinct k[1] from pg_constraint c,
      regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''', 'g') k
    where c.conname = 'notice_kind_check' and c.conrelid = 'notice'::regclass
    union select unnest(array['entry_review', 'entry_suspended', 'entry_changed', 'entry_challenged',
      'entry_decided']) order by 1);
begin
  alter table notice drop constraint notice_kind_check;
  execute format('alter table notice add constraint notice_kind_check check (kind in (%s))',
    (select string_agg(quote_literal(k), ', ') from unnest(kinds) k));
end $$;
