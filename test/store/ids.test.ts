import { expect, it } from "vitest";

import { uuidv7 } from "../../src/store/ids.ts";

it("ids are version 7 uuids that carry the time and differ", () => {
  const before = Date.now();
  const ids = Array.from({ length: 1000 }, uuidv7);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const at = parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  }
});
