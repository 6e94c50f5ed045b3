import { existsSync } from "node:fs";

import { afterAll, expect, it, vi } from "vitest";

import { openBench } from "./bench.ts";

// Each command is a process of its own, and loads everything.
vi.setConfig({ testTimeout: 60_000 });

const bench = openBench();
afterAll(() => bench.close());

it("wrong settings are all named at once, each with what to do, and never with their value", async () => {
  const { code, stdout, stderr } = await bench.run(["agency", "list"], {
    DATABASE_URL: "mysql://secret-host/x",
    SLACK_BOT_TOKEN: "xoxp-secret-token",
    PORT: "70000",
    DISCORD_TOKEN: "secret-discord-token",
  });
  expect(code).toBe(78);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^ {2}- DATABASE_URL is not usable: write it as postgres:\/\//m);
  expect(stderr).toMatch(/^ {2}- SLACK_BOT_TOKEN is not usable: it starts with xoxb-/m);
  expect(stderr).toMatch(/^ {2}- PORT is not usable: a number from 0 to 65535/m);
  expect(stderr).toMatch(/^ {2}- DISCORD_TOKEN needs DISCORD_APPLICATION_ID: a number/m);
  expect(stderr).not.toMatch(/secret-|70000|at .*\.ts/);
  expect(existsSync(bench.data)).toBe(false);
});

it("a setting that nobody reads is warned about by its name", async () => {
  const { stderr } = await bench.run(["doctor", "--json"], { SLACK_BOT_TOKN: "xoxb-secret" });
  expect(stderr).toContain(
    "warning: SLACK_BOT_TOKN is no setting and is ignored; the nearest is SLACK_BOT_TOKEN",
  );
  expect(stderr).not.toContain("xoxb-secret");
});

it.each([
  { args: ["agancy"], says: "unknown command 'agancy'", help: "npm run allpoints -- --help" },
  {
    args: ["agency", "list", "--all"],
    says: "unknown option '--all'",
    help: "npm run allpoints -- agency list --help",
  },
  {
    args: ["agency", "add", "X"],
    says: "'--phone <number>' not specified",
    help: "npm run allpoints -- agency add --help",
  },
  { args: ["start", "--onse"], says: "unknown option '--onse'", help: "npm start -- --help" },
  { args: ["start", "--roles", "bot,cook"], says: `there is no "cook"`, help: "Use bot,jobs." },
])("allpoints $args is refused with a sentence", async ({ args, says, help }) => {
  const { code, stdout, stderr } = await bench.run(args);
  expect(code).toBe(64);
  expect(stdout).toBe("");
  expect(stderr).toContain(says);
  expect(stderr).toContain(help);
  expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
});

it("every command explains itself, and does nothing else", async () => {
  const commands = [
    { args: [], names: ["start", "migrate", "doctor", "agency", "officer", "slack", "discord", "audit"] },
    {
      args: ["agency", "add"],
      names: ["<name>", "--phone", "--contact", "--areas", "--zone", "--ori", "--json"],
    },
    { args: ["officer", "invite"], names: ["--agency", "--name", "--role", "--json"] },
    { args: ["discord", "connect"], names: ["--agency", "--guild", "--json"] },
  ];
  const shown = await Promise.all(commands.map(({ args }) => bench.run([...args, "--help"])));
  for (const [at, { code, stdout, stderr }] of shown.entries()) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Usage: ${["allpoints", ...(commands[at]?.args ?? [])].join(" ")}`);
    for (const name of commands[at]?.names ?? []) expect(stdout).toContain(name);
  }
  expect(existsSync(bench.data)).toBe(false);
});

interface Manifest {
  readonly display_information: { readonly name: string; readonly description: string };
  readonly features: {
    readonly slash_commands: readonly {
      readonly command: string;
      readonly description: string;
      readonly usage_hint: string;
      readonly url?: string;
    }[];
    readonly shortcuts: readonly { readonly name: string; readonly callback_id: string }[];
  };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly socket_mode_enabled: boolean;
    readonly event_subscriptions: { readonly request_url?: string; readonly bot_events: readonly string[] };
    readonly interactivity: { readonly request_url?: string };
  };
}

it("the Slack manifest has every command behind the prefix, within Slack's limits", async () => {
  const { code, stdout } = await bench.run(["slack", "manifest", "--prefix", "ap-"]);
  expect(code).toBe(0);
  const { display_information: shown, features, oauth_config, settings } = JSON.parse(stdout) as Manifest;
  const names = features.slash_commands.map(({ command }) => command);
  expect(names).toEqual(expect.arrayContaining(["/ap-tip", "/ap-allpoints"]));
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeLessThanOrEqual(50);
  for (const { command, description, usage_hint } of features.slash_commands) {
    expect(command).toMatch(/^\/ap-[a-z-]{1,28}$/);
    expect(description.length).toBeGreaterThan(0);
    expect(description.length).toBeLessThanOrEqual(2000);
    expect(usage_hint.length).toBeLessThanOrEqual(1000);
  }
  expect(features.shortcuts.length).toBeLessThanOrEqual(10);
  for (const { name, callback_id: id } of features.shortcuts) {
    expect(name.length).toBeLessThanOrEqual(24);
    expect(id.length).toBeLessThanOrEqual(255);
  }
  expect(shown.name.length).toBeLessThanOrEqual(35);
  expect(shown.description.length).toBeLessThanOrEqual(140);
  const optional = ["channels:history", "groups:history", "im:history", "im:write"];
  // Slack wants the optional ones in both lists.
  expect(oauth_config.scopes).toEqual({
    bot: ["commands", "chat:write", "channels:read", "groups:read", ...optional],
    bot_optional: optional,
  });
  expect(settings.event_subscriptions.bot_events.length).toBeLessThanOrEqual(100);
  expect(settings.socket_mode_enabled).toBe(true);
});

it("with an address the manifest sends everything there, and not through Socket Mode", async () => {
  const { stdout } = await bench.run(["slack", "manifest", "--url", "https://bot.example.org"]);
  const { features, settings } = JSON.parse(stdout) as Manifest;
  const url = "https://bot.example.org/slack/events";
  expect(new Set(features.slash_commands.map((one) => one.url))).toEqual(new Set([url]));
  expect(settings.event_subscriptions.request_url).toBe(url);
  expect(settings.interactivity.request_url).toBe(url);
  expect(settings.socket_mode_enabled).toBe(false);
});
