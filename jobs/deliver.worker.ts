import type { Card, ChatAdapter, Installation, SendOutcome } from "../src/chat.ts";
import { editsCards, repliesInThreads } from "../src/chat.ts";
import { findInstallation } from "../src/agencies/agency-store.ts";
import { appendAudit } from "../src/audit/audit-store.ts";
import {
  claimChunk,
  holdClaim,
  postponeInstallation,
  recordIntent,
  recordPending,
  releaseClaims,
  type Claim,
  type Held,
} from "../src/deliveries/claim-store.ts";
import type { Level, Rendered } from "../src/deliveries/delivery.ts";
import { recordGiving } from "../src/deliveries/dissemination-store.ts";
import { backoff, dead, judgeSending, settlementOf } from "../src/deliveries/outcome.ts";
import { block, bury, settle } from "../src/deliveries/settle.ts";
import type { Log } from "../src/log.ts";
import type { Notices } from "../src/notices.ts";
import type { Keyring } from "../src/store/seal.ts";
import type { Store, Tx } from "../src/store/store.ts";

export interface DelivererOptions {
  /** As allpoints_jobs. */
  readonly store: Store;
  readonly keyring: Keyring;
  readonly notices: Notices;
  readonly adapters: readonly ChatAdapter[];
  readonly log: Log;
}
