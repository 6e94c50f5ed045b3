import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { activateRootKey, addRootKey, createKeyFile, removeRootKey } from "../../src/store/key-file.ts";
import { openKeyring, SealError, type Keyring } from "../../src/store/seal.ts";

const place = { table: "tip", column: "words_sealed", row: "7", agency: "riverton" };

let folder: string;
let made = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keys-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A keyring's file of the test's own, and a process that runs with it. */
function running(): { readonly file: string; readonly keyring: Keyring } {
  const file = join(folder, `keyring-${(made += 1)}.json`);
  return { file, keyring: openKeyring({ file, createIfMissing: true }) };
}
/** Adds a key and has it seal; its id. */
function rotate(file: string, used: readonly string[] = []): string {
  const id = addRootKey(file, used);
  activateRootKey(file, id);
  return id;
}
/** Longer than a process takes to look again. */
const aSecond = () => wait(1_050);

describe("a process that runs while its keyring changes", () => {
  it("seals under the new key within a second", async () => {
    const { file, keyring } = running();
    const alone = openKeyring({ file });
    expect(rotate(file)).toBe("2");
    await aSecond();
    expect(keyring.currentKeyId).toBe("2");
    expect(keyring.keyIds).toEqual(["1", "2"]);
    removeRootKey(file, "1");
    expect(openKeyring({ file }).open(place, keyring.seal(place, "armed"))).toBe("armed");
    expect(alone.blind("plate", "ABC123")).toEqual(keyring.blind("plate", "ABC123"));
  });

  it("opens at once what another one sealed under a key it has not heard of", () => {
    const { file, keyring } = running();
    rotate(file);
    const other = openKeyring({ file });
    expect(keyring.open(place, other.seal(place, "armed"))).toBe("armed");
    rotate(file);
    const third = openKeyring({ file }).seal(place, "armed");
    expect(openKeyring({ file }).open(place, keyring.rewrap(third))).toBe("armed");
  });

  it("does not open what no key of its file sealed", () => {
    const { keyring } = running();
    const foreign = running().file;
    rotate(foreign);
    expect(() => keyring.open(place, openKeyring({ file: foreign }).seal(place, "armed"))).toThrow(SealError);
  });

  it.each([
    ["half a file", (file: string) => writeFileSync(file, readFileSync(file, "utf8").slice(0, 80))],
    ["no file", (file: string) => unlinkSync(file)],
    ["another deployment's keyring", (file: string) => writeFileSync(file, readFileSync(running().file))],
  ])(
    "goes on with the keys it has where it finds %s, and takes the whole one when it is there",
    async (_, spoil) => {
      const { file, keyring } = running();
      const right = readFileSync(file, "utf8");
      const sealed = keyring.seal(place, "armed");
      spoil(file);
      await aSecond();
      expect(keyring.open(place, keyring.seal(place, "armed"))).toBe("armed");
      expect(keyring.open(place, sealed)).toBe("armed");
      expect(keyring.keyIds).toEqual(["1"]);
      writeFileSync(file, right, { mode: 0o600 });
      rotate(file);
      await aSecond();
      expect(keyring.currentKeyId).toBe("2");
      expect(keyring.open(place, sealed)).toBe("armed");
    },
  );
});

describe("a keyring that changes", () => {
  it("gains a key that opens and does not seal, until it is told to", () => {
    const { file } = running();
    expect(addRootKey(file)).toBe("2");
    const elsewhere = openKeyring({ file });
    expect([elsewhere.currentKeyId, elsewhere.keyIds]).toEqual(["1", ["1", "2"]]);
    activateRootKey(file, "2");
    expect(elsewhere.open(place, openKeyring({ file }).seal(place, "armed"))).toBe("armed");
    expect(() => activateRootKey(file, "3")).toThrow("the keyring has no key 3");
    expect(openKeyring({ file }).currentKeyId).toBe("2");
  });

  it("stays closed to others, and where a link leads to it the link stays", () => {
    const { file } = running();
    const link = join(folder, `link-${made}`);
    symlinkSync(file, link);
    rotate(link);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openKeyring({ file }).keyIds).toEqual(["1", "2"]);
    expect(openKeyring({ file: link }).currentKeyId).toBe("2");
  });

  it("never gives up the key that seals, nor uses an id again", () => {
    const { file } = running();
    expect(() => removeRootKey(file, "1")).toThrow("the key that seals is not removed");
    expect(rotate(file, ["2", "3"])).toBe("4");
    removeRootKey(file, "1");
    expect(openKeyring({ file }).keyIds).toEqual(["4"]);
  });

  it("keeps its index secret, and the ids of keys say nothing of them", () => {
    const file = join(folder, "index.json");
    createKeyFile(file);
    const indexOf = () => (JSON.parse(readFileSync(file, "utf8")) as { index: string }).index;
    const before = indexOf();
    rotate(file);
    removeRootKey(file, "1");
    expect(indexOf()).toBe(before);
  });
});
