import { z } from "zod";

import { areaCodes, areaWords } from "../agencies/agency.ts";
import { findOwnAgency } from "../agencies/agency-store.ts";
import { clearanceWords, type Channel } from "../agencies/channel.ts";
import { findChannel } from "../agencies/channel-store.ts";
import { card, choice, facts, form, lineText, note, problems, show } from "../bot/answers.ts";
import { formPage, verb, type Call, type Feature } from "../bot/command.ts";
import { anyOf, oneOf, openForm, textValue } from "../bot/forms.ts";
import { bulletinTypes, severities } from "../bulletins/bulletin.ts";
import { badInput } from "../errors.ts";
import { firstWish, subscribableTlp, subscriptionStates, type Wish } from "./subscription.ts";
import { findSubscription, setSubscription } from "./subscription-store.ts";

/** The channel where the officer is, if it is their agency's and meant for bulletins. */
async function bulletinsChannel({ tx, event, officer }: Call): Promise<Channel> {
  const { platform, workspace, channel } = event;
  const found = channel === undefined ? undefined : await findChannel(tx, { platform, workspace, channel });
  if (found?.use === "bulletins") return found;
  throw badInput(
    `this is not a bulletins channel of ${officer.agencyName}`,
    "An administrator of your agency makes it one with /allpoints channel use:bulletins, typed in it.",
  );
}

const page = formPage({
  form: "subscription",
  deed: "subscription.set",
  async open(call) {
    const { id } = await bulletinsChannel(call);
    const { areas } = await findOwnAgency(call.tx, call.officer.agency);
    const wish = (await findSubscription(call.tx, id)) ?? firstWish(areas);
    return form("Subscribe this channel", "Save", [
      choice("types", "Which bulletins?", bulletinTypes, { required: true, many: true, value: wish.types }),
      choice("severity", "From which severity on?", severities, { required: true, value: [wish.minSeverity] }),
      lineText("areas", "Which areas?", {
        hint: "Separated by commas. Empty: every area.",
        maxLength: 500,
        value: wish.areas.map(areaWords).join(", "),
      }),
      choice("tlp", "Up to which label?", subscribableTlp, { required: true, value: [wish.maxTlp] }),
      choice("state", "State", subscriptionStates, { required: true, value: [wish.state] }),
    ]);
  },
  values: z.object({
    types: anyOf(bulletinTypes),
    severity: oneOf(severities),
    areas: textValue(500),
    tlp: oneOf(subscribableTlp),
    state: oneOf(subscriptionStates),
  }),
  async submit(call, _subject, values) {
    if (values.types.length === 0) return problems({ types: "Choose at least one kind of bulletin." });
    // The channel is judged anew: it may have been released while the form was open.
    const channel = await bulletinsChannel(call);
    const wish: Wish = {
      types: values.types,
      minSeverity: values.severity,
      areas: areaCodes(values.areas ?? ""),
      maxTlp: values.tlp,
      state: values.state,
    };
    const { officer, tx } = call;
    const id = await setSubscription(tx, { agency: officer.agency, channelId: channel.id, officer: officer.id, wish });
    await call.audit({
      action: "subscription.set",
      subject: `subscription:${id}`,
      detail: { channel: channel.id, state: wish.state, severity: wish.minSeverity, tlp: wish.maxTlp, types: wish.types },
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
    note("Bulletins sent before stay as they are, and are still updated and recalled. /subscribe again to change this."),
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
            await bulletinsChannel(call);
            return openForm(call, page, "here");
          },
        }),
      ],
    },
  ],
  forms: [page],
};
