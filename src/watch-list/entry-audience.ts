import { listAgencies } from "../agencies/agency-store.ts";
import type { Call } from "../bot/command.ts";
import type { Entry } from "./entry.ts";

/** Everybody, or agencies by name, in one list. */
const ALL = "all";

/** Whose queries may match: what the author chooses from. */
export async function audienceChoices({ tx, officer }: Call): Promise<Readonly<Record<string, string>>> {
  const others = (await listAgencies(tx)).filter(
    ({ id, state }) => id !== officer.agency && state === "active",
  );
  // A select holds 25 options; further members can only be reached with all of them.
  const named = others.slice(0, 24).map(({ id, name }) => [id, name.slice(0, 75)]);
  return { [ALL]: "All member agencies", ...Object.fromEntries(named) };
}

export function chosenAudience({ audience, audienceAgencies }: Entry): readonly string[] {
  return audience === "named" ? audienceAgencies : [ALL];
}

type Audience = Pick<Entry, "audience" | "audienceAgencies">;

/** What was chosen, or the sentence that is wrong with it. */
export function readAudience(
  chosen: readonly string[],
  known: Readonly<Record<string, string>>,
): { readonly audience: Audience } | { readonly problem: string } {
  if (chosen.some((id) => !Object.hasOwn(known, id))) return { problem: "Please choose from the list." };
  if (!chosen.includes(ALL)) return { audience: { audience: "named", audienceAgencies: chosen.toSorted() } };
  if (chosen.length > 1) return { problem: "Either all agencies, or the ones you name." };
  return { audience: { audience: "all", audienceAgencies: [] } };
}
