/* oxlint-disable max-lines -- generated */
// Generated from the migrations by test/store/schema.test.ts, which fails where the two differ.
// After a migration: npx vitest run test/store/schema.test.ts -u

import type { ColumnType, GeneratedAlways } from "kysely";

// Not kysely's own, which selects the wrong type where the column is a ColumnType already.
type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U>
    ? ColumnType<S, I | undefined, U>
    : ColumnType<T, T | undefined, T>;
// Written as text: pg would send an array as one of PostgreSQL's.
type Json = ColumnType<unknown, string, string>;
type Timestamp = ColumnType<Date, Date | string, Date | string>;

type AcknowledgmentKind = "bulletin" | "correction";

type AcknowledgmentShown = "full" | "summary" | "pointer";

type AgencyState = "pending" | "active" | "suspended";

type AuditOutcome = "ok" | "denied" | "error";

type BulletinBasis = "entry" | "situational" | "emergency";

type BulletinType =
  | "officer_safety"
  | "bolo_person"
  | "bolo_vehicle"
  | "attempt_to_locate"
  | "situational"
  | "request_for_information";

type BulletinSeverity = "extreme" | "severe" | "moderate" | "minor";

type BulletinLegalStatus = "no_warrant" | "warrant" | "pc_exists" | "wanted_for_questioning";

type BulletinRequestedAction = "awareness" | "document" | "contact_originator" | "locate" | "detain_with_pc";

type BulletinSourceGrade = "A" | "B" | "C" | "D" | "E" | "F";

type BulletinInformationGrade = "1" | "2" | "3" | "4" | "5" | "6";

type BulletinTlp = "clear" | "green" | "amber" | "amber+strict" | "red";

type BulletinPap = "clear" | "green" | "amber" | "red";

type BulletinState = "draft" | "waiting" | "sent" | "cancelled" | "expired" | "purged";

type BulletinCancelReason = "resolved" | "error" | "wrong_person" | "superseded" | "label";

type ChannelPlatform = "slack" | "discord";

type ChannelUse = "intake" | "desk" | "bulletins" | "admin" | "person";

type ChannelState = "active" | "gone" | "released";

type ChannelClearedFor = "pointer" | "summary" | "full";

type ChatAccountPlatform = "slack" | "discord";

type ConfirmationSensitivity = "OPEN" | "AGENCY_ONLY";

type ConfirmationState = "asked" | "second" | "unanswered" | "answered";

type ConfirmationAnswer = "confirmed" | "denied" | "not_same_person" | "stale";

type DeliveryKind =
  | "bulletin"
  | "correction"
  | "intake"
  | "approval"
  | "review"
  | "notice"
  | "acknowledgment"
  | "hit"
  | "confirmation";

type DeliveryLevel = "full" | "summary" | "pointer";

type DeliveryState = "blocked" | "pending" | "sending" | "checking" | "applied" | "dead";

type DisseminationKind = "delivery" | "query_hit" | "reading" | "emergency" | "confirmation";

type DisseminationLevel = "full" | "summary" | "pointer" | "owner_only" | "nothing";

type EntryState = "draft" | "waiting" | "active" | "suspended" | "cancelled" | "expired" | "purged";

type EntryPredicate =
  | "vpf1_convicted_violence_le"
  | "vpf2_convicted_violent"
  | "vpf3_convicted_violent_weapon"
  | "vpf4_expressed_intent_le"
  | "rs_threat_crime"
  | "rs_attack_preparation"
  | "active_case";

type EntrySensitivity = "OPEN" | "AGENCY_ONLY" | "RESTRICTED";

type EntryTlp = "clear" | "green" | "amber" | "amber+strict" | "red";

type EntryPap = "clear" | "green" | "amber" | "red";

type EntryLegalStatus = "no_warrant" | "warrant" | "pc_exists" | "wanted_for_questioning";

type EntryRequestedAction = "awareness" | "document" | "contact_originator" | "locate" | "detain_with_pc";

