import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Seconds of its own, and of its children that have ended. */
  readonly own: number;
  readonly ended: number;
}

/** What this process has used of the CPU so far, in seconds. Linux only. */
export function cpuOf(pid: number): number {
  return statOf(pid)?.own ?? 0;
}

/** With everything it started: a PostgreSQL server with all its backends, those that have ended too. */
export function cpuOfTree(pid: number): number {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === pid);
  const [root] = [statOf(pid)];
  return [root, ...children].reduce((sum, stat) => sum + (stat?.own ?? 0) + (stat?.ended ?? 0), 0);
}

/** Undefined: it has ended meanwhile. */
function statOf(pid: number): Stat | undefined {
  try {
    // The name in parentheses may hold anything; what follows it is numbers.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    const seconds = (...at: readonly number[]) =>
      at.reduce((sum, index) => sum + Number(fields[index]), 0) / TICKS_PER_SECOND;
    return { pid, parent: Number(fields[1]), own: seconds(11, 12), ended: seconds(13, 14) };
  } catch {
    return undefined;
  }
}
