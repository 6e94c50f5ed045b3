import { join } from "node:path";

import { startChild } from "../shared/child.ts";
import { openFolder } from "../shared/folder.ts";
import { percentile, rounded } from "../shared/numbers.ts";
import type { Answered } from "../watch-process.ts";
import type { Chatting, Warmed } from "../watch-sealed-process.ts";
import type { WatchOptions } from "../watch/watch.ts";

interface Times {
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
}
type Of = Pick<WatchOptions, "n" | "mode" | "seed"> & { readonly bench: "watch" };

/** What the product does on sealed rows, one line for each. */
export type SealedLine =
  | (Of & {
      readonly engine: "warm-up";
      /** Until SQL answers, and until memory does. */
      readonly readable_s: number;
      readonly warm_up_s: number;
      readonly memory_mb: number;
      /** Writing the rows: not the product's way. */
      readonly load_s: number;
    })
  | (Of & Times & { readonly engine: "sql"; readonly recall10: number; readonly dob_strict10: number })
  | (Of &
      Times & {
        readonly engine: "/watch";
        readonly per_second: number;
        readonly officers: number;
        readonly queries: number;
      });

const SQL_QUERIES = 1_000;
const WARM_UP = 0.1;
const chatting: Chatting = { rate: 20, seconds: 60, officers: 2_000 };

/** The same list as sealed rows: warm-up, SQL alone, and /watch from many officers. Each line as soon as it is known. */
export async function* watchSealed(options: WatchOptions): AsyncGenerator<SealedLine, void> {
  await using opened = new AsyncDisposableStack();
  const { n, seed, mode, data, progress, signal } = options;
  const folder = openFolder(opened);
  const child = opened.adopt(
    startChild({
      file: "watch-sealed-process.ts",
      settings: {},
      log: join(folder, "sealed.log"),
      node: ["--expose-gc"],
      signal,
    }),
    (one) => one.close(),
  );
  const of: Of = { bench: "watch", n, mode, seed };
  const loadS = (await child.call("make", { n, seed, mode, data, folder })) as number;
  progress(`sealed rows of ${n} entries in ${rounded(loadS, 0)} s`);
  const warmed = (await child.call("warm")) as Warmed;
  yield {
    ...of,
    engine: "warm-up",
    readable_s: rounded(warmed.readableS),
    warm_up_s: rounded(warmed.readyS),
    memory_mb: rounded(warmed.memoryMb, 0),
    load_s: rounded(loadS, 0),
  };
  const answered = (await child.call("sql", { count: SQL_QUERIES })) as readonly Answered[];
  const measured = answered.slice(answered.length * WARM_UP);
  const dated = measured.filter(({ strict }) => strict !== null);
  yield {
    ...of,
    engine: "sql",
    ...timesOf(measured.map(({ ms }) => ms)),
    recall10: rounded(measured.filter(({ found }) => found).length / measured.length, 4),
    dob_strict10: rounded(dated.filter(({ strict }) => strict === true).length / dated.length, 4),
  };
  const chat = (await child.call("chat", chatting)) as readonly number[];
  yield {
    ...of,
    engine: "/watch",
    ...timesOf(chat.slice(chat.length * WARM_UP)),
    per_second: chatting.rate,
    officers: chatting.officers,
    queries: chat.length,
  };
}

function timesOf(times: readonly number[]): Times {
  const at = (share: number) => rounded(percentile(times, share));
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
}
