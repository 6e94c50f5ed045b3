import type { JsonObject } from "../shared/json.ts";
import { length } from "./rules.ts";
import { memberObject, userObject, channelObject } from "./wire.ts";
import type { Choice, Command, CommandOption, World } from "./world.ts";

/** A typed line, taken apart as the client does it while a person types. */
export interface TypedLine {
  readonly command: Command;
  /** Names of the group and the sub-command, as far as there are any. */
  readonly path: readonly string[];
  readonly options: readonly CommandOption[];
  readonly values: ReadonlyMap<string, string>;
  /** The option under the cursor. */
  readonly focused: string | undefined;
}

/** What the client itself answers to a line it cannot send. */
export class LineError extends Error {
  override readonly name = "LineError";
}

/** Of a long word a sentence shows only the beginning: so many characters. */
const QUOTED = 60;

/** What was typed, as a sentence about it can hold it. */
function quoted(typed: string): string {
  // By code points: half a character would be no text.
  const start = Array.from(typed.slice(0, 2 * QUOTED))
    .slice(0, QUOTED)
    .join("");
  return start.length < typed.length ? `"${start}…"` : `"${typed}"`;
}

const WORD =
  /(?:(?<key>[\p{L}\p{N}_-]+):)?(?:"(?<quoted>[^"]*)"?|(?<bare>\S+))|(?<empty>[\p{L}\p{N}_-]+):(?=\s|$)/gu;

interface Word {
  readonly key: string | undefined;
  readonly value: string;
  readonly whole: string;
}

function wordsOf(line: string): readonly Word[] {
  return [...line.matchAll(WORD)].map((match) => {
    const { key, quoted, bare, empty } = match.groups ?? {};
    return { key: key ?? empty, value: quoted ?? bare ?? "", whole: match[0] };
  });
}

