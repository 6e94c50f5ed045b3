import {
  addAgency,
  connectInstallation,
  listAgencies,
  type NewAgency,
  type NewInstallation,
} from "./agencies/agency-store.ts";
import { invite } from "./agencies/invitation-store.ts";
import { appendAudit } from "./audit/audit-store.ts";
import { roles, type Role } from "./bot/policy.ts";
import { reviveEnded } from "./deliveries/reviving-store.ts";
import { StartError } from "./errors.ts";
import type { Keyring } from "./store/seal.ts";
import type { Store } from "./store/store.ts";
import { cleanText, tooLong } from "./text.ts";

// What the operator may do: make agencies, connect workspaces, hand out invitations. It can read no content.

const operator = { agency: null, id: "operator" };

export interface Office {
  readonly app: Store;
  readonly keyring: Keyring;
}

/** Adds an agency. The first two are members at once; a later one waits for another member's admin. */
export async function admitAgency(
  { app }: Office,
  agency: NewAgency,
): Promise<{ readonly id: string; readonly state: string }> {
  need("The agency's name", agency.name, 80);
  need("--contact", agency.contactName, 60);
  need("--phone", agency.contactPhone, 30);
  if (!/\d{3}/.test(agency.contactPhone)) {
    throw new StartError(
      "--phone is not a number.",
      "It stands on every card and is answered day and night.",
      64,
    );
  }
  return app.transaction(operator, async (tx) => {
    if ((await listAgencies(tx)).some(({ name }) => sameName(name, agency.name))) {
      throw new StartError(
        `There is an agency named "${agency.name}" already.`,
        "Choose another name, or see: allpoints agency list",
      );
    }
    const added = await addAgency(tx, agency);
    await appendAudit(tx, null, { action: "agency.add", subject: `agency:${added.id}`, also: [added.id] });
    return added;
  });
}

/** The agency of this name, or a sentence that says how to find it. */
export async function agencyNamed({ app }: Office, name: string): Promise<string> {
  const agencies = await app.transaction(operator, listAgencies);
  const found = agencies.find((agency) => sameName(agency.name, name));
  if (found === undefined)
    throw new StartError(`There is no agency named "${name}".`, "See: allpoints agency list");
  return found.id;
}

/** "test  pd" is Test PD. */
function sameName(one: string, other: string): boolean {
  const plain = (name: string) => cleanText(name).replaceAll(/\s+/g, " ").toLowerCase();
  return plain(one) === plain(other);
}

function need(what: string, value: string, most: number): void {
  const text = cleanText(value);
  if (text.length >= 2 && !tooLong(text, most)) return;
  throw new StartError(
    `${what} is ${text.length < 2 ? "missing" : "too long"}.`,
    `Give 2 to ${most} characters.`,
    64,
  );
}

/** Connects a workspace or guild; again to replace its token. What ended while it was gone is due again: the sweep finds it. */
export async function connect({ app, keyring }: Office, installation: NewInstallation): Promise<string> {
  return app.transaction(operator, async (tx) => {
    const id = await connectInstallation(tx, keyring, installation);
    await appendAudit(tx, null, {
      action: "installation.connect",
      subject: `installation:${id}`,
      detail: { platform: installation.platform, workspace: installation.workspace },
      also: [installation.agency],
    });
    await reviveEnded(tx, { installationId: id });
    return id;
  });
}

/** A one-time code with which a person links their account. */
export async function inviteOfficer(
  { app, keyring }: Office,
  person: { readonly agency: string; readonly name: string; readonly roles: readonly Role[] },
): Promise<string> {
  need("--name", person.name, 60);
  return app.transaction(operator, async (tx) => {
    const { code, officer } = await invite(tx, keyring, person);
    await appendAudit(tx, null, {
      action: "officer.invite",
      subject: `officer:${officer}`,
      detail: { roles: person.roles },
      also: [person.agency],
    });
    return code;
  });
}

/** The roles of a comma-separated list, or a sentence with the ones there are. */
export function rolesOf(list: string): readonly Role[] {
  const names = list.split(",").map((name) => name.trim().toLowerCase().replaceAll(/[ -]/g, "_"));
  const unknown = names.filter((name) => !roles.some((role) => role === name));
  if (unknown.length > 0) {
    throw new StartError(`There is no role "${unknown.join(", ")}".`, `The roles are: ${roles.join(", ")}.`);
  }
  return roles.filter((role) => names.includes(role));
}
