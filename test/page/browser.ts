import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a person would wait for something to come up, on a busy machine. */
const PATIENCE_MS = 15_000;

const binary = findChromium();
const required = process.env["REQUIRE_CHROMIUM"] !== undefined;
/** Where Chromium is required its absence fails; elsewhere its tests are skipped, with a word on how to run them. */
export const haveBrowser = binary !== undefined || required;
export const withoutBrowser = "chromium is not there: apt-get install chromium, or set CHROMIUM=/path/to/it";

function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named !== undefined && named !== "") return named;
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Desktop {
  /** A person's browser, with nothing in it yet: 1280×800, light, unless told. */
  readonly profile: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A tab of a profile of its own, showing the page. */
  readonly tab: (options?: BrowserContextOptions) => Promise<Page>;
  /** One more tab of a profile, showing the page. */
  readonly tabOf: (profile: BrowserContext) => Promise<Page>;
  /** What went wrong in any tab since this was last asked: nothing should. */
  readonly troubles: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** A browser in a new, empty folder of its own that shows the page at `url`. */
export async function openBrowser(url: string): Promise<Desktop> {
  if (binary === undefined) throw new Error(withoutBrowser);
  const browser = await chromium.launch({ executablePath: binary, args: flags });
  let troubles: string[] = [];
  const profile: Desktop["profile"] = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    watch(context, { origin: new URL(url).origin, trouble: (text) => troubles.push(text) });
    return context;
  };
  const tabOf: Desktop["tabOf"] = async (context) => {
    const page = await context.newPage();
    await page.goto(url);
    return page;
  };
  return {
    profile,
    tabOf,
    tab: async (options) => tabOf(await profile(options)),
    troubles: () => {
      const seen = troubles;
      troubles = [];
      return seen;
    },
    close: () => browser.close(),
  };
}

// What the content security policy forbids is an error on the console too.
function watch(
  context: BrowserContext,
  { origin, trouble }: { readonly origin: string; readonly trouble: (text: string) => void },
): void {
  context.on("console", (message) => {
    if (message.type() === "error") trouble(`on the console: ${message.text()}`);
  });
  context.on("weberror", (error) => trouble(`in the page: ${String(error.error())}`));
  context.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) trouble(`asks elsewhere: ${request.url()}`);
  });
}
