import { z } from "zod";

import { card, facts, note, say, show } from "../bot/answers.ts";
import { verb, type Call, type Feature } from "../bot/command.ts";
import type { ChannelRef } from "../chat.ts";
import { requestDelivery } from "../deliveries/delivery-store.ts";
import { reviveEnded } from "../deliveries/reviving-store.ts";
import { badInput } from "../errors.ts";
import { findInstallation } from "./agency-store.ts";
import { channelOwner, clearChannel, findChannel, listChannels, useChannel } from "./channel-store.ts";
import { channelUses, clearanceWords, clearedFor, type Channel, type ChannelUse } from "./channel.ts";
import { addNotice } from "./notice-store.ts";

const uses = Object.keys(channelUses) as [ChannelUse, ...ChannelUse[]];

/** /allpoints channel …: what each channel of an agency is for, and what it may be shown. */
export const channelFeature: Feature = {
  commands: [
    {
      name: "allpoints",
      help: "Your account, your queue, your agency",
      verbs: [
        verb({
          verb: "channel",
          help: "Say what this channel is for",
          deed: "agency.manage",
          input: z.object({ use: z.enum(uses) }),
          run: async (call, { use }) => setUse(call, use),
        }),
        verb({
          verb: "channel list",
          help: "Your agency's channels, what they are for and what they may be shown",
          deed: "agency.manage",
          input: z.object({}),
          run: async ({ tx, event }) => show(listCard(await listChannels(tx), event.workspace)),
        }),
        verb({
          verb: "channel test",
          help: "Send a test card to this channel: no content",
          deed: "agency.manage",
          input: z.object({}),
          async run(call) {
            const channel = await ownChannel(call);
            const { agency } = call.officer;
            const subjectId = await addNotice(call.tx, { agency, kind: "channel_test", ref: "test" });
            await requestDelivery(call.tx, {
              kind: "notice",
              subjectId,
              ownerAgency: agency,
              agency,
              channelId: channel.id,
              installationId: channel.installation,
              urgency: 4,
            });
            call.wake.add(channel.installation);
            await call.audit({ action: "channel.test", subject: `channel:${channel.id}` });
            return say(
              "A test card is on its way to this channel.",
              "If none comes within a minute, the bot may not post here: invite it, then try again.",
            );
          },
        }),
        verb({
          verb: "channel clearance",
          help: "Decide what this channel may be shown, for 90 days; recorded in your name",
          deed: "channel.clear",
          input: z.object({ level: z.enum(clearedFor) }),
          run: async (call, { level }) => setClearance(call, level),
        }),
      ],
    },
  ],
};

function here(call: Call): ChannelRef {
  const { platform, workspace, channel } = call.event;
  if (channel === undefined)
    throw badInput("this works in a channel only", "Type it in the channel you mean.");
  return { platform, workspace, channel };
}

async function ownChannel(call: Call): Promise<Channel> {
  const channel = await findChannel(call.tx, here(call));
  if (channel === undefined) {
    throw badInput(
      "this channel has no use yet",
      "An agency admin says what it is for: /allpoints channel use:bulletins.",
    );
  }
  return channel;
}

async function setUse(call: Call, use: ChannelUse) {
  const at = here(call);
  const { agency, id: officer } = call.officer;
  const owner = await channelOwner(call.tx, at);
  if (owner !== null && owner !== agency) {
    throw badInput("this channel belongs to another agency", "Use a channel of your own.");
  }
  const installation = await findInstallation(call.tx, call.tools.keyring, at);
  if (installation === undefined) throw new Error("an event came from a workspace without an installation");
  const found = await call.tools.inspect(at);
  if (found === undefined || !found.canPost) {
    throw badInput(
      "I am not in this channel, so I could not post here",
      "Invite me (/invite @allpoints), then try again.",
    );
  }
  const id = await useChannel(call.tx, {
    agency,
    officer,
    installation: installation.id,
    at,
    use,
    facts: found,
  });
  await call.audit({ action: "channel.use", subject: `channel:${id}`, detail: { use } });
  for (const woken of await reviveEnded(call.tx, { channelId: id })) call.wake.add(woken);
  const channel = await ownChannel(call);
  return show(
    card(`This channel is now for: ${use}`, [
      facts(["What happens here", channelUses[use]], ["May be shown", clearanceWords(channel)]),
      ...(use === "bulletins" ? [note("Next: /subscribe chooses which bulletins arrive here.")] : []),
    ]),
  );
}

async function setClearance(call: Call, level: (typeof clearedFor)[number]) {
  const channel = await ownChannel(call);
  if (level !== "pointer" && (!channel.private || channel.sharedOutside)) {
    throw badInput(
      "this channel is public or shared outside your agency",
      "Only a private channel of one organisation can be cleared for more than pointers.",
    );
  }
  await clearChannel(call.tx, { channel: channel.id, officer: call.officer.id, level });
  await call.audit({ action: "channel.clearance", subject: `channel:${channel.id}`, detail: { level } });
  return say(
    `Recorded: this channel may be shown ${level === "full" ? "full text" : level === "summary" ? "summaries" : "pointers"}`,
    channel.platform === "discord" && level === "full"
      ? "On Discord that still means summaries: personal details are never posted there."
      : "For 90 days, in your name. Whoever is in the channel reads what is posted, so keep its member list short.",
  );
}

function listCard(channels: readonly Channel[], workspace: string) {
  const rows = channels.map((channel) => {
    const place =
      channel.workspace === workspace ? `<#${channel.ref}>` : `${channel.platform} ${channel.ref}`;
    return [`${channel.use} · ${place.replaceAll(/[<>]/g, "")}`, clearanceWords(channel)] as const;
  });
  return card(channels.length === 0 ? "No channel has a use yet" : `${channels.length} channels`, [
    channels.length === 0
      ? note("Type /allpoints channel use:intake in the channel where tips shall arrive.")
      : facts(...rows),
  ]);
}
