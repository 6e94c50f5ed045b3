import type { ClientMessage } from "../client.ts";
import { flags } from "./message-rules.ts";
import { displayName, eyesOf, headlineOf } from "./shown.ts";
import type { Message, World } from "./world.ts";
import { canSee, threadUnder } from "./world.ts";

/** A message as the client of this person gets it. */
export function clientMessage(world: World, message: Message, user: string): ClientMessage {
  const { id, author, body, onlyFor } = message;
  const answers = answersOf(world, message, user);
  const replies = repliesTo(world, message);
  return {
    id,
    at: message.createdAt,
    author: { id: author, name: displayName(world, author), app: author === world.application.botUser },
    content: { ...body, flags: message.flags },
    edited: message.editedAt !== undefined,
    // Discord leaves nothing where a message was.
    deleted: false,
    private: onlyFor !== undefined,
    pending: (message.flags & flags.loading) !== 0,
    ...(answers === undefined ? {} : { answers }),
    ...(replies === undefined ? {} : { replies }),
    names: namesIn(world, message, user),
  };
}

/** The used command, or the message it refers to as far as this person sees that. */
function answersOf(world: World, { answers, body }: Message, user: string): ClientMessage["answers"] {
  if (answers?.used !== undefined) return { name: displayName(world, answers.user), what: answers.used };
  const source = world.messages.get(body.message_reference?.message_id ?? "");
  const channel = world.channels.get(source?.channel ?? "");
  if (source === undefined || channel === undefined || !canSee(world, user, channel)) return undefined;
  if (source.onlyFor !== undefined && source.onlyFor !== user) return undefined;
  return {
    name: displayName(world, source.author),
    what: headlineOf(world, source, eyesOf(world, user)),
  };
}

/** Also of an empty thread: somebody may write in it. */
function repliesTo(world: World, message: Message): ClientMessage["replies"] {
  const thread = threadUnder(world, message);
  if (thread === undefined) return undefined;
  const { messages } = thread;
  return { count: messages.length, lastAt: messages.at(-1)?.createdAt ?? message.createdAt };
}

/** Names of the people and channels that are mentioned anywhere in the body; hidden channels keep theirs. */
function namesIn(world: World, { body }: Message, user: string): Readonly<Record<string, string>> {
  const mentioned = JSON.stringify(body).matchAll(/<(?:@!?|#)(\d+)>/g);
  return Object.fromEntries(
    [...mentioned].flatMap(([, id = ""]) => {
      const name = nameFor(world, id, user);
      return name === undefined ? [] : [[id, name]];
    }),
  );
}

function nameFor(world: World, id: string, user: string): string | undefined {
  if (id === world.application.botUser) return world.application.name;
  const channel = world.channels.get(id);
  if (channel !== undefined) return canSee(world, user, channel) ? channel.name : undefined;
  return world.people.get(id)?.name;
}
