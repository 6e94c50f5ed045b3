import { readFileSync } from "node:fs";

// A newcomer counts from their Enter key, and npm takes a second of that for itself.

/** The kernel's unit for times of processes, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A process as /proc shows it. */
export interface Seen {
  /** The text of /proc/<pid>/cmdline. */
  readonly commandLine: string;
  /** The text of /proc/<pid>/stat. */
  readonly stat: string;
}

/** Seconds by which the parent began before us, when it is npm; undefined when it is not, or cannot be told. */
export function headStart(parent: Seen, own: Pick<Seen, "stat">): number | undefined {
  // npm calls itself "npm start", whatever it was started as.
  if (!/^npm\b/.test(parent.commandLine)) return undefined;
  const ahead = (startTicks(own.stat) - startTicks(parent.stat)) / TICKS_PER_SECOND;
  return ahead >= 0 ? ahead : undefined;
}

/** Field 22. The name, field 2, stands in parentheses and may hold anything, spaces and parentheses too. */
function startTicks(stat: string): number {
  const [, fields = ""] = /^.*\) (.*)$/s.exec(stat) ?? [];
  return Number.parseInt(fields.split(" ")[19] ?? "", 10);
}

export interface Stopwatch {
  /** Where the count begins, in words. */
  readonly from: string;
  /** Seconds since then. */
  readonly read: () => number;
}

/** Counts from npm's start where npm started us and this is Linux; anywhere else from this process's own. */
export function sinceStart(): Stopwatch {
  const ahead = npmAhead();
  return {
    from: ahead === undefined ? "this program's start" : "npm start",
    read: () => (ahead ?? 0) + performance.now() / 1000,
  };
}

function npmAhead(): number | undefined {
  try {
    const of = (what: string): string => readFileSync(`/proc/${what}`, "utf8");
    const parent = { commandLine: of(`${process.ppid}/cmdline`), stat: of(`${process.ppid}/stat`) };
    return headStart(parent, { stat: of("self/stat") });
  } catch {
    return undefined;
  }
}
