import { Redis } from "ioredis";

/** What the operator has to know of the Redis that holds the queue; undefined where it does not say. */
export interface RedisFacts {
  readonly version: string | undefined;
  readonly evictionPolicy: string | undefined;
  readonly appendOnly: boolean | undefined;
}

/** Asks once, and waits for nothing: rejects where Redis cannot be reached. Changes nothing. */
export async function askRedis(url: string): Promise<RedisFacts> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: Error | undefined;
  // What `connect` rejects with says only that the connection is closed.
  redis.on("error", (error: Error) => (reason = error));
  try {
    await redis.connect();
    // Not CONFIG GET, which hosted ones refuse.
    const info = await redis.info();
    const said = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
    const appendOnly = said("aof_enabled");
    return {
      version: said("redis_version"),
      evictionPolicy: said("maxmemory_policy"),
      appendOnly: appendOnly === undefined ? undefined : appendOnly === "1",
    };
  } catch (error) {
    throw withCode(reason ?? error);
  } finally {
    redis.disconnect();
  }
}

/** Redis puts its code (WRONGPASS, NOAUTH) in front of its message, and the message may quote what it was given. */
function withCode(error: unknown): unknown {
  const code =
    error instanceof Error && error.name === "ReplyError" ? /^[A-Z]+/.exec(error.message)?.[0] : undefined;
  return code === undefined ? error : Object.assign(new Error("Redis refused"), { code });
}
