import { Command } from "commander";

import { verifyAudit } from "./audit/sealer.ts";
import { verify } from "./auditor/auditor.ts";
import type { Finding } from "./auditor/invariant.ts";
import { invariants } from "./auditor/invariants.ts";
import { checkpointFile } from "./cli-operator.ts";
import { limitsOf, openGround, type Base } from "./main.ts";

interface VerifyOptions {
  readonly json?: boolean;
  readonly recent?: boolean;
  readonly audit: boolean;
}

/** Everything that must hold, over everything there is. */
export function verifyCommand(base: () => Base): Command {
  return new Command("verify")
    .description("check everything that must hold of deliveries, and the audit: exit 1 where it does not")
    .option("--recent", "only what came to rest in the last hour, and all that is open")
    .option("--no-audit", "without walking the audit's chains")
    .option("--json", "for machines")
    .action(async ({ json, recent, audit }: VerifyOptions) => {
      await using ground = await openGround(base());
      const { config, jobs, keyring } = ground;
      // First, because it seals: what waits for its seal is nobody's fault where no jobs process runs.
      const chains = audit
        ? await verifyAudit(jobs, keyring, checkpointFile(config.ALLPOINTS_DATA))
        : undefined;
      const findings = await verify(jobs, { recent: recent === true, limits: limitsOf(config) });
      const broken = chains?.broken ?? [];
      const clean = findings.length === 0 && broken.length === 0;
      console.log(
        json === true
          ? JSON.stringify({ clean, findings, audit: chains ?? null })
          : [
              ...invariantLines(findings),
              ...auditLines(chains),
              clean ? "All of it holds." : "NOT all of it holds.",
            ].join("\n"),
      );
      if (!clean) process.exitCode = 1;
    });
}

function invariantLines(findings: readonly Finding[]): readonly string[] {
  return invariants.flatMap(({ id, name, sentence, fix }) => {
    const found = findings.filter(({ invariant }) => invariant === id);
    const head = `${found.length === 0 ? "ok  " : "NOT "} ${id.padEnd(3)} ${name}: ${sentence}`;
    if (found.length === 0) return [head];
    return [
      head,
      ...found.map(({ subject, ref, what }) => `       ${ref ?? subject} ${what}`),
      `     ${fix}`,
    ];
  });
}

function auditLines(chains: Awaited<ReturnType<typeof verifyAudit>> | undefined): readonly string[] {
  if (chains === undefined) return ["skip     the audit's chains"];
  const { rows, broken } = chains;
  const head = `${broken.length === 0 ? "ok  " : "NOT "}     the audit's chains are whole: ${rows} rows`;
  return broken.length === 0
    ? [head]
    : [
        head,
        ...broken.map((line) => `       ${line}`),
        "     Keep everything as it is; see docs/operating.md, The audit.",
      ];
}