type EntrySourceGrade = "A" | "B" | "C" | "D" | "E" | "F";

type EntryInformationGrade = "1" | "2" | "3" | "4" | "5" | "6";

type EntryAudience = "all" | "named";

type EntryEndReason = "resolved" | "error" | "wrong_person" | "unfounded" | "court_order" | "expired";

type EntrySuspendedReason = "by_hand" | "review_missed" | "challenge_undecided" | "confirmations_unanswered";

type EntryBirthLane = "open" | "restricted";

type EntryChallengeOutcome = "rejected" | "corrected" | "cancelled" | "ended";

type EntryDateLane = "open" | "restricted";

type EntryNameLane = "open" | "restricted";

type EntryNameSuffix = "jr" | "sr" | "ii" | "iii" | "iv";

type EntryPairLane = "open" | "restricted";

type EntryPlateLane = "open" | "restricted";

type FanOutKind = "bulletin" | "correction";

type HitSensitivity = "OPEN" | "AGENCY_ONLY" | "RESTRICTED";

type HitShown = "full" | "owner_only" | "nothing";

type IdentifierLane = "open" | "restricted";

type IdentifierKind = "plate" | "phone" | "email" | "handle" | "vin";

type ImportBatchState = "filling" | "waiting" | "approved" | "active" | "returned" | "replaced";

type InboundSeenPlatform = "slack" | "discord";

type InstallationPlatform = "slack" | "discord";

type InstallationEnvironment = "commercial" | "gov";

type InstallationState = "active" | "gone";

type LinkRequestPlatform = "slack" | "discord";

type NamePairLane = "open" | "restricted";

type NoticeKind =
  | "bulletin_approved"
  | "bulletin_returned"
  | "bulletin_waiting"
  | "card_lost"
  | "channel_gone"
  | "channel_test"
  | "confirmation_news"
  | "confirmation_unanswered"
  | "entries_suspended"
  | "entry_approved"
  | "entry_challenged"
  | "entry_changed"
  | "entry_decided"
  | "entry_returned"
  | "entry_review"
  | "entry_suspended"
  | "entry_waiting"
  | "import_approved"
  | "import_returned"
  | "import_waiting"
  | "import_yours"
  | "outcome_news"
  | "query_limit"
  | "recall_failed"
  | "scope_missing"
  | "tip_answer"
  | "tip_closed"
  | "tip_question"
  | "tip_taken"
  | "tip_unread";

type OfficerState = "active" | "suspended" | "removed";

type OfficerRoleRole =
  | "officer"
  | "dispatcher"
  | "analyst"
  | "supervisor"
  | "watch_commander"
  | "agency_admin"
  | "privacy_officer"
  | "auditor";

type OutcomeOutcome = "not_same_person" | "awareness" | "contact_made" | "arrest" | "no_action" | "other";

type QueryPurpose =
  | "traffic_stop"
  | "call_for_service"
  | "field_contact"
  | "warrant_service"
  | "investigation"
  | "event_security"
  | "supervision_check"
  | "audit";

type SubscriptionMinSeverity = "extreme" | "severe" | "moderate" | "minor";

type SubscriptionMaxTlp = "clear" | "green" | "amber" | "amber+strict";

type SubscriptionState = "active" | "paused" | "stopped" | "suspended";

type TipUrgency = "now" | "days" | "weeks" | "unknown" | "past";

type TipSource =
  | "own_observation"
  | "relative_or_friend"
  | "somebody_else"
  | "online"
  | "call"
  | "confidential_source"
  | "other_agency"
  | "supervision";

type TipPriority = "P0" | "P1" | "P2" | "P3";

type TipState = "new" | "taken" | "closed" | "withdrawn" | "purged";

type TipSourceGrade = "A" | "B" | "C" | "D" | "E" | "F";

type TipInformationGrade = "1" | "2" | "3" | "4" | "5" | "6";

