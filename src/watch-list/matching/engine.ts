import { ask, type Asked } from "./asked.ts";
import type { Engine, EngineFound, EntryRow, LaneName, LaneStatistics } from "./feed.ts";
import { groupsOf, judgeEntry, rankingOf } from "./groups.ts";
import { createLane, type Lane } from "./lane.ts";
import { lookUpOf, mayBeBorn } from "./look-up.ts";
import { createMarks } from "./marks.ts";
import { suffixes } from "./name-reader.ts";
import type { Judgement, LaneFound, Question, Search } from "./question.ts";
import { growingRows, seconds, type Row, type Rows } from "./rows.ts";
import { suffixNumber } from "./scale.ts";
import { createScorer } from "./scoring.ts";
import { givenStatistics, noStatistics, type Statistics } from "./statistics.ts";
import { createVisibility } from "./visibility.ts";
import { createVocabulary, type Alike, type Vocabulary } from "./vocabulary.ts";

const lanes = ["open", "restricted"] as const satisfies readonly LaneName[];

export interface EngineOptions {
  /** Another one: to compare with one that looks at every part. */
  readonly vocabulary?: Vocabulary;
  /** Weighs also what cannot fit: to compare. */
  readonly thorough?: boolean;
}

interface AskingOne {
  readonly may: Uint8Array;
  /** The same part is looked up once for both lanes. */
  readonly alike: (part: string) => Alike;
  readonly near: (part: string) => readonly number[];
}

/** Who may be matched, at which second. */
interface Moment {
  readonly may: Uint8Array;
  readonly now: number;
}

interface Place {
  readonly rows: Rows;
  readonly slot: number;
}

/** Where candidates come from. */
interface Source {
  readonly lane: LaneName;
  /** Shows the scorer all of them. */
  readonly show: (moment: Moment) => void;
  readonly find: (number: number) => Place | undefined;
}

