import { SocketModeReceiver, type Logger } from "@slack/bolt";

import type { Intake } from "./http-intake.ts";

export interface SocketIntakeOptions {
  readonly appToken: string;
  readonly apiBaseUrl: string;
  readonly logger: Logger;
}

/** Slack's events over a WebSocket that we open: for agencies that can let nothing in. */
export function socketIntake({ appToken, apiBaseUrl, logger }: SocketIntakeOptions): Intake {
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    // Also the pause before it connects again when Slack asks for that: what is typed in the pause is lost.
    clientPingTimeout: 1_000,
    installerOptions: {
      // An object of its own: the client writes into it. Retries, because it drops an error of its own reconnecting
      // on the floor, which would end the process.
      clientOptions: {
        slackApiUrl: apiBaseUrl,
        timeout: 5_000,
        retryConfig: { retries: 100, factor: 1.3, maxTimeout: 10_000 },
      },
    },
  });
  let started = false;
  return {
    receiver: {
      init: (app) => receiver.init(app),
      start: async () => {
        started = true;
        await receiver.start();
      },
      stop: () => Promise.resolve(),
    },
    address: () => undefined,
    // There is no pausing a socket: what still comes while the last answers finish is taken as well.
    pause: () => undefined,
    close: async () => {
      if (started) await receiver.client.disconnect();
    },
  };
}