type TipThreatToLife = "yes" | "unclear" | "no";

type TipOutcome =
  | "substantiated"
  | "unsubstantiated"
  | "unfounded"
  | "information_only"
  | "referred"
  | "malicious";

type TipNoteKind = "person" | "online" | "weapons" | "grade" | "question" | "answer" | "outcome";

type TokenKind = "name" | "date" | "plate";

interface AcknowledgmentTable {
  id: string;
  owner_agency_id: string;
  agency_id: string;
  kind: AcknowledgmentKind;
  bulletin_id: string;
  version: number;
  delivery_id: string;
  officer_id: string;
  officer_name_sealed: Buffer;
  role: string;
  shown: AcknowledgmentShown;
  at: Generated<Timestamp>;
}

interface AcknowledgmentNoteTable {
  id: string;
  owner_agency_id: string;
  agency_id: string;
  acknowledgment_id: string;
  officer_id: string;
  at: Generated<Timestamp>;
  words_sealed: Buffer;
}

interface AgencyTable {
  id: string;
  agency_id: GeneratedAlways<string>;
  name: string;
  ori: string | null;
  state: AgencyState;
  time_zone: string;
  contact_name: string;
  contact_phone: string;
  areas: string[];
  watch_on_discord: Generated<boolean>;
  approved_by: string | null;
  created_at: Generated<Timestamp>;
}

interface AuditTable {
  id: Generated<string>;
  nr: GeneratedAlways<string>;
  event_id: string;
  agency_id: string | null;
  at: Timestamp;
  actor: string;
  action: string;
  subject: string;
  outcome: AuditOutcome;
  detail: Json;
  xact: Generated<string>;
}

interface AuditHeadTable {
  chain_id: string;
  seq: string;
  hash: Buffer;
}

interface AuditSealTable {
  chain_id: string;
  seq: string;
  audit_id: string;
  hash: Buffer;
}

interface AuditWaitingTable {
  audit_id: string;
  agency_id: string | null;
}

interface BreakerTable {
  installation_id: string;
  failures: Generated<number>;
  tried: Generated<number>;
  failed: Generated<number>;
  open_until: Timestamp | null;
  opened_at: Timestamp | null;
}

interface BulletinTable {
  id: string;
  agency_id: string;
  ref: string;
  version: Generated<number>;
  exercise: Generated<boolean>;
  basis: BulletinBasis | null;
  entry_id: string | null;
  tip_id: string | null;
  type: BulletinType | null;
  severity: BulletinSeverity | null;
  content_sealed: Buffer | null;
  content_hash: Buffer | null;
  personal: boolean | null;
  legal_status: BulletinLegalStatus | null;
  requested_action: BulletinRequestedAction | null;
  cautions: string[] | null;
  source_grade: BulletinSourceGrade | null;
  information_grade: BulletinInformationGrade | null;
  tlp: BulletinTlp | null;
  pap: BulletinPap | null;
  areas: string[] | null;
  valid_hours: number | null;
  state: BulletinState;
  author_id: string;
  approver_id: string | null;
  approved_hash: Buffer | null;
  returned_note_sealed: Buffer | null;
  returned_by: string | null;
  returned_at: Timestamp | null;
  sent_at: Timestamp | null;
  expires_at: Timestamp | null;
  danger_length: number | null;
  review_due_at: Timestamp | null;
  review_paged_at: Timestamp | null;
  review_tried_at: Timestamp | null;
  reviewed_by: string | null;
  reviewed_at: Timestamp | null;
  shrunk_at: Timestamp | null;
  cancelled_by: string | null;
  cancel_reason: BulletinCancelReason | null;
  ended_at: Timestamp | null;
}

