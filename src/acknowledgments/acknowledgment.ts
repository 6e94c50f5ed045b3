import { roleWords, type Role } from "../bot/policy.ts";
import { inBoth } from "../clock.ts";
import type { Level } from "../deliveries/delivery.ts";

export type AcknowledgedKind = "bulletin" | "correction";

/** A recorded "we have it", one for an agency and a version. */
export interface Acknowledgment {
  readonly id: string;
  readonly kind: AcknowledgedKind;
  readonly bulletinId: string;
  readonly version: number;
  readonly agency: string;
  readonly officer: string;
  readonly officerName: string;
  readonly role: string;
  /** What the channel showed when it was pressed. */
  readonly shown: Level;
  readonly at: Date;
  readonly notes: number;
}

/** In whose name: the higher role counts. */
export function actingRole(roles: readonly Role[]): Role | undefined {
  return (["watch_commander", "supervisor"] as const).find((role) => roles.includes(role));
}

export const shownWords: Readonly<Record<Level, string>> = {
  full: "full text",
  summary: "summary",
  pointer: "pointer",
};

/** "Acknowledged v1 for Riverton PD by Sgt Diaz (supervisor), Sun 22 Nov 03:12 EST (08:12Z), from the full text." */
export function acknowledgedLine(one: Acknowledgment, agencyName: string, zone: string): string {
  const what =
    one.kind === "correction" ? `Correction of v${one.version} acknowledged` : `Acknowledged v${one.version}`;
  const from = one.kind === "correction" ? "" : `, from the ${shownWords[one.shown]}`;
  const noted = one.notes > 0 ? " With a note." : "";
  return `${what} for ${agencyName} by ${one.officerName} (${roleWords(one.role)}), ${inBoth(one.at, zone)}${from}.${noted}`;
}
