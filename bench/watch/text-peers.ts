import uFuzzy from "@leeoniya/ufuzzy";
import { Index } from "flexsearch";
import MiniSearch from "minisearch";

import { memoryMb, secondsSince, type MakeContender, type World } from "./contender.ts";
import { textOf } from "./entities.ts";
import { grouped } from "./metrics.ts";
import type { Asked } from "./queries.ts";

// Text search in JavaScript, as their own documentation shows them for misspelt words.

/** Hits that are read for the first ten groups. */
const MOST_HITS = 200;
const CHUNK = 10_000;

export const makeMiniSearch: MakeContender = (world) =>
  made(world, () => {
    const index = new MiniSearch<{ id: number; name: string }>({ fields: ["name"] });
    return {
      add: (id, name) => index.add({ id, name }),
      hits: (name) =>
        index
          .search(name, { fuzzy: 0.25 })
          .slice(0, MOST_HITS)
          .map(({ id }) => Number(id)),
    };
  });

export const makeFlexSearch: MakeContender = (world) =>
  made(world, () => {
    const index = new Index({ tokenize: "forward" });
    return {
      add: (id, name) => void index.add(id, name),
      hits: (name) => index.search(name, { limit: MOST_HITS, suggest: true }).map(Number),
    };
  });

/** It scans a list of strings, and has no index. */
export const makeUFuzzy: MakeContender = (world) =>
  made(world, () => {
    const all: string[] = [];
    const fuzzy = new uFuzzy({ intraMode: 1 });
    return {
      add: (id, name) => {
        all[id] = name;
      },
      hits: (name) => {
        const [ids, info, order] = fuzzy.search(all, name, 1, 10_000);
        const ranked = order?.map((at) => info?.idx[at] ?? -1) ?? ids ?? [];
        return ranked.slice(0, MOST_HITS);
      },
    };
  });

interface TextIndex {
  /** Names are numbered from 0. */
  readonly add: (id: number, name: string) => void;
  readonly hits: (name: string) => readonly number[];
}

async function made({ generator, n }: World, open: () => TextIndex) {
  const before = memoryMb();
  /** By name, the entity. */
  const places: number[] = [];
  let buildS = 0;
  const index = open();
  for (let from = 0; from < n; from += CHUNK) {
    const names: string[] = [];
    for (let place = from; place < Math.min(n, from + CHUNK); place += 1) {
      for (const name of generator.entity(place).names) {
        names.push(textOf(name).toLowerCase());
        places.push(place);
      }
    }
    const started = performance.now();
    const first = places.length - names.length;
    for (const [at, name] of names.entries()) index.add(first + at, name);
    buildS += secondsSince(started);
  }
  return {
    buildS,
    memoryMb: memoryMb() - before,
    ask: (asked: Asked) =>
      grouped(
        generator,
        asked,
        index.hits(asked.name.toLowerCase()).map((id) => places[id] ?? -1),
      ),
    close: async () => undefined,
  };
}
