import type { Patch } from "../lists.ts";
import { find, type Platform } from "./dom.ts";
import { applyPatch } from "./lists.ts";
import { since, viewQuery } from "./standing.ts";

// The one stream of this tab. It always begins with everything that is to be seen, so coming back is beginning again.

export type News =
  | {
      readonly kind: "message";
      readonly platform: Platform;
      readonly workspace: string;
      readonly channel: string;
    }
  | { readonly kind: "form"; readonly platform: Platform; readonly user: string; readonly form: string }
  | { readonly kind: "places"; readonly platform: Platform }
  /** Where the server sees a client stand: what was asked for may not be there. */
  | {
      readonly kind: "standing";
      readonly platform: Platform;
      readonly workspace: string;
      readonly user: string;
      readonly channel: string;
      readonly edition: number;
    }
  | { readonly kind: "refused"; readonly platform: Platform; readonly method: string; readonly text: string }
  | { readonly kind: "progress"; readonly words?: string };

const AGAIN_MS = 1_000;

let source: EventSource | undefined;
let hear: (news: News) => void = () => {};
let again: number | undefined;

/** Begins to listen, and again whenever what is looked at has changed; where nobody looks, when somebody does. */
export function listenAnew(): void {
  stopListening();
  if (document.hidden) return;
  const panel = find("#panel", HTMLElement)?.hidden === false ? 1 : 0;
  const stream = new EventSource(`/live?${viewQuery()}&since=${since()}&panel=${panel}`);
  source = stream;
  stream.addEventListener("open", () => away(false));
  stream.addEventListener("error", () => {
    away(true);
    // The browser comes back by itself, except where the server refused.
    if (stream.readyState === EventSource.CLOSED && stream === source)
      again = setTimeout(listenAnew, AGAIN_MS);
  });
  stream.addEventListener("list", ({ data }: MessageEvent<string>) => applyPatch(JSON.parse(data) as Patch));
  stream.addEventListener("news", ({ data }: MessageEvent<string>) => {
    for (const news of JSON.parse(data) as News[]) hear(news);
  });
}

export function startLive(onNews: (news: News) => void): void {
  hear = onNews;
  listenAnew();
  // A browser holds six connections to one place: tabs that nobody looks at give theirs back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stopListening();
    else listenAnew();
  });
}

function stopListening(): void {
  source?.close();
  clearTimeout(again);
}

function away(is: boolean): void {
  const place = find("[data-away]", HTMLElement);
  if (place !== undefined) place.hidden = !is;
}
