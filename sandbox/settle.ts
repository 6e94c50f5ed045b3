import type { PretendApi, Shown, ShownMessage } from "./pretend.ts";
import { agencies, type WorldAgency, type WorldPerson } from "./world.ts";

/** What only the operator's command line can do; handed in, because the sandbox knows nothing of the product. */
export interface Operator {
  /** Adds the agency and connects its workspace; a pending one waits for another member's word. */
  readonly admit: (agency: WorldAgency) => Promise<"known" | "member" | "pending">;
  /** A one-time code for this person. */
  readonly invite: (agency: WorldAgency, person: WorldPerson) => Promise<string>;
}

export interface Platforms {
  readonly slack: PretendApi;
  readonly discord: PretendApi;
}

export function platformOf(platforms: Platforms, agency: Pick<WorldAgency, "platform">): PretendApi {
  return platforms[agency.platform];
}

/** Builds workspaces, people and channels on the pretend platforms. */
export async function buildPlaces(platforms: Platforms): Promise<void> {
  for (const agency of agencies) {
    const platform = platformOf(platforms, agency);
    const { workspace, name, token, botUser, zone } = agency;
    await platform.addWorkspace({ id: workspace, name, token, botUser });
    for (const person of Object.values(agency.people)) {
      await platform.addUser({ workspace, id: person.user, name: person.name, timeZone: zone });
    }
    for (const channel of Object.values(agency.channels)) {
      await platform.addChannel({ workspace, id: channel.id, name: channel.name });
    }
  }
}

/**
 * Lets everybody move in through the front door: each person links with a code, each agency's admin says what its
 * channels are for. An agency that is known already is left as it is.
 */
export async function settleIn(platforms: Platforms, operator: Operator): Promise<void> {
  for (const agency of agencies) {
    const standing = await operator.admit(agency);
    if (standing === "known") continue;
    if (standing === "pending") await approve(platforms, agency);
    for (const person of Object.values(agency.people)) {
      await link(platforms, agency, { person, code: await operator.invite(agency, person) });
    }
    const admin = adminOf(agency);
    for (const { id, use } of Object.values(agency.channels)) {
      const shown = await platformOf(platforms, agency).type({
        workspace: agency.workspace,
        user: admin.user,
        channel: id,
        line: `/allpoints channel use:${use}`,
      });
      expectLine(shown, `This channel is now for: ${use}`);
    }
  }
}

function adminOf(agency: WorldAgency): WorldPerson {
  const admin = Object.values(agency.people).find(({ roles }) => roles.includes("agency_admin"));
  if (admin === undefined) throw new Error(`${agency.name} has no admin`);
  return admin;
}

/** The first member's admin gives the word for a later one. */
async function approve(platforms: Platforms, agency: WorldAgency): Promise<void> {
  const [member] = agencies;
  if (member === undefined) throw new Error("there is no member");
  const shown = await platformOf(platforms, member).type({
    workspace: member.workspace,
    user: adminOf(member).user,
    channel: Object.values(member.channels)[0]?.id ?? "",
    line: `/allpoints agency approve ${agency.name}`,
  });
  expectLine(shown, `${agency.name} is a member now.`);
}

interface Linking {
  readonly person: WorldPerson;
  readonly code: string;
}

/** Somebody types `/allpoints link` with the code they were handed. */
async function link(platforms: Platforms, agency: WorldAgency, { person, code }: Linking): Promise<void> {
  const [channel] = Object.values(agency.channels);
  const shown = await platformOf(platforms, agency).type({
    workspace: agency.workspace,
    user: person.user,
    channel: channel?.id ?? "",
    line: `/allpoints link ${code}`,
  });
  expectLine(shown, `Linked: ${person.name}`);
}

function expectLine(shown: Shown, words: string): ShownMessage {
  if (shown.kind !== "message" || !shown.message.lines.some((line) => line.includes(words))) {
    throw new Error(`expected "${words}", and was shown ${JSON.stringify(shown).slice(0, 400)}`);
  }
  return shown.message;
}
