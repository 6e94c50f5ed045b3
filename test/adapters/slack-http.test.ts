import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isSlacks } from "../../adapters/slack/answers.ts";
import { replays } from "../../adapters/slack/replays.ts";
import { slackAdapter } from "../../adapters/slack/slack-adapter.ts";
import { openSlack, signed, type Signing, type SlackSubject } from "./slack-subject.ts";

let slack: SlackSubject;
beforeEach(async () => {
  slack = await openSlack();
});
afterEach(async () => {
  await slack.close();
});

const command = (trigger: string): string =>
  new URLSearchParams({
    command: "/tip",
    text: "",
    team_id: slack.workspace,
    channel_id: slack.channel.channel,
    user_id: slack.user,
    trigger_id: trigger,
    response_url: "https://hooks.slack.com/commands/x",
    is_enterprise_install: "false",
  }).toString();

async function send(body: string, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(slack.requestUrl(), { method: "POST", body, headers });
  await answer.body?.cancel();
  return answer.status;
}
const sendSigned = async (body: string, signing: Signing = {}): Promise<number> =>
  send(body, signed(body, signing));

describe("a request that is not Slack's", () => {
  it.each([
    ["with another secret", { secret: "guessed" }, "signature"],
    ["five minutes old", { skew: -310 }, "timestamp"],
    ["from the future", { skew: 75 }, "timestamp"],
  ] as const)("%s is refused, counted and not read", async (_what, signing, why) => {
    expect(await sendSigned(command("1"), signing)).toBe(401);
    expect(slack.refused()).toEqual([why]);
    expect(slack.events()).toEqual([]);
  });

  it("is refused when it is an old one sent again, whatever is appended to its signature", async () => {
    const body = command("1");
    const headers = signed(body);
    expect(await send(body, headers)).toBe(200);
    expect(await send(body, headers)).toBe(401);
    const appended = { ...headers, "x-slack-signature": `${headers["x-slack-signature"]}=x` };
    expect(await send(body, appended)).toBe(401);
    expect(slack.refused()).toEqual(["replay", "malformed"]);
    expect(slack.events()).toHaveLength(1);
  });

  it("cannot spend the signature of a genuine one in advance", async () => {
    const body = command("1");
    const headers = signed(body);
    expect(await send(`${body}&x=1`, headers)).toBe(401);
    expect(await send(body, headers)).toBe(200);
  });

  it("is refused without a signature, too large or unreadable", async () => {
    expect(await send(command("1"), {})).toBe(401);
    expect(await sendSigned("x".repeat(1_100_000))).toBe(413);
    const json = "{ not json";
    expect(await send(json, { ...signed(json), "content-type": "application/json" })).toBe(400);
    await expect.poll(slack.refused).toEqual(["malformed", "malformed", "malformed"]);
  });

  it("finds nothing anywhere else", async () => {
    const answer = await fetch(new URL("/", slack.requestUrl()));
    await answer.body?.cancel();
    expect(answer.status).toBe(404);
  });
});

describe("what Slack tries out", () => {
  it("is answered: its connection check, unsigned, with nothing smuggled in", async () => {
    expect(await send(`ssl_check=1&${command("1")}`, {})).toBe(200);
    expect(slack.events()).toEqual([]);
  });

  it("is answered: the address check", async () => {
    const body = JSON.stringify({ type: "url_verification", challenge: "abc" });
    const headers = { ...signed(body), "content-type": "application/json" };
    const answer = await fetch(slack.requestUrl(), { method: "POST", body, headers });
    expect(await answer.json()).toEqual({ challenge: "abc" });
  });
});

describe("replays", () => {
  it("are forgotten after their time, and the oldest first when there are too many", () => {
    const { seen } = replays({ keepMs: 100, most: 3 });
    expect([seen("a", 0), seen("a", 50), seen("a", 101)]).toEqual([false, true, false]);
    for (const next of ["b", "c", "d"]) seen(next, 110);
    expect([seen("d", 111), seen("a", 111)]).toEqual([true, false]);
  });
});

describe("people and workspaces", () => {
  const button = (of: object): string =>
    new URLSearchParams({
      payload: JSON.stringify({
        type: "block_actions",
        team: { id: slack.workspace },
        user: { id: "U1", team_id: slack.workspace },
        container: { type: "message", message_ts: "1.2", channel_id: "C1", is_ephemeral: false },
        channel: { id: "C1" },
        actions: [{ type: "button", action_id: "a", value: "s", action_ts: "1.3", block_id: "b" }],
        trigger_id: "t",
        response_url: "https://hooks.slack.com/actions/x",
        ...of,
      }),
    }).toString();

  it("a stranger of a shared channel is known by the workspace they come from", async () => {
    await sendSigned(button({ user: { id: "U9", team_id: "T9" } }));
    expect(slack.events()).toMatchObject([
      {
        workspace: slack.workspace,
        user: "U9",
        homeWorkspace: "T9",
        message: { message: "1.2", channel: "C1" },
      },
    ]);
  });

  it("a colleague of the same organisation is no stranger", async () => {
    await sendSigned(button({ user: { id: "U9", team_id: "E1" }, enterprise: { id: "E1" } }));
    expect(slack.events()[0]).not.toHaveProperty("homeWorkspace");
  });

  it("a modal belongs to the workspace that installed the app", async () => {
    const view = { id: "V1", app_installed_team_id: slack.workspace };
    await sendSigned(
      button({ team: { id: "T9" }, user: { id: "U9", team_id: "T9" }, view, container: { type: "view" } }),
    );
    expect(slack.events()).toMatchObject([{ workspace: slack.workspace, homeWorkspace: "T9" }]);
  });

  it("pressing twice in one moment is one event by its key", async () => {
    await sendSigned(button({}));
    await sendSigned(button({ trigger_id: "another" }));
    const [first, second] = slack.events();
    expect(second?.dedupeKey).toBe(first?.dedupeKey);
  });
});

