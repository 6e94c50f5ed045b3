import type { PretendApi, Shown, ShownMessage } from "../../sandbox/pretend.ts";
import type {
  Answer,
  Card,
  ChannelRef,
  ChatAdapter,
  EditsCards,
  IdentifiesTokens,
  InboundEvent,
  InspectsChannels,
  Installation,
  MessageRef,
  PlatformNews,
  RemovesMessages,
  RepliesInThreads,
  SendOutcome,
} from "../../src/chat.ts";

/**
 * One adapter, started, and the pretend platform it talks to. The pretend knows the commands "/tip" (alone) and
 * "/bulletin status <ref>", and the message shortcut "Make a tip from this".
 */
export interface Subject {
  readonly adapter: ChatAdapter &
    EditsCards &
    RepliesInThreads &
    RemovesMessages &
    InspectsChannels &
    IdentifiesTokens;
  readonly installation: Installation;
  readonly workspace: string;
  /** Private, not shared; the bot and `user` are in it. */
  readonly channel: ChannelRef;
  /** Reads times in America/New_York. */
  readonly user: string;
  readonly pretend: PretendApi;
  /** The platform's name of the call that posts a message, as `Fault.method` wants it. */
  readonly postMethod: string;
  /** Ids that are well-formed and name nothing. */
  readonly absent: { readonly message: string; readonly channel: string };
  /** Why the same key twice may make two messages; absent where the platform promises one. */
  readonly repeatsBecause?: string;
  /** The platform cannot ask "are you sure?" by itself, so that the adapter does, in a message. */
  readonly asksInMessage?: true;
  /** Everything the sink received so far, oldest first. */
  readonly events: () => readonly InboundEvent[];
  readonly news: () => readonly PlatformNews[];
  /** What the sink answers from now on. */
  readonly answerWith: (answer: (event: InboundEvent) => Answer | Promise<Answer>) => void;
  /** Stops the adapter (again, perhaps) and the pretend. */
  readonly close: () => Promise<void>;
}

export type Its = () => Subject;

export type ShownForm = Extract<Shown, { kind: "form" }>;

export async function post(
  subject: Subject,
  card: Card,
  where: { readonly key?: string; readonly to?: ChannelRef } = {},
) {
  const { key = crypto.randomUUID(), to = subject.channel } = where;
  return subject.adapter.post(subject.installation, { to, card, key });
}
export function sent(outcome: SendOutcome): MessageRef {
  if (outcome.kind !== "sent") throw new Error(`Not sent: ${JSON.stringify(outcome)}`);
  return outcome.message;
}

export async function type({ pretend, workspace, user, channel }: Subject, line: string): Promise<Shown> {
  return pretend.type({ workspace, user, channel: channel.channel, line });
}
export async function press(
  { pretend, workspace, user, channel }: Subject,
  pressed: string,
  button: string,
): Promise<Shown> {
  return pretend.press({ workspace, user, channel: channel.channel, message: pressed, button });
}
export async function submit(
  { pretend, workspace, user }: Subject,
  shown: Shown,
  values: Record<string, string | string[]>,
) {
  return pretend.submit({ workspace, user, form: form(shown).id, values });
}
export async function change(
  { pretend, workspace, channel }: Subject,
  what: Partial<Parameters<PretendApi["changeChannel"]>[0]>,
) {
  await pretend.changeChannel({ ...what, workspace, id: channel.channel });
}
export async function channelView({
  pretend,
  workspace,
  channel,
}: Subject): Promise<readonly ShownMessage[]> {
  return pretend.channel({ workspace, channel: channel.channel });
}
export async function callsTo({ pretend, postMethod }: Subject): Promise<number> {
  return (await pretend.calls({ method: postMethod })).length;
}
export async function lastPrivateHeadline({
  pretend,
  workspace,
  user,
}: Subject): Promise<string | undefined> {
  return (await pretend.privateAnswers({ workspace, user })).at(-1)?.headline;
}

export function message(shown: Shown): ShownMessage {
  if (shown.kind !== "message") throw new Error(`Shown instead of a message: ${JSON.stringify(shown)}`);
  return shown.message;
}
export function form(shown: Shown): ShownForm {
  if (shown.kind !== "form") throw new Error(`Shown instead of a form: ${JSON.stringify(shown)}`);
  return shown;
}
/** A form there at once, or behind the one button of a private message (*Continue*, *Try again*). */
export async function toForm(subject: Subject, shown: Shown): Promise<ShownForm> {
  if (shown.kind !== "message") return form(shown);
  const [button] = shown.message.buttons;
  return form(await press(subject, shown.message.id, button?.id ?? "no button"));
}
/** Whatever was shown, as one text: platforms differ in whether a submission is answered in the form or beside it. */
export function linesOf(shown: Shown): string {
  if (shown.kind === "message") return shown.message.lines.join("\n");
  if (shown.kind !== "form") return JSON.stringify(shown);
  return [...shown.lines, ...shown.fields.flatMap(({ problem }) => problem ?? [])].join("\n");
}
