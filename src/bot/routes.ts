import { OPEN_FORM, type Answer, type InboundEvent } from "../chat.ts";
import { formExpired, unknownCommand } from "../errors.ts";
import { parseRef } from "../refs.ts";
import type { Again, Call, Command, Completion, Feature, FormPage, Officer, Press } from "./command.ts";
import { reopenForm, submitForm } from "./forms.ts";
import { findVerb, readInput, usageOf } from "./input.ts";
import { can, type Deed } from "./policy.ts";

/** Everything the bot can do, looked up by name. */
export interface Table {
  readonly commands: ReadonlyMap<string, Command>;
  readonly forms: ReadonlyMap<string, FormPage>;
  readonly presses: ReadonlyMap<string, Press>;
  readonly again: ReadonlyMap<string, Again>;
  readonly completions: readonly Completion[];
}

/** Puts the features' parts together; two verbs of one command may come from two folders. */
export function tableOf(features: readonly Feature[]): Table {
  const commands = new Map<string, Command>();
  for (const command of features.flatMap((feature) => feature.commands ?? [])) {
    const before = commands.get(command.name);
    const verbs = [...(before?.verbs ?? []), ...command.verbs];
    commands.set(command.name, { name: command.name, help: before?.help ?? command.help, verbs });
  }
  return {
    commands,
    forms: byName(
      features.flatMap((feature) => feature.forms ?? []),
      (page) => page.form,
    ),
    presses: byName(
      features.flatMap((feature) => feature.presses ?? []),
      (press) => press.action,
    ),
    again: byName(
      features.flatMap((feature) => feature.again ?? []),
      (again) => again.kind,
    ),
    completions: features.flatMap((feature) => feature.completions ?? []),
  };
}

function byName<Part>(parts: readonly Part[], name: (part: Part) => string): ReadonlyMap<string, Part> {
  const map = new Map(parts.map((part) => [name(part), part]));
  if (map.size !== parts.length) throw new Error("two parts of the bot bear the same name");
  return map;
}

/** What one event leads to: who may, and what then happens. */
export interface Route {
  /** For the audit of a denied attempt: "bulletin.cancel", "tip.take". */
  readonly name: string;
  readonly subject: string;
  readonly deed: Deed;
  readonly run: (call: Call) => Promise<Answer>;
}

/** Finds the route of an event, or refuses it in a sentence. */
export function routeOf(table: Table, event: InboundEvent, officer: Officer): Route {
  switch (event.kind) {
    case "command":
      return commandRoute(table, event);
    case "button":
      return event.action === OPEN_FORM ? reopenRoute(table, event.subject) : pressRoute(table, event);
    case "form": {
      const page = pageOf(table, event.form);
      return {
        name: `form.${page.form}`,
        subject: `form:${page.form}`,
        deed: page.deed,
        run: (call) => submitForm(call, page, event),
      };
    }
    case "complete":
      return completionRoute(table, event, officer);
    case "message-shortcut":
      // There is one: "Make a tip from this". The form takes the message's words from the event.
      return commandRoute(table, {
        ...event,
        kind: "command",
        command: "tip",
        input: { kind: "words", words: "" },
      });
  }
}

function commandRoute(table: Table, event: Extract<InboundEvent, { kind: "command" }>): Route {
  const command = table.commands.get(event.command);
  if (command === undefined) throw unknownCommand("/allpoints help");
  if (isBare(command, event)) return helpRoute(table, event, command.name);
  const typed = findVerb(command, event.input);
  const { verb } = typed;
  return {
    name: `${command.name}.${verb.verb === "" ? "open" : verb.verb.replaceAll(" ", ".")}`,
    // Only what is a reference: anything else that was typed stays out of the audit.
    subject: `ref:${parseRef(typed.options["ref"] ?? "")?.ref ?? "none"}`,
    deed: verb.deed,
    run: (call) => verb.run(call, readInput(typed, usageOf(command, verb)) as never),
  };
}

/** Only the command, where it needs a verb: somebody asks what there is. */
function isBare({ verbs }: Command, { input }: Extract<InboundEvent, { kind: "command" }>): boolean {
  return input.kind === "words" && input.words.trim() === "" && verbs.every(({ verb }) => verb !== "");
}

function helpRoute(table: Table, event: Extract<InboundEvent, { kind: "command" }>, topic: string): Route {
  return commandRoute(table, {
    ...event,
    command: "allpoints",
    input: { kind: "words", words: `help ${topic}` },
  });
}

function pressRoute(table: Table, { action, subject }: Extract<InboundEvent, { kind: "button" }>): Route {
  const press = table.presses.get(action);
  if (press === undefined) throw formExpired();
  return {
    name: action,
    subject: `press:${subject}`.slice(0, 60),
    deed: press.deed,
    run: (call) => press.run(call, subject),
  };
}

function reopenRoute(table: Table, subject: string): Route {
  const cut = subject.indexOf("/");
  const page = pageOf(table, subject.slice(0, cut));
  return {
    name: `form.${page.form}`,
    subject: `form:${page.form}`,
    deed: page.deed,
    run: (call) => reopenForm(call, page, subject.slice(cut + 1)),
  };
}

function pageOf(table: Table, form: string): FormPage {
  const page = table.forms.get(form);
  if (page === undefined) throw formExpired();
  return page;
}

const MOST_CHOICES = 25;

/** References are offered only of the kinds this person may use; to anybody else the list is simply empty. */
function completionRoute(
  table: Table,
  event: Extract<InboundEvent, { kind: "complete" }>,
  officer: Officer,
): Route {
  return {
    name: "complete",
    subject: `command:${event.command}`,
    deed: "self.see",
    async run(call) {
      const typed = event.typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, "");
      const offers = table.completions.filter((completion) => can(officer, completion.deed));
      const offered = await Promise.all(offers.map((completion) => completion.offer(call)));
      const fitting = offered
        .flat()
        .filter(({ value }) => value.replaceAll("-", "").startsWith(typed))
        .slice(0, MOST_CHOICES);
      return { kind: "choices", choices: fitting };
    },
  };
}
