import { z } from "zod";

import { say } from "../bot/answers.ts";
import { verb, type Feature, type Tools } from "../bot/command.ts";
import { wordInput } from "../bot/input.ts";
import type { Answer, InboundEvent } from "../chat.ts";
import { badCode, usedCode } from "../errors.ts";
import type { Tx } from "../store/store.ts";
import { askToLink, linkWithCode } from "./invitation-store.ts";
import { findWho } from "./officer-store.ts";
import { policyText } from "./officer.ts";

/** /allpoints link, for somebody who is linked already. */
export const linkFeature: Feature = {
  commands: [
    {
      name: "allpoints",
      help: "Your account, your queue, your agency",
      verbs: [
        verb({
          verb: "link",
          help: "Link this account with the code you were given",
          deed: "self.see",
          input: z.object({ code: wordInput(20).optional().describe("code") }),
          run: async ({ officer }) =>
            say(`You are linked already: ${officer.name}, ${officer.agencyName}.`, "See /allpoints whoami."),
        }),
      ],
    },
  ],
};

/**
 * The one thing a person without an account may do. With a code the account is linked at once; without one a code is
 * made that the person reads to the agency's administrator. Undefined: they asked for something else.
 */
export async function answerStranger(tx: Tx, event: InboundEvent, tools: Tools): Promise<Answer | undefined> {
  if (event.kind !== "command" || event.command !== "allpoints") return undefined;
  const [name, code] = wordsOf(event);
  if (name !== "link") return undefined;
  if (code === undefined) {
    const asked = await askToLink(tx, tools.keyring, event);
    return say(
      `Your code: ${asked}`,
      "Read it to your agency's Allpoints administrator, in person or by phone, within a day. They type /allpoints officer approve and this code.",
      "Until then I do nothing you ask. Emergency: radio or 911.",
    );
  }
  const outcome = await linkWithCode(tx, tools.keyring, { code, account: event });
  if (outcome === "used") throw usedCode();
  if (outcome === "unknown") throw badCode();
  const who = await findWho(tx, tools.keyring, event);
  if (who.kind === "stranger") throw new Error("linked, and still a stranger");
  return say(
    `Linked: ${who.officer.name}, ${who.officer.agencyName}`,
    `Your roles: ${who.officer.roles.join(", ").replaceAll("_", " ")}.`,
    policyText,
    "Start with /allpoints help.",
  );
}

function wordsOf({ input }: Extract<InboundEvent, { kind: "command" }>): readonly (string | undefined)[] {
  if (input.kind === "options") return [input.verb, input.options["code"]];
  return input.words
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/^code:/i, ""));
}
