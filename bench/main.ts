import { Command, CommanderError, Option } from "commander";

import type { Platform } from "../src/chat.ts";
import { answer } from "./answer/answer.ts";
import { even, positive, print, running, whole, wholes } from "./command-line.ts";
import type { Transport } from "./ledger/draining.ts";
import { engine, type Backend } from "./ledger/engine.ts";
import { fanOut } from "./ledger/fanout.ts";
import { growth } from "./ledger/growth.ts";
import { idle } from "./ledger/idle.ts";
import { addWatchListCommands } from "./watch-list-commands.ts";

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

addWatchListCommands(program);

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
