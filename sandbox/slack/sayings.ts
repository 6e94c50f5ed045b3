import { ImpossibleError } from "../shared/control.ts";
import { appear } from "./messages.ts";
import { channelOf, isInChannel, personOf } from "./world.ts";
import type { Channel, Message, Person, World } from "./world.ts";

/** Characters that Slack's composer takes. */
const MAX_TYPED = 12_000;

interface Place {
  readonly person: Person;
  readonly channel: Channel;
}
interface Composer {
  readonly workspace: string;
  readonly user: string;
  readonly channel: string;
}

/** A person in front of a composer: only where they are a member, and nothing is archived. */
export function writerIn(world: World, composer: Composer): Place {
  const person = personOf(world, composer);
  const channel = channelOf(person.workspace, composer.channel);
  if (!isInChannel(channel, person.user.id, person.workspace))
    throw new ImpossibleError(`${person.user.name} is not in #${channel.name}.`);
  if (channel.archived) throw new ImpossibleError(`#${channel.name} is archived: nobody can type there.`);
  return { person, channel };
}

interface Said extends Composer {
  readonly text: string;
  readonly thread?: string;
}

/** A person's ordinary message, in the channel or under another message. */
export function say(world: World, said: Said): { readonly id: string } {
  const { person, channel } = writerIn(world, said);
  const problem = textProblem(said.text) ?? threadProblem(channel, said.thread);
  if (problem !== undefined) throw new ImpossibleError(problem);
  const text = said.text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const message: Message = {
    ts: world.nextTs(),
    channel: channel.id,
    author: person.user.id,
    threadTs: said.thread,
    content: { text, blocks: [], attachments: [], autoLink: true, mrkdwn: true },
    raw: { text },
    edits: 0,
    deleted: false,
  };
  appear(world, person.workspace, message);
  return { id: message.ts };
}

/** What Slack's client says before anything is sent. */
function textProblem(text: string): string | undefined {
  if (text.trim() === "") return "Message empty: there is nothing to send.";
  if (text.length <= MAX_TYPED) return undefined;
  return `Message too long: it has ${digits(text.length)} characters, and Slack takes ${digits(MAX_TYPED)}.`;
}

function digits(count: number): string {
  return count.toLocaleString("en");
}

function threadProblem({ name, messages }: Channel, thread: string | undefined): string | undefined {
  if (thread === undefined) return undefined;
  const root = messages.find(({ ts }) => ts === thread);
  if (root === undefined || root.deleted)
    return `The message ${thread} in #${name} is gone: nobody can reply to it.`;
  return root.threadTs === undefined ? undefined : `The message ${thread} is itself a reply.`;
}
