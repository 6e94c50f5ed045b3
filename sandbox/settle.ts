import type { PretendApi, Shown, ShownMessage } from "./pretend.ts";
import { agencies, type WorldAgency, type WorldPerson } from "./world.ts";

/** What only the operator's command line can do; handed in, because the sandbox knows nothing of the product. */
export interface Operator {
  /** Adds the agency and connects its workspace; a pending one waits for another member's word. */
  readonly admit: (agency: WorldAgency) => Promise<Standing>;
  /** A one-time code for this person. */
  readonly invite: (agency: WorldAgency, person: WorldPerson) => Promise<string>;
}

export type Standing = "known" | "member" | "pending";

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

/** How many people the world has. */
export const peopleToMoveIn = agencies.reduce((total, { people }) => total + Object.keys(people).length, 0);

/**
 * Lets everybody move in through the front door: each person links with a code, each agency's admin says what its
 * channels are for. An agency that is known already is left as it is. Tells how many people are in so far.
 */
export async function settleIn(
  platforms: Platforms,
  operator: Operator,
  tell: (done: number) => void = () => {},
): Promise<void> {
  // One after the other: the first two are members at once, a later one waits for a member's word.
  const standings = new Map<WorldAgency, Standing>();
  // oxlint-disable-next-line no-await-in-loop
  for (const agency of agencies) standings.set(agency, await operator.admit(agency));
  const thoseWho = (standing: Standing) => agencies.filter((agency) => standings.get(agency) === standing);
  let done = 0;
  const arrived = (people: number): void => tell((done += people));
  const moving = { platforms, operator, arrived };
  for (const { people } of thoseWho("known")) arrived(Object.keys(people).length);
  await Promise.all(thoseWho("member").map((agency) => moveIn(moving, agency)));
  for (const agency of thoseWho("pending")) {
    // oxlint-disable-next-line no-await-in-loop
    await approve(platforms, agency);
    // oxlint-disable-next-line no-await-in-loop
    await moveIn(moving, agency);
  }
}

interface Moving {
  readonly platforms: Platforms;
  readonly operator: Operator;
  readonly arrived: (people: number) => void;
}

/** Its people side by side, as they would on a first morning; then its admin, channel by channel. */
async function moveIn({ platforms, operator, arrived }: Moving, agency: WorldAgency): Promise<void> {
  await Promise.all(
    Object.values(agency.people).map(async (person) => {
      await link(platforms, agency, { person, code: await operator.invite(agency, person) });
      arrived(1);
    }),
  );
  const admin = adminOf(agency);
  for (const { id, use } of Object.values(agency.channels)) {
    // oxlint-disable-next-line no-await-in-loop
    const shown = await platformOf(platforms, agency).type({
      workspace: agency.workspace,
      user: admin.user,
      channel: id,
      line: `/allpoints channel use:${use}`,
    });
    expectLine(shown, `This channel is now for: ${use}`);
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
