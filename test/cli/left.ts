import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What still runs of what was started on a folder: its environment or its command line names it. */
export function leftOf(folder: string): readonly string[] {
  const others = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return others.flatMap((pid) => {
    const of = (name: string): string => ifThere(join("/proc", pid, name)).replaceAll("\0", " ");
    const commandLine = of("cmdline");
    return [commandLine, of("environ")].some((text) => text.includes(folder)) ? [commandLine] : [];
  });
}

/** Nothing for one that has ended meanwhile, or has no more than its exit code. */
function ifThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
