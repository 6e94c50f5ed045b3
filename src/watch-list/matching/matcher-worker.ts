import { parentPort, workerData } from "node:worker_threads";

import { openKeyring } from "../../store/seal.ts";
import type { Reply, Request, ThreadOptions } from "./matcher-messages.ts";
import { openMatcher } from "./matcher.ts";

// The thread that holds the index of its process: nothing else makes garbage here, so nothing else makes it pause.

const port = parentPort;
if (port === null) throw new Error("this runs as a thread");
const reply = (message: Reply) => port.postMessage(message);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const { keyring, ...options } = workerData as ThreadOptions;
const matcher = openMatcher({
  ...options,
  keyring: openKeyring(keyring),
  onTrouble: (error) => reply({ id: 0, kind: "trouble", error: plain(error) }),
});

/** An error of the database's client carries what cannot be sent to another thread. */
function plain(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("something that is no error was thrown");
  const { name, message, stack } = error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return Object.assign(new Error(message), { name, stack, code });
}

async function answer(request: Request): Promise<Reply> {
  const { id, kind } = request;
  switch (kind) {
    case "search":
      return { id, kind, answer: await matcher.search(request.search) };
    case "plates":
      return { id, kind, answer: await matcher.plates(request.asked) };
    case "status":
      return { id, kind, answer: await matcher.status() };
    case "close":
      await matcher.close();
      return { id, kind };
  }
}

port.on("message", (request: Request) => {
  answer(request).then(
    (message) => {
      reply(message);
      if (message.kind === "close") port.close();
    },
    // Told as trouble already, where it broke.
    () => reply({ id: request.id, kind: "failed" }),
  );
});
