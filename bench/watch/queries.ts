import { textOf, type Generator, type Written } from "./entities.ts";
import noise from "./noise.json" with { type: "json" };
import { draw, randomOf, weighted, type Random } from "./random.ts";

/** What an officer types who means somebody on the list. */
export interface Asked {
  /** The place of the entity that is meant. */
  readonly target: number;
  readonly name: string;
  /** "1984-03-02", "1984" */
  readonly born: string | undefined;
  readonly noise: string;
}

/** All queries mean one of the first, so that the very same ones run at every size. */
const MEANT = 10_000;

type Noise = keyof typeof noise.classes;
const classes = weighted(Object.entries(noise.classes) as [Noise, number][]);
const bornClasses = weighted(Object.entries(noise.born).filter(([name]) => name !== "share"));

/** A pure function of the generator, the seed and the place. */
export function queryOf(
  { entity }: Generator,
  { seed, nicknames }: { readonly seed: number; readonly nicknames: ReadonlyMap<string, readonly string[]> },
  place: number,
): Asked {
  const random = randomOf(seed, 2, place);
  const target = random.below(MEANT);
  const { names, born } = entity(target);
  const meant = random.chance(80) ? names[0] : random.pick(names);
  if (meant === undefined) throw new Error("an entity without a name");
  const asksBorn = random.chance(noise.born.share) && born !== undefined;
  const noisy = { random, nicknames, asksBorn };
  const { text, by } = disturbed(meant, noisy);
  return { target, name: text, born: asksBorn ? disturbedDate(born, random) : undefined, noise: by };
}

interface Disturbing {
  readonly random: Random;
  readonly nicknames: ReadonlyMap<string, readonly string[]>;
  readonly asksBorn: boolean;
}

/** Draws again where a name does not allow what was drawn. */
function disturbed(name: Written, disturbing: Disturbing): { readonly text: string; readonly by: Noise } {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const by = draw(classes, disturbing.random);
    const text = disturbances[by](name, disturbing);
    if (text !== undefined && (by === "exact" || text !== textOf(name))) return { text, by };
  }
  return { text: textOf(name), by: "exact" };
}

type Disturbance = (name: Written, disturbing: Disturbing) => string | undefined;

const disturbances: Readonly<Record<Noise, Disturbance>> = {
  exact: textOf,
  typo1: (name, { random }) => typo(textOf(name), random),
  typo2: (name, { random }) => typo(typo(textOf(name), random), random),
  phonetic: (name, { random }) => replaced(textOf(name), noise.phonetic, random),
  phonetic_typo: (name, { random }) => {
    const text = replaced(textOf(name), noise.phonetic, random);
    return text === undefined ? undefined : typo(text, random);
  },
  nickname: (name, { random, nicknames }) => {
    const others = nicknames.get(name.given[0]?.toLowerCase() ?? "");
    return others === undefined
      ? undefined
      : textOf({ ...name, given: [random.pick(others), ...name.given.slice(1)] });
  },
  order: ({ given, surnames }, { random }) =>
    random.chance(50) ? `${surnames.join(" ")}, ${given.join(" ")}` : [...surnames, ...given].join(" "),
  middle_dropped: (name) =>
    name.given.length > 1 ? textOf({ ...name, given: name.given.slice(0, 1) }) : undefined,
  initial: (name, { asksBorn }) =>
    asksBorn ? textOf({ ...name, given: [`${name.given[0]?.charAt(0) ?? ""}.`] }) : undefined,
  join_split: (name, { random }) => joinedOrSplit(name, random),
  ocr: (name, { random }) => replaced(textOf(name), noise.ocr, random),
  half_surname: (name, { random }) => {
    const halves = name.surnames.flatMap((one) => one.split("-"));
    return halves.length > 1 ? textOf({ ...name, surnames: [random.pick(halves)] }) : undefined;
  },
  cross_script: ({ otherScript }) => otherScript?.join(" "),
};

function joinedOrSplit(name: Written, random: Random): string | undefined {
  const parts = textOf(name).split(/[ -]/);
  const [first = "", second = ""] = parts;
  if (random.chance(50) && second.length > 1)
    return [first + second.toLowerCase(), ...parts.slice(2)].join(" ");
  const long = parts.findIndex((part) => part.length >= 7);
  if (long === -1) return undefined;
  const part = parts[long] ?? "";
  const cut = 3 + random.below(part.length - 5);
  return parts.with(long, `${part.slice(0, cut)} ${part.slice(cut)}`).join(" ");
}

const keyboard: Readonly<Record<string, string>> = noise.keyboard;

/** One slip of the fingers in one part of the name. */
function typo(text: string, random: Random): string {
  const parts = text.split(" ");
  const longer = parts.flatMap((part, place) => (part.length >= 3 ? [place] : []));
  if (longer.length === 0) return text;
  const place = random.pick(longer);
  return parts.with(place, slipped(parts[place] ?? "", random)).join(" ");
}

function slipped(part: string, random: Random): string {
  const at = random.chance(noise.first_letter) ? 0 : 1 + random.below(part.length - 1);
  const letter = part.charAt(at);
  const kind = random.below(4);
  if (kind === 0) {
    const near = keyboard[letter.toLowerCase()] ?? "e";
    return part.slice(0, at) + near.charAt(random.below(near.length)) + part.slice(at + 1);
  }
  if (kind === 1) return part.slice(0, at) + part.slice(at + 1);
  if (kind === 2) {
    const near = `${letter}${keyboard[letter.toLowerCase()] ?? ""}`;
    return part.slice(0, at) + near.charAt(random.below(near.length)) + part.slice(at);
  }
  const from = Math.min(at, part.length - 2);
  return part.slice(0, from) + part.charAt(from + 1) + part.charAt(from) + part.slice(from + 2);
}

/** One of the rules, wherever it applies; undefined where none does. */
function replaced(text: string, rules: readonly (readonly string[])[], random: Random): string | undefined {
  const lower = text.toLowerCase();
  const applicable = rules.filter(([from = ""]) => lower.includes(from));
  if (applicable.length === 0) return undefined;
  const [from = "", to = ""] = random.pick(applicable);
  const at = lower.indexOf(from);
  return text.slice(0, at) + to + text.slice(at + from.length);
}

function disturbedDate(born: string, random: Random): string {
  const by = draw(bornClasses, random);
  const [year = "", month = "", day = ""] = born.split("-");
  if (by === "year_only") return year;
  if (by === "swapped" && Number(day) <= 12) return `${year}-${day}-${month}`;
  if (by === "year_off") return `${Number(year) + (random.chance(50) ? 1 : -1)}-${month}-${day}`;
  if (by === "day_off") {
    const moved = new Date(`${born}T00:00:00Z`);
    moved.setUTCDate(moved.getUTCDate() + (random.chance(50) ? 1 : -1));
    return moved.toISOString().slice(0, 10);
  }
  if (by === "digit")
    return `${year.slice(0, 3)}${(Number(year.slice(3)) + 1 + random.below(8)) % 10}-${month}-${day}`;
  return born;
}
