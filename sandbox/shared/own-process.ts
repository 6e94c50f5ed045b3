import { fstatSync } from "node:fs";

interface Running {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Runs a pretend platform as its own process: options as JSON on the command line, one line with its address. */
export async function runAsProcess(start: (options: never) => Promise<Running>): Promise<void> {
  // oxlint-disable-next-line node/no-process-env -- A stand-in for a foreign service, not a part of the configured product.
  const options: unknown = JSON.parse(process.argv[2] ?? process.env["PRETEND_OPTIONS"] ?? "{}");
  const running = await start(options as never);
  process.stdout.write(`${JSON.stringify({ url: running.url })}\n`);

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void running.close().finally(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // A parent that dies without a signal must not leave its pretend platforms behind.
  process.on("disconnect", stop);
  // Only a pipe ends with its parent: a terminal does not, and /dev/null has ended already.
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on("end", stop).on("error", stop).resume();
}
