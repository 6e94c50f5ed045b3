import type { MakeContender } from "./contender.ts";
import { makeMemory } from "./memory.ts";
import { makePgTrgm } from "./pg-trgm.ts";
import { makeFlexSearch, makeMiniSearch, makeUFuzzy } from "./text-peers.ts";

/** What our search is measured beside. */
export const peers = {
  pg_trgm: makePgTrgm,
  minisearch: makeMiniSearch,
  ufuzzy: makeUFuzzy,
  flexsearch: makeFlexSearch,
} as const satisfies Readonly<Record<string, MakeContender>>;
export type Peer = keyof typeof peers;

/** Ours: another line of the product (SQL alone, the whole question) is one more of these, in a file of its own. */
export const engines = { memory: makeMemory } as const satisfies Readonly<Record<string, MakeContender>>;
export type EngineName = keyof typeof engines;

export const contenders: Readonly<Record<EngineName | Peer, MakeContender>> = { ...engines, ...peers };
