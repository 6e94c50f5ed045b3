import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { describeSettings, readConfig, sandboxMode, settingNames } from "../src/config.ts";
import { StartError } from "../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "allpoints-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function secretFile({ holding, mode = 0o600 }: { holding: string; mode?: number }): string {
  const file = join(folder, `${(files += 1)}.secret`);
  writeFileSync(file, holding);
  chmodSync(file, mode);
  return file;
}

function refusal(env: Record<string, string>): StartError {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error("these settings were accepted");
}

const slack = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "0123456789abcdef" };

describe(".env.example", () => {
  const example = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
  const lines = [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value] as const);

  it("lists every setting, in the same order, and no others", () => {
    expect(lines.map(([name]) => name)).toEqual(settingNames);
  });

  it("shows the default of each, and can be used as it is", () => {
    expect(lines).toEqual(describeSettings().map((each) => [each.name, each.default ?? ""]));
    expect(readConfig(Object.fromEntries(lines)).config).toEqual(readConfig({}).config);
  });
});

describe("settings", () => {
  it("are all optional: with none, the sandbox runs", () => {
    const { config, warnings } = readConfig({ PATH: "/bin", HOME: "/root", HOSTNAME: "box" });
    expect(sandboxMode(config)).toBe(true);
    expect(config).toMatchObject({ PORT: 3000, PRIVATE_ANSWERS_DISCORD: "none" });
    expect(warnings).toEqual([]);
  });

  it.each(["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "DISCORD_TOKEN"])(
    "with %s are no sandbox any more",
    (name) => {
      const value = name === "SLACK_APP_TOKEN" ? "xapp-1" : "0123456789abcdef";
      const { config } = readConfig({ [name]: value, DISCORD_APPLICATION_ID: "123456789012345678" });
      expect(sandboxMode(config)).toBe(false);
    },
  );

  it("keep the keyring beside the other data unless told otherwise", () => {
    expect(readConfig({ ALLPOINTS_DATA: "/srv/allpoints" }).config.KEYRING_FILE).toBe(
      "/srv/allpoints/keyring.json",
    );
    expect(readConfig({ KEYRING_FILE: "/keys/ring.json" }).config.KEYRING_FILE).toBe("/keys/ring.json");
  });

  it("give API addresses their last slash", () => {
    expect(readConfig({ SLACK_API_URL: "https://slack-gov.com/api" }).config.SLACK_API_URL).toBe(
      "https://slack-gov.com/api/",
    );
  });

  it.each([
    "http://slack.com/api/",
    "http://localhost@slack.com/api/",
    "http://localhost.evil.example/api/",
    "ftp://127.0.0.1/api/",
  ])("do not let tokens go to %s", (url) => {
    expect(refusal({ SLACK_API_URL: url }).message).toContain("SLACK_API_URL");
  });

  it.each(["http://127.0.0.1:8080/api/", "http://localhost/api/"])("let tokens go to %s", (url) => {
    expect(readConfig({ SLACK_API_URL: url }).config.SLACK_API_URL).toBe(url);
  });

  it("cannot be changed once read", () => {
    expect(Object.isFrozen(readConfig({}).config)).toBe(true);
  });
});

describe("unusable settings", () => {
  const wrong = {
    DATABASE_URL: "canary-1",
    REDIS_URL: "canary-2",
    SLACK_BOT_TOKEN: "canary-3",
    PORT: "canary-4",
    LOG_LEVEL: "canary-5",
    DISPLAY_ZONE: "canary-6",
    DISCORD_TOKEN: "canary-7-long-enough",
  };

  it("are all named at once, each with a fix, and with exit code 78", () => {
    const { message, fix, exitCode } = refusal(wrong);
    expect(
      message
        .split("\n")
        .slice(1)
        .map((line) => /[A-Z_]+/.exec(line)?.[0]),
    ).toEqual([
      "DATABASE_URL",
      "REDIS_URL",
      "SLACK_BOT_TOKEN",
      "PORT",
      "LOG_LEVEL",
      "DISPLAY_ZONE",
      "SLACK_BOT_TOKEN",
      "DISCORD_TOKEN",
    ]);
    for (const line of message.split("\n").slice(1)) expect(line).toMatch(/: \w.{5,}/);
    expect(fix).toContain(".env.example");
    expect(exitCode).toBe(78);
  });

  it("are not repeated in the complaint", () => {
    expect(refusal(wrong).message).not.toContain("canary");
  });

  it.each([
    [{ SLACK_BOT_TOKEN: "xoxb-1" }, "SLACK_SIGNING_SECRET (requests over HTTP) or SLACK_APP_TOKEN"],
    [{ DISCORD_TOKEN: "0123456789" }, "DISCORD_TOKEN needs DISCORD_APPLICATION_ID"],
    [{ DATABASE_APP_URL: "postgres://app@db/allpoints" }, "DATABASE_APP_URL needs DATABASE_URL"],
    [{ PORT: "3001" }, "PORT and HEALTH_PORT are the same"],
    [{ PORT: "70000" }, "PORT is not usable"],
  ])("%j is refused", (env, sentence) => {
    expect(refusal(env).message).toContain(sentence);
  });

  it.each([
    slack,
    { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" },
    { PORT: "0", HEALTH_PORT: "0" },
    { DATABASE_URL: "postgres://owner@%2Frun%2Fpostgresql/allpoints" },
  ])("%j is not", (env) => {
    expect(() => readConfig(env)).not.toThrow();
  });
});

describe("a secret in a file", () => {
  it("is read without its last newline", () => {
    const env = { ...slack, SLACK_BOT_TOKEN: "", SLACK_BOT_TOKEN_FILE: secretFile({ holding: "xoxb-2\n" }) };
    expect(readConfig(env)).toMatchObject({ config: { SLACK_BOT_TOKEN: "xoxb-2" }, warnings: [] });
  });

  it("that others can read is used, with a warning", () => {
    const file = secretFile({ holding: "redis://localhost", mode: 0o644 });
    const { config, warnings } = readConfig({ REDIS_URL_FILE: file });
    expect(config.REDIS_URL).toBe("redis://localhost");
    expect(warnings).toEqual([expect.stringContaining("REDIS_URL_FILE names a file that others can read")]);
  });

  it.each([
    ["is missing", { REDIS_URL_FILE: "/nowhere/at/all" }, "ENOENT"],
    ["is empty", { REDIS_URL_FILE: secretFile({ holding: "\n" }) }, "an empty file"],
    [
      "comes twice",
      { REDIS_URL: "redis://a", REDIS_URL_FILE: secretFile({ holding: "redis://b" }) },
      "keep one",
    ],
    ["is wrong", { REDIS_URL_FILE: secretFile({ holding: "canary" }) }, "REDIS_URL is not usable"],
  ])("that %s is refused by name", (_case, env, words) => {
    expect(refusal(env).message).toContain(words);
    expect(refusal(env).message).not.toContain("canary");
  });
});

describe("a name that no setting has", () => {
  it.each([
    ["SLACK_BOT_TOKN", "SLACK_BOT_TOKEN"],
    ["LOG_LEVLE", "LOG_LEVEL"],
    ["REDIS_URI", "REDIS_URL"],
    ["log_level", "LOG_LEVEL"],
    ["DISCORD_TOKEN_FIEL", "DISCORD_TOKEN_FILE"],
    ["ALLPOINTS_DATA_FILE", "ALLPOINTS_DATA"],
  ])("%s brings a warning that %s is the nearest", (name, nearest) => {
    expect(readConfig({ [name]: "canary" }).warnings).toEqual([
      `${name} is no setting and is ignored; the nearest is ${nearest}`,
    ]);
  });

  it.each(["PATH", "HOME", "SHELL", "POST", "npm_config_loglevel", "PGHOST", "TZ", "CI"])(
    "%s is somebody else's and brings none",
    (name) => {
      expect(readConfig({ [name]: "x" }).warnings).toEqual([]);
    },
  );
});
