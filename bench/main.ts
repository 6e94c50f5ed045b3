import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import type { Platform } from "../src/chat.ts";
import { answer } from "./answer/answer.ts";
import { benchImport } from "./import/import.ts";
import type { Transport } from "./ledger/draining.ts";
import { engine, type Backend } from "./ledger/engine.ts";
import { fanOut } from "./ledger/fanout.ts";
import { growth } from "./ledger/growth.ts";
import { idle } from "./ledger/idle.ts";
import { casesAsPairs, names } from "./names/names.ts";
import { NotUsable } from "./names/pairs-file.ts";
import { retrieval } from "./retrieval/retrieval.ts";
import { silent } from "./silent/silent.ts";
import { watchSealed } from "./watch-sealed/sealed.ts";
import { engines, peers, type EngineName, type Peer } from "./watch/contenders.ts";
import type { Mode } from "./watch/entities.ts";
import { missingData } from "./watch/sources.ts";
import { watch } from "./watch/watch.ts";

const engineNames = Object.keys(engines) as EngineName[];
type Stage = EngineName | "sealed";
const stages: readonly Stage[] = [...engineNames, "sealed"];

const program = new Command("bench")
  .description("Measures Allpoints on this machine.")
  .showHelpAfterError("(--help lists what there is)")
  .exitOverride();

program
  .command("answer")
  .description("how long a person waits for a form and for a receipt, beside a handler that does nothing")
  .option("--json", "a JSON line for each platform and step")
  .option("--seconds <seconds>", "of measured load, for each step and program", positive, 20)
  .option("--rate <rate>", "acts a second", positive, 50)
  .addOption(new Option("--platform <platform>", "only this one").choices(["slack", "discord"]))
  .action(
    async (options: {
      json?: boolean;
      seconds: number;
      rate: number;
      platform?: Platform;
    }): Promise<void> => {
      const { json, seconds, rate, platform } = options;
      const lines = await answer({
        platforms: platform === undefined ? ["slack", "discord"] : [platform],
        rate,
        seconds,
        warmUpSeconds: 2,
        ...running(),
      });
      print(lines, json);
      if (lines.some(({ errors }) => errors > 0)) process.exitCode = 1;
    },
  );

program
  .command("engine")
  .description(
    "deliveries a second through the whole ledger, beside one BullMQ job for each that does nothing",
  )
  .option("--json", "one JSON line")
  .addOption(new Option("--backend <backend>", "of the queue").choices(["pg", "redis"]).default("pg"))
  .addOption(
    new Option("--transport <transport>", "a platform in the process, or the real SDKs over loopback HTTP")
      .choices(["memory", "http"])
      .default("memory"),
  )
  .option("--deliveries <count>", "in both measured halves together", whole, 20_000)
  .option("--workspaces <count>", "half of them on each platform", even, 400)
  .option("--channels <count>", "half of them on each platform", even, 5_000)
  .option("--statements", "also lists the most expensive SQL; counting it makes everything slower")
  .option("--cpu-prof <folder>", "leaves a CPU profile of the jobs process there")
  .action(
    async (options: {
      json?: boolean;
      backend: Backend;
      transport: Transport;
      deliveries: number;
      workspaces: number;
      channels: number;
      statements?: boolean;
      cpuProf?: string;
    }): Promise<void> => {
      const { json, cpuProf, ...size } = options;
      print([await engine({ ...size, profileTo: cpuProf, ...running() })], json);
    },
  );

program
  .command("fanout")
  .description(
    "one bulletin to every channel against pretend platforms that enforce their limits, beside the bound",
  )
  .option("--json", "one JSON line")
  .option("--slack-workspaces <count>", "an agency for each", whole, 200)
  .option("--discord-guilds <count>", "an agency for each, all of one application", whole, 200)
  .option("--channels <count>", "half of them on each platform", even, 5_000)
  .option("--workers <count>", "jobs processes", whole, 1)
  .option("--latency <ms>", "of every call to a platform", positive, 120)
  .option(
    "--sick-workspace",
    "twice more, the second time beside a Slack workspace that answers 429 to everything",
  )
  .option("--cpu-prof <folder>", "leaves a CPU profile of each jobs process there")
  .action(
    async (options: {
      json?: boolean;
      slackWorkspaces: number;
      discordGuilds: number;
      channels: number;
      workers: number;
      latency: number;
      sickWorkspace?: boolean;
      cpuProf?: string;
    }): Promise<void> => {
      const { json, cpuProf, latency, sickWorkspace = false, ...size } = options;
      const line = await fanOut({
        ...size,
        latencyMs: latency,
        sickWorkspace,
        profileTo: cpuProf,
        ...running(),
      });
      print([line], json);
      if (line.lost + line.doubled > 0) process.exitCode = 1;
    },
  );

