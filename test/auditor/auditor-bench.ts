import { sql } from "kysely";
import { Client } from "pg";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { planDeliveries } from "../../src/bulletins/bulletin-life-store.ts";
import { auditDeliveries } from "../../src/deliveries/delivery-audit-store.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Tx } from "../../src/store/store.ts";
import { openLedgerBench, type LedgerBench, type Place } from "../deliveries/ledger-bench.ts";
import { superuser } from "../support/database.ts";

/** A worker's steps, each with what it writes beside the row. */
interface WorkerSteps {
  readonly claim: (delivery: string) => Promise<void>;
  readonly intend: (delivery: string) => Promise<void>;
  readonly arrive: (delivery: string) => Promise<void>;
  /** All three. */
  readonly deliver: (delivery: string) => Promise<void>;
  readonly die: (delivery: string, reason?: string) => Promise<void>;
}

export interface AuditorBench extends LedgerBench {
  readonly owner: Place;
  readonly receiver: Place;
  /** A bulletin on its way to the receiver's channels, planned as the bot plans it. */
  readonly sendBulletin: () => Promise<string>;
  readonly worker: WorkerSteps;
  /** Past every trigger and policy: what no part of the program would write. */
  readonly tamper: (statements: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Two agencies, and the ledger's rows as a worker leaves them, without a worker. */
export async function openAuditorBench(channels = 2): Promise<AuditorBench> {
  const ledger = await openLedgerBench();
  const [owner, receiver] = [await ledger.addPlace(), await ledger.addPlace()];
  for (let nr = 0; nr < channels; nr += 1) {
    await ledger.subscribe(receiver, await ledger.addChannel(receiver));
  }
  const root = new Client(superuser(String(ledger.database.connection.owner.database)));
  await root.connect();
  return {
    ...ledger,
    owner,
    receiver,
    worker: workerSteps(ledger),
    async sendBulletin() {
      const id = await ledger.addBulletin(owner);
      await ledger.as(owner, (tx) => planDeliveries(tx, { id, kind: "bulletin", urgency: 2 }));
      return id;
    },
    async tamper(statements) {
      await root.query(`set search_path = allpoints; set session_replication_role = replica; ${statements}`);
    },
    async close() {
      await root.end();
      await ledger.database.close();
    },
  };
}

function workerSteps({ asSystem }: LedgerBench): WorkerSteps {
  const claim: WorkerSteps["claim"] = (id) =>
    asSystem(async (tx) => {
      await sql`
        update delivery set state = 'sending', epoch = epoch + 1, lease_until = clock_timestamp() + interval '8 s'
         where id = ${id}`.execute(tx);
    });
  const intend: WorkerSteps["intend"] = (id) =>
    asSystem(async (tx) => {
      await sql`
        update delivery set quiet_until = clock_timestamp() + interval '10 s', attempts = attempts + 1
         where id = ${id}`.execute(tx);
      await sql`
        insert into dissemination (id, kind, object, version, owner_agency_id, agency_id, channel_id, reason, tlp, level)
        select ${uuidv7()}::uuid, 'delivery', 'bulletin:' || subject_id, 1, owner_agency_id, agency_id, channel_id,
               'subscription', 'green', level from delivery where id = ${id} and kind = 'bulletin'`.execute(
        tx,
      );
      await appendAudit(tx, null, { action: "test.intent", subject: `delivery:${id}` });
    });
  const arrive: WorkerSteps["arrive"] = (id) =>
    asSystem(async (tx) => {
      await sql`
        update delivery set state = 'applied', applied_version = wanted_version, applied_at = clock.now(),
               lease_until = null, quiet_until = null, message = ${uuidv7()}, message_channel = 'C1',
               message_workspace = 'T1' where id = ${id}`.execute(tx);
      await audit(tx, id, "delivery.applied");
    });
  return {
    claim,
    intend,
    arrive,
    async deliver(id) {
      await claim(id);
      await intend(id);
      await arrive(id);
    },
    die: (id, reason = "payload_invalid") =>
      asSystem(async (tx) => {
        await sql`
          update delivery set state = 'dead', reason = ${reason}, lease_until = null, quiet_until = null
           where id = ${id}`.execute(tx);
        await audit(tx, id, "delivery.dead");
      }),
  };
}

async function audit(tx: Tx, id: string, action: string): Promise<void> {
  const row = await tx
    .selectFrom("delivery")
    .select(["owner_agency_id", "agency_id"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const { owner_agency_id: ownerAgency, agency_id: agency } = row;
  await auditDeliveries(tx, [{ id, ownerAgency, agency, action, detail: {} }]);
}