interface ChannelTable {
  id: string;
  agency_id: string;
  installation_id: string;
  platform: ChannelPlatform;
  workspace: string;
  channel_ref: string;
  use: ChannelUse;
  state: ChannelState;
  private: boolean;
  shared_outside: boolean;
  archived: boolean;
  can_post: boolean;
  facts_at: Timestamp;
  cleared_for: ChannelClearedFor | null;
  cleared_by: string | null;
  cleared_until: Timestamp | null;
  set_by: string | null;
  created_at: Generated<Timestamp>;
  looked_at: Generated<Timestamp>;
}

interface ChatAccountTable {
  platform: ChatAccountPlatform;
  workspace: string;
  user_id: string;
  agency_id: string;
  officer_id: string;
  linked_at: Generated<Timestamp>;
}

interface ConfirmationTable {
  id: string;
  owner_agency_id: string;
  agency_id: string;
  query_id: string;
  query_ref: string;
  entry_id: string;
  entry_ref: string;
  sensitivity: ConfirmationSensitivity;
  purpose: string;
  asked_by: string;
  asked_at: Generated<Timestamp>;
  wait_minutes: number;
  state: Generated<ConfirmationState>;
  due_at: Timestamp;
  extensions: Generated<number>;
  posted_at: Timestamp | null;
  second_id: string | null;
  second_at: Timestamp | null;
  reached: Generated<boolean>;
  unanswered_at: Timestamp | null;
  answer: ConfirmationAnswer | null;
  answered_by: string | null;
  answered_at: Timestamp | null;
  news: Generated<number>;
  told: Generated<number>;
  step_at: GeneratedAlways<Timestamp | null>;
}

interface DeliveryTable {
  id: string;
  ref: string;
  kind: DeliveryKind;
  subject_id: string;
  owner_agency_id: string;
  agency_id: string;
  channel_id: string;
  installation_id: string;
  under_id: string | null;
  level: DeliveryLevel | null;
  urgency: number;
  state: DeliveryState;
  reason: string | null;
  wanted_version: Generated<number>;
  applied_version: Generated<number>;
  ended_version: number | null;
  message_workspace: string | null;
  message_channel: string | null;
  message: string | null;
  epoch: Generated<number>;
  attempts: Generated<number>;
  due_at: Generated<Timestamp>;
  lease_until: Timestamp | null;
  quiet_until: Timestamp | null;
  repeated: Generated<boolean>;
  last_error: string | null;
  created_at: Generated<Timestamp>;
  applied_at: Timestamp | null;
  lane: Generated<string>;
  round: Generated<number>;
  lapsed: Generated<boolean>;
  intended_version: number | null;
  rank: GeneratedAlways<number>;
  doubt_since: Timestamp | null;
  posted_at: Timestamp | null;
  edited_late: Generated<boolean>;
  render_failures: Generated<number>;
  removed: Generated<boolean>;
  life: Generated<Json>;
  rested_at: Timestamp | null;
}

interface DisseminationTable {
  id: string;
  at: Generated<Timestamp>;
  kind: DisseminationKind;
  object: string;
  version: number;
  owner_agency_id: string;
  agency_id: string;
  channel_id: string | null;
  officer_id: string | null;
  reason: string;
  tlp: string;
  level: DisseminationLevel;
}

