import { createHmac } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { asMessage, expectNoWords, expectWords, refIn, wordsOf, type Values } from "../../sandbox/cast.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
beforeAll(async () => {
  // Bad signatures are what this file is about: they are counted, and the count is logged when the bot stops.
  town = await openTown({ expected: /requests without a valid signature/ });
}, 60_000);
afterAll(() => town.close());

const tip: Values = {
  "What was said or seen?": "He will shoot at the station",
  "How soon?": "Days",
  "How do you know?": "Online",
};

/** Everything that was written down so far: nothing half-written may be among it. */
async function counts(): Promise<string> {
  return town.db.jobs.transaction({ agency: null, id: "system" }, async (tx) => {
    const tips = await tx.selectFrom("tip").select("id").execute();
    const deliveries = await tx.selectFrom("delivery").select("id").execute();
    return `${tips.length} tips, ${deliveries.length} deliveries`;
  });
}

/** Whoever asks and is refused changes nothing. */
async function changesNothing(deed: () => Promise<void>): Promise<void> {
  const before = await counts();
  await deed();
  await town.idle();
  expect(await counts()).toBe(before);
}

describe("bad input gets one private sentence and changes nothing:", () => {
  it("an empty form", () =>
    changesNothing(async () => {
      const reyes = town.person("metro", "reyes");
      const shown = await reyes.submits(await reyes.types("/tip"), {
        ...tip,
        "What was said or seen?": " \n ",
      });
      expectWords(shown, "Say what was said or seen");
    }));

  it("text that grows too long only when it is written out", () =>
    changesNothing(async () => {
      const reyes = town.person("metro", "reyes");
      // One letter on the platform, three once it is in its normal form.
      const shown = await reyes.submits(await reyes.types("/tip"), {
        ...tip,
        "What was said or seen?": "\u{1D160}".repeat(1500),
      });
      expectWords(shown, "At most 3000 characters");
    }));

  it.each([
    "/allpoints show T-7K3-M9C",
    "/allpoints show E-4QX-2MK",
    "/bulletin show B-7K3-M9Q",
    "/entry show E-4QX-2MK",
  ])("an unknown reference: %s", (line) =>
    changesNothing(async () => {
      expectWords(await town.person("metro", "okafor").types(line), "I find no", "that you may see");
    }),
  );

  it.each([
    ["/allpoints show T-7K3-M9X", "That is not a reference"],
    ["/bulletin cancel B-7K3-M9Q", "reason is missing. Use one of: resolved, error, wrong_person"],
    ["/bulletin cancel B-7K3-M9Q reason:because", "reason is not one I know"],
    ["/bulletin fly", "I do not know that command"],
    ["/allpoints", "What you can do"],
    ["/bulletin", "/bulletin cancel"],
    ["/watch John Smith", "Check the watch-list"],
    ["/allpoints link 1234", "You are linked already"],
  ])("%s", (line, sentence) =>
    changesNothing(async () => {
      expectWords(await town.person("metro", "okafor").types(line), sentence);
    }),
  );

  it("a command from a workspace that nobody connected", () =>
    changesNothing(async () => {
      const workspace = "T0STRANGE";
      await town.platforms.slack.addWorkspace({
        id: workspace,
        name: "Strange",
        token: "xoxb-strange",
        botUser: "U0STRBOT0",
      });
      await town.platforms.slack.addUser({ workspace, id: "U0STRANGE", name: "Stranger" });
      await town.platforms.slack.addChannel({ workspace, id: "C0STRANGE", name: "general" });
      const shown = await town.platforms.slack.type({
        workspace,
        user: "U0STRANGE",
        channel: "C0STRANGE",
        line: "/tip armed man",
      });
      expectWords(shown, "This workspace is not connected to Allpoints");
    }));

  it("a form of somebody unlinked, opened by a button they should not have", () =>
    changesNothing(async () => {
      await town.platforms.slack.addUser({ workspace: "T0METRO00", id: "U0NOBODY0", name: "Nobody" });
      const shown = await town.platforms.slack.shortcut({
        workspace: "T0METRO00",
        user: "U0NOBODY0",
        channel: "C0METROIN",
        name: "Report a threat",
      });
      expectWords(shown, "I cannot tell who you are");
    }));
});

// ------------------------------------------------------------------------------------------------ raw requests

interface Signing {
  readonly secret?: string;
  readonly skew?: number;
}

