import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";

import { closeServer, listenOnLoopback, readBody } from "../../sandbox/shared/http.ts";

export interface Repeater {
  /** Where the bot is now. Returns where its requests are to go instead. */
  readonly before: (port: number) => number;
  readonly close: () => Promise<void>;
}

/** Stands before the bot and brings it every request up to four times, all at once, as an impatient Slack does. */
export async function openRepeater(random: () => number): Promise<Repeater> {
  let target = 0;
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const { port } = new URL(await listenOnLoopback(server, 0));

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const times = 1 + Math.floor(random() * 4);
    const answers = await Promise.allSettled(Array.from({ length: times }, () => forward(incoming, body)));
    const said = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    // Whoever pressed sees the one that was taken; the others were refused as repetitions.
    const { status, text } = said.find((one) => one.status === 200) ?? said[0] ?? { status: 502, text: "" };
    outgoing.writeHead(status, { "content-type": "application/json" }).end(text);
  }

  function forward({ url, method, headers }: IncomingMessage, body: string) {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const call = request({ host: "127.0.0.1", port: target, path: url, method, headers, agent: false });
    call.on("error", reject);
    call.on("response", (response) => {
      readBody(response).then((text) => resolve({ status: response.statusCode ?? 500, text }), reject);
    });
    call.end(body);
    return promise;
  }

  return {
    before(bot) {
      target = bot;
      return Number(port);
    },
    close: () => closeServer(server),
  };
}
