import type { Command } from "commander";

import { deliveryCommands } from "./cli-delivery.ts";
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
    deliveryCommands,
    auditCommands,
    verifyCommand,
  ].map((make) => make(base));
}