program
  .command("growth")
  .description("the time one delivery takes while more and more are waiting, and the memory of the process")
  .option("--json", "a JSON line for each backlog")
  .option("--pending <counts>", "comma-separated, the smallest first", wholes, [2_000, 20_000, 200_000])
  .option("--deliveries <count>", "timed in each round", whole, 1_000)
  .option("--rounds <count>", "the median counts", whole, 5)
  .option("--workspaces <count>", "half of them on each platform", even, 40)
  .option("--channels <count>", "half of them on each platform", even, 1_000)
  .option("--cpu-prof <folder>", "leaves a CPU profile of each jobs process there")
  .action(
    async (options: {
      json?: boolean;
      pending: readonly number[];
      deliveries: number;
      rounds: number;
      workspaces: number;
      channels: number;
      cpuProf?: string;
    }): Promise<void> => {
      const { json, cpuProf, pending, ...size } = options;
      print(await growth({ ...size, backlogs: pending, profileTo: cpuProf, ...running() }), json);
    },
  );

program
  .command("idle")
  .description("what a jobs process and its database cost while there is nothing to do")
  .option("--json", "one JSON line")
  .option("--finished <count>", "deliveries that came to rest before", whole, 500_000)
  .option("--workspaces <count>", "half of them on each platform", even, 400)
  .option("--channels <count>", "half of them on each platform", even, 5_000)
  .option("--seconds <seconds>", "of measuring", positive, 60)
  .action(
    async (options: {
      json?: boolean;
      finished: number;
      workspaces: number;
      channels: number;
      seconds: number;
    }): Promise<void> => {
      const { json, ...size } = options;
      print([await idle({ ...size, ...running() })], json);
    },
  );

program
  .command("import")
  .description(
    "a list through the command line: rows a second and memory, dry, for good, again, and put in force",
  )
  .option("--json", "a JSON line for each step")
  .option("--rows <count>", "in the file", whole, 50_000)
  .option("--dry-run-only", "nothing is written")
  .action(async (options: { json?: boolean; rows: number; dryRunOnly?: boolean }): Promise<void> => {
    const { json, rows, dryRunOnly = false } = options;
    print(await benchImport({ rows, dryRunOnly, ...running() }), json);
  });

program
  .command("names")
  .description(
    "scores pairs of names as the watch-list search does, and says how well that tells people apart",
  )
  .option("--json", "a JSON line for each pair, and a last one with f1, auc, precision and recall")
  .option("--pairs <file>", "one JSON object a line: query, list, and optionally query_dob, list_dob, match")
  .option("--cases <file>", "a table like nomenklatura's name_bench instead: its pairs of people")
  .option("--convert", "prints the cases as a pairs file and does nothing else")
  .action(async (options: { json?: boolean; pairs?: string; cases?: string; convert?: boolean }) => {
    const { json, pairs, cases, convert = false } = options;
    try {
      if (convert) print([...casesAsPairs(cases ?? "")], true);
      // Each line as it comes: a file may have millions.
      else
        for await (const line of names({ pairs, cases }))
          console.log(json ? JSON.stringify(line) : inWords(line));
    } catch (error) {
      if (!(error instanceof NotUsable)) throw error;
      console.error(error.message);
      process.exitCode = error.exitCode;
    }
  });

function inWords(line: object): string {
  return Object.values(line)
    .map((value) => (Array.isArray(value) ? value.join(" · ") : String(value)))
    .join("\t");
}

program
  .command("silent")
  .description(
    "how long no hit and a hit that nobody may notice take, one after the other, and how far apart they are",
  )
  .option("--json", "one JSON line")
  .option("--queries <count>", "in each of the two series", whole, 1_000)
  .option("--entries <count>", "OPEN ones; there are as many RESTRICTED ones as queries", whole, 5_000)
  .option("--seed <number>", "of the names and the order", whole, 1)
  .action(
    async (options: { json?: boolean; queries: number; entries: number; seed: number }): Promise<void> => {
      const { json, ...size } = options;
      print([await silent({ ...size, ...running() })], json);
    },
  );

