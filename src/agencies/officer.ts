import type { Officer } from "../bot/command.ts";
import { roles, type Role } from "../bot/policy.ts";

/** What one account turns out to be. */
export type Who =
  | { readonly kind: "stranger" }
  | { readonly kind: "suspended"; readonly officer: Officer }
  | { readonly kind: "pending"; readonly officer: Officer }
  | { readonly kind: "active"; readonly officer: Officer };

/** Roles as the database has them; a role this release does not know gives no power. */
export function knownRoles(names: readonly string[]): readonly Role[] {
  return roles.filter((role) => names.includes(role));
}

/** What a new officer accepts by linking. [counsel] */
export const policyText =
  "Enter what was said or done, never what you think of someone. A hit or a bulletin is a reason to call, not a reason to stop. Everything you ask and see is recorded and can be reviewed.";
