import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/global-setup.ts",
    setupFiles: "test/support/properties.ts",
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