program
  .command("watch")
  .description(
    "the watch-list search beside other ways to search names, on the same made-up list and queries",
  )
  .option("--json", "a JSON line for each, and one of ratios to each peer")
  .option("--n <count>", "entries", whole, 1_000_000)
  .option("--seed <number>", "of the list and the queries", whole, 1)
  .addOption(
    new Option("--mode <mode>", "dirty: four in ten entries have a misspelt part of their own")
      .choices(["clean", "dirty"])
      .default("clean"),
  )
  .option("--peers <names>", `comma-separated, of ${Object.keys(peers).join(", ")}; or none`, peerNames, [
    "pg_trgm",
  ])
  .option(
    "--engines <names>",
    `comma-separated, of ${stages.join(", ")}: the search in memory, the whole product on sealed rows; or none`,
    stageNames,
    stages,
  )
  .option("--data <folder>", "of the name lists", "../shared/data")
  .action(
    async (options: {
      json?: boolean;
      n: number;
      seed: number;
      mode: Mode;
      peers: readonly Peer[];
      engines: readonly Stage[];
      data: string;
    }): Promise<void> => {
      const { json, engines: wanted, ...given } = options;
      needNames(given.data);
      const how = { ...given, engines: engineNames.filter((name) => wanted.includes(name)), ...running() };
      if (how.engines.length + how.peers.length > 0) print(await watch(how), json);
      if (!wanted.includes("sealed")) return;
      for await (const line of watchSealed(how)) print([line], json);
    },
  );

program
  .command("retrieval")
  .description("any list and queries for it, among made-up others: who is not found")
  .option("--json", "a JSON line for each miss, and a last one with recall1, recall10 and times")
  .requiredOption("--list <file>", "CSV: id, name, dob")
  .requiredOption("--queries <file>", "CSV: target (an id of the list), name, dob")
  .option("--background <count>", "made-up entries beside the list", countFromZero, 1_000_000)
  .option("--seed <number>", "of the made-up entries", whole, 1)
  .option("--data <folder>", "of the name lists", "../shared/data")
  .action(
    async (options: {
      json?: boolean;
      list: string;
      queries: string;
      background: number;
      seed: number;
      data: string;
    }): Promise<void> => {
      const { json, ...given } = options;
      if (given.background > 0) needNames(given.data);
      try {
        for await (const line of retrieval({ ...given, ...running() })) {
          console.log(json ? JSON.stringify(line) : inWords(line));
        }
      } catch (error) {
        if (!(error instanceof NotUsable)) throw error;
        console.error(error.message);
        process.exitCode = error.exitCode;
      }
    },
  );

function peerNames(given: string): readonly Peer[] {
  return namesOf(given, Object.keys(peers) as Peer[]);
}

function stageNames(given: string): readonly Stage[] {
  return namesOf(given, stages);
}

function namesOf<Name extends string>(given: string, all: readonly Name[]): readonly Name[] {
  if (given === "none") return [];
  return given.split(",").map((name) => {
    const known = all.find((one) => one === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`${name} is not one of ${all.join(", ")}.`);
    return known;
  });
}

function needNames(folder: string): void {
  const missing = missingData(folder);
  if (missing !== undefined) program.error(missing);
}

function countFromZero(given: string): number {
  return given === "0" ? 0 : whole(given);
}

/** How each bench is told to stop, and where it says how far it is. */
function running() {
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  process.once("SIGTERM", () => stopping.abort());
  return { signal: stopping.signal, progress: (line: string) => console.error(line) };
}

function print(lines: readonly object[], json = false): void {
  if (json) for (const line of lines) console.log(JSON.stringify(line));
  else console.log(table(lines));
}

function whole(given: string): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("A whole number above 0.");
  return value;
}

function wholes(given: string): readonly number[] {
  return given.split(",").map(whole);
}

function even(given: string): number {
  const value = whole(given);
  if (value % 2 !== 0) throw new InvalidArgumentError("An even number: half of it is on each platform.");
  return value;
}

function positive(given: string): number {
  const value = Number(given);
  if (!(value > 0)) throw new InvalidArgumentError("A number above 0.");
  return value;
}

function table(lines: readonly object[]): string {
  const columns = Object.keys(lines[0] ?? {});
  const rows = [columns, ...lines.map((line) => Object.values(line).map(String))];
  return rows
    .map((row) =>
      row
        .map((cell) => cell.padEnd(13))
        .join(" ")
        .trimEnd(),
    )
    .join("\n");
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** 1 is kept for errors that were measured. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  if (error instanceof Error && error.name === "AbortError") return 130;
  console.error(error);
  return 70;
}
