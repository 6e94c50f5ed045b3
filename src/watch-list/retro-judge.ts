import { askKeys, indexKeys, isPartial, patternKeys, type AskKey } from "./identifier.ts";
import { match, type Identified } from "./match.ts";
import { dateNumber } from "./matching/birth.ts";
import { createEngine } from "./matching/engine.ts";
import type { EntryRow, LaneName } from "./matching/feed.ts";
import { readName } from "./matching/name-reader.ts";
import type { Band, LaneFound } from "./matching/question.ts";
import { MOST_SHOWN, type Asked } from "./query.ts";
import type { RetroEntry } from "./retro-store.ts";
import type { FindablePerson } from "./retro.ts";

interface Listed {
  readonly entry: Omit<RetroEntry, "version">;
  readonly person: FindablePerson;
  /** As the index has them; where it has others by now, how usual the parts are is not known. */
  readonly tokens: readonly (readonly number[])[];
  readonly counts: ReadonlyMap<number, number>;
}

interface Asking {
  readonly asked: Asked;
  readonly agency: string;
  readonly now: Date;
}

/** By how much a question would have hit this entry, had it been there; undefined: not, or among too many to be shown. */
export type RetroJudge = (asking: Asking) => Band | undefined;

/** The matcher as it answers questions, with this entry in it and how usual its names are. */
export function judgeOf(listed: Listed): RetroJudge {
  const { entry, person } = listed;
  const lane: LaneName = entry.sensitivity === "RESTRICTED" ? "restricted" : "open";
  const engine = createEngine();
  const row = fill(engine, lane, listed);
  const keys = new Map(
    person.identifiers.flatMap((one) => indexKeys(one).map((key) => [`${one.kind} ${key}`, one])),
  );
  const plates = person.identifiers.flatMap(({ kind, value }) => (kind === "plate" ? [value] : []));

  function identified(asked: Asked): readonly Identified[] {
    return asked.identifiers.flatMap((one) => {
      const found: readonly AskKey[] = isPartial(one)
        ? patternKeys(
            one,
            plates.filter((plate) => patternOf(one.value).test(plate)),
          )
        : askKeys(one);
      return found
        .filter(({ key }) => keys.has(`${one.kind} ${key}`))
        .map(({ fit }) => ({ number: entry.number, kind: one.kind, fit }));
    });
  }

  return ({ asked, agency, now }) => {
    const mayMatch =
      agency === entry.owner || entry.audience === undefined || entry.audience.includes(agency);
    if (!mayMatch) return undefined;
    const { name, born } = asked;
    const by = identified(asked);
    const also = by.length > 0 ? [entry.number] : [];
    const found: LaneFound =
      name === undefined && born === undefined
        ? { groups: [], judged: new Map() }
        : engine.searchRows({ name, born, agency, now, also }, [row])[lane];
    const usual = by.length === 0 && found.groups.some(({ chance }) => chance > MOST_SHOWN);
    const beside = { name: name !== undefined, born: born !== undefined };
    const { fitting } = match(beside, found, { identified: by, most: MOST_SHOWN });
    return usual ? undefined : fitting.find(({ number }) => number === entry.number)?.band;
  };
}

type Filled = Pick<ReturnType<typeof createEngine>, "addTokens" | "addStatistics">;

function fill(engine: Filled, lane: LaneName, { entry, person, tokens, counts }: Listed): EntryRow {
  const names = person.names.map(readName).filter(({ parts }) => parts.length > 0);
  // Numbers of its own: those of the database are large, and this vocabulary is a handful of parts.
  const ids = new Map<string, number>();
  const counted = new Map<number, number>();
  for (const [place, { parts }] of names.entries()) {
    const known = tokens[place]?.length === parts.length ? (tokens[place] ?? []) : [];
    for (const [at, part] of parts.entries()) {
      const id = ids.get(part) ?? ids.size + 1;
      ids.set(part, id);
      // Nobody counted it: it is this entry's at least.
      counted.set(id, counts.get(known[at] ?? -1) ?? 1);
    }
  }
  engine.addTokens([...ids].map(([string, id]) => ({ id, string })));
  engine.addStatistics({
    lane,
    names: counts.get(0) ?? 0,
    tokens: [...counted.keys()],
    counts: [...counted.values()],
  });
  return {
    number: entry.number,
    lane,
    owner: entry.owner,
    audience: entry.audience,
    expires: entry.expiresAt.getTime() / 1000,
    names: names.map(({ parts, suffix }) => ({ tokens: parts.map((part) => ids.get(part) ?? 0), suffix })),
    dates: person.birthDates.map(dateNumber).filter((date) => date !== 0),
  };
}

/** "AB?12*": ? is one sign, * any number. */
function patternOf(plate: string): RegExp {
  const signs = plate.replaceAll(/[^A-Z0-9?*]/g, "");
  return new RegExp(`^${signs.replaceAll("?", ".").replaceAll("*", ".*")}$`);
}
