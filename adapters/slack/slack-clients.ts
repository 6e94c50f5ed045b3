import { webApi, type Logger } from "@slack/bolt";

import type { Installation } from "../../src/chat.ts";

export type Client = webApi.WebClient;
export type ClientOf = (installation: Installation) => Client;

/** Hands out one Web API client for each installation, and a new one when its token or address changed. */
export function slackClients({
  logger,
  timeout,
}: {
  readonly logger: Logger;
  readonly timeout: number;
}): ClientOf {
  const clients = new Map<
    string,
    { readonly token: string; readonly root: string; readonly client: Client }
  >();
  return (installation) => {
    const { id, token, apiBaseUrl: root } = installation;
    const known = clients.get(id);
    if (known?.token === token && known.root === root) return known.client;
    const client = new webApi.WebClient(token, clientOptions({ root, logger, timeout }));
    clients.set(id, { token, root, client });
    return client;
  };
}

/**
 * A fresh object for every client, and never any `headers`: the client writes its token into the headers it is given,
 * and the next client made from the same object would call with this one's token.
 */
export function clientOptions(of: {
  readonly root: string;
  readonly logger: Logger;
  readonly timeout: number;
}): webApi.WebClientOptions {
  return {
    slackApiUrl: of.root,
    logger: of.logger,
    timeout: of.timeout,
    // The ledger decides what is sent again; the client's own retries would double a message after a lost answer.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // And how many go out side by side: a call that waits in a queue here would outlive its lease.
    maxRequestConcurrency: Number.POSITIVE_INFINITY,
    allowAbsoluteUrls: false,
  };
}