interface EntryTable {
  id: string;
  agency_id: string;
  ref: string;
  exercise: Generated<boolean>;
  version: Generated<number>;
  state: EntryState;
  author_id: string;
  tip_id: string | null;
  content_sealed: Buffer | null;
  content_hash: Buffer | null;
  predicate: EntryPredicate | null;
  offence_length: number | null;
  facts_length: number | null;
  source_length: number | null;
  relevance_length: number | null;
  direct_relation_length: number | null;
  first_amendment: boolean | null;
  sensitivity: EntrySensitivity | null;
  tlp: EntryTlp | null;
  pap: EntryPap | null;
  legal_status: EntryLegalStatus | null;
  requested_action: EntryRequestedAction | null;
  cautions: string[] | null;
  source_grade: EntrySourceGrade | null;
  information_grade: EntryInformationGrade | null;
  juvenile: boolean | null;
  audience: EntryAudience | null;
  hidden_danger_signed_by: string | null;
  valid_days: number | null;
  approver_id: string | null;
  approved_at: Timestamp | null;
  returned_note_sealed: Buffer | null;
  last_validated_at: Timestamp | null;
  review_due_at: Timestamp | null;
  expires_at: Timestamp | null;
  ended_at: Timestamp | null;
  end_reason: EntryEndReason | null;
  number: GeneratedAlways<number>;
  index_version: number | null;
  index_line: string | null;
  index_xid: Generated<string>;
  challenged_at: Timestamp | null;
  begun_at: Generated<Timestamp | null>;
  changes_id: string | null;
  validated_by: string | null;
  validation_sealed: Buffer | null;
  review_told_at: Timestamp | null;
  suspended_at: Timestamp | null;
  suspended_reason: EntrySuspendedReason | null;
}

interface EntryAudienceTable {
  agency_id: string;
  entry_id: string;
  audience_agency_id: string;
}

interface EntryBirthTable {
  lane: EntryBirthLane;
  entry_number: number;
  token: number;
  agency_id: string;
}

interface EntryChallengeTable {
  id: string;
  agency_id: string;
  entry_id: string;
  version: number;
  opened_by: string;
  opened_at: Generated<Timestamp>;
  words_sealed: Buffer | null;
  decided_by: string | null;
  decided_at: Timestamp | null;
  outcome: EntryChallengeOutcome | null;
  reason_sealed: Buffer | null;
}

interface EntryDateTable {
  lane: EntryDateLane;
  date_id: string;
  entry_id: string;
  agency_id: string;
}

interface EntryImportTable {
  entry_id: string;
  agency_id: string;
  batch_id: string;
  place: number;
  number_blind: Buffer;
  number_sealed: Buffer | null;
  row_hash: Buffer | null;
  content_hash: Buffer | null;
  expires_on: string | null;
  open: Generated<boolean>;
  kept_out: string | null;
}

interface EntryNameTable {
  lane: EntryNameLane;
  entry_number: number;
  place: number;
  agency_id: string;
  tokens: number[];
  suffix: EntryNameSuffix | null;
}

interface EntryPairTable {
  a: number;
  b: number;
  entry_number: number;
  agency_id: string;
  lane: EntryPairLane;
}

interface EntryPlateTable {
  lane: EntryPlateLane;
  entry_number: number;
  token: number;
  agency_id: string;
}

interface FanOutTable {
  owner_agency_id: string;
  kind: FanOutKind;
  subject_id: string;
  channels: number;
  at: Generated<Timestamp>;
}

interface FormDraftTable {
  agency_id: string;
  officer_id: string;
  form: string;
  subject_hash: string;
  values_sealed: Buffer;
  id: string;
  expires_at: Timestamp;
}

interface HitTable {
  id: string;
  owner_agency_id: string;
  agency_id: string;
  query_id: string;
  query_ref: string;
  entry_id: string;
  entry_ref: string;
  sensitivity: HitSensitivity;
  purpose: string;
  shown: HitShown;
  asked_by: string;
  asker_sealed: Buffer | null;
  asked_at: Timestamp;
  at: Generated<Timestamp>;
  retro: Generated<boolean>;
  read_at: Timestamp | null;
}

interface IdentifierTable {
  lane: IdentifierLane;
  kind: IdentifierKind;
  blind: Buffer;
  entry_id: string;
  agency_id: string;
}

interface ImportBatchTable {
  id: string;
  agency_id: string;
  hash: Buffer;
  state: ImportBatchState;
  author_id: string;
  made_at: Generated<Timestamp>;
  entries: number | null;
  sensitive: boolean | null;
  contents_hash: Buffer | null;
  approver_id: string | null;
  decided_at: Timestamp | null;
  finished_at: Timestamp | null;
  returned_note_sealed: Buffer | null;
}

