import { createHmac } from "node:crypto";

import type {
  App,
  ButtonAction,
  SlackAction,
  SlackActionMiddlewareArgs,
  SlackCommandMiddlewareArgs,
  SlackShortcutMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewSubmitAction,
} from "@slack/bolt";

import type {
  Answer,
  Card,
  InboundEvent,
  Installation,
  InstallationDirectory,
  Sink,
} from "../../src/chat.ts";
import { pleaseWait, privateMessage, privately, type answers, type Reach } from "./answers.ts";
import { cardView } from "./card-blocks.ts";
import { fieldErrors, formView } from "./form-view.ts";
import { buttonEvent, commandEvent, formEvent, shortcutEvent, workspaceOf } from "./intake.ts";
import type { AdapterLog } from "./slack-log.ts";

/** Slack gives up after 3,000 ms; what is left over is for the way back. */
const IN_TIME_MS = 2_300;

const notConnected: Card = {
  headline: "This workspace is not connected to Allpoints",
  blocks: [
    {
      kind: "text",
      text: "Nothing was done and what you typed was not kept. Emergency: radio or 911. Ask your agency's Allpoints administrator to connect this workspace.",
    },
  ],
};

export interface TurnsOptions {
  readonly sink: Sink;
  readonly installations: InstallationDirectory;
  readonly answers: ReturnType<typeof answers>;
  readonly log: AdapterLog;
  readonly commandPrefix: string;
  /** Keys the dedupe keys of submissions. */
  readonly secret: string;
  readonly timeout: number;
  /** Work that `stop` waits for. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

/** One event and its two ways back: the answer in time, or the reach that is left when Slack cannot wait for it. */
interface Turn {
  readonly event: InboundEvent;
  readonly inTime: (answer: Answer) => Promise<void>;
  readonly tooLate: () => Promise<Reach>;
}

/** Lets people act: commands, buttons, forms and shortcuts reach the sink, and its answers reach them. */
export function takeTurns(app: App, options: TurnsOptions): void {
  takeCommands(app, options);
  takeButtons(app, options);
  takeForms(app, options);
  takeShortcuts(app, options);
}

async function take({ sink, answers: { show } }: TurnsOptions, turn: Turn): Promise<void> {
  const answer = sink.receive(turn.event);
  const soon = await within(answer, IN_TIME_MS);
  if (soon !== undefined) await turn.inTime(soon);
  else await show(await turn.tooLate(), await answer);
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

const tracked =
  <Args>({ track }: TurnsOptions, listener: (args: Args) => Promise<void>) =>
  (args: Args): Promise<void> =>
    track(listener(args));

const installationOf = async (options: TurnsOptions, workspace: string): Promise<Installation | undefined> =>
  options.installations.find("slack", workspace);

function takeCommands(app: App, options: TurnsOptions): void {
  const { show } = options.answers;
  // Any name: what the manifest registered and the core does not know is answered with help, not with silence.
  app.command(
    /^/,
    tracked(options, async ({ command, ack }: SlackCommandMiddlewareArgs) => {
      const installation = await installationOf(options, command.team_id);
      if (installation === undefined) return ack(privateMessage(notConnected));
      const reach = { installation, responseUrl: command.response_url };
      return take(options, {
        event: commandEvent(command, options.commandPrefix),
        inTime: async (answer) => {
          // A card travels in the acknowledgment itself: one round trip.
          if (answer.kind === "card") return ack(privateMessage(answer.card));
          await ack();
          return show({ ...reach, trigger: command.trigger_id }, answer);
        },
        tooLate: async () => {
          await ack();
          return reach;
        },
      });
    }),
  );
}

function takeButtons(app: App, options: TurnsOptions): void {
  const { show } = options.answers;
  app.action(
    /^/,
    tracked(options, async ({ body, ack }: SlackActionMiddlewareArgs) => {
      const button = pressed(body);
      if (body.type !== "block_actions" || button === undefined) return ack();
      const installation = await installationOf(options, workspaceOf(body));
      if (installation === undefined) {
        await ack();
        return refuse(options, body.response_url);
      }
      const view = body.view?.id;
      const reach: Reach =
        view === undefined ? { installation, responseUrl: body.response_url } : { installation, view };
      return take(options, {
        event: buttonEvent(body, button),
        // Acknowledged only now: a press that was lost before it was recorded shows the person a failure.
        inTime: async (answer) => {
          await ack();
          await show({ ...reach, trigger: body.trigger_id }, answer);
        },
        tooLate: async () => {
          await ack();
          return reach;
        },
      });
    }),
  );
}

function pressed(body: SlackAction): ButtonAction | undefined {
  if (body.type !== "block_actions") return undefined;
  const [action] = body.actions;
  return action?.type === "button" ? action : undefined;
}

function takeForms(app: App, options: TurnsOptions): void {
  const keyed = (text: string): string => createHmac("sha256", options.secret).update(text).digest("hex");
  app.view(
    /^/,
    tracked(options, async ({ body, ack }: SlackViewMiddlewareArgs<ViewSubmitAction>) => {
      const event = formEvent(body, keyed);
      if (event === undefined) return ack();
      const installation = await installationOf(options, event.workspace);
      if (installation === undefined) return ack({ response_action: "update", view: cardView(notConnected) });
      return take(options, {
        event,
        inTime: (answer) => ack(...submissionAck(answer)),
        tooLate: async () => {
          await ack({ response_action: "update", view: pleaseWait() });
          return { installation, view: body.view.id, waiting: true };
        },
      });
    }),
  );
}

/** Slack's answer to a submission is given in the modal itself. Nothing: the modal closes. */
function submissionAck(answer: Answer) {
  switch (answer.kind) {
    case "card":
      return [{ response_action: "update", view: cardView(answer.card) }] as const;
    case "form":
      return [{ response_action: "update", view: formView(answer.form) }] as const;
    case "problems": {
      const errors = fieldErrors(answer.form, answer.problems);
      if (errors !== undefined) return [{ response_action: "errors", errors }] as const;
      return [{ response_action: "update", view: formView(answer.form) }] as const;
    }
    case "choices":
    case "nothing":
      break;
  }
  return [] as const;
}

function takeShortcuts(app: App, options: TurnsOptions): void {
  const { show, hold } = options.answers;
  app.shortcut(
    /^/,
    tracked(options, async ({ shortcut, ack }: SlackShortcutMiddlewareArgs) => {
      const event = shortcutEvent(shortcut);
      const responseUrl = shortcut.type === "message_action" ? shortcut.response_url : undefined;
      const installation = await installationOf(options, event.workspace);
      if (installation === undefined) {
        await ack();
        return refuse(options, responseUrl);
      }
      const reach: Reach = { installation, ...(responseUrl !== undefined && { responseUrl }) };
      const trigger = shortcut.trigger_id;
      return take(options, {
        event,
        inTime: async (answer) => {
          await ack();
          await show({ ...reach, trigger }, answer);
        },
        tooLate: async () => {
          await ack();
          // A global shortcut leaves no way back but its trigger, which is about to expire.
          return responseUrl === undefined ? hold({ ...reach, trigger }) : reach;
        },
      });
    }),
  );
}

async function refuse({ log, timeout }: TurnsOptions, responseUrl: string | undefined): Promise<void> {
  if (responseUrl === undefined) return;
  try {
    await privately({ responseUrl, card: notConnected, timeout });
  } catch {
    log.warn({}, "A person in a workspace that is not connected could not be told so.");
  }
}
