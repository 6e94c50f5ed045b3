import { once } from "node:events";

import { serve } from "@hono/node-server";

import type { SandboxOperator } from "../operator.ts";
import { pretend } from "../pretend.ts";
import { platforms, type Client, type Platform } from "./client.ts";
import { openDesk, type Desk } from "./desk.ts";
import { discordForm } from "./discord/discord-form.ts";
import { discordMessage } from "./discord/discord-message.ts";
import { openPanel } from "./panel.ts";
import { pageRoutes, type Stage } from "./routes.ts";
import { slackForm } from "./slack/slack-form.ts";
import { slackMessage } from "./slack/slack-message.ts";

/** The browser page of the sandbox: the two pretend platforms as chat clients, on the loopback only. */
export interface Page extends AsyncDisposable {
  /** "http://127.0.0.1:4600", without a trailing slash. */
  readonly url: string;
  /** Comes true when somebody has the page before them: its scripts have begun to listen. */
  readonly visited: Promise<void>;
  /** What the start is busy with, in a few words, shown at the top of the page. */
  readonly progress: (words: string) => void;
  /** From now on everything answers. */
  readonly ready: (operator: SandboxOperator) => void;
}

export interface PageOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Where the pretend platforms are. */
  readonly platforms: Readonly<Record<Platform, string>>;
}

/** Serves the page. Rejects with the system's EADDRINUSE when the port is taken. */
export async function startPage({ port, platforms: urls }: PageOptions): Promise<Page> {
  await using opened = new AsyncDisposableStack();
  const [slack, discord] = await Promise.all(
    platforms.map(async (platform) =>
      opened.use(await openDesk(clientOf(platform, urls[platform]), urls[platform])),
    ),
  );
  if (slack === undefined || discord === undefined) throw new Error("a platform has no desk");
  const desks: Readonly<Record<Platform, Desk>> = { slack, discord };
  let operator: SandboxOperator | undefined;
  const listeners = new Set<() => void>();
  const visit = Promise.withResolvers<void>();
  const stage: Stage & { progress: string | undefined } = {
    desks,
    panel: openPanel(desks, () => operator),
    progress: "Starting",
    onVisit: visit.resolve,
    onProgress(hear) {
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },
  };
  const tell = (words: string | undefined): void => {
    stage.progress = words;
    for (const hear of listeners) hear();
  };
  const server = serve({ fetch: pageRoutes(stage).fetch, hostname: "127.0.0.1", port });
  await once(server, "listening");
  opened.defer(async () => {
    const closed = once(server, "close");
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the page has no port");
  const closing = opened.move();
  return {
    url: `http://127.0.0.1:${address.port}`,
    visited: visit.promise,
    progress: tell,
    ready(product) {
      operator = product;
      tell(undefined);
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function clientOf(platform: Platform, url: string): Client {
  const api = pretend(url);
  return platform === "slack"
    ? { platform, title: "Slack", api, message: slackMessage, form: slackForm }
    : { platform, title: "Discord", api, message: discordMessage, form: discordForm };
}
