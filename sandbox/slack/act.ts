import type { Shown } from "../pretend.ts";
import type { JsonObject } from "../shared/json.ts";
import type { Watch } from "../shared/screens.ts";
import type { Ack } from "./deliver.ts";
import { keyOf } from "./world.ts";
import type { Channel, Message, Person, ResponseUrl, World } from "./world.ts";

/** One thing a person did, on its way to the app and back. */
export interface Act {
  readonly person: Person;
  readonly triggerId: string;
  /** Where the app may answer; acts in a modal have none. */
  readonly response: ResponseUrl | undefined;
  readonly responseUrl: string | undefined;
  /** Began before the app hears of it: an app may answer before it acknowledges. */
  readonly watch: Watch<Shown>;
}

const TRIGGER_MS = 3_000;
const RESPONSE_URL_MS = 30 * 60_000;

export interface Where {
  readonly channel?: Channel | undefined;
  readonly message?: Message;
  readonly inModal?: boolean;
}

export function beginAct(world: World, person: Person, where: Where): Act {
  const id = world.nextId("act");
  const triggerId = `${world.nextTs()}.${id}`;
  world.triggers.set(triggerId, {
    person,
    act: id,
    inModal: where.inModal === true,
    expiresAt: Date.now() + TRIGGER_MS,
    used: false,
  });
  const response: ResponseUrl | undefined =
    where.channel === undefined
      ? undefined
      : {
          person,
          act: id,
          channel: where.channel.id,
          message: where.message,
          expiresAt: Date.now() + RESPONSE_URL_MS,
          uses: 0,
        };
  const path = `${person.workspace.id}/${id}`;
  if (response !== undefined) world.responseUrls.set(path, response);
  // Without a channel there is no place for a private answer but the direct messages.
  const atDirect = where.channel === undefined || where.channel.directWith !== undefined;
  const places = [keyOf(person), ...(atDirect ? [`${keyOf(person)}/direct`] : [])];
  return {
    person,
    triggerId,
    response,
    responseUrl: response === undefined ? undefined : `${world.url}/respond/${path}`,
    watch: world.screens.watch(places, id),
  };
}

/** What the person sees in the end. `failure` is what Slack's client says when the app did not acknowledge. */
export async function endAct(
  act: Act,
  ack: Ack,
  { waitMs, failure }: { readonly waitMs: number; readonly failure: string },
): Promise<Shown> {
  if (ack.kind === "failed") {
    act.watch.end();
    return { kind: "error", text: failure };
  }
  return (await act.watch.first(waitMs)) ?? { kind: "nothing" };
}

/** What every interaction payload begins with. */
export function interaction(world: World, act: Act): JsonObject {
  const { workspace, user, home } = act.person;
  return {
    user: { id: user.id, username: userName(user), name: userName(user), team_id: home },
    team: { id: workspace.id, domain: workspace.id.toLowerCase() },
    enterprise: null,
    is_enterprise_install: false,
    api_app_id: world.app.id,
    token: "verification-token",
    trigger_id: act.triggerId,
  };
}

export function userName(user: { readonly name: string }): string {
  return user.name.toLowerCase().replaceAll(/\W+/g, ".");
}

/** Slack hides the names of private conversations from payloads. */
export function channelName(channel: Channel): string {
  if (channel.directWith !== undefined) return "directmessage";
  return channel.private ? "privategroup" : channel.name;
}
