import { z } from "zod";

import { form, lineText, say } from "../bot/answers.ts";
import { formPage, verb, type Feature } from "../bot/command.ts";
import { neededText, openForm } from "../bot/forms.ts";
import { restInput } from "../bot/input.ts";
import { badInput } from "../errors.ts";
import { agencyContact, approveAgency, setContact, setWatchOnDiscord } from "./agency-store.ts";
import { contactWords } from "./agency.ts";

const contactPage = formPage({
  form: "agency.contact",
  deed: "agency.manage",
  async open({ tx, officer }) {
    const { contactName, contactPhone } = await agencyContact(tx, officer.agency);
    return form("24-hour contact", "Save", [
      lineText("name", "Who answers", {
        required: true,
        maxLength: 60,
        value: contactName,
        hint: "For example: Metro watch",
      }),
      lineText("phone", "Number, answered day and night", {
        required: true,
        maxLength: 30,
        value: contactPhone,
      }),
    ]);
  },
  values: z.object({ name: neededText(60), phone: neededText(30) }),
  async submit(call, _subject, { name, phone }) {
    const { agency } = call.officer;
    await setContact(call.tx, agency, { contactName: name, contactPhone: phone });
    await call.audit({ action: "agency.contact", subject: `agency:${agency}` });
    return say(`On every card from now on: ${contactWords(await agencyContact(call.tx, agency))}`);
  },
});

/** /allpoints agency …: the agency's number on every card, other agencies' membership, the watch-list on Discord. */
export const agencyFeature: Feature = {
  commands: [
    {
      name: "allpoints",
      help: "Your account, your queue, your agency",
      verbs: [
        verb({
          verb: "agency contact",
          help: "The number that stands on every card of your agency",
          deed: "agency.manage",
          input: z.object({}),
          run: (call) => openForm(call, contactPage, "own"),
        }),
        verb({
          verb: "agency approve",
          help: "Make a new agency a member, by its exact name",
          deed: "agency.manage",
          input: z.object({ name: restInput(80).describe("agency name") }),
          async run(call, { name }) {
            const id = await approveAgency(call.tx, name, call.officer.id);
            if (id === undefined) {
              throw badInput(
                `no agency named "${name}" waits for a member's word`,
                "Check the exact name with the operator.",
              );
            }
            await call.audit({ action: "agency.approve", subject: `agency:${id}`, also: [id] });
            return say(`${name} is a member now.`, "Its people can submit, subscribe and ask from now on.");
          },
        }),
        verb({
          verb: "agency watch",
          help: "Allow or forbid /watch on Discord for your agency",
          deed: "channel.clear",
          input: z.object({ discord: z.enum(["on", "off"]) }),
          async run(call, { discord }) {
            const { agency } = call.officer;
            await setWatchOnDiscord(call.tx, agency, discord === "on");
            await call.audit({
              action: "agency.watch-on-discord",
              subject: `agency:${agency}`,
              detail: { on: discord === "on" },
            });
            return say(
              `/watch on Discord is ${discord} for your agency.`,
              "Discord keeps what is typed there and has no agreement with law enforcement. What an answer may show is the operator's setting.",
            );
          },
        }),
      ],
    },
  ],
  forms: [contactPage],
};
