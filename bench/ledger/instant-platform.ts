import type { ChatAdapter, EditsCards, Platform, SendOutcome } from "../../src/chat.ts";

/** A platform in this process that answers at once, so that what is left is the ledger's own cost. */
export function instantPlatform(platform: Platform): ChatAdapter & EditsCards {
  let messages = 0;
  return {
    platform,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    post: (_installation, { to }): Promise<SendOutcome> => {
      messages += 1;
      return Promise.resolve({ kind: "sent", message: { ...to, message: `m${messages}` } });
    },
    edit: (_installation, message): Promise<SendOutcome> => Promise.resolve({ kind: "sent", message }),
  };
}
