import { App, LogLevel } from "@slack/bolt";

import type {
  ChatAdapter,
  EditsCards,
  FindsPosts,
  IdentifiesTokens,
  InspectsChannels,
  InstallationDirectory,
  RemovesMessages,
  RepliesInThreads,
  Sink,
} from "../../src/chat.ts";
import { answers } from "./answers.ts";
import { asking } from "./asking.ts";
import { finding } from "./finding.ts";
import { httpIntake, type Intake, type Refused } from "./http-intake.ts";
import { passOnNews } from "./news.ts";
import { sending } from "./sending.ts";
import { slackClients } from "./slack-clients.ts";
import { sdkLogger, type AdapterLog } from "./slack-log.ts";
import { socketIntake } from "./socket-intake.ts";
import { takeTurns } from "./turns.ts";

export interface SlackAdapterOptions {
  readonly signingSecret: string;
  readonly mode:
    | { readonly kind: "http"; readonly port: number; readonly host: string }
    | { readonly kind: "socket"; readonly appToken: string; readonly apiBaseUrl: string };
  readonly installations: InstallationDirectory;
  readonly log: AdapterLog;
  /** Counted, never parsed: bad signature, old or future time stamp, replayed signature. */
  readonly onRefused?: (why: Refused) => void;
  /** What the manifest put before every command's name, such as "ap-". */
  readonly commandPrefix?: string;
  readonly sendTimeoutMs?: number;
}

export type SlackAdapter = ChatAdapter &
  EditsCards &
  RepliesInThreads &
  RemovesMessages &
  FindsPosts &
  InspectsChannels &
  IdentifiesTokens & {
    /** Where events are taken over HTTP; undefined before the start and in Socket Mode. */
    readonly address: () => { readonly port: number } | undefined;
  };

const LAST_ANSWERS_MS = 5_000;

/** Slack, through Bolt: one application for every workspace in the directory. */
export function slackAdapter(options: SlackAdapterOptions): SlackAdapter {
  const logger = sdkLogger(options.log);
  const timeout = options.sendTimeoutMs ?? 5_000;
  // Apart from the answers' clients, so that no answer to a person ever waits behind a fan-out.
  const clientOf = slackClients({ logger, timeout });
  const { post, edit, remove } = sending(clientOf);
  const running = new Set<Promise<unknown>>();
  const track = async <T>(work: Promise<T>): Promise<T> => {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  };
  let intake: Intake | undefined;

  return {
    platform: "slack",
    post: (installation, it) => post(installation, it),
    edit,
    reply: (installation, under, it) => post(installation, it, under),
    remove,
    ...finding(clientOf),
    ...asking(clientOf, { logger, timeout }),
    address: () => intake?.address(),
    start: async (sink) => {
      if (intake !== undefined) throw new Error("The Slack adapter is already started.");
      const opening = intakeOf(options, track);
      await open(options, { sink, intake: opening, track }).start();
      intake = opening;
    },
    stop: async () => {
      const closing = intake;
      intake = undefined;
      if (closing === undefined) return;
      closing.pause();
      await settled(running, LAST_ANSWERS_MS);
      await closing.close();
    },
  };
}

type Track = <T>(work: Promise<T>) => Promise<T>;

function intakeOf({ mode, signingSecret, log, onRefused }: SlackAdapterOptions, track: Track): Intake {
  const logger = sdkLogger(log);
  if (mode.kind === "socket") return socketIntake({ ...mode, logger });
  return httpIntake({ ...mode, signingSecret, logger, track, onRefused: onRefused ?? (() => undefined) });
}

interface Opening {
  readonly sink: Sink;
  readonly intake: Intake;
  readonly track: Track;
}

function open(options: SlackAdapterOptions, { sink, intake, track }: Opening): App {
  const { installations, log, signingSecret, mode } = options;
  const logger = sdkLogger(log);
  const timeout = options.sendTimeoutMs ?? 5_000;
  const app = new App({
    receiver: intake.receiver,
    // Bolt gets no token: it would keep a client with it for every workspace and every rotation. A workspace that
    // nobody connected is found out by the listeners, because an error here would leave the person without a word.
    authorize: () => Promise.resolve({}),
    convoStore: false,
    ignoreSelf: false,
    logger,
    logLevel: LogLevel.WARN,
  });
  app.error(async (error) => {
    log.error({ code: error.code, name: error.name }, "An event from Slack was not answered.");
  });
  takeTurns(app, {
    sink,
    installations,
    answers: answers({ logger, log, timeout }),
    log,
    commandPrefix: options.commandPrefix ?? "",
    secret: signingSecret || (mode.kind === "socket" ? mode.appToken : ""),
    timeout,
    track,
  });
  passOnNews(app, { sink, installations, track });
  return app;
}

async function settled(work: ReadonlySet<Promise<unknown>>, atMostMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(resolve, atMostMs, "late");
  // Again and again: a request under way begins its answer only when it has been read.
  while (work.size > 0) if ((await Promise.race([Promise.allSettled(work), promise])) === "late") break;
  clearTimeout(timer);
}
