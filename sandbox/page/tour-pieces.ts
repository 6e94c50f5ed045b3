import { world, type AgencyKey, type WorldAgency } from "../world.ts";
import type { Action, TourStep } from "./tour-step.ts";

// What the tour's steps are put together from: who is where, what they do, and by what it is seen to be done.

export type Hero = Pick<TourStep, "pane" | "who" | "channel" | "place">;

/** Somebody of the seeded world in one of their channels. */
export function hero<Key extends AgencyKey>(
  agencyKey: Key,
  person: keyof (typeof world)[Key]["people"] & string,
  use: "intake" | "desk" | "bulletins",
): Hero {
  const agency: WorldAgency = world[agencyKey];
  const [who, channel] = [agency.people[person], agency.channels[use]];
  if (who === undefined || channel === undefined) throw new Error(`nobody is called ${person}`);
  return {
    pane: agency.platform,
    who: `${who.name}, ${agency.name}`,
    channel: `#${channel.name}`,
    place: { workspace: agency.workspace, user: who.user, channel: channel.id },
  };
}

export const type = (line: string): Action => ({ kind: "type", line });
export const press = (button: string, ...under: readonly string[]): Action =>
  under.length === 0 ? { kind: "press", button } : { kind: "press", button, under };
export const fill = (values: Extract<Action, { kind: "fill" }>["values"]): Action => ({
  kind: "fill",
  values,
});
export const see = (...words: readonly string[]): Action => ({ kind: "see", words });
export const shows = (...words: readonly string[]): TourStep["shows"] => ({ where: "client", words });

type Told = Pick<TourStep, "id" | "say" | "do" | "shows">;

export function chapter(title: string, ...steps: readonly (readonly [Hero, Told])[]): readonly TourStep[] {
  return steps.map(([who, told]) => ({ chapter: title, ...who, ...told }));
}

export const okaforAtIntake = hero("metro", "okafor", "intake");
export const okafor = hero("metro", "okafor", "desk");
export const lund = hero("metro", "lund", "desk");
export const hale = hero("riverton", "hale", "bulletins");
export const diaz = hero("riverton", "diaz", "bulletins");
export const ruiz = hero("cedar", "ruiz", "bulletins");
