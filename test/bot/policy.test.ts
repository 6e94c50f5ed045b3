import { describe, expect, it } from "vitest";

import { can, deeds, policyTable, refusalWords, roles, type Role } from "../../src/bot/policy.ts";

const agency = "a";
const person = (...held: readonly Role[]) => ({ id: "me", agency, roles: held });

describe("the policy", () => {
  it("gives each role exactly these deeds", () => {
    const table = Object.fromEntries(
      roles.map((role) => [role, deeds.filter((deed) => can(person(role), deed))]),
    );
    expect(table).toMatchInlineSnapshot(`
      {
        "agency_admin": [
          "self.see",
          "tip.submit",
          "bulletin.read",
          "subscription.set",
          "agency.manage",
        ],
        "analyst": [
          "self.see",
          "tip.submit",
          "tip.read",
          "tip.work",
          "entry.read",
          "entry.write",
          "entry.end",
          "bulletin.write",
          "bulletin.read",
          "bulletin.status",
          "bulletin.cancel",
          "watch.ask",
          "confirmation.answer",
        ],
        "auditor": [
          "self.see",
          "tip.submit",
          "bulletin.read",
          "bulletin.status",
          "audit.read",
        ],
        "dispatcher": [
          "self.see",
          "tip.submit",
          "bulletin.read",
          "watch.ask",
        ],
        "officer": [
          "self.see",
          "tip.submit",
          "bulletin.read",
          "watch.ask",
        ],
        "privacy_officer": [
          "self.see",
          "tip.submit",
          "entry.read",
          "entry.approve",
          "entry.approve-sensitive",
          "entry.validate",
          "entry.validate-sensitive",
          "entry.challenge",
          "entry.end",
          "bulletin.read",
          "bulletin.status",
          "channel.clear",
          "audit.read",
        ],
        "supervisor": [
          "self.see",
          "tip.submit",
          "tip.read",
          "tip.work",
          "entry.read",
          "entry.write",
          "entry.approve",
          "entry.validate",
          "entry.end",
          "bulletin.write",
          "bulletin.read",
          "bulletin.approve",
          "bulletin.status",
          "bulletin.cancel",
          "bulletin.acknowledge",
          "subscription.set",
          "watch.ask",
          "confirmation.answer",
        ],
        "watch_commander": [
          "self.see",
          "tip.submit",
          "tip.read",
          "tip.work",
          "entry.read",
          "entry.approve",
          "entry.sign-hidden",
          "entry.validate",
          "entry.end",
          "bulletin.write",
          "bulletin.read",
          "bulletin.approve",
          "bulletin.emergency",
          "bulletin.status",
          "bulletin.cancel",
          "bulletin.acknowledge",
          "watch.ask",
          "confirmation.answer",
        ],
      }
    `);
  });

  it("gives nothing to somebody without a role", () => {
    expect(deeds.filter((deed) => can(person(), deed))).toEqual([]);
  });

  it.each(deeds)("%s: never on another agency's things, whatever the role", (deed) => {
    expect(can(person(...roles), deed, { agency })).toBe(true);
    expect(can(person(...roles), deed, { agency: "b" })).toBe(false);
  });

  it("nobody approves what they wrote", () => {
    const approvals = deeds.filter(
      (deed) => can(person(...roles), deed) && !can(person(...roles), deed, { author: "me" }),
    );
    expect(approvals).toEqual([
      "entry.approve",
      "entry.approve-sensitive",
      "entry.validate",
      "entry.validate-sensitive",
      "bulletin.approve",
    ]);
    for (const deed of approvals) expect(can(person(...roles), deed, { author: "somebody else" })).toBe(true);
  });

  it("says in words who may", () => {
    expect(refusalWords("bulletin.acknowledge")).toEqual({
      deed: "acknowledging",
      who: "supervisor or watch commander",
    });
    expect(policyTable()).toHaveLength(deeds.length);
  });
});