describe("a message shortcut", () => {
  it("hands over the words as their author typed them", async () => {
    const text = "a &lt; b &amp;amp; <https://x.example|x.example> <@U0REYES> <#C1|watch> <!here>";
    const payload = {
      type: "message_action",
      callback_id: "tip-from-message",
      team: { id: slack.workspace },
      user: { id: "U1", team_id: slack.workspace },
      channel: { id: "C1", name: "privategroup" },
      message: { type: "message", ts: "1.2", text },
      trigger_id: "t",
      response_url: "https://hooks.slack.com/actions/x",
    };
    await sendSigned(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
    expect(slack.events()).toMatchObject([
      {
        kind: "message-shortcut",
        shortcut: "tip-from-message",
        channel: "C1",
        text: "a < b &amp; x.example (https://x.example) @U0REYES #watch @here",
      },
    ]);
  });
});

describe("a private answer", () => {
  it.each([
    ["https://hooks.slack.com/actions/x", true],
    ["https://hooks.slack-gov.com/x", true],
    ["http://hooks.slack.com/x", false],
    ["https://hooks.slack.com.evil.example/x", false],
    ["https://evilslack.com/x", false],
    ["https://hooks.slack.com:8443/x", false],
    ["https://hooks.slack.com@evil.example/x", false],
    ["http://127.0.0.1:4000/respond/x", true],
    ["http://127.0.0.1:4001/respond/x", false],
    ["no address", false],
  ])("goes to Slack only: %s %s", (address, allowed) => {
    expect(isSlacks(address, "http://127.0.0.1:4000/api/")).toBe(allowed);
  });
});

describe("news from Slack", () => {
  const event = async (of: object): Promise<number> => {
    const body = JSON.stringify({ type: "event_callback", team_id: slack.workspace, event: of });
    return send(body, { ...signed(body), "content-type": "application/json" });
  };

  it.each([
    [{ type: "app_uninstalled" }, [{ kind: "removed" }]],
    [{ type: "tokens_revoked", tokens: { oauth: ["U1"], bot: [] } }, []],
    [{ type: "tokens_revoked", tokens: { oauth: [], bot: ["U0BOTRIVERTON"] } }, [{ kind: "removed" }]],
    [
      { type: "channel_rename", channel: { id: "C1", name: "x" } },
      [{ kind: "channel-changed", channel: "C1" }],
    ],
    [{ type: "member_joined_channel", channel: "C1", user: "U0REYES" }, []],
    [{ type: "member_joined_channel", channel: "C1", user: "U0BOTRIVERTON" }, [{ channel: "C1" }]],
    [
      { type: "channel_id_changed", old_channel_id: "G1", new_channel_id: "C1" },
      [{ channel: "G1" }, { channel: "C1" }],
    ],
    [{ type: "message", channel: "C1", user: "U1", text: "x" }, []],
  ])("%j", async (sentEvent, told) => {
    expect(await event(sentEvent)).toBe(200);
    await slack.adapter.stop();
    expect(slack.news()).toMatchObject(
      told.map((one) => ({ platform: "slack", workspace: slack.workspace, ...one })),
    );
  });
});

describe("stopping", () => {
  it("does not wait for a request that was never finished", async () => {
    const port = Number(new URL(slack.requestUrl()).port);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
    await pause(50);
    const began = Date.now();
    await slack.adapter.stop();
    expect(Date.now() - began).toBeLessThan(1_000);
    socket.destroy();
    await expect(fetch(slack.requestUrl())).rejects.toThrow("fetch failed");
  });

  it("leaves the port to the next one, who cannot start twice", async () => {
    const { port } = slack.adapter.address() ?? { port: 0 };
    const sink = { receive: () => Promise.reject(new Error("unused")), news: () => Promise.resolve() };
    const next = slackAdapter({
      signingSecret: "x",
      mode: { kind: "http", port, host: "127.0.0.1" },
      installations: { find: () => Promise.resolve(undefined) },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await expect(next.start(sink)).rejects.toThrow("EADDRINUSE");
    await slack.adapter.stop();
    await next.start(sink);
    await expect(next.start(sink)).rejects.toThrow("already started");
    expect(next.address()).toEqual({ port });
    await next.stop();
  });

  it("twice is as good as once", async () => {
    await slack.adapter.stop();
    await slack.adapter.stop();
    expect(slack.adapter.address()).toBeUndefined();
  });
});
