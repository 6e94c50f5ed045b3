import { spawn } from "node:child_process";

import { startPage, type Page, type PageOptions } from "../sandbox/page/page.ts";
import { StartError } from "./errors.ts";

/** Starts the page, or says which port is taken. */
export async function openPage(options: PageOptions): Promise<Page> {
  try {
    return await startPage(options);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EADDRINUSE") throw error;
    throw new StartError(
      `Port ${options.port} is in use by another program.`,
      `Stop that program, or choose another port: npm start -- --port ${options.port === 65_535 ? 4600 : options.port + 1}`,
      69,
    );
  }
}

/** Reads the first page as a browser would; seconds since this process began. */
export async function readFirstPage({ url }: Page): Promise<number> {
  const answer = await fetch(url);
  await answer.text();
  if (!answer.ok) throw new Error(`the first page was answered with ${answer.status}`);
  return sinceStart();
}

/** Seconds since this process began; what npm itself took before is not in it. */
export function sinceStart(): number {
  return performance.now() / 1000;
}

/** Shows the address in the browser where there is a desktop; anywhere else, and where that fails, it stands on the screen. */
export function showInBrowser(url: string): void {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  if (!hasDesktop()) return;
  const child = spawn(opener, [url], { detached: true, stdio: "ignore" });
  child.on("error", () => {});
  child.unref();
}

function hasDesktop(): boolean {
  const { CI, SSH_CONNECTION, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (!process.stdout.isTTY || CI !== undefined || SSH_CONNECTION !== undefined) return false;
  return process.platform === "darwin" || DISPLAY !== undefined || WAYLAND_DISPLAY !== undefined;
}
