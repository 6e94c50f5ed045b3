// One jobs process, as `allpoints start --roles jobs` starts it.

import { readConfig } from "../src/config.ts";
import { openLog } from "../src/log.ts";
import { start } from "../src/main.ts";
import { serveParent } from "./shared/parent-calls.ts";

const { config } = readConfig(process.env);
let running: AsyncDisposable | undefined;

serveParent(
  {
    start: async () => {
      running = await start({ config, log: openLog({ level: config.LOG_LEVEL }) }, ["jobs"]);
    },
  },
  async () => running?.[Symbol.asyncDispose](),
);
