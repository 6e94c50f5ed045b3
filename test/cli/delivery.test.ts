import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { newRef } from "../../src/refs.ts";
import type { LedgerRow } from "../deliveries/ledger-bench.ts";
import { openLedgerCli, type LedgerCli } from "./ledger-cli.ts";

// Each command is a process of its own, and loads everything.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let cli: LedgerCli;
let bulletin: string;
let arrived: LedgerRow;
let lost: LedgerRow;
beforeAll(async () => {
  cli = await openLedgerCli();
  const { ledger } = cli;
  const id = await ledger.sendBulletin();
  [arrived, lost] = (await ledger.rows(id)) as [LedgerRow, LedgerRow];
  await ledger.worker.deliver(arrived.id);
  await ledger.worker.claim(lost.id);
  await ledger.worker.intend(lost.id);
  await ledger.worker.die(lost.id, "outcome_unknown");
  const row = await ledger.asSystem((tx) =>
    tx.selectFrom("bulletin").select("ref").where("id", "=", id).executeTakeFirstOrThrow(),
  );
  bulletin = row.ref;
});
afterAll(() => cli.close());

/** Wake jobs in the queue. */
async function jobsWaiting(): Promise<number> {
  const { rows } = await cli.ledger.database.jobs.pool.query("select from bullmq.job");
  return rows.length;
}

const moment = String.raw`\w{3} \d+ \w{3} \d\d:\d\d C[SD]T \((\w{3} )?\d\d:\d\dZ\)`;

describe("allpoints delivery trace", () => {
  it("tells the whole life of a delivery, each step with when and how long, and nothing of what it says", async () => {
    const { code, stdout, stderr } = await cli.allpoints("delivery", "trace", arrived.ref);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe(`${arrived.ref} · bulletin · applied · ${arrived.id}`);
    expect(lines).toContain(`about: ${bulletin}`);
    expect(lines).toContain("versions: wanted 1, applied 1, ended no");
    expect(lines).toContain("level: summary");
    expect(stdout).toContain("message: https://app.slack.com/client/T1/C1/p");
    for (const step of ["sending", "intent", "applied"]) {
      expect(stdout).toMatch(
        new RegExp(String.raw`^  ${moment} \+\d+\.\d{3} s  ${step}, epoch 1 \(after \d+\.\d{3} s\)$`, "m"),
      );
    }
    expect(stdout).toMatch(new RegExp(`^  ${moment}  version 1, summary, TLP green, subscription$`, "m"));
    expect(stdout).toMatch(/ {2}delivery\.applied ok by system \{\} \(Agency W\w+, Agency W\w+\)$/m);
    expect(stdout).not.toContain("sealed");
  });

  it("says the same to machines", async () => {
    const { code, stdout } = await cli.allpoints("delivery", "trace", lost.id, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        ref: lost.ref,
        subject: bulletin,
        state: "dead",
        reason: "outcome_unknown",
        link: null,
        life: [
          expect.objectContaining({ step: "sending", epoch: 1 }),
          expect.objectContaining({ step: "intent", epoch: 1 }),
          expect.objectContaining({ step: "dead", epoch: 1, code: "outcome_unknown" }),
        ],
        givings: [expect.objectContaining({ version: 1, level: "summary" })],
        audits: [
          expect.objectContaining({ action: "test.intent" }),
          expect.objectContaining({ action: "delivery.dead" }),
        ],
      }),
    ]);
  });

  it.each([
    { text: newRef("delivery"), code: 1, says: "There is no delivery", fix: "allpoints delivery list" },
    { text: "D-7K3", code: 64, says: "is not the reference of a delivery", fix: "D-7K3-M9Q" },
    { text: newRef("bulletin"), code: 64, says: "is not the reference of a delivery", fix: "D-7K3-M9Q" },
  ])("refuses $text in a sentence", async ({ text, code, says, fix }) => {
    const refused = await cli.allpoints("delivery", "trace", text);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code, stdout: "" });
    expect(refused.stderr).toContain(says);
    expect(refused.stderr).toContain(fix);
  });
});

describe("allpoints delivery list", () => {
  it("shows what waits for a person, and all copies of one bulletin", async () => {
    const { stdout: dead } = await cli.allpoints("delivery", "list");
    expect(dead).toMatch(
      new RegExp(
        `^${lost.ref} · bulletin ${bulletin} · Agency W\\w+, slack · dead \\(outcome_unknown\\) · ${moment}\n$`,
      ),
    );
    const { stdout: all } = await cli.allpoints("delivery", "list", "--bulletin", bulletin, "--json");
    const listed = JSON.parse(all) as readonly { readonly ref: string; readonly state: string }[];
    expect(new Map(listed.map(({ ref, state }) => [ref, state]))).toEqual(
      new Map([
        [arrived.ref, "applied"],
        [lost.ref, "dead"],
      ]),
    );
  });

  it("names the states there are", async () => {
    const { code, stderr } = await cli.allpoints("delivery", "list", "--state", "lost");
    expect(code).toBe(64);
    expect(stderr).toContain("blocked, pending, sending, checking, applied, dead");
  });
});

describe("allpoints delivery replay", () => {
  it("refuses what was delivered, and says where it is", async () => {
    const { code, stdout, stderr } = await cli.allpoints("delivery", "replay", arrived.ref);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      `${arrived.ref} was delivered.\nIt is here: ${(/https:\S+/.exec(stderr) ?? ["no link"])[0]}\n`,
    );
    expect(stderr).toContain("https://app.slack.com/client/T1/C1/p");
  });

  it("tries again what may have arrived only when told so, marked, audited for both, and woken", async () => {
    const before = await cli.allpoints("delivery", "replay", lost.ref);
    expect(before.code).toBe(1);
    expect(before.stderr).toContain("it may be there twice");
    expect(before.stderr).toContain("--even-if-it-may-repeat");
    const again = await cli.allpoints("delivery", "replay", lost.ref, "--even-if-it-may-repeat");
    expect(again).toEqual({
      code: 0,
      stdout: `${lost.ref} is tried again. See: allpoints delivery trace ${lost.ref}\n`,
      stderr: "",
    });
    const [row] = (await cli.ledger.rows(lost.subject_id)).filter(({ id }) => id === lost.id);
    expect(row).toMatchObject({ state: "pending", reason: null, attempts: 0, repeated: true });
    const audited = await cli.ledger.audited(lost.id);
    const replayed = audited.filter(({ action }) => action === "delivery.replayed");
    expect(new Set(replayed.map(({ agency_id }) => agency_id))).toEqual(
      new Set([cli.ledger.owner.agency, cli.ledger.receiver.agency]),
    );
    expect(await jobsWaiting()).toBe(1);
    const third = await cli.allpoints("delivery", "replay", lost.ref);
    expect(third.code).toBe(1);
    expect(third.stderr).toContain("is on its way (pending)");
  });
});
