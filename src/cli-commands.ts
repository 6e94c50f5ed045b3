import type { Command } from "commander";

import { deliveryCommands } from "./cli-delivery.ts";
import { entryCommands } from "./cli-import.ts";
import { keysCommands } from "./cli-keys.ts";
import {
  agencyCommands,
  auditCommands,
  discordCommands,
  officerCommands,
  slackCommands,
} from "./cli-operator.ts";
import { verifyCommand } from "./cli-verify.ts";
import type { Base } from "./main.ts";

/** What an operator does beside starting: each opens the database, does its deed and ends. */
export function operatorCommands(base: () => Base): readonly Command[] {
  return [
    agencyCommands,
    officerCommands,
    slackCommands,
    discordCommands,
    entryCommands,
    deliveryCommands,
    auditCommands,
    keysCommands,
    verifyCommand,
  ].map((make) => make(base));
}
