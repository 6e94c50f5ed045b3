import { z } from "zod";

import { findOwnAgency, listAgencies } from "../agencies/agency-store.ts";
import { areaWords, knownAreas } from "../agencies/agency.ts";
import { findChannel, listChannels } from "../agencies/channel-store.ts";
import { clearanceWords, type Channel } from "../agencies/channel.ts";
import { card, choice, facts, form, lineText, note, problems, show } from "../bot/answers.ts";
import { formPage, verb, type Call, type Feature } from "../bot/command.ts";
import { anyOf, oneOf, openForm, textValue } from "../bot/forms.ts";
import { bulletinTypes, severities } from "../bulletins/bulletin.ts";
import { badInput } from "../errors.ts";
import { findSubscription, setSubscription } from "./subscription-store.ts";
import { firstWish, subscribableTlp, subscriptionStates, type Wish } from "./subscription.ts";

/** The channel where the officer is. */
async function channelHere({ tx, event }: Call): Promise<Channel | undefined> {
  const { platform, workspace, channel } = event;
  return channel === undefined ? undefined : findChannel(tx, { platform, workspace, channel });
}

/** A form does not say where it was opened, so its subject names the channel. It may have been released since. */
async function channelOf({ tx }: Call, id: string): Promise<Channel | undefined> {
  return (await listChannels(tx)).find((channel) => channel.id === id && channel.state === "active");
}

/** Their agency's and meant for bulletins, or a sentence how to make it so. */
function bulletinsChannel({ officer }: Call, channel: Channel | undefined): Channel {
  if (channel?.use === "bulletins") return channel;
  throw badInput(
    `this is not a bulletins channel of ${officer.agencyName}`,
    "An administrator of your agency makes it one with /allpoints channel use:bulletins, typed in it.",
  );
}

const page = formPage({
  form: "subscription",
  deed: "subscription.set",
  async open(call, subject) {
    const { id } = bulletinsChannel(call, await channelOf(call, subject));
    const { areas } = await findOwnAgency(call.tx, call.officer.agency);
    const wish = (await findSubscription(call.tx, id)) ?? firstWish(areas);
    return form("Subscribe this channel", "Save", [
      choice(["types", "Which bulletins?"], bulletinTypes, { required: true, many: true, value: wish.types }),
      choice(["severity", "From which severity on?"], severities, {
        required: true,
        value: [wish.minSeverity],
      }),
      lineText("areas", "Which areas?", {
        hint: "Separated by commas. Empty: every area.",
        maxLength: 500,
        value: wish.areas.map(areaWords).join(", "),
      }),
      choice(["tlp", "Up to which label?"], subscribableTlp, { required: true, value: [wish.maxTlp] }),
      choice(["state", "State"], subscriptionStates, { required: true, value: [wish.state] }),
    ]);
  },
  values: z.object({
    types: anyOf(bulletinTypes),
    severity: oneOf(severities),
    areas: textValue(500),
    tlp: oneOf(subscribableTlp),
    state: oneOf(subscriptionStates),
  }),
  async submit(call, subject, values) {
    if (values.types.length === 0) return problems({ types: "Choose at least one kind of bulletin." });
    const areas = knownAreas(values.areas ?? "", await listAgencies(call.tx));
    if ("problem" in areas) return problems({ areas: areas.problem });
    const channel = bulletinsChannel(call, await channelOf(call, subject));
    const wish: Wish = {
      types: values.types,
      minSeverity: values.severity,
      areas: areas.codes,
      maxTlp: values.tlp,
      state: values.state,
    };
    const { officer, tx } = call;
    const id = await setSubscription(tx, {
      agency: officer.agency,
      channelId: channel.id,
      officer: officer.id,
      wish,
    });
    await call.audit({
      action: "subscription.set",
      subject: `subscription:${id}`,
      detail: {
        channel: channel.id,
        state: wish.state,
        severity: wish.minSeverity,
        tlp: wish.maxTlp,
        types: wish.types,
      },
    });
    return show(wishCard(wish, channel));
  },
});

const saved = {
  active: "This channel is subscribed.",
  paused: "Paused: no new bulletin arrives here until you make it active again.",
  stopped: "Stopped: no new bulletin arrives here.",
} as const;

function wishCard(wish: Wish, channel: Channel) {
  return card(saved[wish.state], [
    facts(
      ["Bulletins", wish.types.map((type) => bulletinTypes[type]).join(", ")],
      ["From", severities[wish.minSeverity]],
      ["Areas", wish.areas.length === 0 ? "every area" : wish.areas.map(areaWords).join(", ")],
      ["Label", subscribableTlp[wish.maxTlp]],
      ["Shown here", clearanceWords(channel)],
    ),
    note(
      "Bulletins sent before stay as they are, and are still updated and recalled. /subscribe again to change this.",
    ),
  ]);
}

/** `/subscribe`: which bulletins this channel wants. */
export const subscriptionFeature: Feature = {
  commands: [
    {
      name: "subscribe",
      help: "Choose which bulletins arrive in this channel",
      verbs: [
        verb({
          verb: "",
          help: "Choose which bulletins arrive in this channel; again to change, pause or stop",
          deed: "subscription.set",
          input: z.object({}),
          async run(call) {
            const { id } = bulletinsChannel(call, await channelHere(call));
            return openForm(call, page, id);
          },
        }),
      ],
    },
  ],
  forms: [page],
};
