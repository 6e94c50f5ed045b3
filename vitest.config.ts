import { configDefaults, defineConfig } from "vitest/config";

/** Each starts a browser and the whole sandbox with its six processes. */
const inBrowser = ["axe", "client", "live", "page", "sceptic", "start", "story"].map(
  (name) => `test/page/${name}.test.ts`,
);

export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    setupFiles: "test/support/properties.ts",
    maxWorkers: 2,
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...inBrowser],
          sequence: { groupOrder: 0 },
        },
      },
      // After everything else, one at a time: what is timed elsewhere is not to wait for a browser.
      {
        extends: true,
        test: {
          name: "browser",
          include: inBrowser,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          // What a browser shows soon is not there within a second on every machine.
          expect: { poll: { timeout: 10_000 } },
        },
      },
    ],
  },
});
