import { afterAll, beforeAll, expect, it, vi } from "vitest";

import type { LedgerRow } from "../deliveries/ledger-bench.ts";
import { openLedgerCli, type LedgerCli } from "./ledger-cli.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let cli: LedgerCli;
let copies: readonly LedgerRow[];
beforeAll(async () => {
  cli = await openLedgerCli();
  copies = await cli.ledger.rows(await cli.ledger.sendBulletin());
  for (const { id } of copies) await cli.ledger.worker.deliver(id);
});
afterAll(() => cli.close());

it("allpoints verify says of each of the twelve, and of the audit, that it holds", async () => {
  const { code, stdout, stderr } = await cli.allpoints("verify");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.trim().split("\n");
  expect(lines).toHaveLength(14);
  expect(lines.slice(0, 13).every((line) => line.startsWith("ok "))).toBe(true);
  expect(lines.at(-1)).toBe("All of it holds.");
});

it("names whatever does not, and what to do, and exits 1", async () => {
  const [one] = copies;
  await cli.ledger.tamper(`update delivery set wanted_version = 2 where id = '${one?.id}'`);
  try {
    const words = await cli.allpoints("verify", "--no-audit");
    expect(words.code).toBe(1);
    const lines = words.stdout.trim().split("\n");
    const at = lines.findIndex((line) => line.startsWith("NOT "));
    expect(lines.slice(at, at + 3)).toEqual([
      expect.stringMatching(/^NOT {2}I10 the newest only: /),
      `       ${one?.ref} behind`,
      expect.stringContaining("Have the channel's agency look"),
    ]);
    expect(lines.slice(-2)).toEqual(["skip     the audit's chains", "NOT all of it holds."]);
    const json = await cli.allpoints("verify", "--recent", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      clean: false,
      findings: [{ invariant: "I10", subject: `delivery:${one?.id}`, ref: one?.ref, what: "behind" }],
      audit: { broken: [] },
    });
  } finally {
    await cli.ledger.tamper(`update delivery set wanted_version = 1 where id = '${one?.id}'`);
  }
});

it("does not hold where the audit was changed", async () => {
  await cli.ledger.tamper(
    "update audit set action = 'x' where id = (select audit_id from audit_seal limit 1)",
  );
  const { code, stdout } = await cli.allpoints("verify", "--json");
  expect(code).toBe(1);
  const { clean, audit } = JSON.parse(stdout) as { clean: boolean; audit: { broken: readonly string[] } };
  expect(clean).toBe(false);
  expect(audit.broken).toHaveLength(1);
});
