import { reach } from "../../../src/watch-list/matching/deletions.ts";
import { createEngine } from "../../../src/watch-list/matching/engine.ts";
import type {
  Engine,
  EngineFound,
  EntryRow,
  LaneLookUp,
  LookUp,
} from "../../../src/watch-list/matching/feed.ts";
import { codesOf, levels, sharedKinds } from "../../../src/watch-list/matching/likeness.ts";
import { readName } from "../../../src/watch-list/matching/name-reader.ts";
import type { Search } from "../../../src/watch-list/matching/question.ts";
import {
  alikeLevel,
  createVocabulary,
  type Vocabulary,
} from "../../../src/watch-list/matching/vocabulary.ts";

// The same answers the long way round: every part of the vocabulary is compared, every name is weighed.

/** Optimal string alignment distance by the textbook. */
export function textbookDistance(one: string, other: string): number {
  const rows = Array.from({ length: one.length + 1 }, (): number[] =>
    Array.from({ length: other.length + 1 }, () => 0),
  );
  const at = (a: number, b: number): number => rows[a]?.[b] ?? 0;
  for (let a = 0; a <= one.length; a += 1) {
    for (let b = 0; b <= other.length; b += 1) {
      const row = rows[a] ?? [];
      if (a === 0 || b === 0) {
        row[b] = a + b;
        continue;
      }
      const differ = Number(one[a - 1] !== other[b - 1]);
      row[b] = Math.min(at(a - 1, b) + 1, at(a, b - 1) + 1, at(a - 1, b - 1) + differ);
      const swap = a > 1 && b > 1 && one[a - 1] === other[b - 2] && one[a - 2] === other[b - 1];
      if (swap) row[b] = Math.min(row[b] ?? 0, at(a - 2, b - 2) + 1);
    }
  }
  return at(one.length, other.length);
}

/** Looks at every part there is, in place of neighbourhoods and codes. */
export function scanningVocabulary(): Vocabulary {
  const vocabulary = createVocabulary();
  return {
    ...vocabulary,
    near: (part) =>
      Array.from({ length: vocabulary.size() }, (_none, token) => token).filter((token) => {
        const listed = vocabulary.stringOf(token);
        return textbookDistance(part, listed) <= reach(part, listed);
      }),
    alike: (part) => {
      const found = Array.from({ length: vocabulary.size() }, (_none, token) => {
        const listed = vocabulary.stringOf(token);
        const distance = Math.min(3, textbookDistance(part, listed));
        const shared = sharedKinds(codesOf(part), codesOf(listed));
        return { token, level: alikeLevel(part, listed, { distance, shared }) };
      }).filter(({ level }) => level !== -1 && !(level === levels.initial && part.length === 1));
      return {
        tokens: Int32Array.from(found, ({ token }) => token),
        levels: Uint8Array.from(found, ({ level }) => level),
      };
    },
  };
}

/** A list of people as a test writes it. */
export interface Person {
  readonly number: number;
  readonly names: readonly string[];
  readonly dates?: readonly number[];
  readonly owner?: string;
  readonly audience?: readonly string[];
  readonly lane?: "open" | "restricted";
  readonly expires?: number;
}

export const now = new Date("2026-06-01T12:00:00Z");
export const later = now.getTime() / 1000 + 86_400;

/** Ids as a database would give them, the same for all engines that are filled through it. */
export interface Tokens {
  readonly rowOf: (person: Person) => EntryRow;
  readonly fill: (engine: Engine) => void;
}

export function tokens(): Tokens {
  const ids = new Map<string, number>();
  const idOf = (string: string): number => {
    const id = ids.get(string) ?? 7 * ids.size + 11;
    ids.set(string, id);
    return id;
  };
  return {
    rowOf: ({ number, names, dates = [], owner = "a", audience, lane = "open", expires = later }) => ({
      number,
      lane,
      owner,
      audience,
      expires,
      dates,
      names: names.map((name) => {
        const { parts, suffix } = readName(name);
        return { tokens: parts.map(idOf), suffix };
      }),
    }),
    fill: (engine) => engine.addTokens([...ids].map(([string, id]) => ({ id, string }))),
  };
}

export function filled(people: readonly Person[], known: Tokens, engine: Engine = createEngine()): Engine {
  const rows = people.map(known.rowOf);
  known.fill(engine);
  engine.load(rows);
  engine.loaded();
  settle(engine);
  return engine;
}

export function settle(engine: Engine): void {
  while (engine.work(1000));
}

export function search(question: Partial<Search>): Search {
  return { agency: "a", now, also: [], ...question };
}

/** What SQL would find for a look-up, from rows instead of tables. */
function lookedUp(
  rows: readonly EntryRow[],
  { pairs, single, anyDate, dates, parts }: LaneLookUp,
  mayBeBorn: LookUp["mayBeBorn"],
): readonly EntryRow[] {
  return rows.filter((row) => {
    const born = row.dates.some((date) => dates.includes(date));
    const fits = row.dates.length === 0 || mayBeBorn === undefined || row.dates.some(mayBeBorn);
    return row.names.some(({ tokens: own }) => {
      const all = Array.from(own);
      const pair = pairs.some(
        ({ a, b, dated }) =>
          (fits || !dated) &&
          all.some((one, place) =>
            all.some(
              (other, beside) =>
                (all.length === 1 || (place !== beside && one < other)) &&
                a.includes(one) &&
                b.includes(other),
            ),
          ),
      );
      return (
        pair ||
        all.some((token) => (fits ? single : single.slice(0, anyDate)).includes(token)) ||
        (born && all.some((token) => parts.includes(token)))
      );
    });
  });
}

/** By SQL alone: look-up, then the same scorer. */
export function searchSql(engine: Engine, rows: readonly EntryRow[], asked: Search): EngineFound {
  const { open, restricted, mayBeBorn } = engine.expand(asked);
  const lane = (name: string) => rows.filter((row) => row.lane === name);
  const also = rows.filter(({ number }) => asked.also.includes(number));
  return engine.searchRows(asked, [
    ...lookedUp(lane("open"), open, mayBeBorn),
    ...lookedUp(lane("restricted"), restricted, mayBeBorn),
    ...also,
  ]);
}

/** Every name is weighed, with a vocabulary that is compared part by part. */
export function exhaustive(people: readonly Person[], known: Tokens): (asked: Search) => EngineFound {
  const engine = filled(people, known, createEngine({ vocabulary: scanningVocabulary(), thorough: true }));
  const rows = people.map(known.rowOf);
  return (asked) => engine.searchRows(asked, rows);
}
