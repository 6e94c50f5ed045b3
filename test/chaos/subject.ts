// The process under test: bot and jobs, or jobs alone, as `allpoints start` puts them together. It kills itself.

import { Queue } from "bullmq";

import { readConfig } from "../../src/config.ts";
import { openLog } from "../../src/log.ts";
import { openAdapters, openGround, startBot, startJobs, type Ground } from "../../src/main.ts";
import type { Store } from "../../src/store/store.ts";
import type { Arming, Point } from "./points.ts";
import type { FromSubject, SubjectOptions, ToSubject } from "./supervisor.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as SubjectOptions;
// Loaded, and not needed any more.
if (options.roles.length === 0) process.exit(0);
const { config } = readConfig(process.env);
const log = openLog({ level: config.LOG_LEVEL });
let armed: Arming | undefined;
let passed = 0;

/** Called at each named step. The last one is never returned from. */
function at(point: Point): void {
  if (armed?.after === point) armed = { ...armed, after: undefined };
  if (armed?.point !== point || armed.after !== undefined) return;
  passed += 1;
  if (passed !== armed.nth) return;
  const { afterMs } = armed;
  armed = undefined;
  if (afterMs === 0) process.kill(process.pid, "SIGKILL");
  else setTimeout(() => process.kill(process.pid, "SIGKILL"), afterMs);
}

/** Marks the two moments around the commit of what an officer did. */
function watched(store: Store): Store {
  return {
    ...store,
    async transaction(actor, work) {
      if (actor.agency === null) return store.transaction(actor, work);
      const result = await store.transaction(actor, async (tx) => {
        const done = await work(tx);
        at("inbound_uncommitted");
        return done;
      });
      at("inbound_committed");
      return result;
    },
  };
}

/** The kick is not waited for by anybody, so the moment after it is where the job was added. */
function watchKicks(): void {
  const add = Reflect.get(Queue.prototype, "add");
  Queue.prototype.add = async function added(...job) {
    const result = await add.apply(this, job);
    at("kicked");
    return result;
  };
}

function tell(message: FromSubject): void {
  process.send?.(message);
}

process.on("message", (message: ToSubject) => {
  armed = message.arming;
  passed = 0;
  tell({ armed: armed !== undefined });
});
// Its parent is gone, and has taken down everything it could still write to.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
// It may have gone while this was being loaded.
if (!process.connected) process.kill(process.pid, "SIGKILL");

watchKicks();
const ground = await openGround({ config, log });
const watchedGround: Ground = { ...ground, app: watched(ground.app) };
const adapters = openAdapters(watchedGround);
await startJobs(watchedGround, adapters, { at, skipLookUp: options.broken ?? false });
const bot = options.roles.includes("bot") ? await startBot(watchedGround, adapters) : undefined;
tell({ ready: true, slackPort: bot?.slackPort });
