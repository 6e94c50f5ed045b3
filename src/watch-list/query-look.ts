import type { Call } from "../bot/command.ts";
import {
  askKeys,
  isPartial,
  patternKeys,
  type AskKey,
  type Identifier,
  type IdentifierKind,
} from "./identifier.ts";
import { blindIdentifier } from "./index-store.ts";
import { match, type Fitting, type Identified, type Matched } from "./match.ts";
import type { LaneName } from "./matching/feed.ts";
import type { Band, LaneFound, MatcherFound } from "./matching/question.ts";
import { findIdentified, findNumbers, openHits, type Found, type Opening } from "./open-hits-store.ts";
import { MOST_SHOWN, type Asked, type CountedGroup, type FoundEntry } from "./query.ts";

/** What an answer shows of one entry: what it says, and why it fits. */
export interface Hit extends Found, Omit<Fitting, "number"> {}

/** Everything that fits, before the database had the last word. The two lanes never mix. */
export interface Looked {
  readonly open: Matched;
  readonly restricted: Matched;
  /** Parts of plates that fit more than are looked at. */
  readonly tooWide: readonly Identifier[];
}

interface LookedUp extends AskKey {
  readonly kind: IdentifierKind;
  /** Left out: in both. */
  readonly lane?: LaneName;
}

const nobody: LaneFound = { groups: [], judged: new Map() };

interface Looking {
  /** By the business clock. */
  readonly now: Date;
  /** What was shown of this question before: looked at again, however many fit by now, and no group is counted. */
  readonly before?: readonly FoundEntry[];
}

/** Looks in both lanes, whatever is in them. */
export async function look(call: Call, asked: Asked, { now, before }: Looking): Promise<Looked> {
  const { tx, officer, tools } = call;
  const { keys, tooWide } = await keysOf(call, asked.identifiers);
  const shown = await shownBefore(call, before ?? []);
  const blinds = keys.map(({ kind, key }) => ({ kind, blind: blindIdentifier(tools.keyring, kind, key) }));
  const rows = blinds.length === 0 ? [] : await findIdentified(tx, blinds);
  const identified = { open: [] as Identified[], restricted: [] as Identified[] };
  for (const { lane, number, key } of rows) {
    const by = keys[key];
    if (by === undefined || (by.lane ?? lane) !== lane) continue;
    identified[lane].push({ number, kind: by.kind, fit: by.fit });
  }
  const { name, born } = asked;
  const found: Pick<MatcherFound, "open" | "restricted"> =
    name === undefined && born === undefined
      ? { open: nobody, restricted: nobody }
      : await tools.matcher.search({
          name,
          born: born && { readings: born.readings, years: born.years },
          agency: officer.agency,
          now,
          also: [...new Set([...rows.map(({ number }) => number), ...shown.keys()])],
        });
  const beside = { name: name !== undefined, born: born !== undefined };
  const most = before === undefined ? MOST_SHOWN : Number.POSITIVE_INFINITY;
  return {
    open: match(beside, found.open, { identified: identified.open, most, before: shown }),
    restricted: match(beside, found.restricted, { identified: identified.restricted, most }),
    tooWide,
  };
}

/** By number, which nobody wrote down. */
async function shownBefore({ tx }: Call, before: readonly FoundEntry[]): Promise<ReadonlyMap<number, Band>> {
  if (before.length === 0) return new Map();
  const numbers = await findNumbers(
    tx,
    before.map(({ entryId }) => entryId),
  );
  return new Map(
    before.flatMap(({ entryId, band }) => {
      const number = numbers.get(entryId);
      return number === undefined ? [] : [[number, band] as const];
    }),
  );
}

/** Plates of each lane that fit part of one, at most. */
const MOST_PLATES = 100;
const eachLane = ["open", "restricted"] as const satisfies readonly LaneName[];

interface Keys {
  readonly keys: readonly LookedUp[];
  readonly tooWide: readonly Identifier[];
}

/** What to look up, the same number of keys for the same identifiers, whatever was found of a part of a plate. */
async function keysOf(call: Call, identifiers: readonly Identifier[]): Promise<Keys> {
  const keys: LookedUp[] = [];
  const tooWide: Identifier[] = [];
  for (const identifier of identifiers) {
    const { kind } = identifier;
    if (!isPartial(identifier)) {
      keys.push(...askKeys(identifier).map((one) => ({ ...one, kind })));
      continue;
    }
    // One after the other: it is one pattern, hardly ever two.
    // oxlint-disable-next-line no-await-in-loop
    const plates = await call.tools.matcher.plates({
      pattern: identifier.value,
      agency: call.officer.agency,
      limit: MOST_PLATES,
    });
    if (plates.more) tooWide.push(identifier);
    for (const lane of eachLane) {
      keys.push(...patternKeys(identifier, filledUp(plates[lane])).map((one) => ({ ...one, kind, lane })));
    }
  }
  return { keys, tooWide };
}

/** As many whatever there is, so that a plate that nobody may notice costs what no plate costs. */
function filledUp(plates: readonly string[]): readonly string[] {
  const none = Array.from({ length: Math.max(0, MOST_PLATES - plates.length) }, (_one, place) => `-${place}`);
  return [...plates, ...none];
}

export interface Opened {
  readonly hits: readonly Hit[];
  readonly silent: readonly Hit[];
  /** More fit than are shown. */
  readonly more: boolean;
  readonly counted: readonly CountedGroup[];
  /** Parts of plates that fit more than were looked at. */
  readonly tooWide: readonly Identifier[];
}

/** The entries that fit as they are now, and the asker's audit row, in one statement. */
export async function open(
  { tx }: Pick<Call, "tx">,
  { open: fits, restricted, tooWide }: Looked,
  opening: Omit<Opening, "open" | "restricted">,
): Promise<Opened> {
  const silent = [...restricted.fitting, ...restricted.crowds.flatMap(crowded)];
  const opened = await openHits(tx, {
    ...opening,
    open: fits.fitting.map(({ number }) => number),
    restricted: silent.map(({ number }) => number),
  });
  return {
    hits: hitsOf(opened.open, fits.fitting),
    // What an entry's owner has kept secret since it was indexed was found in the open lane.
    silent: hitsOf(opened.silent, [...silent, ...fits.fitting]),
    more: opened.more,
    counted: fits.crowds.map(({ entries, agencies }) => ({ entries, agencies })),
    tooWide,
  };
}

/** Their owners are told of each, however many there are. */
function crowded({ numbers, band }: Matched["crowds"][number]): readonly Fitting[] {
  return numbers.map((number) => ({ number, band, why: [], conflict: false }));
}

function hitsOf(found: readonly Found[], fitting: readonly Fitting[]): readonly Hit[] {
  const byNumber = new Map(fitting.map((one) => [one.number, one]));
  return found.flatMap((one) => {
    const fit = byNumber.get(one.number);
    return fit === undefined ? [] : [{ ...one, ...fit }];
  });
}