/** An empty watch-list in memory. */
// oxlint-disable-next-line max-lines-per-function -- one state, and everything that may touch it
export function createEngine({
  vocabulary = createVocabulary(),
  thorough = false,
}: EngineOptions = {}): Engine {
  const visibility = createVisibility();
  const marks = createMarks();
  const scorer = createScorer(vocabulary, marks, thorough);
  const made = (): Lane => createLane(vocabulary.traits, vocabulary.size);
  const laneOf: Readonly<Record<LaneName, Lane>> = { open: made(), restricted: made() };
  const given = new Map<LaneName, Statistics>();
  const namingOf = (lane: LaneName) => ({
    lane,
    partsOf: ({ firstTokens, tokens }: Rows, name: number): readonly string[] =>
      Array.from(tokens.subarray(firstTokens[name], firstTokens[name + 1]), (token) =>
        vocabulary.stringOf(token),
      ),
    ownerOf: visibility.ownerOf,
  });
  const namingIn = { open: namingOf("open"), restricted: namingOf("restricted") } as const;
  let working: Iterator<undefined, void> | undefined;

  function rowOf(entry: EntryRow, tokenOf: (id: number) => number): Row {
    return {
      number: entry.number,
      class: visibility.classOf(entry.owner, entry.audience, entry.kept),
      expires: seconds(entry.expires),
      names: entry.names.map(({ tokens, suffix }) => ({
        tokens: Array.from(tokens, tokenOf),
        suffix: suffixOf(suffix),
      })),
      dates: entry.dates,
    };
  }

  function known(id: number): number {
    const token = vocabulary.ofId(id);
    if (token === -1) throw new Error("a token was not added to the vocabulary");
    return token;
  }

  function statisticsOf(lane: LaneName): Statistics {
    const { isReady, statistics } = laneOf[lane];
    return isReady() ? statistics : (given.get(lane) ?? noStatistics);
  }

  /** The same part is looked up once for both lanes. */
  function lookUpOnce(): Pick<AskingOne, "alike" | "near"> {
    return { alike: once(vocabulary.alike), near: once(vocabulary.near) };
  }

  function askOne(lane: LaneName, question: Question, { may, alike, near }: AskingOne): Asked {
    const statistics = statisticsOf(lane);
    return ask(question, { vocabulary, statistics, visible: statistics.visible(may), alike, near });
  }

  function askBoth(question: Question, may: Uint8Array): Readonly<Record<LaneName, Asked>> {
    const looking = lookUpOnce();
    return {
      open: askOne("open", question, { may, ...looking }),
      restricted: askOne("restricted", question, { may, ...looking }),
    };
  }

  function answer(asked: Asked, search: Search, source: Source): LaneFound {
    const { agency } = search;
    const isTold = (of: number) => source.lane === "restricted" || visibility.isTold(of, agency);
    const naming = { ...namingIn[source.lane], isTold };
    const seeing = { may: visibility.mayMatch(search.agency), now: search.now.getTime() / 1000 };
    scorer.start(asked);
    if (asked.name !== undefined) source.show(seeing);
    const judged = new Map<number, Judgement>();
    for (const number of search.also) {
      const at = source.find(number);
      if (at === undefined || !isVisible(at, seeing)) continue;
      judged.set(number, judgeEntry(scorer, naming, at));
    }
    return { groups: groupsOf(scorer, naming), judged };
  }

  function searchRows(search: Search, candidates: readonly EntryRow[]): EngineFound {
    const asked = askBoth(search, visibility.mayMatch(search.agency));
    const one = (lane: LaneName): LaneFound => {
      const growing = growingRows();
      const slots = new Map<number, number>();
      for (const entry of candidates) {
        if (entry.lane !== lane || slots.has(entry.number)) continue;
        slots.set(entry.number, growing.append(rowOf(entry, vocabulary.ofId)));
      }
      const rows = growing.rows();
      return answer(asked[lane], search, {
        lane,
        show: (seeing) => {
          for (let slot = 0; slot < rows.entries; slot += 1) {
            if (isVisible({ rows, slot }, seeing)) scorer.visit(rows, slot);
          }
        },
        find: (number) => {
          const slot = slots.get(number);
          return slot === undefined ? undefined : { rows, slot };
        },
      });
    };
    return { open: one("open"), restricted: one("restricted") };
  }

  function nextWork(): Iterator<undefined, void> | undefined {
    if (!vocabulary.isSettled()) return vocabulary.settling();
    return lanes
      .map((lane) => laneOf[lane])
      .find((lane) => lane.isWaiting())
      ?.settling();
  }

  return {
    addTokens: (rows) => {
      for (const { id, string } of rows) vocabulary.add(id, string);
    },
    addStatistics: ({ lane, names, tokens, counts }: LaneStatistics) => {
      const counted = new Map<number, number>();
      for (let at = 0; at < tokens.length; at += 1) {
        const token = vocabulary.ofId(tokens[at] ?? -1);
        if (token !== -1) counted.set(token, counts[at] ?? 0);
      }
      given.set(lane, givenStatistics(names, counted, vocabulary.traits()));
    },
    load: (rows) => {
      for (const entry of rows) laneOf[entry.lane].load(rowOf(entry, known));
    },
    loaded: () => {
      for (const lane of lanes) laneOf[lane].loaded();
    },
    put: (entry) => {
      laneOf[entry.lane === "open" ? "restricted" : "open"].remove(entry.number);
      laneOf[entry.lane].put(rowOf(entry, known));
    },
    remove: (number) => {
      for (const lane of lanes) laneOf[lane].remove(number);
    },
    work: (milliseconds) => {
      const end = performance.now() + milliseconds;
      do {
        working ??= nextWork();
        if (working === undefined) return false;
        if (working.next().done === true) working = undefined;
      } while (performance.now() < end);
      return working !== undefined || nextWork() !== undefined;
    },
    search: (search) => {
      const looking = lookUpOnce();
      const may = visibility.mayMatch(search.agency);
      const one = (lane: LaneName): LaneFound => {
        // Also where nothing is: nobody is to learn from the time it takes whether there is anything.
        const { candidates, find } = laneOf[lane];
        const asked = askOne(lane, search, { may, ...looking });
        const show = (seeing: Moment) => candidates(asked, { ...seeing, marks, scorer });
        return answer(asked, search, { lane, show, find });
      };
      return { open: one("open"), restricted: one("restricted") };
    },
    rank: (search) => {
      const may = visibility.mayMatch(search.agency);
      const asked = askOne("open", search, { may, ...lookUpOnce() });
      scorer.start(asked, true);
      const seeing = { may, now: search.now.getTime() / 1000, marks, scorer };
      if (asked.name !== undefined) laneOf.open.candidates(asked, seeing);
      return rankingOf(scorer);
    },
    expand: (question) => {
      const asked = askBoth(question, visibility.mayMatch(question.agency));
      return {
        open: lookUpOf(asked.open, vocabulary),
        restricted: lookUpOf(asked.restricted, vocabulary),
        mayBeBorn: asked.open.born && mayBeBorn(asked.open.born),
      };
    },
    searchRows,
    status: () => ({
      ready: lanes.every((lane) => laneOf[lane].isReady()),
      entries: laneOf.open.entries() + laneOf.restricted.entries(),
      names: laneOf.open.statistics.names() + laneOf.restricted.statistics.names(),
      tokens: vocabulary.size(),
      bytes: vocabulary.bytes() + laneOf.open.bytes() + laneOf.restricted.bytes() + marks.rowOf.byteLength,
    }),
  };
}

/** Of equal parts the same answer, found once. */
function once<Found>(find: (part: string) => Found): (part: string) => Found {
  const found = new Map<string, Found>();
  return (part) => {
    const known = found.get(part) ?? find(part);
    found.set(part, known);
    return known;
  };
}

function isVisible({ rows, slot }: Place, { may, now }: Moment): boolean {
  return (rows.expires[slot] ?? 0) > now && may[rows.classes[slot] ?? 0] === 1;
}

/** Suffixes come from outside as text, known or not. */
function suffixOf(suffix: string | undefined): number {
  return suffixNumber(suffixes.find((one) => one === suffix));
}
