/**
 * The seeded world: three agencies, two on Slack in workspaces of their own, one on Discord. Every role is there.
 * Names, numbers and places are made up.
 */

export interface WorldPerson {
  readonly user: string;
  readonly name: string;
  readonly roles: readonly string[];
}
export interface WorldChannel {
  readonly id: string;
  readonly name: string;
  readonly use: "intake" | "desk" | "bulletins" | "admin";
}
export interface WorldAgency {
  readonly name: string;
  readonly platform: "slack" | "discord";
  readonly workspace: string;
  readonly zone: string;
  readonly contactName: string;
  readonly contactPhone: string;
  readonly areas: readonly string[];
  readonly token: string;
  readonly botUser: string;
  readonly people: Readonly<Record<string, WorldPerson>>;
  readonly channels: Readonly<Record<string, WorldChannel>>;
}

export const slackApplication = "A0ALLPOINTS";
export const discordApplication = "900000000000000001";
const discordToken = "pretend-discord-token";

const officer = "officer";
const analyst = "analyst";
const supervisor = "supervisor";
const watchCommander = "watch_commander";
const admin = "agency_admin";
const privacy = "privacy_officer";

/** Who everybody is, by the names the story calls them. */
export const world = {
  metro: {
    name: "Metro Fusion Center",
    platform: "slack",
    workspace: "T0METRO00",
    zone: "America/New_York",
    contactName: "Metro watch",
    contactPhone: "555-0142",
    areas: ["metro", "riverton"],
    token: "xoxb-pretend-metro",
    botUser: "U0METROBOT",
    people: {
      reyes: { user: "U0REYES00", name: "Ofc. Reyes", roles: [officer] },
      okafor: { user: "U0OKAFOR0", name: "Det. Okafor", roles: [analyst] },
      lee: { user: "U0LEE0000", name: "Analyst Lee", roles: [analyst] },
      lund: { user: "U0LUND000", name: "Sgt Lund", roles: [supervisor] },
      brandt: { user: "U0BRANDT0", name: "Lt Brandt", roles: [watchCommander] },
      novak: { user: "U0NOVAK00", name: "Adm. Novak", roles: [admin] },
      weiss: { user: "U0WEISS00", name: "P.O. Weiss", roles: [privacy] },
    },
    channels: {
      intake: { id: "C0METROIN", name: "metro-intake", use: "intake" },
      desk: { id: "C0METRODE", name: "metro-desk", use: "desk" },
      bulletins: { id: "C0METROBU", name: "metro-bulletins", use: "bulletins" },
    },
  },
  riverton: {
    name: "Riverton PD",
    platform: "slack",
    workspace: "T0RIVERTN",
    zone: "America/New_York",
    contactName: "Riverton desk",
    contactPhone: "555-0177",
    areas: ["riverton"],
    token: "xoxb-pretend-riverton",
    botUser: "U0RIVERBOT",
    people: {
      hale: { user: "U0HALE000", name: "Ofc. Hale", roles: [officer] },
      park: { user: "U0PARK000", name: "Analyst Park", roles: [analyst] },
      diaz: { user: "U0DIAZ000", name: "Sgt Diaz", roles: [supervisor] },
      stone: { user: "U0STONE00", name: "Lt Stone", roles: [watchCommander] },
      kim: { user: "U0KIM0000", name: "Adm. Kim", roles: [admin] },
      adler: { user: "U0ADLER00", name: "P.O. Adler", roles: [privacy] },
    },
    channels: {
      intake: { id: "C0RIVERIN", name: "rpd-intake", use: "intake" },
      desk: { id: "C0RIVERDE", name: "rpd-desk", use: "desk" },
      bulletins: { id: "C0RIVERBU", name: "rpd-bulletins", use: "bulletins" },
    },
  },
  cedar: {
    name: "Cedar County SO",
    platform: "discord",
    workspace: "500000000000000003",
    zone: "America/Chicago",
    contactName: "Cedar dispatch",
    contactPhone: "555-0199",
    areas: ["cedar-county", "riverton"],
    token: discordToken,
    botUser: discordApplication,
    people: {
      moss: { user: "700000000000000031", name: "Dep. Moss", roles: [officer] },
      shaw: { user: "700000000000000032", name: "Analyst Shaw", roles: [analyst] },
      ruiz: { user: "700000000000000033", name: "Sgt Ruiz", roles: [supervisor] },
      voss: { user: "700000000000000034", name: "Lt Voss", roles: [watchCommander] },
      tate: { user: "700000000000000035", name: "Adm. Tate", roles: [admin] },
      lang: { user: "700000000000000036", name: "P.O. Lang", roles: [privacy] },
    },
    channels: {
      intake: { id: "600000000000000031", name: "cedar-intake", use: "intake" },
      desk: { id: "600000000000000032", name: "cedar-desk", use: "desk" },
      bulletins: { id: "600000000000000033", name: "cedar-bulletins", use: "bulletins" },
    },
  },
} as const satisfies Record<string, WorldAgency>;

export type AgencyKey = keyof typeof world;
export const agencies: readonly WorldAgency[] = Object.values(world);
