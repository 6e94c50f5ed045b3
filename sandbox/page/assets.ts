import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

export interface Asset {
  readonly type: string;
  readonly body: string;
}

const folder = import.meta.dirname;
const names = /^(?<name>[a-z][a-z-]*)\.(?<kind>ts|css|svg)$/;
const kinds: Readonly<Record<string, { readonly folder: string; readonly type: string }>> = {
  // The scripts are TypeScript that is erased to JavaScript: no build, and no second copy.
  ts: { folder: "browser", type: "text/javascript; charset=utf-8" },
  css: { folder: "styles", type: "text/css; charset=utf-8" },
  svg: { folder: "styles", type: "image/svg+xml" },
};
const ready = new Map<string, Asset>();

/** A script, a stylesheet or the icon, by its file's name; undefined when there is none. */
export function asset(file: string): Asset | undefined {
  const known = ready.get(file);
  if (known !== undefined) return known;
  const { kind = "" } = names.exec(file)?.groups ?? {};
  const place = kinds[kind];
  if (place === undefined) return undefined;
  const source = readOrNothing(join(folder, place.folder, file));
  if (source === undefined) return undefined;
  const made = { type: place.type, body: kind === "ts" ? plainScript(source) : source };
  ready.set(file, made);
  return made;
}

/** Where types were, blanks are left. */
function plainScript(source: string): string {
  return stripTypeScriptTypes(source).replaceAll(/[ \t]+$/gm, "");
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
