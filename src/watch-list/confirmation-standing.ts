import { agencyContact } from "../agencies/agency-store.ts";
import { show } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import type { Answer, Block } from "../chat.ts";
import { standingBlock, type AskerView } from "./confirmation-card.ts";
import { hasEnded, listOfQuery } from "./confirmation-store.ts";
import type { Confirmation } from "./confirmation.ts";

// How requests stand, for whoever asked.

export async function viewOf({ tx, officer }: Call, { id, owner, state }: Confirmation): Promise<AskerView> {
  return {
    owner: await agencyContact(tx, owner),
    ended: state === "answered" && (await hasEnded(tx, id)),
    zone: officer.zone,
  };
}

/** Where a private answer may show nothing, nobody learns that there was a hit. */
export function isHidden({ tools, event }: Pick<Call, "tools" | "event">): boolean {
  return tools.privateLevel[event.platform] === "none";
}

export async function standingBlocks(
  call: Call,
  requests: readonly Confirmation[],
): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  for (const request of requests) {
    // One connection: one after the other.
    // oxlint-disable-next-line no-await-in-loop
    blocks.push(standingBlock(request, await viewOf(call, request)));
  }
  return blocks;
}

/** An answer to one's own question, with how the requests about its hits stand. */
export async function withStanding(call: Call, query: string, answer: Answer): Promise<Answer> {
  const requests = await listOfQuery(call.tx, query);
  if (answer.kind !== "card" || requests.length === 0 || isHidden(call)) return answer;
  const { card } = answer;
  return show({ ...card, blocks: [...card.blocks, ...(await standingBlocks(call, requests))] });
}
