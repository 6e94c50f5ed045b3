import type { JsonObject } from "../shared/json.ts";
import { checkCommands, typeOf } from "./command-rules.ts";
import { refusal } from "./refusals.ts";
import type { Reply, Request, Route } from "./routing.ts";
import { ok, param, unmetered } from "./routing.ts";
import { tellPlaces } from "./telling.ts";
import { channelObject, channelsOf, guildObject, memberObject, roleObjects, userObject } from "./wire.ts";
import type { Command, Guild, World } from "./world.ts";

function ownApplication(world: World, id: string): void {
  if (id !== world.application.id) throw refusal(20012);
}

function joinedGuild(world: World, id: string): Guild {
  const guild = world.guilds.get(id);
  if (guild?.installed !== true) throw refusal(10004);
  return guild;
}

function putCommands({ discord, params, body }: Request): Reply {
  const { world } = discord;
  const [application = "", guild = ""] = params;
  ownApplication(world, application);
  if (guild !== "" && world.guilds.get(guild)?.installed !== true) throw refusal(50001);
  checkCommands(body);
  const known = world.commands.get(guild) ?? [];
  const commands = body.map((given) => registered(world, given, { known, guild }));
  world.commands.set(guild, commands);
  tellPlaces(world);
  return ok(commands);
}

/** A command keeps its id as long as its name and type stay. */
function registered(
  world: World,
  given: JsonObject,
  place: { readonly known: readonly Command[]; readonly guild: string },
): Command {
  const type = typeOf(given);
  const before = place.known.find((one) => one.name === given["name"] && one.type === type);
  const settings: JsonObject = { nsfw: false, default_member_permissions: null, ...given };
  return {
    ...settings,
    id: before?.id ?? world.freshId(),
    application_id: world.application.id,
    version: world.freshId(),
    ...(place.guild === "" ? {} : { guild_id: place.guild }),
    type,
    name: String(given["name"]),
    description: typeof given["description"] === "string" ? given["description"] : "",
  };
}

function getCommands({ discord, params }: Request): Reply {
  const [application = "", guild = ""] = params;
  ownApplication(discord.world, application);
  if (guild !== "" && discord.world.guilds.get(guild)?.installed !== true) throw refusal(50001);
  return ok(discord.world.commands.get(guild) ?? []);
}

function application(world: World): JsonObject {
  const { id, name, botUser } = world.application;
  return {
    id,
    name,
    icon: null,
    description: "",
    summary: "",
    bot_public: false,
    bot_require_code_grant: false,
    verify_key: "0".repeat(64),
    flags: 0,
    bot: userObject(world, botUser),
    owner: { id, username: "owner", discriminator: "0", global_name: "Owner", avatar: null },
    team: null,
    approximate_guild_count: [...world.guilds.values()].filter((guild) => guild.installed).length,
  };
}

function member({ discord, params }: Request): Reply {
  const guild = joinedGuild(discord.world, param({ params }, 0));
  const wanted = params[1] ?? discord.world.application.botUser;
  if (wanted !== discord.world.application.botUser && !guild.members.has(wanted)) throw refusal(10007);
  return ok(memberObject(discord.world, guild, wanted));
}

function user({ discord, params }: Request): Reply {
  const id = param({ params }, 0);
  if (id !== discord.world.application.botUser && !discord.world.people.has(id)) throw refusal(10013);
  return ok(userObject(discord.world, id));
}

const get = (path: string, run: Route["run"]): Route => ({ method: "GET", path, bucket: unmetered, run });
const guildOf = ({ discord, params }: Request): Guild => joinedGuild(discord.world, param({ params }, 0));

/** `gatewayUrl` is asked late: the port is known only once the server listens. */
export function applicationRoutes(gatewayUrl: () => string): readonly Route[] {
  const start = { total: 1_000, remaining: 999, reset_after: 86_400_000, max_concurrency: 1 };
  const commands = "/applications/:id/commands";
  const guildCommands = "/applications/:id/guilds/:id/commands";
  return [
    get("/gateway/bot", () => ok({ url: gatewayUrl(), shards: 1, session_start_limit: start })),
    get("/users/@me", ({ discord }) => ok(userObject(discord.world, discord.world.application.botUser))),
    get("/users/@me/guilds", ({ discord }) =>
      ok(
        [...discord.world.guilds.values()]
          .filter((guild) => guild.installed)
          .map(({ id, name }) => ({ id, name, icon: null, owner: false, permissions: "0", features: [] })),
      ),
    ),
    get("/users/@me/guilds/:id/member", member),
    get("/users/:id", user),
    get("/oauth2/applications/@me", ({ discord }) => ok(application(discord.world))),
    get("/applications/@me", ({ discord }) => ok(application(discord.world))),
    get(commands, getCommands),
    { method: "PUT", path: commands, bucket: unmetered, run: putCommands },
    get(guildCommands, getCommands),
    { method: "PUT", path: guildCommands, bucket: unmetered, run: putCommands },
    get("/guilds/:id", (request) => ok(guildObject(request.discord.world, guildOf(request)))),
    get("/guilds/:id/roles", (request) => ok(roleObjects(request.discord.world, guildOf(request)))),
    get("/guilds/:id/members/@me", member),
    get("/guilds/:id/members/:id", member),
    get("/guilds/:id/channels", (request) => {
      const { world } = request.discord;
      const channels = channelsOf(world, guildOf(request).id).filter((channel) => channel.kind === "text");
      return ok(channels.map((channel) => channelObject(world, channel)));
    }),
  ];
}
