import { availableParallelism, loadavg } from "node:os";

/** A bench on a busy machine measures the others too. */
export function sayWhenBusy(progress: (line: string) => void): void {
  const [busy = 0] = loadavg();
  if (busy > availableParallelism() / 2) {
    progress(`the machine is busy (load ${busy.toFixed(1)}): the numbers will say so`);
  }
}
