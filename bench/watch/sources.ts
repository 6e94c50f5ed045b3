import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { allLocales } from "@faker-js/faker";

import { weighted, type Weighted } from "./random.ts";

/** Names of the world's people, as lists to draw from. */
export interface Sources {
  readonly surnames: Weighted<string>;
  readonly givenNames: readonly [female: Weighted<string>, male: Weighted<string>];
  readonly foreign: readonly Locale[];
  /** In Cyrillic. */
  readonly russian: readonly [female: Locale, male: Locale];
  /** The same name in Arabic and in Latin letters. */
  readonly arabic: readonly (readonly [arabic: string, latin: string])[];
  /** By name in lower case: what it is called for short, and what it is short for. */
  readonly nicknames: ReadonlyMap<string, readonly string[]>;
}

export interface Locale {
  readonly given: readonly string[];
  readonly surnames: readonly string[];
  /** Two surnames, the father's and the mother's. */
  readonly double: boolean;
}

const latinLocales = [
  "de",
  "fr",
  "es",
  "es_MX",
  "it",
  "pl",
  "pt_BR",
  "nl",
  "sv",
  "nb_NO",
  "da",
  "fi",
  "cs_CZ",
  "hu",
  "ro",
  "tr",
  "hr",
  "vi",
] as const;
const withTwoSurnames: ReadonlySet<string> = new Set(["es", "es_MX"]);

const files = {
  surnames: "census1990/dist.all.last",
  female: "census1990/dist.female.first",
  male: "census1990/dist.male.first",
  arabic: "ar2en/ar2en-train.txt",
  nicknames: "nicknames/names.csv",
} as const;

/** The sentence to say when the folder does not hold them; undefined: all are there. */
export function missingData(folder: string): string | undefined {
  const missing = Object.values(files).filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return undefined;
  return `The name lists are not in ${folder} (no ${missing.join(", no ")}). docs/watch-list.md says where they are from; give their folder with --data.`;
}

export function readSources(folder: string): Sources {
  const read = (file: keyof typeof files): readonly string[] =>
    readFileSync(join(folder, files[file]), "utf8").split("\n").filter(Boolean);
  const frequencies = (file: keyof typeof files): Weighted<string> =>
    weighted(
      read(file).map((line) => {
        const [name = "", share] = line.split(/\s+/);
        // The rarest are listed with 0.000 per cent.
        return [name.charAt(0) + name.slice(1).toLowerCase(), Math.max(0.0004, Number(share))] as const;
      }),
    );
  return {
    surnames: frequencies("surnames"),
    givenNames: [frequencies("female"), frequencies("male")],
    foreign: latinLocales.map((name) => localeOf(name, "both")),
    russian: [localeOf("ru", "female"), localeOf("ru", "male")],
    arabic: read("arabic").flatMap((line) => {
      const [arabic = "", latin = ""] = line.split("\t");
      return latin.length > 2 ? [[arabic, latin.charAt(0).toUpperCase() + latin.slice(1)] as const] : [];
    }),
    nicknames: readNicknames(read("nicknames")),
  };
}

function localeOf(name: (typeof latinLocales)[number] | "ru", sex: "female" | "male" | "both"): Locale {
  const { person } = allLocales[name];
  const all = (names: Readonly<Record<string, readonly string[] | null>> | null | undefined) => [
    ...new Set((sex === "both" ? ["generic", "female", "male"] : [sex]).flatMap((one) => names?.[one] ?? [])),
  ];
  return {
    given: all(person?.first_name),
    surnames: all(person?.last_name),
    double: withTwoSurnames.has(name),
  };
}

function readNicknames(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const both = new Map<string, Set<string>>();
  const add = (from: string, to: string) => both.set(from, (both.get(from) ?? new Set()).add(to));
  for (const line of lines.slice(1)) {
    const [name = "", , short = ""] = line.trim().split(",");
    if (name === "" || short === "") continue;
    add(name, short);
    add(short, name);
  }
  return new Map([...both].map(([name, others]) => [name, [...others]]));
}
