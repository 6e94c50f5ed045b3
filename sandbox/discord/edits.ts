import type { JsonObject } from "../shared/json.ts";
import { isObject } from "../shared/json.ts";
import { checkMessage, flags } from "./message-rules.ts";
import { refusal } from "./refusals.ts";
import { tellMessage } from "./telling.ts";
import type { Message, MessageBody, World } from "./world.ts";

/** Lays an edit over a message, refusing what would not stand as a message afterwards. */
export function editMessage(world: World, message: Message, patch: unknown): void {
  if (!isObject(patch)) throw refusal(50109);
  const laid = message.flags & flags.componentsV2;
  const wanted = Number(patch["flags"] ?? 0);
  // The nonce belongs to the sending, and an edit says anew whom it mentions.
  const { nonce: _nonce, enforce_nonce: _enforce, allowed_mentions: _mentions, ...before } = message.body;
  const after: JsonObject = { ...before, ...patch, flags: wanted | laid };
  checkMessage(after, { allowed: editable });
  message.body = after as MessageBody;
  if ((message.flags & flags.loading) === 0) {
    message.editedAt = Date.now();
    message.edits += 1;
  }
  // Whether an answer is private is fixed when it is made; the components layout cannot be taken back.
  const kept = message.flags & (flags.ephemeral | flags.hasThread);
  message.flags = kept | (wanted & (flags.suppressEmbeds | flags.componentsV2)) | laid;
  tellMessage(world, message, "changed");
}

const editable = flags.suppressEmbeds | flags.componentsV2 | flags.ephemeral | flags.silent;
