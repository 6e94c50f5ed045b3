import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, chmodSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { activateRootKey, addRootKey } from "../../src/store/key-file.ts";
import { openKeyring, SealError } from "../../src/store/seal.ts";
import type { Place } from "../../src/store/seal.ts";

const key = (fill: string) => Buffer.alloc(32, fill).toString("base64");
const keys = { current: "1", keys: { "1": key("a") }, index: key("i") };
const keyring = openKeyring({ keys });

const word = fc.string({ maxLength: 20 });
const anyPlace = fc.record({ table: word, column: word, row: word, agency: word });
const place: Place = { table: "tip", column: "words_sealed", row: "7", agency: "riverton" };

describe("a sealed value", () => {
  it("opens at its place to what it was", () => {
    fc.assert(
      fc.property(anyPlace, fc.jsonValue(), (where, value) => {
        // JSON itself makes 0 of -0.
        const kept: unknown = JSON.parse(JSON.stringify(value));
        expect(keyring.open(where, keyring.seal(where, value))).toEqual(kept);
      }),
    );
  });

  it("does not open at any other place", () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (where, other) => {
        fc.pre(JSON.stringify(where) !== JSON.stringify(other));
        expect(() => keyring.open(other, keyring.seal(where, "armed"))).toThrow(SealError);
      }),
    );
  });

  it.each(["table", "column", "row", "agency"] as const)("does not open under another %s", (part) => {
    const sealed = keyring.seal(place, "armed");
    expect(() => keyring.open({ ...place, [part]: "other" }, sealed)).toThrow(SealError);
  });

  it("does not open where two places only read alike", () => {
    const sealed = keyring.seal({ ...place, table: "tip", column: "note words" }, "armed");
    expect(() => keyring.open({ ...place, table: "tip note", column: "words" }, sealed)).toThrow(SealError);
  });

  function flipped(sealed: Buffer, bit: number): Buffer {
    const bent = Buffer.from(sealed);
    bent.writeUInt8(bent.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return bent;
  }

  it("does not open with any one bit flipped", () => {
    const sealed = keyring.seal(place, "armed");
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      expect(() => keyring.open(place, flipped(sealed, bit))).toThrow(SealError);
    }
  });

  it("is not rewrapped with any one bit of the header or its own key flipped", () => {
    const sealed = keyring.seal(place, "armed");
    // Version, length, the key id "1", 60 bytes of wrapped key; rewrapping does not look into the body behind.
    for (let bit = 0; bit < (3 + 60) * 8; bit += 1) {
      expect(() => keyring.rewrap(flipped(sealed, bit))).toThrow(SealError);
    }
  });

  it("does not open cut short or made longer", () => {
    const sealed = keyring.seal(place, "armed");
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => keyring.open(place, sealed.subarray(0, length))).toThrow(SealError);
    }
    expect(() => keyring.open(place, Buffer.concat([sealed, Buffer.from([0])]))).toThrow(SealError);
  });

  it("is different each time, holds no trace of the text, and its error neither", () => {
    const [one, two] = [keyring.seal(place, "armed"), keyring.seal(place, "armed")];
    expect(one.equals(two)).toBe(false);
    expect(one.includes("armed")).toBe(false);
    // Compares the cause too.
    expect(() => keyring.open({ ...place, row: "8" }, one)).toThrow(new SealError());
  });

  it("cannot be undefined, which JSON cannot carry", () => {
    expect(() => keyring.seal(place, undefined)).toThrow(TypeError);
  });
});

