#!/usr/bin/env node
import { once } from "node:events";
import { join } from "node:path";

import { Command, CommanderError, Option } from "commander";

import { readConfig, sandboxMode } from "./config.ts";
import { StartError } from "./errors.ts";
import { openLog } from "./log.ts";
import type { Base, ProcessRole } from "./main.ts";

/** As in sysexits.h: the command line itself is wrong. */
const MISUSED = 64;

/** The settings of this start, complained about all at once. */
function base(): Base {
  const { config, warnings } = readConfig(process.env);
  for (const warning of warnings) console.error(`warning: ${warning}`);
  const log = openLog({ level: config.LOG_LEVEL });
  if (!sandboxMode(config)) return { config, log };
  // Kept apart, so that pretend agencies never become members of a real deployment.
  const folder = join(config.ALLPOINTS_DATA, "sandbox");
  return { config: { ...config, ALLPOINTS_DATA: folder, KEYRING_FILE: join(folder, "keyring.json") }, log };
}

/** npm hands on to us the Ctrl-C that the terminal has sent us already: within this time it is the same one. */
const SAME_MS = 1000;

/**
 * Aborted by Ctrl-C or SIGTERM, from the first moment on: what is being opened is opened to its end, and then closed in
 * order. A second signal does not wait.
 */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (): void => {
    if (firstMs !== undefined && performance.now() - firstMs > SAME_MS) process.exit(130);
    if (firstMs !== undefined) return;
    firstMs = performance.now();
    console.error("Stopping…");
    stopping.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
  process.once("disconnect", () => stopping.abort());
  return stopping.signal;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

interface Opened extends AsyncDisposable {
  /** Aborted when it cannot go on: its reason is thrown once it is closed. */
  readonly over?: AbortSignal;
}

/** Opens it, and closes it in order when told to. What was told to stop while it opened has not failed. */
async function untilStopped(stopping: AbortSignal, open: () => Promise<Opened>): Promise<void> {
  try {
    await using running = await open();
    const ending = AbortSignal.any(running.over === undefined ? [stopping] : [stopping, running.over]);
    await aborted(ending);
    ending.throwIfAborted();
  } catch (error) {
    if (!stopping.aborted || error !== stopping.reason) throw error;
  }
  // The line to a supervisor would keep this process alive.
  if (process.connected) process.disconnect();
}

const program = new Command("allpoints")
  .description("Share tips about threats of violence between law-enforcement agencies, in Slack and Discord.")
  .version("0.1.0");

program
  .command("start")
  .description("run the bot; without any token set, the sandbox with a pretend Slack and a pretend Discord")
  .option("--once", "play the story from a tip to a recalled bulletin in a fresh sandbox, then exit")
  .addOption(
    new Option(
      "--roles <roles>",
      "what this process does: bot (answers people), jobs (delivers), or both",
    ).default("bot,jobs"),
  )
  .addOption(
    new Option("--port <port>", "the sandbox's page; 0: any that is free").default(4600).argParser(portOf),
  )
  .option("--no-open", "do not show the sandbox's page in the browser")
  .addOption(new Option("--sandbox", "a process of the sandbox").hideHelp())
  .addOption(new Option("--when-told", "loads everything and waits for the word").hideHelp())
  .action(async ({ once: playing, roles, port, open, sandbox, whenTold }: StartOptions) => {
    const chosen = rolesNamed(roles);
    const ground = { ...base(), sandbox: sandbox === true };
    const stopping = stopSignal();
    if (playing !== true && !sandboxMode(ground.config)) {
      await untilStopped(stopping, () =>
        startRoles(ground, { chosen, stopping, whenTold: whenTold === true }),
      );
      return;
    }
    // Only here: the pretend platforms have no place in the bot's own process, nor in a command of the operator.
    const { playOnce, startSandbox } = await import("./cli-sandbox.ts");
    if (playing === true) process.exitCode = await playOnce(ground, stopping);
    else await untilStopped(stopping, () => startSandbox(ground, { port, open, stopping }));
  });

interface StartOptions {
  readonly once?: boolean;
  readonly roles: string;
  readonly port: number;
  readonly open: boolean;
  readonly sandbox?: boolean;
  readonly whenTold?: boolean;
}

interface RolesOptions {
  readonly chosen: readonly ProcessRole[];
  readonly stopping: AbortSignal;
  /** Load everything, and go to work at the supervisor's word. */
  readonly whenTold: boolean;
}

async function startRoles(
  base: Base,
  { chosen, stopping, whenTold }: RolesOptions,
): Promise<AsyncDisposable> {
  const told = whenTold ? once(process, "message") : undefined;
  const { start } = await import("./main.ts");
  if (told !== undefined) await Promise.race([told, aborted(stopping)]);
  stopping.throwIfAborted();
  const running = await start(base, chosen);
  const { HOST } = base.config;
  console.error(
    [
      "Allpoints is running.",
      running.slackPort === undefined
        ? undefined
        : `Slack's requests: http://${HOST}:${running.slackPort}/slack/events`,
      `Health: http://${HOST}:${running.healthPort}/readyz`,
      running.hint,
      "Stop with Ctrl-C.",
    ]
      .filter((line) => line !== undefined)
      .join("\n"),
  );
  // A supervisor waits for this (the sandbox is one).
  process.send?.({ slackPort: running.slackPort });
  return running;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new StartError(
    `--port: "${text}" is no port.`,
    "Use a number from 0 to 65535; 0 takes any free port.",
    MISUSED,
  );
}

const processRoles: readonly ProcessRole[] = ["bot", "jobs"];

function rolesNamed(list: string): readonly ProcessRole[] {
  const names = list.split(",").map((name) => name.trim());
  const wrong = names.filter((name) => !processRoles.some((role) => role === name));
  if (wrong.length > 0)
    throw new StartError(`--roles: there is no "${wrong.join(", ")}".`, `Use ${processRoles.join(",")}.`, 64);
  return processRoles.filter((role) => names.includes(role));
}

program
  .command("migrate")
  .description("bring the database up to this version (start does it too)")
  .action(async () => {
    const { openGround } = await import("./main.ts");
    await using ground = await openGround(base());
    void ground;
    console.log("The database is up to date.");
  });

program
  .command("doctor")
  .description("check this installation: each line is a check, with what to do when it fails")
  .option("--json", "for machines")
  .action(async ({ json }: { json?: boolean }) => {
    const { runDoctor } = await import("./cli-doctor.ts");
    process.exitCode = await runDoctor(base(), { json: json === true });
  });

// The sandbox's first page is there before the rest of the program is loaded: these load it all.
if (process.argv[2] !== "start") {
  const { operatorCommands } = await import("./cli-commands.ts");
  for (const command of operatorCommands(base)) program.addCommand(command);
}
explainMisuse(program, []);

/** A mistyped command or option says where help is, at every depth, and is ours to end. */
function explainMisuse(command: Command, path: readonly string[]): void {
  command.exitOverride().showHelpAfterError(`(${helpOn(path)} lists what there is)`);
  for (const inner of command.commands) explainMisuse(inner, [...path, inner.name()]);
}

/** As it is typed in the checkout, where nothing of ours is on the PATH. */
function helpOn(path: readonly string[]): string {
  return path[0] === "start" ? "npm start -- --help" : ["npm run allpoints --", ...path, "--help"].join(" ");
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
  // The line to a supervisor would keep a process alive that could not start.
  if (process.connected) process.disconnect();
}

/** What went wrong, for the person at the keyboard; and the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
  if (error instanceof StartError) {
    console.error(`${error.message}\n${error.fix}`);
    return error.exitCode;
  }
  console.error(error);
  return 1;
}
