import type { ClientCommand, ClientOption } from "../client.ts";

// What a client offers while somebody types a command, and the line that tells what the command takes.

export interface Suggestion {
  /** The whole line after choosing it. */
  readonly line: string;
  readonly label: string;
  readonly about: string;
}
export interface Suggestions {
  readonly items: readonly Suggestion[];
  readonly hint?: string;
}

/** What the app answers for the option under the cursor. */
export type Complete = (
  line: string,
) => Promise<readonly { readonly value: string; readonly label: string }[]>;

const nothing: Suggestions = { items: [] };
const MOST = 25;

export async function suggest(
  commands: readonly ClientCommand[],
  line: string,
  complete: Complete,
): Promise<Suggestions> {
  if (!line.startsWith("/")) return nothing;
  const typed = line.toLowerCase();
  const command = commands
    .filter((one) => typed === one.line || typed.startsWith(`${one.line} `))
    .toSorted((one, other) => other.line.length - one.line.length)[0];
  if (command === undefined || (typed === command.line && command.options.length > 0)) {
    const fitting = commands.filter((one) => one.line.startsWith(typed));
    return { items: fitting.slice(0, MOST).map(offer) };
  }
  if (command.options.length === 0 && typed === command.line) return { items: [offer(command)] };
  return { items: await nextOption(command, line, complete), hint: hintOf(command, line) };
}

function offer({ line, description, hint, options }: ClientCommand): Suggestion {
  const taken = options.map(({ name, required }) => (required ? name : `[${name}]`)).join(" ");
  const label = [line, hint ?? taken].filter(Boolean).join(" ");
  return { line: options.length === 0 && hint === undefined ? line : `${line} `, label, about: description };
}

function hintOf({ line: name, options, hint, description }: ClientCommand, line: string): string {
  if (options.length === 0) return [name, hint].filter(Boolean).join(" ");
  const focused = options.find((option) => option.name === underCursor(line)?.name);
  const about = focused === undefined ? description : `${focused.name}: ${focused.description}`;
  const taken = options.map((option) => (option.required ? `${option.name} (required)` : option.name));
  return [name, ...taken, about].join(" · ");
}

const LAST = /(?<before>.*\s)(?<name>[\w-]+):(?<quote>"?)(?<value>[^"]*)$/su;

function underCursor(line: string): { before: string; name: string; value: string } | undefined {
  const found = LAST.exec(line)?.groups;
  if (found === undefined) return undefined;
  const { before = "", name = "", quote = "", value = "" } = found;
  // A blank ends a value that is not in quotes.
  return quote === "" && /\s/.test(value) ? undefined : { before, name, value };
}

async function nextOption(
  command: ClientCommand,
  line: string,
  complete: Complete,
): Promise<readonly Suggestion[]> {
  const last = underCursor(line);
  const focused = command.options.find(({ name }) => name === last?.name);
  if (last !== undefined && focused !== undefined) return valuesFor(focused, last, { line, complete });
  const rest = line.slice(command.line.length);
  const begun = /\s(\S*)$/.exec(rest)?.[1] ?? "";
  return command.options
    .filter(({ name }) => name.startsWith(begun) && !new RegExp(`\\s${name}:`).test(rest))
    .map(({ name, description, required }) => ({
      line: `${line.slice(0, line.length - begun.length)}${name}:`,
      label: required ? `${name} (required)` : name,
      about: description,
    }));
}

async function valuesFor(
  option: ClientOption,
  { before, name, value }: { readonly before: string; readonly name: string; readonly value: string },
  { line, complete }: { readonly line: string; readonly complete: Complete },
): Promise<readonly Suggestion[]> {
  const wanted = value.toLowerCase();
  const offered = option.completes
    ? await complete(line)
    : option.choices.filter(
        (choice) => choice.label.toLowerCase().includes(wanted) || choice.value.includes(wanted),
      );
  return offered.slice(0, MOST).map((choice) => ({
    line: `${before}${name}:${/\s/.test(choice.value) ? `"${choice.value}"` : choice.value} `,
    label: choice.label,
    about: choice.label === choice.value ? "" : choice.value,
  }));
}
