import { paneOf, platforms, type Platform } from "./dom.ts";

// Where the two clients stand, as the page's address says it and the server reads it (view.ts there).

export interface Standing {
  readonly workspace: string;
  readonly user: string;
  readonly channel: string;
  readonly thread: string;
  /** First message of the window; "": the newest are shown. */
  readonly from: string;
}

export function standingOf(platform: Platform): Standing {
  const { dataset } = paneOf(platform);
  return {
    workspace: dataset["workspace"] ?? "",
    user: dataset["user"] ?? "",
    channel: dataset["channel"] ?? "",
    thread: dataset["thread"] ?? "",
    from: dataset["from"] ?? "",
  };
}

function written({ workspace, user, channel, thread, from }: Standing): string {
  return [workspace, user, channel, thread, from].join(",").replace(/,+$/, "");
}

/** "slack=…&discord=…", with one of them elsewhere if wanted. */
export function viewQuery(over: Partial<Record<Platform, Partial<Standing>>> = {}): string {
  return platforms
    .map(
      (platform) =>
        `${platform}=${encodeURIComponent(written({ ...standingOf(platform), ...over[platform] }))}`,
    )
    .join("&");
}

/** When this page was loaded: private answers from before are forgotten, as the platforms forget them. */
export function since(): string {
  return document.body.dataset["since"] ?? "0";
}