async function post(
  body: string,
  { secret = "pretend-signing-secret", skew = 0 }: Signing = {},
): Promise<Response> {
  const timestamp = String(Math.floor(Date.now() / 1000) + skew);
  const signature = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return fetch(town.requestUrl, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": `v0=${signature}`,
    },
    body,
  });
}

const whoami = new URLSearchParams({
  command: "/allpoints",
  text: "whoami",
  team_id: "T0METRO00",
  user_id: "U0REYES00",
  channel_id: "C0METROIN",
  trigger_id: "1.2.3",
  response_url: "http://127.0.0.1:9/respond",
});

describe("a request that does not prove where it comes from", () => {
  it.each([
    ["a bad signature", { secret: "another secret" }],
    ["an old time stamp", { skew: -301 }],
    ["a time stamp in the future", { skew: 3600 }],
  ] as const)("with %s is answered 401 and not looked at", async (_what, signing) => {
    expect((await post(whoami.toString(), signing)).status).toBe(401);
  });

  it("is all that is refused: the same request, signed now, is answered", async () => {
    expect((await post(whoami.toString())).status).toBe(200);
  });
});

/** A submission of the tip form as Slack sends it; the same one, however often. */
function submission(said: string): string {
  const value = (id: string, element: object) => ({ [id]: { [id]: element } });
  const payload = {
    type: "view_submission",
    team: { id: "T0METRO00" },
    user: { id: "U0REYES00", team_id: "T0METRO00" },
    view: {
      id: "V0REPEATED",
      team_id: "T0METRO00",
      app_installed_team_id: "T0METRO00",
      hash: "1.abc",
      type: "modal",
      callback_id: "tip",
      private_metadata: JSON.stringify({ form: "tip", state: "new.00000000" }),
      state: {
        values: {
          ...value("said", { type: "plain_text_input", value: said }),
          ...value("soon", { type: "static_select", selected_option: { value: "days" } }),
          ...value("source", { type: "static_select", selected_option: { value: "online" } }),
        },
      },
    },
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

describe("the same event again", () => {
  it("with a fresh signature has no second effect, and is answered from the record", async () => {
    const before = await counts();
    const body = submission("He will shoot at the station, said once");
    const first = await (await post(body)).text();
    const second = await (await post(body, { skew: 1 })).text();
    const ref = /T-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(first)?.[0] ?? "none";
    expect(second).toContain(`Received: ${ref}`);
    await town.idle();
    expect(Number((await counts()).split(" ")[0])).toBe(Number(before.split(" ")[0]) + 1);
    const shown = asMessage(await town.person("metro", "reyes").types(`/allpoints show ${ref}`));
    expect(refIn(shown, "T")).toBe(ref);
  });

  it("five times at once makes one tip", async () => {
    const before = Number((await counts()).split(" ")[0]);
    const body = submission("He will shoot at the station, said five times");
    const answers = await Promise.all(
      [0, 1, 2, 3, 4].map(async (skew) => (await post(body, { skew })).text()),
    );
    const refs = new Set(answers.map((answer) => /T-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(answer)?.[0]));
    expect(refs.size).toBe(1);
    expect(Number((await counts()).split(" ")[0])).toBe(before + 1);
  });

  it("with the very same signature is refused", async () => {
    const body = submission("Replayed by somebody who listened");
    const signing = { skew: 2 };
    const timestamp = Math.floor(Date.now() / 1000) + signing.skew;
    const signature = createHmac("sha256", "pretend-signing-secret")
      .update(`v0:${timestamp}:${body}`)
      .digest("hex");
    const send = () =>
      fetch(town.requestUrl, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "x-slack-request-timestamp": String(timestamp),
          "x-slack-signature": `v0=${signature}`,
        },
        body,
      });
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(401);
  });
});

describe("what a refusal says", () => {
  it("is the same for another agency's thing and for one that does not exist", async () => {
    const reyes = town.person("metro", "reyes");
    const ref = refIn(await reyes.submits(await reyes.types("/tip"), tip), "T");
    const park = town.person("riverton", "park");
    const foreign = wordsOf(await park.types(`/allpoints show ${ref}`)).replaceAll(ref, "X");
    const unknown = wordsOf(await park.types("/allpoints show T-7K3-M9C")).replaceAll("T-7K3-M9C", "X");
    expect(foreign).toBe(unknown);
    expectNoWords(await park.types(`/allpoints show ${ref}`), "Metro", "station");
  });
});
