import { findInstallations, type SealedInstallation } from "../src/agencies/agency-store.ts";
import { SECOND } from "../src/clock.ts";
import { system, type DelivererOptions, type Target } from "./deliverer-options.ts";

export interface Targets {
  /** Left out: the installation is gone, its token cannot be opened, or another process has its platform's adapter. */
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
  const remembered = new Map<string, { readonly target: Target; readonly at: number }>();
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
  return {
    async of(installationIds) {
      const found = new Map<string, Target>();
      const missing: string[] = [];
      for (const id of new Set(installationIds)) {
        const known = remembered.get(id);
        if (known !== undefined && performance.now() - known.at < REMEMBERED) found.set(id, known.target);
        else missing.push(id);
      }
      if (missing.length === 0) return found;
      for (const sealed of await store.transaction(system, (tx) => findInstallations(tx, missing))) {
        const target = openTarget(sealed);
        if (target === undefined) continue;
        remembered.set(sealed.id, { target, at: performance.now() });
        found.set(sealed.id, target);
      }
      return found;
    },
  };
}
