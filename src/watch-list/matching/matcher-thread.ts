import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import { SECOND } from "../../clock.ts";
import { notSearched } from "../../errors.ts";
import type { Reply, Request, ThreadOptions } from "./matcher-messages.ts";
import type { Matcher, MatcherStatus } from "./question.ts";

export interface StartOptions extends ThreadOptions {
  /** What went wrong in the thread, or that it died: it is started again by itself. */
  readonly onTrouble?: (error: unknown) => void;
  /** Told of every thread that is started. For tests that end one. */
  readonly onThread?: (thread: Worker) => void;
}

type Ask = Request extends infer One ? (One extends Request ? Omit<One, "id"> : never) : never;

interface Waiting extends PromiseWithResolvers<Reply> {
  readonly request: Request;
  /** Handed to a thread, and lost with it. */
  posted: boolean;
}

const FIRST_WAIT = 0.1 * SECOND;
const LONGEST_WAIT = 10 * SECOND;
/** A thread that lived so long did not die of how it was started. */
const HEALTHY = 30 * SECOND;
const PATIENCE = 15 * SECOND;

const STARTING: MatcherStatus = { state: "loading", entries: 0, names: 0, tokens: 0, lagMs: 0 };

/** The matcher in a thread of its own, which is started again whenever it dies. */
export function startMatcher(options: StartOptions): Matcher {
  const thread = openThread(options);
  return {
    async search(search) {
      const reply = await thread.ask({ kind: "search", search });
      if (reply.kind !== "search") throw notSearched();
      return reply.answer;
    },
    async plates(asked) {
      const reply = await thread.ask({ kind: "plates", asked });
      if (reply.kind !== "plates") throw notSearched();
      return reply.answer;
    },
    async status() {
      const reply = await thread.ask({ kind: "status" }).catch(() => undefined);
      return reply?.kind === "status" ? reply.answer : STARTING;
    },
    close: () => thread.close(),
  };
}

function openThread({ onTrouble = () => {}, onThread = () => {}, ...options }: StartOptions) {
  const waiting = openWaiting(onTrouble);
  let closing = false;
  let wait = FIRST_WAIT;
  let thread: Worker | undefined;

  function start(): void {
    const began = performance.now();
    const worker = new Worker(new URL("matcher-worker.ts", import.meta.url), { workerData: options });
    worker.on("message", (message: Reply) => waiting.answer(message));
    worker.on("error", onTrouble);
    worker.on("exit", () => {
      thread = undefined;
      waiting.lose();
      if (closing) return;
      onTrouble(new Error("the thread that searches the watch-list ended; it is started again"));
      wait = performance.now() - began > HEALTHY ? FIRST_WAIT : Math.min(LONGEST_WAIT, 2 * wait);
      setTimeout(() => {
        if (!closing) start();
      }, wait).unref();
    });
    thread = worker;
    // What was asked while there was none.
    waiting.post(worker);
    onThread(worker);
  }
  start();

  return {
    ask(request: Ask): Promise<Reply> {
      if (closing) return Promise.reject(notSearched());
      return waiting.add(request, thread);
    },
    async close(): Promise<void> {
      closing = true;
      const last = thread;
      if (last === undefined) return;
      const gone = new Promise((done) => last.once("exit", done));
      const asked = waiting.add({ kind: "close" }, last).catch(() => {});
      await Promise.race([asked, gone, sleep(5 * SECOND, undefined, { ref: false })]);
      await last.terminate();
    },
  };
}

/** Who waits for an answer of the thread. */
function openWaiting(onTrouble: (error: unknown) => void) {
  const all = new Map<number, Waiting>();
  let lastId = 0;
  const take = (id: number) => {
    const one = all.get(id);
    all.delete(id);
    return one;
  };
  const post = (worker: Worker | undefined) => {
    if (worker === undefined) return;
    for (const one of all.values()) {
      if (one.posted) continue;
      one.posted = true;
      worker.postMessage(one.request);
    }
  };
  return {
    post,
    async add(ask: Ask, worker: Worker | undefined): Promise<Reply> {
      lastId += 1;
      const request: Request = { ...ask, id: lastId };
      const one: Waiting = { ...Promise.withResolvers<Reply>(), request, posted: false };
      all.set(request.id, one);
      const late = setTimeout(() => take(request.id)?.reject(notSearched()), PATIENCE);
      post(worker);
      return one.promise.finally(() => clearTimeout(late));
    },
    answer(message: Reply): void {
      if (message.kind === "trouble") return onTrouble(message.error);
      const one = take(message.id);
      if (message.kind === "failed") one?.reject(notSearched());
      else one?.resolve(message);
    },
    /** The thread is gone: whoever asked it is told so, and asks again. */
    lose(): void {
      for (const [id, { posted }] of all) if (posted) take(id)?.reject(notSearched());
    },
  };
}
