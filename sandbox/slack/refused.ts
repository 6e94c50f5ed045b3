import { listAt, objectAt, stringAt } from "../shared/json.ts";
import type { Reply } from "./content.ts";
import type { World } from "./world.ts";

/** Refused because of who asks and when: they say nothing about what was asked for. */
const aboutTheCaller: ReadonlySet<string> = new Set([
  "ratelimited",
  "not_authed",
  "invalid_auth",
  "token_revoked",
  "not_allowed_token_type",
]);

interface Asked {
  /** A Web API method or "response_url". */
  readonly method: string;
  readonly workspace: string | undefined;
}

/** Tells open clients what Slack refused, in its own words; says nothing when it refused nothing. */
export function tellRefused(world: World, reply: Reply, { method, workspace }: Asked): void {
  if (reply.ok || aboutTheCaller.has(stringAt(reply, "error") ?? "")) return;
  const where = workspace === undefined ? {} : { workspace };
  world.changes.tell({ kind: "refused", ...where, method, text: wordsOf(reply) });
}

/** Nobody hears of a broken acknowledgment from Slack's client but the person who waited for it. */
export function tellRefusedAck(world: World, workspace: string, text: string): void {
  world.changes.tell({ kind: "refused", workspace, method: "acknowledgment", text });
}

/** Slack's error code, and what exactly it found wrong. */
export function wordsOf(reply: Reply): string {
  const details = listAt(objectAt(reply, "response_metadata"), "messages");
  const code = stringAt(reply, "error") ?? "unknown_error";
  return details.length === 0 ? code : `${code}: ${details.join("; ")}`;
}
