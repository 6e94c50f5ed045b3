import { matchesGlob } from "node:path";

import { describe, expect, it } from "vitest";

import { allFiles, read, withoutCommentsAndTexts } from "./source.ts";

const tsconfig = JSON.parse(read("tsconfig.json")) as { readonly include: readonly string[] };

/** A file outside `include` gets no type-aware lint rules, and nothing says so. */
function isChecked(file: string): boolean {
  return tsconfig.include.some((each) => file.startsWith(`${each}/`) || matchesGlob(file, each));
}

const readsEnvironment =
  /\bprocess\s*\??\.\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b|\bimport\.meta\.env\b/;
const mayReadEnvironment =
  /^(src\/cli(-[^/]+)?\.ts|sandbox\/.+\/(main|own-process)\.ts|(bench|scripts|test)\/.+|[^/]+\.config\.ts)$/;

// Node strips types; these two are not types, and tsc with our flags lets both pass.
const decorator = /(^|[\s;{}(])@[A-Za-z_$][\w$.]*/m;
const accessor = /\baccessor\s+[#\w$]+\s*[=:;!]/;

function unrunnable(source: string): boolean {
  const code = withoutCommentsAndTexts(source);
  return decorator.test(code) || accessor.test(code);
}

describe("every file", () => {
  it("is found", () => {
    expect(allFiles).toEqual(
      expect.arrayContaining(["src/chat.ts", "vitest.config.ts", "scripts/complete-lock.ts"]),
    );
    expect(allFiles.filter((file) => file.includes("node_modules"))).toEqual([]);
  });

  it("is in the scope of the type checker, and so of the type-aware lint rules", () => {
    expect(allFiles.filter((file) => !isChecked(file))).toEqual([]);
    expect(isChecked("plugins/mine.ts")).toBe(false);
    expect(isChecked("src/deep/er/file.ts")).toBe(true);
  });

  it("leaves the environment to the command line, which hands it to config.ts", () => {
    const readers = allFiles.filter(
      (file) => !mayReadEnvironment.test(file) && readsEnvironment.test(withoutCommentsAndTexts(read(file))),
    );
    expect(readers).toEqual([]);
  });

  it("can be run by Node as it is: no decorators, no accessor fields", () => {
    expect(allFiles.filter((file) => unrunnable(read(file)))).toEqual([]);
  });

  it("is named in kebab-case, and never index.ts", () => {
    const named = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|worker|job))?\.ts$/;
    const name = (file: string): string => file.slice(file.lastIndexOf("/") + 1);
    expect(allFiles.map(name).filter((each) => !named.test(each) || each === "index.ts")).toEqual([]);
  });
});

describe("these checks", () => {
  it.each([
    `process.env["X"]`,
    "process . env",
    "const { env } = process;",
    'process["env"]',
    "import.meta.env.X",
  ])("notice that %s reads the environment", (source) => {
    expect(readsEnvironment.test(withoutCommentsAndTexts(source))).toBe(true);
  });

  it.each([
    "class A { @logged run() {} }",
    "@Injectable()\nclass A {}",
    "class A { accessor x = 1; }",
    "class A { static accessor #x: number; }",
  ])("notice that Node cannot run %s", (source) => {
    expect(unrunnable(source)).toBe(true);
  });

  it.each([
    `const at = "@here";`,
    "// @ts-expect-error why\nx();",
    "/**\n * @example\n */",
    "const accessor = 1;",
    "`@${name}`",
  ])("have nothing against %s", (source) => {
    expect(unrunnable(source)).toBe(false);
  });
});
