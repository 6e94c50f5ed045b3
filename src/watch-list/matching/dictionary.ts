import type { Word } from "../vocabulary-store.ts";
import { dateNumber } from "./birth.ts";

// What a process knows of the vocabulary beside the engine: which numbers it has met, what dates they are, and the
// plates, whole, for looking up a part of one.

export interface Dictionary {
  readonly add: (id: number, word: Word) => void;
  readonly has: (id: number) => boolean;
  /** yyyymmdd of a date's number; 0: it is none. */
  readonly date: (id: number) => number;
  /** The numbers that a date has in the vocabulary; none: nobody was born then. */
  readonly datesOf: (date: number) => readonly number[];
  /** The numbers of all dates that fit. */
  readonly datesThat: (fits: (date: number) => boolean) => readonly number[];
  /** Plates that fit, by their number, whoever has them: "?" is one sign, "*" any number. */
  readonly plates: (pattern: string) => ReadonlyMap<number, string>;
}

export function openDictionary(): Dictionary {
  let known = new Uint8Array(1 << 16);
  const dates = new Map<number, number>();
  const idsOfDate = new Map<number, number[]>();
  const plates = new Map<number, string>();

  return {
    add(id, { kind, string }) {
      while (id >= known.length) known = grown(known);
      known[id] = 1;
      if (kind === "plate") plates.set(id, string);
      if (kind !== "date" || dates.has(id)) return;
      const date = dateNumber(string);
      dates.set(id, date);
      idsOfDate.set(date, [...(idsOfDate.get(date) ?? []), id]);
    },
    has: (id) => known[id] === 1,
    date: (id) => dates.get(id) ?? 0,
    datesOf: (date) => idsOfDate.get(date) ?? [],
    datesThat(fits) {
      const all: number[] = [];
      for (const [date, ids] of idsOfDate) if (fits(date)) all.push(...ids);
      return all;
    },
    plates(pattern) {
      const fits = patternOf(pattern);
      return new Map([...plates].filter(([, plate]) => fits.test(plate)));
    },
  };
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}

function patternOf(pattern: string): RegExp {
  const signs = [...pattern.replaceAll(/\*+/g, "*")].map((sign) => {
    if (sign === "?") return ".";
    return sign === "*" ? ".*" : sign.replace(/[^\p{L}\p{N}]/u, "\\$&");
  });
  return new RegExp(`^${signs.join("")}$`, "u");
}
