import { wordsOf } from "../../sandbox/cast.ts";
import type { Platform } from "../../src/chat.ts";
import { readConfig } from "../../src/config.ts";
import { openLog } from "../../src/log.ts";
import { openAdapters, openGround, startBot, type Ground } from "../../src/main.ts";
import { admitAgency, connect, inviteOfficer } from "../../src/operator.ts";
import { keyringIn, type Cluster } from "./cluster.ts";
import { insist, personOf } from "./people.ts";
import { application, duties, places, type Duty, type Place } from "./places.ts";
import { openSide, type Side } from "./side.ts";

const wish = {
  "Which bulletins?": ["officer-safety bulletin", "situational bulletin"],
  "From which severity on?": "LOW",
};

/** A database in which the three agencies have moved in through the front door. Returns the template's name. */
export async function makeTemplate(cluster: Cluster, platform: Platform): Promise<string> {
  const database = await cluster.clone();
  await using opened = new AsyncDisposableStack();
  const side = opened.adopt(await openSide(platform), (one) => one.close());
  const { config } = readConfig({
    ...database.settings,
    ...side.settings,
    ALLPOINTS_DATA: cluster.folder,
    KEYRING_FILE: keyringIn(cluster),
    PORT: "0",
    HEALTH_PORT: "0",
  });
  const ground = opened.use(await openGround({ config, log: openLog({ to: { write: () => {} } }) }));
  const bot = opened.use(await startBot(ground, openAdapters(ground)));
  await side.attach(bot);
  for (const [index, place] of places[platform].entries()) {
    // Each needs the ones before: the third is let in by the first.
    // oxlint-disable-next-line no-await-in-loop
    await moveIn({ ground, side }, index, place);
  }
  const { rows } = await database.look.query<{ left: number }>("select count(*)::int as left from delivery");
  // Their messages would be on a platform that no run has.
  if (rows[0]?.left !== 0) throw new Error(`moving in left ${rows[0]?.left} deliveries behind`);
  await opened.disposeAsync();
  await database.freeze();
  return database.name;
}

interface Town {
  readonly ground: Ground;
  readonly side: Side;
}

async function moveIn({ ground, side }: Town, index: number, place: Place): Promise<void> {
  const { platform, apiUrl } = side;
  const { name, workspace, botUser, token, desk, bulletins } = place;
  const agency = await admitAgency(ground, {
    name,
    ori: undefined,
    zone: "America/New_York",
    contactName: `${name} watch`,
    contactPhone: "555-0142",
    areas: ["riverton"],
  });
  await connect(ground, {
    agency: agency.id,
    platform,
    workspace,
    application: application[platform],
    botUser,
    token,
    apiBaseUrl: apiUrl,
    environment: "commercial",
  });
  const [admin, supervisor] = [personOf(side, index, "admin"), personOf(side, index, "approver")];
  /* oxlint-disable no-await-in-loop -- people come one after the other */
  if (agency.state !== "active") {
    const line = platform === "slack" ? `agency approve ${name}` : `agency-approve name:${name}`;
    await insist(() => personOf(side, 0, "admin").types(`/allpoints ${line}`), /is a member now/);
  }
  for (const duty of Object.keys(duties) as Duty[]) {
    const code = await inviteOfficer(ground, {
      agency: agency.id,
      name: `${name} ${duty}`,
      roles: [duties[duty]],
    });
    await insist(() => personOf(side, index, duty).types(`/allpoints link ${code}`), /Linked/);
  }
  await insist(() => admin.types("/allpoints channel use:desk", desk), /now for: desk/);
  for (const channel of bulletins) {
    await insist(() => admin.types("/allpoints channel use:bulletins", channel), /now for: bulletins/);
    const form = await supervisor.types("/subscribe", channel);
    if (form.kind !== "form") throw new Error(`subscribing showed: ${wordsOf(form)}`);
    await insist(() => supervisor.fills(form, [wish]), /is subscribed/);
  }
  /* oxlint-enable no-await-in-loop */
}
