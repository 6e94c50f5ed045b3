import type { Log } from "./log.ts";

/** An adapter says a sentence of its own and fields that may be anything; our log takes neither as it comes. */
export function adapterLog(log: Log, part: "slack" | "discord") {
  const write = (level: "info" | "warn" | "error") => (fields: object, message: string) => {
    const code = message
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .slice(0, 48);
    // What an SDK says may quote what it was given.
    const said = "from" in fields ? "sdk" : code;
    log[level]("from a platform adapter", { ...fields, part, code: said });
  };
  return { info: write("info"), warn: write("warn"), error: write("error") };
}
