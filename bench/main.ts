import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import type { Platform } from "../src/chat.ts";
import { answer, type AnswerLine } from "./answer/answer.ts";

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
      const stopping = new AbortController();
      process.once("SIGINT", () => stopping.abort());
      process.once("SIGTERM", () => stopping.abort());
      const { json = false, seconds, rate, platform } = options;
      const lines = await answer({
        platforms: platform === undefined ? ["slack", "discord"] : [platform],
        rate,
        seconds,
        warmUpSeconds: 2,
        signal: stopping.signal,
        progress: (line) => console.error(line),
      });
      for (const line of lines) if (json) console.log(JSON.stringify(line));
      if (!json) console.log(table(lines));
      if (lines.some(({ errors }) => errors > 0)) process.exitCode = 1;
    },
  );

function positive(given: string): number {
  const value = Number(given);
  if (!(value > 0)) throw new InvalidArgumentError("A number above 0.");
  return value;
}

function table(lines: readonly AnswerLine[]): string {
  const columns = [
    "platform",
    "step",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "bare_p50_ms",
    "added_p50_ms",
    "errors",
  ] as const;
  const rows = [columns, ...lines.map((line) => columns.map((column) => String(line[column])))];
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
