import { SECOND } from "../clock.ts";
import type { Log } from "../log.ts";

const LONGEST_CALL = 5 * SECOND;

export interface Heartbeat extends AsyncDisposable {
  /** Calls the address once; nobody waits for it. */
  readonly beat: () => void;
}

/** Tells a monitor that all is well, and nothing else: a GET without words. Silence is the alarm. */
export function openHeartbeat(url: string, log: Log): Heartbeat {
  const closing = new AbortController();
  let calling: Promise<void> | undefined;

  const call = async () => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(LONGEST_CALL)]);
    try {
      // Not followed elsewhere: the address was given to be kept secret.
      const { status, body } = await fetch(url, { signal, redirect: "manual" });
      await body?.cancel();
      if (status < 200 || status > 299) log.warn("the heartbeat was refused", { status });
    } catch (error) {
      if (!closing.signal.aborted) log.warn("the heartbeat was not heard", { error });
    }
  };

  return {
    beat() {
      calling ??= call().finally(() => (calling = undefined));
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await calling;
    },
  };
}
