import { spawn } from "node:child_process";

import { startPage, type Page, type PageOptions } from "../sandbox/page/page.ts";
import { StartError } from "./errors.ts";

/** Starts the page, or says why not on that port. */
export async function openPage(options: PageOptions): Promise<Page> {
  try {
    return await startPage(options);
  } catch (error) {
    throw portRefused(error, options.port) ?? error;
  }
}

/** What the system has against a port, and which other one will do; undefined when it is about something else. */
export function portRefused(error: unknown, port: number): StartError | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new StartError(
      `Port ${port} is in use by another program.`,
      `Stop that program, or choose another port: npm start -- --port ${port === 65_535 ? 4600 : port + 1}`,
      69,
    );
  }
  if (code === "EACCES") {
    return new StartError(
      `Port ${port} is not for programs of this user.`,
      "Choose one from 1024 on: npm start -- --port 4600",
      69,
    );
  }
  return undefined;
}

/** Reads the first page as a browser would. */
export async function readFirstPage({ url }: Page): Promise<void> {
  const answer = await fetch(url);
  await answer.text();
  if (!answer.ok) throw new Error(`the first page was answered with ${answer.status}`);
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
