import { z } from "zod";

import { card, choice, facts, form, lineText, note, say, show, text } from "../bot/answers.ts";
import { formPage, verb, type Call, type Feature } from "../bot/command.ts";
import { anyOf, neededText, openForm } from "../bot/forms.ts";
import { wordInput } from "../bot/input.ts";
import { roles, roleWords, type Role } from "../bot/policy.ts";
import type { Answer, Platform } from "../chat.ts";
import { wantNew } from "../deliveries/delivery-store.ts";
import { badCode, badInput } from "../errors.ts";
import { untakeTips } from "../tips/tip-store.ts";
import { takeLinkRequest } from "./invitation-store.ts";
import {
  addAccount,
  addOfficer,
  giveRoles,
  listOfficers,
  setOfficerState,
  unlinkAccounts,
  type Member,
} from "./officer-store.ts";

const roleChoices = Object.fromEntries(roles.map((role) => [role, roleWords(role)])) as Record<Role, string>;
const roleInput = z.enum(roles);
const userInput = wordInput(80).describe("@person");

const approvePage = formPage({
  form: "officer.approve",
  deed: "agency.manage",
  async open(_call, subject) {
    const [, role] = subject.split("~");
    return form("Approve an officer", "Approve", [
      lineText("name", "Rank and name, as others shall see it", {
        required: true,
        maxLength: 60,
        hint: "For example: Sgt Diaz",
      }),
      choice(["roles", "Roles"], roleChoices, {
        required: true,
        many: true,
        ...(role !== undefined && { value: [role] }),
      }),
    ]);
  },
  values: z.object({ name: neededText(60), roles: anyOf(roleChoices) }),
  async submit(call, subject, values) {
    const [code = ""] = subject.split("~");
    const account = await takeLinkRequest(call.tx, call.tools.keyring, code);
    if (account === undefined) throw badCode();
    const { agency } = call.officer;
    const id = await addOfficer(call.tx, call.tools.keyring, {
      agency,
      account,
      name: values.name,
      roles: values.roles,
    });
    await call.audit({
      action: "officer.approve",
      subject: `officer:${id}`,
      detail: { roles: values.roles },
    });
    return show(
      card(`${values.name} is linked`, [
        text(`Roles: ${values.roles.map(roleWords).join(", ") || "none yet"}.`),
        note("Ask them to read /allpoints help policy."),
      ]),
    );
  },
});

/** /allpoints officer …: an agency's admin decides who belongs to it and what they may do. */
export const officerFeature: Feature = {
  commands: [
    {
      name: "allpoints",
      help: "Your account, your queue, your agency",
      verbs: [
        verb({
          verb: "officer list",
          help: "Your agency's officers, their roles and accounts",
          deed: "agency.manage",
          input: z.object({}),
          run: async (call) => show(listCard(await listOfficers(call.tx, call.tools.keyring))),
        }),
        verb({
          verb: "officer approve",
          help: "Link somebody who read you a code; with user: one more account of theirs",
          deed: "agency.manage",
          input: z.object({
            code: wordInput(20).describe("code"),
            role: roleInput.optional(),
            user: userInput.optional(),
          }),
          run: (call, { code, role, user }) =>
            user === undefined
              ? openForm(call, approvePage, role === undefined ? code : `${code}~${role}`)
              : approveAccount(call, code, user),
        }),
        verb({
          verb: "officer role",
          help: "Give somebody exactly one role; several by giving it again with add:yes",
          deed: "agency.manage",
          input: z.object({ user: userInput, role: roleInput, add: z.enum(["yes", "no"]).optional() }),
          run: async (call, { user, role, add }) => {
            const member = await memberOf(call, user);
            const given = add === "yes" ? [...new Set([...member.roles, role])] : [role];
            await giveRoles(call.tx, { agency: call.officer.agency, officer: member.id }, given);
            await call.audit({
              action: "officer.role",
              subject: `officer:${member.id}`,
              detail: { roles: given },
            });
            return say(
              `${member.name} is now: ${given.map(roleWords).join(", ")}`,
              "It counts from the next thing they do.",
            );
          },
        }),
        stateVerb("suspend", "suspended", "Stop somebody's access at once"),
        stateVerb("restore", "active", "Give somebody suspended their access back"),
        stateVerb("remove", "removed", "End somebody's membership and unlink their accounts"),
      ],
    },
  ],
  forms: [approvePage],
};

/** The same person on another platform: still one person, who cannot approve what they wrote. */
async function approveAccount(call: Call, code: string, user: string): Promise<Answer> {
  const member = await memberOf(call, user);
  const account = await takeLinkRequest(call.tx, call.tools.keyring, code);
  if (account === undefined) throw badCode();
  await addAccount(call.tx, { agency: call.officer.agency, officer: member.id }, account);
  await call.audit({
    action: "officer.add-account",
    subject: `officer:${member.id}`,
    detail: { platform: account.platform },
  });
  return say(
    `Linked: one more account of ${member.name}, on ${account.platform}.`,
    "Their roles are the same there.",
  );
}

function stateVerb(name: string, state: "active" | "suspended" | "removed", help: string) {
  return verb({
    verb: `officer ${name}`,
    help,
    deed: "agency.manage",
    input: z.object({ user: userInput }),
    async run(call, { user }): Promise<Answer> {
      const member = await memberOf(call, user);
      if (!(await setOfficerState(call.tx, member.id, state))) {
        throw badInput(`${member.name} was removed before`, "Invite them again if they are back.");
      }
      if (state === "removed") await unlinkAccounts(call.tx, member.id);
      if (state !== "active") await releaseTips(call, member.id);
      await call.audit({ action: `officer.${name}`, subject: `officer:${member.id}` });
      return say(
        `${member.name}: ${state}`,
        "It counts from the next thing they do: open forms and buttons stop working too.",
      );
    },
  });
}

/** What they had taken is nobody's again, so that somebody else sees it waiting and can take it. */
async function releaseTips(call: Call, officer: string): Promise<void> {
  for (const tip of await untakeTips(call.tx, officer)) {
    for (const installation of await wantNew(call.tx, { subjectId: tip, kinds: ["intake"] })) {
      call.wake.add(installation);
    }
  }
}

/** The member behind a mention ("<@U123|name>"), an id, or a plain account name of the list. */
async function memberOf(call: Call, typed: string): Promise<Member> {
  const account = /^<@!?([A-Z0-9]+)(\|[^>]*)?>$/.exec(typed)?.[1] ?? typed.replace(/^@/, "");
  const platform: Platform = call.event.platform;
  const members = await listOfficers(call.tx, call.tools.keyring);
  const member = members.find((one) => one.accounts.includes(`${platform} ${account}`));
  if (member === undefined) {
    throw badInput("no officer of your agency has that account here", "See /allpoints officer list.");
  }
  if (member.id === call.officer.id) {
    throw badInput("this would change your own standing", "Another administrator of your agency can do it.");
  }
  return member;
}

function listCard(members: readonly Member[]) {
  const rows = members.map(
    ({ name, state, roles: held, accounts }) =>
      [
        state === "active" ? name : `${name} (${state})`,
        [held.map(roleWords).join(", ") || "no role", accounts.join(", ") || "no account"].join(" · "),
      ] as const,
  );
  return card(`${members.length} officers`, [
    facts(...rows),
    note("Change with /allpoints officer role, suspend, restore, remove."),
  ]);
}
