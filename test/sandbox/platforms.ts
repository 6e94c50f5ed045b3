import type { Posted, PretendApi } from "../../sandbox/pretend.ts";
import { openStage } from "./discord-stage.ts";
import * as stage from "./discord-stage.ts";
import { openTown } from "./slack-town.ts";

/** What an app hears of a call: "nothing" when the platform stays silent, "reset" when the connection breaks. */
export type Heard = { readonly status: number; readonly body: unknown; readonly retryAfter: string | null };

/** One pretend platform as a bare HTTP client and a tester see it. */
export interface Platform {
  readonly people: PretendApi;
  readonly workspace: string;
  readonly channel: string;
  readonly postMethod: string;
  /** Posts a text; the key is what the platform knows it again by. */
  readonly post: (text: string, options?: PostOptions) => Promise<Heard | "nothing" | "reset">;
  /** Another call: whose token is this? */
  readonly whoAmI: () => Promise<Heard | "nothing" | "reset">;
  readonly close: () => Promise<void>;
}
interface PostOptions {
  readonly key?: string;
  readonly channel?: string;
  readonly token?: string;
}

export interface Opening {
  readonly latencyMs?: number;
  readonly keptCalls?: number;
}

/** How long a client here waits for an answer. */
const PATIENCE_MS = 300;

async function call(
  url: string,
  options: { method?: string; headers: Record<string, string>; body?: object },
): Promise<Heard | "nothing" | "reset"> {
  try {
    const answer = await fetch(url, {
      method: options.method ?? "POST",
      headers: { "content-type": "application/json", ...options.headers },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body: unknown = await answer.json();
    return { status: answer.status, body, retryAfter: answer.headers.get("retry-after") };
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError" ? "nothing" : "reset";
  }
}

async function openSlackPlatform(opening: Opening): Promise<Platform> {
  const town = await openTown({ limits: "off", ...opening });
  const api = (method: string, body: object, token = "xoxb-1") =>
    call(`${town.url}/api/${method}`, { headers: { authorization: `Bearer ${token}` }, body });
  return {
    people: town.api,
    workspace: "T1",
    channel: "C1",
    postMethod: "chat.postMessage",
    post: (text, { key, channel = "C1", token } = {}) => {
      const metadata = { event_type: "delivery", event_payload: { delivery: key } };
      const body = { channel, text, ...(key === undefined ? {} : { metadata }) };
      return api("chat.postMessage", body, token);
    },
    whoAmI: () => api("auth.test", {}),
    close: town.close,
  };
}

async function openDiscordPlatform(opening: Opening): Promise<Platform> {
  const { people, platform, close } = await openStage("off", opening);
  const headers = { authorization: `Bot ${stage.token}`, "user-agent": "DiscordBot (test, 1)" };
  const api = `${platform.url}/api/v10`;
  return {
    people,
    workspace: stage.guild,
    channel: stage.desk,
    postMethod: "POST /channels/:id/messages",
    post: (text, { key, channel = stage.desk } = {}) => {
      const body = { content: text, ...(key === undefined ? {} : { nonce: key, enforce_nonce: true }) };
      return call(`${api}/channels/${channel}/messages`, { headers, body });
    },
    whoAmI: () => call(`${api}/users/@me`, { method: "GET", headers }),
    close,
  };
}

export const platforms = [
  ["Slack", openSlackPlatform],
  ["Discord", openDiscordPlatform],
] as const satisfies readonly (readonly [string, (opening: Opening) => Promise<Platform>])[];

export async function headlines({ people }: Platform): Promise<readonly string[]> {
  return (await people.posts({})).map(({ headline }: Posted) => headline);
}

export function statusOf(heard: Heard | "nothing" | "reset"): number | "nothing" | "reset" {
  return typeof heard === "string" ? heard : heard.status;
}