interface InboundSeenTable {
  platform: InboundSeenPlatform;
  dedupe_key: string;
  at: Generated<Timestamp>;
  made: string | null;
}

interface InstallationTable {
  id: string;
  agency_id: string;
  platform: InstallationPlatform;
  workspace: string;
  application: string;
  bot_user: string;
  api_base_url: string;
  environment: InstallationEnvironment;
  token_sealed: Buffer;
  state: InstallationState;
  created_at: Generated<Timestamp>;
}

interface InvitationTable {
  id: string;
  agency_id: string;
  code_hash: Buffer;
  name_sealed: Buffer;
  roles: string[];
  created_at: Generated<Timestamp>;
  expires_at: Timestamp;
  used_at: Timestamp | null;
  used_by: string | null;
}

interface KeyMarkTable {
  one: Generated<boolean>;
  mark: Buffer;
}

interface LinkRequestTable {
  code_hash: Buffer;
  platform: LinkRequestPlatform;
  workspace: string;
  user_id: string;
  expires_at: Timestamp;
  used_at: Timestamp | null;
}

interface NamePairTable {
  lane: NamePairLane;
  a: string;
  b: string;
  name_id: string;
  entry_id: string;
  agency_id: string;
  tokens: number;
}

interface NoticeTable {
  id: string;
  agency_id: string;
  kind: NoticeKind;
  ref: string;
  at: Generated<Timestamp>;
}

interface OfficerTable {
  id: string;
  agency_id: string;
  name_sealed: Buffer;
  state: OfficerState;
  created_at: Generated<Timestamp>;
}

interface OfficerRoleTable {
  agency_id: string;
  officer_id: string;
  role: OfficerRoleRole;
}

interface OutcomeTable {
  id: string;
  owner_agency_id: string;
  agency_id: string;
  query_id: string;
  query_ref: string;
  entry_id: string;
  entry_ref: string;
  officer_id: string;
  outcome: OutcomeOutcome;
  note_sealed: Buffer | null;
  at: Generated<Timestamp>;
  changed_at: Generated<Timestamp>;
  news: Generated<number>;
  told: Generated<number>;
}

interface PaceTable {
  key: string;
  free_at: Generated<Timestamp>;
  closed_until: Timestamp | null;
  slower: Generated<number>;
  slower_at: Generated<Timestamp>;
  refused: Generated<number>;
}

interface QueryTable {
  id: string;
  agency_id: string;
  ref: string;
  officer_id: string;
  at: Generated<Timestamp>;
  purpose: QueryPurpose;
  inputs_sealed: Buffer | null;
  found_sealed: Buffer | null;
  inputs_hash: Buffer | null;
  followed_at: Timestamp | null;
}

interface RetiredKeyTable {
  id: string;
  at: Generated<Timestamp>;
}

interface RetroKeyTable {
  query_id: string;
  agency_id: string;
  at: Generated<Timestamp>;
  blinds: Buffer[];
}

interface RetroWaitingTable {
  entry_id: string;
  agency_id: string;
  at: Generated<Timestamp>;
  imported: Generated<boolean>;
  noted_at: Generated<Timestamp>;
}

interface RewrappingTable {
  key_id: string;
  relation: string;
  sealed: string;
  next_block: Generated<string>;
  end_block: string | null;
  moved: Generated<string>;
  failed: Generated<string>;
  clean_at: Timestamp | null;
}

interface RootKeyTable {
  id: string;
  added_at: Generated<Timestamp>;
  activated_at: Timestamp | null;
}

interface SchemaMigrationTable {
  name: string;
  checksum: string;
  applied_at: Generated<Timestamp>;
}

interface StandingCheckTable {
  one: Generated<boolean>;
  ran_at: Timestamp;
  ran_at_clock: Timestamp;
  clean_at: Timestamp | null;
  findings: Json;
  recovery_last_ms: number | null;
  recovery_max_ms: number | null;
}

