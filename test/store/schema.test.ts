import { afterAll, beforeAll, expect, it } from "vitest";

import { openTestDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { schemaTypes } from "./schema-types.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

it("the types are the schema's: src/store/schema.ts is what the generator writes", async () => {
  const text = await schemaTypes(await database.ownerClient());
  await expect(text).toMatchFileSnapshot("../../src/store/schema.ts");
});

it("choices in a check become a union, and a type nobody decided on stops the generator", async () => {
  const owner = await database.ownerClient();
  await owner.query(`create table sample (
    id uuid primary key, color text not null default 'red' check (color in ('red', 'green')),
    only_one text check (only_one in ('x')), nr bigint generated always as identity, due timestamptz)`);
  const text = await schemaTypes(owner);
  expect(text).toContain('type SampleColor = "red" | "green";');
  expect(text).toContain('type SampleOnlyOne = "x";');
  expect(text).toContain(`interface SampleTable {
  id: string;
  color: Generated<SampleColor>;
  only_one: SampleOnlyOne | null;
  nr: GeneratedAlways<string>;
  due: Timestamp | null;
}`);
  await owner.query("alter table sample add price numeric");
  await expect(schemaTypes(owner)).rejects.toThrow("sample.price is a numeric");
});
