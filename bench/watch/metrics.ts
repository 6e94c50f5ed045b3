import type { Answer } from "./contender.ts";
import { textOf, type Entity, type Generator, type Written } from "./entities.ts";
import type { Asked } from "./queries.ts";

/** Whether an answer was right, as watchlist.md §3.1 counts. */
export interface Right {
  /**
   * Some group among the first ten holds the entity that was meant, or one that nobody could tell from it: the same
   * first and last part of a name, and the same birth date where one was asked. (equiv@10)
   */
  readonly found: boolean;
  /** Queries with a birth date: that very entity is in the first ten groups. Otherwise undefined. */
  readonly strict: boolean | undefined;
}

const TEN = 10;

export function isRight({ entity }: Generator, asked: Asked, answer: Answer): Right {
  const first = answer.slice(0, TEN);
  const strict = first.some((group) => group.includes(asked.target));
  const meant = keysOf(entity(asked.target), asked);
  const found =
    strict ||
    first.some((group) =>
      group.some((place) => keysOf(entity(place), asked).some((key) => meant.includes(key))),
    );
  return { found, strict: asked.born === undefined ? undefined : strict };
}

/** What makes two entities one to this query, one for each name. */
function keysOf({ names, born }: Entity, asked: Asked): readonly string[] {
  return names.map((name) => keyOf(name, asked.born === undefined ? "" : (born ?? "?")));
}

function keyOf(name: Written, born: string): string {
  const parts = textOf({ given: name.given, surnames: name.surnames }).toLowerCase().split(" ");
  return [parts[0], parts.at(-1), born].join("|");
}

/** Hits in order, made groups of those that are one to the query: as a peer that ranks single entries is judged. */
export function grouped({ entity }: Generator, asked: Asked, places: readonly number[]): Answer {
  const groups = new Map<string, number[]>();
  for (const place of places) {
    const key = keysOf(entity(place), asked)[0] ?? "";
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  }
  return [...groups.values()];
}