interface SubscriptionTable {
  id: string;
  agency_id: string;
  channel_id: string;
  types: string[];
  min_severity: SubscriptionMinSeverity;
  areas: string[];
  max_tlp: SubscriptionMaxTlp;
  state: SubscriptionState;
  set_by: string;
  set_at: Generated<Timestamp>;
}

interface SuspensionTable {
  id: string;
  agency_id: string;
  at: Generated<Timestamp>;
  entries: Generated<number>;
  swept_to: Generated<string>;
  swept_at: Timestamp | null;
  lifted_at: Timestamp | null;
  lifted_by: string | null;
}

interface TipTable {
  id: string;
  agency_id: string;
  ref: string;
  exercise: Generated<boolean>;
  submitted_by: string;
  submitted_at: Generated<Timestamp>;
  urgency: TipUrgency;
  source: TipSource;
  priority: TipPriority;
  words_sealed: Buffer | null;
  state: TipState;
  taken_by: string | null;
  taken_at: Timestamp | null;
  source_grade: TipSourceGrade | null;
  information_grade: TipInformationGrade | null;
  threat_to_life: TipThreatToLife | null;
  protected_speech: boolean | null;
  graded_by: string | null;
  graded_at: Timestamp | null;
  outcome: TipOutcome | null;
  closed_by: string | null;
  closed_at: Timestamp | null;
  retention_until: Timestamp;
}

interface TipNoteTable {
  id: string;
  agency_id: string;
  tip_id: string;
  kind: TipNoteKind;
  author_id: string;
  at: Generated<Timestamp>;
  words_sealed: Buffer;
}

interface TokenTable {
  id: GeneratedAlways<string>;
  kind: TokenKind;
  digest: Buffer;
  string_sealed: Buffer;
  xid: Generated<string>;
}

interface TokenLeftTable {
  id: GeneratedAlways<string>;
  token: number;
}

export interface Database {
  acknowledgment: AcknowledgmentTable;
  acknowledgment_note: AcknowledgmentNoteTable;
  agency: AgencyTable;
  audit: AuditTable;
  audit_head: AuditHeadTable;
  audit_seal: AuditSealTable;
  audit_waiting: AuditWaitingTable;
  breaker: BreakerTable;
  bulletin: BulletinTable;
  channel: ChannelTable;
  chat_account: ChatAccountTable;
  confirmation: ConfirmationTable;
  delivery: DeliveryTable;
  dissemination: DisseminationTable;
  entry: EntryTable;
  entry_audience: EntryAudienceTable;
  entry_birth: EntryBirthTable;
  entry_challenge: EntryChallengeTable;
  entry_date: EntryDateTable;
  entry_import: EntryImportTable;
  entry_name: EntryNameTable;
  entry_pair: EntryPairTable;
  entry_plate: EntryPlateTable;
  fan_out: FanOutTable;
  form_draft: FormDraftTable;
  hit: HitTable;
  identifier: IdentifierTable;
  import_batch: ImportBatchTable;
  inbound_seen: InboundSeenTable;
  installation: InstallationTable;
  invitation: InvitationTable;
  key_mark: KeyMarkTable;
  link_request: LinkRequestTable;
  name_pair: NamePairTable;
  notice: NoticeTable;
  officer: OfficerTable;
  officer_role: OfficerRoleTable;
  outcome: OutcomeTable;
  pace: PaceTable;
  query: QueryTable;
  retired_key: RetiredKeyTable;
  retro_key: RetroKeyTable;
  retro_waiting: RetroWaitingTable;
  rewrapping: RewrappingTable;
  root_key: RootKeyTable;
  schema_migration: SchemaMigrationTable;
  standing_check: StandingCheckTable;
  subscription: SubscriptionTable;
  suspension: SuspensionTable;
  tip: TipTable;
  tip_note: TipNoteTable;
  token: TokenTable;
  token_left: TokenLeftTable;
}
