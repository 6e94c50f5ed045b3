import { setTimeout as pause } from "node:timers/promises";

import { changesOf, type Change, type ClientCommands, type ClientPlace } from "../client.ts";
import type { Client } from "./client.ts";

/** One platform as all tabs share it: its places, and one line on which its changes come. */
export interface Desk extends AsyncDisposable {
  readonly client: Client;
  readonly places: () => readonly ClientPlace[];
  /** Another number whenever the places are looked at anew: a client drawn at another one may be out of date. */
  readonly edition: () => number;
  /** What this person is offered; asked once for each edition. */
  readonly commands: (who: Who) => Promise<ClientCommands>;
  /** "all": the line was broken, and anything may be different. */
  readonly listen: (hear: (change: Change | "all") => void) => () => void;
}

export interface Who {
  readonly workspace: string;
  readonly user: string;
}

const AGAIN_MS = 500;
const SOON_MS = 200;
/** A crowd of pretend workspaces, made for a benchmark, is not for looking at. */
const MOST_PLACES = 12;

export async function openDesk(client: Client, url: string): Promise<Desk> {
  const hearing = new Set<(change: Change | "all") => void>();
  const ending = new AbortController();
  let places: readonly ClientPlace[] = [];
  let edition = 0;
  const offered = new Map<string, Promise<ClientCommands>>();
  const lookAround = async (): Promise<void> => {
    places = (await client.api.places()).slice(0, MOST_PLACES);
    edition += 1;
    offered.clear();
  };
  const commands: Desk["commands"] = async ({ workspace, user }) => {
    if (!places.some(({ id }) => id === workspace)) return { commands: [], shortcuts: [] };
    const key = `${workspace} ${user}`;
    const known = offered.get(key) ?? client.api.commands({ workspace, user });
    offered.set(key, known);
    // What failed is asked again.
    known.catch(() => offered.delete(key));
    return known;
  };
  const tell = (change: Change | "all"): void => {
    for (const hear of hearing) hear(change);
  };
  const lookAgain = async (as: Change | "all"): Promise<void> => {
    await lookAround();
    tell(as);
  };
  let soon: NodeJS.Timeout | undefined;
  // Many channels may come at once.
  const lookSoon = (): void => {
    soon ??= setTimeout(() => {
      soon = undefined;
      lookAgain({ kind: "places" }).catch(() => undefined);
    }, SOON_MS);
  };
  const follow = async (): Promise<void> => {
    let first = true;
    for await (const change of changesOf(url, ending.signal)) {
      if (change.kind !== "places") tell(change);
      else if (first) await lookAgain("all");
      else lookSoon();
      first = false;
    }
  };
  const keepFollowing = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      // One after the other on purpose: a platform that is away is asked again until it is back.
      // oxlint-disable-next-line no-await-in-loop
      await follow().catch(() => undefined);
      // oxlint-disable-next-line no-await-in-loop
      await pause(AGAIN_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  await lookAround();
  const following = keepFollowing();
  return {
    client,
    places: () => places,
    edition: () => edition,
    commands,
    listen(hear) {
      hearing.add(hear);
      return () => void hearing.delete(hear);
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      clearTimeout(soon);
      await following;
    },
  };
}
