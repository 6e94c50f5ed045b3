import { afterAll, beforeAll, expect, it, vi } from "vitest";

import { installationDirectory } from "../../src/agencies/installation-directory.ts";
import { admitAgency, connect } from "../../src/operator.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

async function connectWith(token: string, agency: string): Promise<void> {
  await connect(
    { app: db.store, keyring: db.keyring },
    {
      agency,
      platform: "slack",
      workspace: "T0METRO00",
      application: "A0",
      botUser: "U0",
      token,
      apiBaseUrl: "http://127.0.0.1:9/",
      environment: "commercial",
    },
  );
}

it("knows a workspace at once when it is connected, and a new token a second later", async () => {
  const now = vi.spyOn(performance, "now").mockReturnValue(0);
  const directory = installationDirectory(db.store, db.keyring);
  expect(await directory.find("slack", "T0METRO00")).toBeUndefined();
  const { id } = await admitAgency(
    { app: db.store, keyring: db.keyring },
    {
      name: "Metro",
      ori: undefined,
      zone: "UTC",
      contactName: "Watch",
      contactPhone: "555-0142",
      areas: ["metro"],
    },
  );
  await connectWith("xoxb-first", id);
  expect((await directory.find("slack", "T0METRO00"))?.token).toBe("xoxb-first");
  await connectWith("xoxb-second", id);
  expect((await directory.find("slack", "T0METRO00"))?.token).toBe("xoxb-first");
  now.mockReturnValue(1001);
  expect((await directory.find("slack", "T0METRO00"))?.token).toBe("xoxb-second");
  expect(await directory.find("discord", "T0METRO00")).toBeUndefined();
  now.mockRestore();
});
