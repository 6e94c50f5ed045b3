import type { IncomingMessage, ServerResponse } from "node:http";

import type { Change } from "../client.ts";

/** Tells open clients what is different now; nobody listening costs nothing. */
export interface Changes {
  readonly tell: (change: Change) => void;
  /** Serves `GET /_pretend/changes`: a line of JSON for each change, an empty line now and then. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  readonly close: () => void;
}

const ALIVE_MS = 15_000;
/** A client that reads nothing for so long a backlog is let go: it comes back and reads everything anew. */
const BACKLOG = 8 * 1024 * 1024;

export const CHANGES_PATH = "/_pretend/changes";

export function createChanges(): Changes {
  const listening = new Set<ServerResponse>();
  const write = (line: string): void => {
    for (const response of listening) {
      if (response.writableLength > BACKLOG) response.destroy();
      else response.write(line);
    }
  };
  const alive = setInterval(() => write("\n"), ALIVE_MS).unref();
  return {
    tell: (change) => {
      if (listening.size > 0) write(`${JSON.stringify(change)}\n`);
    },
    serve: (request, response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8" });
      // The caller knows by this that nothing from now on is missed.
      response.write("\n");
      listening.add(response);
      request.on("close", () => listening.delete(response));
      response.on("close", () => listening.delete(response));
    },
    close: () => {
      clearInterval(alive);
      for (const response of listening) response.end();
      listening.clear();
    },
  };
}
