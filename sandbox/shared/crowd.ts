import type { CrowdPlace, PretendApi, PretendWorkspace } from "../pretend.ts";
import { ImpossibleError } from "./control.ts";

/** How a platform names the nth workspace and the nth channel in it; both count from 1. */
export interface CrowdNames {
  readonly workspace: (number: number) => Pick<PretendWorkspace, "id" | "token" | "botUser">;
  readonly channel: (workspace: number, number: number) => string;
}
interface Places extends Pick<PretendApi, "addWorkspace" | "addChannel"> {
  readonly names: CrowdNames;
}

const MOST = 999;

/** Adds a crowd of workspaces, each with as many private channels that the bot is in. */
export async function addCrowd(
  { addWorkspace, addChannel, names }: Places,
  { workspaces, channels }: Parameters<PretendApi["crowd"]>[0],
): Promise<CrowdPlace[]> {
  if (Math.max(workspaces, channels) > MOST)
    throw new ImpossibleError(`A crowd has at most ${MOST} workspaces with ${MOST} channels each.`);
  const places: CrowdPlace[] = [];
  for (let number = 1; number <= workspaces; number += 1) {
    const workspace = { ...names.workspace(number), name: `Crowd ${threeDigits(number)}` };
    await addWorkspace(workspace);
    const ids = Array.from({ length: channels }, (_, index) => names.channel(number, index + 1));
    for (const [index, id] of ids.entries())
      await addChannel({ workspace: workspace.id, id, name: `bulletins-${threeDigits(index + 1)}` });
    places.push({ ...workspace, channels: ids });
  }
  return places;
}

export const threeDigits = (number: number): string => String(number).padStart(3, "0");
