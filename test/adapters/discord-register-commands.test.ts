import { ApplicationCommandType, type RESTPutAPIApplicationCommandsJSONBody } from "discord.js";
import { afterEach, beforeEach, expect, it } from "vitest";

import { registerCommands } from "../../adapters/discord/register-commands.ts";
import { startPretendDiscord } from "../../sandbox/discord/pretend-discord.ts";
import { pretend } from "../../sandbox/pretend.ts";
import { application, commands, token } from "./discord-subject.ts";

let server: Awaited<ReturnType<typeof startPretendDiscord>>;
beforeEach(async () => {
  server = await startPretendDiscord({ applicationId: application, token, botUser: application });
});
afterEach(async () => {
  await server.close();
});

async function register(wanted: RESTPutAPIApplicationCommandsJSONBody, guild?: string) {
  const apiBaseUrl = `${server.url}/api/`;
  return registerCommands({
    apiBaseUrl,
    token,
    application,
    commands: wanted,
    ...(guild !== undefined && { guild }),
  });
}
const unchanged = { changed: false, added: [], removed: [], updated: [] };

it("registers once, and writes nothing when nothing changed", async () => {
  const names = ["/tip", "/bulletin", "/allpoints", "Make a tip from this"];
  expect(await register(commands)).toEqual({ changed: true, added: names, removed: [], updated: [] });
  expect(await register(commands)).toEqual(unchanged);
  expect(await register([...commands].reverse())).toEqual(unchanged);
  const writes = await pretend(server.url).calls({ method: "PUT /applications/:id/commands" });
  expect(writes).toHaveLength(1);
});

it("takes what only states a default for no difference", async () => {
  await register([{ name: "tip", description: "Report a threat", options: [] }]);
  const stated = { type: ApplicationCommandType.ChatInput, nsfw: false, integration_types: [0] };
  expect(await register([{ name: "tip", description: "Report a threat", ...stated }])).toEqual(unchanged);
});

it("tells added, removed and updated apart, and a slash command from a message command of the same name", async () => {
  await register([
    { name: "tip", description: "Report a threat" },
    { name: "old", description: "Gone soon" },
  ]);
  expect(
    await register([
      { name: "tip", description: "Report a threat of violence" },
      { name: "tip", type: ApplicationCommandType.Message },
    ]),
  ).toEqual({ changed: true, added: ["tip"], removed: ["/old"], updated: ["/tip"] });
});

it("registers for one guild without touching the others", async () => {
  const guild = "500000000000000001";
  await pretend(server.url).addWorkspace({ id: guild, name: "Riverton PD", token, botUser: application });
  expect(await register(commands, guild)).toMatchObject({ changed: true });
  expect(await register(commands, guild)).toEqual(unchanged);
  expect(await register(commands)).toMatchObject({ changed: true });
});