export function readLine(commands: readonly Command[], line: string): TypedLine {
  const [name, ...rest] = wordsOf(line.replace(/^\//, ""));
  const command = commands.find((one) => one.type === 1 && one.name === name?.whole);
  if (!command || !line.startsWith("/"))
    throw new LineError(`There is no command ${quoted(line.split(/\s/)[0] ?? line)} here.`);
  const path: string[] = [];
  let options = command.options ?? [];
  const words = [...rest];
  while (options.some(({ type }) => type === 1 || type === 2)) {
    const next = words.shift()?.whole ?? "";
    const found = options.find((option) => option.name === next);
    const known = options.map((option) => option.name).join(", ");
    if (!found)
      throw new LineError(`"/${[command.name, ...path].join(" ")}" is followed by one of: ${known}.`);
    path.push(found.name);
    options = found.options ?? [];
  }
  return { command, path, options, ...fill(options, words, line) };
}

function fill(
  options: readonly CommandOption[],
  words: readonly Word[],
  line: string,
): Pick<TypedLine, "values" | "focused"> {
  const values = new Map<string, string>();
  let focused: string | undefined;
  let open: string | undefined;
  for (const word of words) {
    const { name, value } = placeOf(options, { values, open }, word);
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before} ${value}`);
    focused = name;
    if (name !== open) open = name === word.key ? name : undefined;
  }
  // After a blank the cursor is in the next empty option.
  const next = options.find((option) => !values.has(option.name))?.name;
  return { values, focused: /\s$/.test(line) ? (next ?? focused) : focused };
}

interface SoFar {
  readonly values: ReadonlyMap<string, string>;
  /** The option named last: free text goes on until another one is named. */
  readonly open: string | undefined;
}

/** `name:value` names its option; other words go on with free text, or fill the options from the left. */
function placeOf(
  options: readonly CommandOption[],
  { values, open }: SoFar,
  word: Word,
): { readonly name: string; readonly value: string } {
  const named = options.find((option) => option.name === word.key);
  if (named && !values.has(named.name)) return { name: named.name, value: word.value };
  refuseMisspelt(word);
  const value = word.key === undefined ? word.value : word.whole;
  const current = options.find((option) => option.name === open);
  if (current && takesText(current)) return { name: current.name, value };
  const free = options.filter((option) => !values.has(option.name));
  const name = (free.find((option) => option.type === 3) ?? free[0])?.name ?? [...values.keys()].at(-1);
  if (name === undefined) throw new LineError(`Nothing can follow: ${quoted(word.whole)}.`);
  return { name, value };
}

/** A colon in free text (a time, an address) is no option; a misspelt option would go unnoticed as text. */
function refuseMisspelt({ key, value }: Word): void {
  if (key === undefined || !/^[a-z_-]+$/.test(key) || value.startsWith("//")) return;
  throw new LineError(`There is no option ${quoted(key)} left to fill in.`);
}

/** Words without offers: whatever follows belongs to them until another option is named. */
function takesText({ type, choices, autocomplete }: CommandOption): boolean {
  return type === 3 && (choices ?? []).length === 0 && autocomplete !== true;
}

/** The option values as the client sends them; throws what it says when it cannot. */
export function optionValues(
  world: World,
  line: TypedLine,
  guild: string,
): { readonly options: readonly JsonObject[]; readonly resolved: JsonObject } {
  const filled = (option: CommandOption): boolean => (line.values.get(option.name) ?? "") !== "";
  const missing = line.options.find((option) => option.required === true && !filled(option));
  if (missing) throw new LineError(`The option "${missing.name}" is required.`);
  const resolved: Record<string, Record<string, unknown>> = {};
  const values = line.options.filter(filled).map((option) => {
    const value = convert(option, line.values.get(option.name) ?? "", { world, guild, resolved });
    return { name: option.name, type: option.type, value };
  });
  return { options: nest(line.path, values), resolved };
}

/** Puts options under their group and sub-command. */
export function nest(path: readonly string[], options: readonly JsonObject[]): readonly JsonObject[] {
  return path.reduceRight<readonly JsonObject[]>(
    (inner, name, depth) => [{ name, type: depth === path.length - 1 ? 1 : 2, options: inner }],
    options,
  );
}

interface Resolving {
  readonly world: World;
  readonly guild: string;
  readonly resolved: Record<string, Record<string, unknown>>;
}

function convert(option: CommandOption, given: string, resolving: Resolving): string | number | boolean {
  if (option.choices && option.choices.length > 0) return chosen(option, option.choices, given);
  switch (option.type) {
    case 3:
      return fitting(option, given);
    case 4:
    case 10:
      return numeric(option, given);
    case 5:
      return truthful(option, given);
    case 6:
    case 9:
      return person(option, given, resolving);
    case 7:
      return channel(option, given, resolving);
    default:
      throw new LineError(`The pretend client cannot fill in "${option.name}" (type ${option.type}).`);
  }
}

function chosen(option: CommandOption, choices: readonly Choice[], given: string): string | number {
  const choice = choices.find(({ value, name }) => String(value) === given || name === given);
  if (!choice) throw new LineError(`"${option.name}" offers no ${quoted(given)}.`);
  return choice.value;
}

function fitting(option: CommandOption, given: string): string {
  const size = length(given);
  if (size < (option.min_length ?? 0))
    throw new LineError(`"${option.name}" needs at least ${option.min_length} characters.`);
  if (size > (option.max_length ?? 6_000))
    throw new LineError(`"${option.name}" takes at most ${option.max_length ?? 6_000} characters.`);
  return given;
}

function truthful(option: CommandOption, given: string): boolean {
  if (!/^(true|false)$/i.test(given)) throw new LineError(`"${option.name}" is true or false.`);
  return given.toLowerCase() === "true";
}

function numeric(option: CommandOption, given: string): number {
  const value = Number(given);
  if (Number.isNaN(value) || (option.type === 4 && !Number.isInteger(value)))
    throw new LineError(`"${option.name}" is a number.`);
  return value;
}

function person(option: CommandOption, given: string, { world, guild, resolved }: Resolving): string {
  const home = world.guilds.get(guild);
  const wanted = given.replace(/^<@!?(\d+)>$/, "$1").replace(/^@/, "");
  const found = [...world.people.values()].find(
    ({ id, name }) => home?.members.has(id) && (id === wanted || name === wanted),
  );
  if (!found || !home) throw new LineError(`"${option.name}" offers no ${quoted(given)}.`);
  const { user: _user, deaf: _deaf, mute: _mute, ...member } = memberObject(world, home, found.id);
  (resolved["users"] ??= {})[found.id] = userObject(world, found.id);
  (resolved["members"] ??= {})[found.id] = { ...member, permissions: "0" };
  return found.id;
}

function channel(option: CommandOption, given: string, { world, guild, resolved }: Resolving): string {
  const wanted = given.replace(/^<#(\d+)>$/, "$1").replace(/^#/, "");
  const found = [...world.channels.values()].find(
    (one) => one.guild === guild && (one.id === wanted || one.name === wanted),
  );
  if (!found) throw new LineError(`"${option.name}" offers no ${quoted(given)}.`);
  const { id, name, type, parent_id: parent } = channelObject(world, found) as Record<string, unknown>;
  (resolved["channels"] ??= {})[found.id] = { id, name, type, parent_id: parent ?? null, permissions: "0" };
  return found.id;
}
