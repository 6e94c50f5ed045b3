import type { IncomingMessage, Server, ServerResponse } from "node:http";

const MAX_BODY = 8 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let size = 0;
  // Not as an async iterator: that costs as much as all else that is done for a request.
  request.on("data", (bytes: Buffer) => {
    size += bytes.length;
    if (size > MAX_BODY) reject(new Error("The request body is larger than 8 MB."));
    else chunks.push(bytes);
  });
  request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
  request.on("error", reject);
  request.on("close", () => reject(new Error("The request broke off.")));
  return promise;
}

export interface JsonReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function sendJson(response: ServerResponse, { status = 200, headers = {}, body }: JsonReply): void {
  const text = JSON.stringify(body ?? null);
  const type = {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  };
  response.writeHead(status, { ...type, ...headers });
  response.end(text);
}

const LOOPBACK = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

/** Programs on this machine may talk to a pretend platform; a web page in somebody's browser may not, by whatever name. */
export function isFromPage({ headers }: IncomingMessage): boolean {
  return (
    headers.origin !== undefined ||
    headers["sec-fetch-site"] !== undefined ||
    !LOOPBACK.test(headers.host ?? "")
  );
}

export function refusePage(response: ServerResponse): void {
  sendJson(response, { status: 403, body: { error: "A pretend platform is not for web pages." } });
}

/** Listens on the loopback only and returns the address, without a trailing slash. */
export async function listenOnLoopback(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return `http://127.0.0.1:${address.port}`;
}

export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
