import { z } from "zod";

import { card, facts, note, say, show, text } from "../bot/answers.ts";
import { verb, type Call, type Feature } from "../bot/command.ts";
import { usageOf, refInput } from "../bot/input.ts";
import { can, policyTable, roleWords } from "../bot/policy.ts";
import type { Table } from "../bot/routes.ts";
import type { Answer, Block } from "../chat.ts";
import { notFound } from "../errors.ts";
import { policyText } from "./officer.ts";

/** What somebody's queue holds, from one part of the bot: a line each. */
export type QueuePart = (call: Call) => Promise<readonly Block[]>;

interface Parts {
  /** Looked up when asked, because the table holds this feature too. */
  readonly table: () => Table;
  readonly show: ReadonlyMap<string, (call: Call, ref: string) => Promise<Answer>>;
  readonly queue: readonly QueuePart[];
}

const topics = ["roles", "policy", "tip", "watch", "bulletin", "entry", "subscribe", "allpoints"] as const;

/** /allpoints whoami, help, show, queue: what a person needs to know of their own standing. */
export function accountFeature(parts: Parts): Feature {
  const verbs = [whoami, helpVerb(parts), showVerb(parts), queueVerb(parts)];
  return { commands: [{ name: "allpoints", help: "Your account, your queue, your agency", verbs }] };
}

const whoami = verb({
  verb: "whoami",
  help: "Who I take you for, and what you may do",
  deed: "self.see",
  input: z.object({}),
  run: async ({ officer, event }) =>
    show(
      card(`${officer.name}, ${officer.agencyName}`, [
        facts(
          ["Roles", officer.roles.map(roleWords).join(", ") || "none"],
          ["Account", `${event.platform} ${event.user}`],
          ["Time zone", officer.zone],
        ),
        note("Wrong? Your agency's Allpoints administrator can change it."),
      ]),
    ),
});

function helpVerb({ table }: Parts) {
  return verb({
    verb: "help",
    help: "What you can do here",
    deed: "self.see",
    input: z.object({ topic: z.enum(topics).optional() }),
    run: async (call, { topic }) => help(call, table(), topic),
  });
}

function showVerb(parts: Parts) {
  return verb({
    verb: "show",
    help: "Open a tip, a bulletin, an entry or a query by its reference",
    deed: "self.see",
    input: z.object({ ref: refInput("T", "B", "E", "Q") }),
    async run(call, { ref }) {
      const open = parts.show.get(ref.charAt(0));
      if (open === undefined) throw notFound(ref);
      return open(call, ref);
    },
  });
}

function queueVerb({ queue }: Parts) {
  return verb({
    verb: "queue",
    help: "What waits for you",
    deed: "self.see",
    input: z.object({}),
    async run(call) {
      const waiting = await Promise.all(queue.map((part) => part(call)));
      const blocks = waiting.flat();
      return blocks.length === 0 ? say("Nothing waits for you.") : show(card("Waiting for you", blocks));
    },
  });
}

function help(call: Call, table: Table, topic: string | undefined): Answer {
  if (topic === "policy")
    return say("What may be entered, and what a hit means", policyText, "Emergency? Radio or 911 first.");
  if (topic === "roles") {
    return show(
      card("Who may do what", [facts(...policyTable().map(({ deed, who }) => [deed, who] as const))]),
    );
  }
  const commands = [...table.commands.values()].filter(({ name }) => topic === undefined || name === topic);
  const lines = commands.flatMap((command) =>
    command.verbs
      .filter((one) => can(call.officer, one.deed))
      .filter(({ only }) => only === undefined || only === call.event.platform)
      .map((one) => [{ bold: usageOf(command, one) }, ` ${one.help}`] as const),
  );
  return show(
    card("What you can do", [
      ...lines.map((line) => text(line)),
      note("More: /allpoints help roles, /allpoints help policy. Emergency: radio or 911."),
    ]),
  );
}
