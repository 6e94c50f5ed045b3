import { findInstallations, type SealedInstallation } from "../src/agencies/agency-store.ts";
import { SECOND } from "../src/clock.ts";
import { system, type DelivererOptions, type Target } from "./deliverer-options.ts";

export interface Targets {
  /** Left out: the installation is gone, or another process has its platform's adapter. */
  readonly of: (installationIds: readonly string[]) => Promise<ReadonlyMap<string, Target>>;
}

const REMEMBERED = 5 * SECOND;

/** Installations with their tokens opened, remembered for a while: chunks name the same ones again and again. */
export function openTargets({
  store,
  keyring,
  adapters,
  log,
}: Pick<DelivererOptions, "store" | "keyring" | "adapters" | "log">): Targets {
  const known = new Map<string, Target>();
  const openTarget = (sealed: SealedInstallation): Target | undefined => {
    try {
      const installation = sealed.open(keyring);
      const adapter = adapters.find(({ platform }) => platform === installation.platform);
      return adapter && { installation, adapter };
    } catch (error) {
      log.error("a token could not be opened", { error, installation: sealed.id });
      return undefined;
    }
  };
  let since = performance.now();
  return {
    async of(installationIds) {
      if (performance.now() - since > REMEMBERED) {
        known.clear();
        since = performance.now();
      }
      const missing = [...new Set(installationIds)].filter((id) => !known.has(id));
      if (missing.length > 0) {
        const found = await store.transaction(system, (tx) => findInstallations(tx, missing));
        for (const sealed of found) {
          const target = openTarget(sealed);
          if (target !== undefined) known.set(sealed.id, target);
        }
      }
      return known;
    },
  };
}
