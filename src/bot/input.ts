import { z } from "zod";

import type { CommandInput } from "../chat.ts";
import { badInput, badReference, unknownCommand } from "../errors.ts";
import { parseRef } from "../refs.ts";
import { cleanText } from "../text.ts";
import type { Command, Verb, VerbInput } from "./command.ts";

// Typed command text carries verbs, references and codes only: `verb REF key:value`.

const NOT_A_REFERENCE = "not a reference";

/** A reference of one of these kinds (letters), as typed by people; becomes our way of writing it. */
export function refInput(...letters: readonly string[]) {
  return z
    .string()
    .transform((typed, context) => {
      const parsed = parseRef(typed);
      if (parsed !== undefined && (letters.length === 0 || letters.includes(parsed.ref.charAt(0)))) {
        return parsed.ref;
      }
      context.addIssue({ code: "custom", message: NOT_A_REFERENCE });
      return z.NEVER;
    })
    .meta({ ref: letters });
}

/** A short word or code. */
export function wordInput(max: number) {
  return z.string().transform(cleanText).pipe(z.string().min(1).max(max));
}

/** Everything that is left of the line: a name with spaces. */
export function restInput(max: number) {
  return z.string().transform(cleanText).pipe(z.string().min(1).max(max)).meta({ rest: true });
}

/** A verb and its raw options, however the platform gave them. */
interface Typed {
  readonly verb: Verb;
  readonly options: Readonly<Record<string, string>>;
}

/** Finds the line of the command table that was meant. */
export function findVerb(command: Command, input: CommandInput): Typed {
  const typed = input.kind === "words" ? fromWords(command, input.words) : fromOptions(command, input);
  if (typed === undefined) throw unknownCommand(`/allpoints help ${command.name}`);
  return typed;
}

function fromOptions(
  command: Command,
  { verb: name = "", options }: Extract<CommandInput, { kind: "options" }>,
): Typed | undefined {
  const verb = command.verbs.find((one) => discordName(one.verb) === name);
  return verb && { verb, options };
}

/** On Discord a two-word verb is one sub-command: "officer approve" → "officer-approve". */
export function discordName(verb: string): string {
  return verb.replaceAll(" ", "-");
}

function fromWords(command: Command, text: string): Typed | undefined {
  const words = cleanText(text).split(/\s+/).filter(Boolean);
  const fits = (verb: Verb) =>
    verb.verb === "" || verb.verb.split(" ").every((part, i) => words[i]?.toLowerCase() === part);
  const [verb] = command.verbs.filter(fits).toSorted((one, other) => other.verb.length - one.verb.length);
  if (verb === undefined) return undefined;
  const rest = words.slice(verb.verb === "" ? 0 : verb.verb.split(" ").length);
  return { verb, options: optionsFrom(verb, rest) };
}

function isNamed(word: string): boolean {
  return /^[a-z-]+:/i.test(word);
}

function optionsFrom({ verb, input: { shape } }: Verb, words: readonly string[]): Record<string, string> {
  const names = Object.keys(shape);
  const options: Record<string, string> = {};
  // A command that stands alone opens a form: words about a person are not taken from the line, nor kept.
  const next = (word: string) =>
    verb === "" && !isNamed(word)
      ? undefined
      : names.find((one) => options[one] === undefined || takesRest(shape[one]));
  let last = "";
  for (const word of words) {
    const [, key = "", value = ""] = /^([a-z-]+):(.*)$/i.exec(word) ?? [];
    const named = names.find((one) => one === key.toLowerCase());
    const goesOn = beginsChoice(shape[last], `${options[last]} ${word}`);
    const name = named ?? (goesOn ? last : next(word));
    // A command that takes nothing ignores what follows it: "/tip armed man at …" opens the form and keeps no word.
    if (name === undefined) continue;
    const said = named === undefined ? word : value;
    options[name] = options[name] === undefined ? said : `${options[name]} ${said}`;
    last = name;
  }
  return options;
}

/** "wrong_person", "Wrong-Person" and "wrong person" are one choice: the cards write it as words. */
function asWords(choice: string): string {
  return choice
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, " ")
    .trim();
}

function beginsChoice(schema: z.ZodType | undefined, said: string): boolean {
  const choices = schema === undefined ? [] : choicesOf(schema);
  return choices.some((choice) => `${asWords(choice)} `.startsWith(`${asWords(said)} `));
}

/** The options with every choice that was meant written as the choice itself. */
function withChoices({ shape }: VerbInput, options: Typed["options"]): Typed["options"] {
  const entries = Object.entries(options).map(([name, said]) => {
    const choices = shape[name] === undefined ? [] : choicesOf(shape[name]);
    return [name, choices.find((choice) => asWords(choice) === asWords(said)) ?? said];
  });
  return Object.fromEntries(entries);
}

/** Reads the options by the verb's schema, or says in one sentence what is wrong. */
export function readInput({ verb, options }: Typed, usage: string): unknown {
  const result = verb.input.safeParse(withChoices(verb.input, options));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.message === NOT_A_REFERENCE) throw badReference();
  const name = String(issue?.path[0] ?? "input");
  const schema = verb.input.shape[name];
  const wanted = schema === undefined ? [] : choicesOf(schema);
  const given = options[name] === undefined ? `${name} is missing` : `${name} is not one I know`;
  throw badInput(
    given,
    wanted.length > 0 ? `Use one of: ${wanted.join(", ")}.` : `Use it like this: ${usage}`,
  );
}

/** The choices of an option, or none. */
export function choicesOf(schema: z.ZodType): readonly string[] {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}

/** The letters of the references an option takes; undefined for another kind of option. */
export function refLettersOf(schema: z.ZodType): readonly string[] | undefined {
  const letters = unwrapped(schema).meta()?.["ref"];
  return Array.isArray(letters) ? letters.map(String) : undefined;
}

function takesRest(schema: z.ZodType | undefined): boolean {
  return schema !== undefined && unwrapped(schema).meta()?.["rest"] === true;
}

export function isOptional(schema: z.ZodType): boolean {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
}

function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? (schema.unwrap() as z.ZodType)
    : schema;
}

/** A longer list of choices would hide the rest of the line. */
const MOST_SHOWN = 5;

/** "/bulletin cancel <B-> reason:<resolved|error>" */
export function usageOf(command: Command, verb: Verb): string {
  const options = Object.entries(verb.input.shape).map(([name, schema]) => {
    const letters = refLettersOf(schema);
    const choices = choicesOf(schema);
    const shown =
      letters !== undefined
        ? `<${letters.map((letter) => `${letter}-`).join("|") || "ref"}>`
        : `${name}:<${choices.length > 0 && choices.length <= MOST_SHOWN ? choices.join("|") : (schema.description ?? name)}>`;
    return isOptional(schema) ? `[${shown}]` : shown;
  });
  return [`/${command.name}`, verb.verb, ...options].filter(Boolean).join(" ");
}
