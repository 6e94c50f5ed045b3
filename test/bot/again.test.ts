import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

import { say } from "../../src/bot/answers.ts";
import { createBot } from "../../src/bot/bot.ts";
import { verb, type Feature } from "../../src/bot/command.ts";
import { tableOf } from "../../src/bot/routes.ts";
import { openLog } from "../../src/log.ts";
import { noMatcher } from "../support/matcher.ts";
import { openQueryBench, said, type Person, type QueryBench } from "../watch-list/query-bench.ts";

let bench: QueryBench;
let officer: Person;
beforeAll(async () => {
  bench = await openQueryBench();
  officer = await bench.addPerson(await bench.addAgency(), ["officer"]);
});
afterAll(() => bench.db.close());

/** Made by anybody, shown again only to those who may ask the watch-list. */
const secret: Feature = {
  commands: [
    {
      name: "make",
      help: "",
      verbs: [
        verb({
          verb: "",
          help: "",
          deed: "self.see",
          input: z.object({}),
          run: async (call) => {
            call.made("secret", randomUUID());
            return say("made");
          },
        }),
      ],
    },
  ],
  again: [{ kind: "secret", deed: "watch.ask", show: () => Promise.resolve(say("the same again")) }],
};

it("a repeated event is answered from the record only while its officer may still see that", async () => {
  const bot = createBot({
    store: bench.db.store,
    tools: {
      keyring: bench.db.keyring,
      inspect: async () => undefined,
      matcher: noMatcher,
      privateLevel: { slack: "full", discord: "full" },
    },
    table: tableOf([secret]),
    log: openLog({ to: { write: (line) => expect.unreachable(line) } }),
    kick: () => {},
    news: async () => {},
    stranger: async () => undefined,
  });
  const event = {
    ...officer.account,
    dedupeKey: randomUUID(),
    kind: "command",
    command: "make",
    input: { kind: "words", words: "" },
  } as const;
  expect(said(await bot.receive(event))).toContain("made");
  expect(said(await bot.receive(event))).toContain("the same again");
  await bench.setRoles(officer, ["auditor"]);
  expect(said(await bot.receive(event))).toContain("I find no secret that you may see.");
});
