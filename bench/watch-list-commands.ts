import { Option, type Command } from "commander";

import { countFromZero, inWords, namesOf, print, running, whole } from "./command-line.ts";
import { benchImport } from "./import/import.ts";
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

/** The benches of the watch-list: its search, its names, its silence and its import. */
// oxlint-disable-next-line max-lines-per-function -- a list of commands
export function addWatchListCommands(program: Command): void {
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
    .option(
      "--pairs <file>",
      "one JSON object a line: query, list, and optionally query_dob, list_dob, match",
    )
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
        needNames(program, given.data);
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
        if (given.background > 0) needNames(program, given.data);
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
}

function peerNames(given: string): readonly Peer[] {
  return namesOf(given, Object.keys(peers) as Peer[]);
}

function stageNames(given: string): readonly Stage[] {
  return namesOf(given, stages);
}

function needNames(program: Command, folder: string): void {
  const missing = missingData(folder);
  if (missing !== undefined) program.error(missing);
}
