import { LogLevel, type Logger } from "@slack/bolt";

/** What an adapter writes its log to; pino fits. */
export interface AdapterLog {
  info(o: object, msg: string): void;
  warn(o: object, msg: string): void;
  error(o: object, msg: string): void;
}

/** The SDK's warnings and errors in our log. Its debug lines carry bodies and are dropped. */
export function sdkLogger(log: AdapterLog): Logger {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...said: unknown[]) => log.warn({ from: "slack sdk" }, sentence(said)),
    error: (...said: unknown[]) => log.error({ from: "slack sdk" }, sentence(said)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}

// Only what was meant as words: an object given to the logger may be a payload.
function sentence(said: readonly unknown[]): string {
  const words = said.flatMap((part) => {
    if (part instanceof Error) return [`${part.name}: ${part.message}`];
    return typeof part === "string" ? [part] : [];
  });
  return words.join(" ").slice(0, 300);
}
