import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readPostmaster, stopPostmaster } from "../../src/store/embedded-postmaster.ts";

/** A folder for database and logs, that goes with the bench. */
export function openFolder(opened: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), "allpoints-bench-"));
  // PostgreSQL does not run as root, and the user it runs as has to come through here.
  chmodSync(folder, 0o711);
  opened.defer(async () => {
    const database = join(folder, "pg");
    // Left over only where the product was killed.
    const running = readPostmaster(database);
    if (running !== undefined) await stopPostmaster(running.pid, database);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
