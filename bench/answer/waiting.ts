import type { JsonObject } from "../../sandbox/shared/json.ts";
import type { Arrived } from "./side.ts";

export const PATIENCE_MS = 5_000;

/** Acts that wait for a call of the bot's, each under the key by which that call is recognised. */
export function createWaiting() {
  const open = new Map<string, (arrived: Arrived) => void>();
  return {
    until: async (key: string): Promise<Arrived> => {
      const { promise, resolve, reject } = Promise.withResolvers<Arrived>();
      const timer = setTimeout(() => reject(new Error("no answer in time")), PATIENCE_MS);
      open.set(key, resolve);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        open.delete(key);
      }
    },
    arrived: (key: string, body: JsonObject, at: number): void => open.get(key)?.({ at, body }),
  };
}
