import type { Installation, InstallationDirectory, Platform } from "../chat.ts";
import { SECOND } from "../clock.ts";
import type { Keyring } from "../store/seal.ts";
import type { Store } from "../store/store.ts";
import { findInstallation } from "./agency-store.ts";

const nobody = { agency: null, id: "stranger" };

interface Found {
  readonly at: number;
  readonly installation: Promise<Installation | undefined>;
}

/**
 * The adapters' directory. Every event asks it, so what was found is remembered for a second: a new token or a removed
 * installation is known that much later, and no person's rights depend on it.
 */
export function installationDirectory(store: Store, keyring: Keyring): InstallationDirectory {
  const known = new Map<string, Found>();
  return {
    find(platform: Platform, workspace: string) {
      const key = `${platform} ${workspace}`;
      const before = known.get(key);
      const now = performance.now();
      if (before !== undefined && now - before.at < SECOND) return before.installation;
      const installation = store.transaction(nobody, (tx) =>
        findInstallation(tx, keyring, { platform, workspace }),
      );
      known.set(key, { at: now, installation });
      // What failed is asked again; what is unknown is not kept, so that strangers cannot fill the memory.
      installation.then(
        (one) => one === undefined && known.delete(key),
        () => known.delete(key),
      );
      return installation;
    },
  };
}
