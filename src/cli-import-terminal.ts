import { once } from "node:events";

import type { Progress } from "./watch-list/import/importer.ts";

// What an import does at the terminal: lines, how far it is, and Ctrl-C.

/** As a shell says it of what Ctrl-C ended. */
export const INTERRUPTED = 130;

/** Waits where whoever reads is slower. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

/** npm hands on to us the Ctrl-C that the terminal has sent us already: within this time it is the same one. */
const SAME_MS = 1000;

/** Aborted by Ctrl-C: the chunk under way is finished. A second one does not wait. */
export function stopSignal(): { readonly signal: AbortSignal; readonly forget: () => void } {
  const stopping = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (): void => {
    if (firstMs !== undefined && performance.now() - firstMs > SAME_MS) process.exit(INTERRUPTED);
    if (firstMs !== undefined) return;
    firstMs = performance.now();
    console.error("\nStopping after the rows under way…");
    stopping.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: stopping.signal,
    forget: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

const REDRAW_MS = 200;
const LINE_MS = 5_000;

/** How far it is, on stderr: a bar at a terminal, a line now and then elsewhere. */
export function progressLine(): { readonly show: (progress: Progress) => void; readonly end: () => void } {
  const terminal = process.stderr.isTTY;
  const begun = performance.now();
  let shownAt = begun;
  let drawn = false;
  return {
    show({ phase, rows, bytes, size }) {
      const now = performance.now();
      if (now - shownAt < (terminal ? REDRAW_MS : LINE_MS)) return;
      shownAt = now;
      const part = size === 0 ? 1 : Math.min(1, bytes / size);
      const words = `${phase} · ${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"} · ${Math.round(rows / ((now - begun) / 1000)).toLocaleString("en-US")} rows/s · ${megabytes(bytes)} of ${megabytes(size)} MB`;
      if (!terminal) {
        console.error(words);
        return;
      }
      const full = Math.round(part * 24);
      process.stderr.write(`\r\u001B[K[${"#".repeat(full)}${" ".repeat(24 - full)}] ${words}`);
      drawn = true;
    },
    end() {
      if (drawn) process.stderr.write("\r\u001B[K");
      drawn = false;
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
