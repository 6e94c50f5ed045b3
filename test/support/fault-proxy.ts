import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/**
 * "refuse": nobody gets in, and who was in is thrown out. "reset": who is in is thrown out, once. "black-hole": who is in
 * or comes in hears nothing and is heard by nobody, until another mode lets everything through that was said meanwhile.
 */
export type ProxyMode = "pass" | "refuse" | "reset" | "black-hole" | { readonly delayMs: number };

export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  readonly set: (mode: ProxyMode) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy before PostgreSQL or Redis. A host that is a folder holds PostgreSQL's socket, as for libpq. */
export async function openFaultProxy({
  to,
}: {
  readonly to: { readonly host: string; readonly port: number };
}): Promise<FaultProxy> {
  const target = to.host.startsWith("/") ? { path: `${to.host}/.s.PGSQL.${to.port}` } : to;
  const pairs = new Set<Pair>();
  let mode: ProxyMode = "pass";
  const delayMs = () => (typeof mode === "object" ? mode.delayMs : 0);

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const pair = { client, server: connect({ ...target, allowHalfOpen: true }) };
    pairs.add(pair);
    forward(client, pair.server, delayMs);
    forward(pair.server, client, delayMs);
    for (const socket of [client, pair.server]) {
      socket.on("error", () => tear(pair));
      socket.on("close", () => pairs.delete(pair));
    }
    if (mode === "black-hole") hold(pair);
  });
  const listen = async (port: number): Promise<void> => {
    listener.listen(port, "127.0.0.1");
    await once(listener, "listening");
  };
  const throwOut = (): void => pairs.forEach(tear);
  const shut = async (): Promise<void> => {
    const closed = listener.listening ? once(listener, "close") : undefined;
    listener.close();
    throwOut();
    await closed;
  };

  await listen(0);
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  const { port } = address;
  return {
    host: "127.0.0.1",
    port,
    set: async (wanted) => {
      mode = wanted === "reset" ? "pass" : wanted;
      if (wanted === "reset") throwOut();
      if (wanted === "refuse") return shut();
      pairs.forEach(wanted === "black-hole" ? hold : release);
      if (!listener.listening) await listen(port);
    },
    close: shut,
  };
}

/** Passes on what is said and that somebody hangs up, in order and each as late as `delayMs` says at the moment. */
function forward(from: Socket, to: Socket, delayMs: () => number): void {
  let said: Promise<unknown> = Promise.resolve();
  const later = (deed: () => void): void => {
    const due = delayMs() > 0 ? pause(delayMs(), undefined, { ref: false }) : undefined;
    said = Promise.all([said, due]).then(deed);
  };
  from.on("data", (bytes) => later(() => to.write(bytes)));
  from.on("end", () => later(() => to.end()));
}

function tear({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.destroy();
}

function hold({ client, server }: Pair): void {
  client.pause();
  server.pause();
}

function release({ client, server }: Pair): void {
  client.resume();
  server.resume();
}
