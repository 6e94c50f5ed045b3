import { once } from "node:events";

import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";

import { StartError } from "./errors.ts";

/** One reason why this process cannot do its work now; undefined when it can. */
export type ReadyCheck = () => Promise<string | undefined>;

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly checks: Readonly<Record<string, ReadyCheck>>;
  /** What `/metrics` says. */
  readonly metrics: () => Promise<string>;
}

/**
 * `/healthz`: the process lives. `/readyz`: it can do its work, or which part cannot, without details. `/metrics`:
 * numbers for Prometheus.
 */
export async function startHealth({ host, port, checks, metrics }: HealthOptions) {
  const app = new Hono();
  app.get("/healthz", (context) => context.text("ok"));
  app.get("/readyz", async (context) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        const wrong = await check().catch(() => "failed");
        return [name, wrong ?? "ok"] as const;
      }),
    );
    const ready = results.every(([, said]) => said === "ok");
    return context.json({ ready, checks: Object.fromEntries(results) }, ready ? 200 : 503);
  });
  app.get("/metrics", async (context) => {
    const text = await metrics().catch(() => undefined);
    return text === undefined
      ? context.text("", 503)
      : context.body(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
  const server = serve({ fetch: app.fetch, hostname: host, port });
  try {
    await once(server, "listening");
  } catch (error) {
    throw portInUse(error, "HEALTH_PORT", port);
  }
  return { port: portOf(server), close: async () => close(server) };
}

/** A port in use becomes a sentence that names the setting; anything else stays what it was. */
export function portInUse(error: unknown, setting: string, port: number): unknown {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "EADDRINUSE") return error;
  return new StartError(
    `Port ${port} (${setting}) is in use by another program.`,
    `Stop that program, or choose another port: ${setting}=${port + 10}.`,
    69,
  );
}

function portOf(server: ServerType): number {
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}

async function close(server: ServerType): Promise<void> {
  const closed = once(server, "close");
  server.close();
  if ("closeAllConnections" in server) server.closeAllConnections();
  await closed;
}