describe("look-up hashes and audit codes", () => {
  it("are the same for the same, and differ by kind, value and purpose", () => {
    const plate = keyring.blind("plate", "ABC123");
    expect(plate).toHaveLength(16);
    expect(keyring.blind("plate", "ABC123")).toEqual(plate);
    expect(keyring.blind("plate", "ABC124")).not.toEqual(plate);
    expect(keyring.blind("phone", "ABC123")).not.toEqual(plate);
    expect(keyring.mac("plate", "ABC123")).toHaveLength(32);
    expect(keyring.mac("plate", "ABC123").subarray(0, 16)).not.toEqual(plate);
    expect(keyring.mac("audit", Buffer.from("x"))).toEqual(keyring.mac("audit", "x"));
    expect(keyring.mac("other", "x")).not.toEqual(keyring.mac("audit", "x"));
  });

  it("depend on the index secret alone, not on the root keys", () => {
    const rotated = openKeyring({ keys: { ...keys, current: "2", keys: { ...keys.keys, "2": key("b") } } });
    const foreign = openKeyring({ keys: { ...keys, index: key("j") } });
    expect(rotated.blind("plate", "ABC123")).toEqual(keyring.blind("plate", "ABC123"));
    expect(rotated.mac("audit", "x")).toEqual(keyring.mac("audit", "x"));
    expect(foreign.blind("plate", "ABC123")).not.toEqual(keyring.blind("plate", "ABC123"));
    expect(foreign.mac("audit", "x")).not.toEqual(keyring.mac("audit", "x"));
  });
});

describe("rotation", () => {
  const both = openKeyring({ keys: { ...keys, current: "2", keys: { ...keys.keys, "2": key("b") } } });
  const newOnly = openKeyring({ keys: { ...keys, current: "2", keys: { "2": key("b") } } });

  it("what a retired key sealed still opens", () => {
    expect(both.open(place, keyring.seal(place, "armed"))).toBe("armed");
  });

  it("rewrapped, it no longer needs the retired key", () => {
    const old = keyring.seal(place, "armed");
    expect(() => newOnly.open(place, old)).toThrow(SealError);
    expect(newOnly.open(place, both.rewrap(old))).toBe("armed");
    expect(() => keyring.open(place, both.rewrap(old))).toThrow(SealError);
  });
});

describe("the keyring file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "keyring-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is made only when asked, readable by its owner alone, and then kept", () => {
    const file = join(folder, "made");
    expect(() => openKeyring({ file })).toThrow("ENOENT");
    const sealed = openKeyring({ file, createIfMissing: true }).seal(place, "armed");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openKeyring({ file, createIfMissing: true }).open(place, sealed)).toBe("armed");
    expect(readdirSync(folder)).toEqual(["made"]);
  });

  it("is refused when others may read it", () => {
    const file = join(folder, "open");
    openKeyring({ file, createIfMissing: true });
    for (const mode of [0o640, 0o604]) {
      chmodSync(file, mode);
      expect(() => openKeyring({ file })).toThrow("Others may read the keyring");
    }
  });

  it("gains a root key that seals from then on, while old values open", () => {
    const file = join(folder, "rotated");
    const before = openKeyring({ file, createIfMissing: true });
    expect(addRootKey(file)).toBe("2");
    expect(openKeyring({ file }).currentKeyId).toBe("1");
    activateRootKey(file, "2");
    const after = openKeyring({ file });
    expect(after.currentKeyId).toBe("2");
    expect(after.open(place, before.seal(place, "armed"))).toBe("armed");
    // It is met before anybody was told of it.
    expect(before.open(place, after.seal(place, "armed"))).toBe("armed");
    expect(after.blind("plate", "x")).toEqual(before.blind("plate", "x"));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["no JSON", "{"],
    ["a short key", JSON.stringify({ ...keys, index: "c2hvcnQ=" })],
    ["no index secret", JSON.stringify({ current: "1", keys: keys.keys })],
  ])("with %s is refused without telling what is in it", (_, content) => {
    const file = join(folder, "broken");
    writeFileSync(file, content, { mode: 0o600 });
    expect(() => openKeyring({ file })).toThrow(/^This is no keyring/);
    expect(readFileSync(file, "utf8")).toBe(content);
  });

  it("whose current key is missing is refused", () => {
    expect(() => openKeyring({ keys: { ...keys, current: "9" } })).toThrow("no key 9");
  });
});
