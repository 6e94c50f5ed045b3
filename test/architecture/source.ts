import { globSync, readFileSync } from "node:fs";

/** Every TypeScript file of this repository. */
export const allFiles = globSync("**/*.ts", {
  exclude: (name) => /(^|\/)(node_modules|coverage|\.[^/]+)$/.test(name),
}).toSorted();

export function read(file: string): string {
  return readFileSync(file, "utf8");
}

const token = /\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
const isComment = (text: string): boolean => text.startsWith("/*") || text.startsWith("//");

export function withoutComments(source: string): string {
  return source.replaceAll(token, (text) => (isComment(text) ? "" : text));
}

export function withoutCommentsAndTexts(source: string): string {
  return source.replaceAll(token, (text) => (isComment(text) ? "" : '""'));
}
