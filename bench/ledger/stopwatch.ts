import { join } from "node:path";

import type { Ground } from "../../src/main.ts";
import { readPostmaster } from "../../src/store/embedded-postmaster.ts";
import { cpuOf, cpuOfTree } from "../shared/cpu.ts";

/** Seconds on the clock, and of CPU: this process's, and the embedded database's with everything it runs. */
export interface Spent {
  readonly seconds: number;
  readonly cpu: number;
  readonly postgres: number;
}

/** Starts now; what it returns says what was spent since. */
export function stopwatch({ config }: Ground): () => Spent {
  const postmaster = readPostmaster(join(config.ALLPOINTS_DATA, "pg"))?.pid ?? 0;
  const look = () => ({
    seconds: performance.now() / 1_000,
    cpu: cpuOf(process.pid),
    postgres: cpuOfTree(postmaster),
  });
  const from = look();
  return () => {
    const now = look();
    return {
      seconds: now.seconds - from.seconds,
      cpu: now.cpu - from.cpu,
      postgres: now.postgres - from.postgres,
    };
  };
}
