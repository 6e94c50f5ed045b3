import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  randomFillSync,
} from "node:crypto";
import type { KeyObject } from "node:crypto";

import { createKeyFile, parseKeys, readKeyFile } from "./key-file.ts";
import type { KeyFile } from "./key-file.ts";

/** Where a sealed value lives. Moved to any other place it does not open. */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly row: string;
  /** The agency the value comes from; it never changes, so that a delivery elsewhere opens too. */
  readonly agency: string;
}

export interface Keyring {
  /** Seals a value that JSON can carry. */
  readonly seal: (place: Place, value: unknown) => Buffer;
  /** The caller knows the shape: what opens is what we sealed at this very place. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  readonly open: <T>(place: Place, sealed: Buffer) => T;
  /** The same 16 bytes for the same value everywhere in this deployment, one key per kind: for looking up by `=`. */
  readonly blind: (kind: string, value: string) => Buffer;
  /** 32 bytes that only a holder of the keyring can make: the audit chain. */
  readonly mac: (purpose: string, data: Buffer | string) => Buffer;
  readonly currentKeyId: string;
  /** The same value under the current root key. The content is not decrypted. */
  readonly rewrap: (sealed: Buffer) => Buffer;
}

export interface KeyringOptions {
  readonly file?: string;
  readonly keys?: KeyFile;
  /** On the very first start only: a new keyring cannot open what an old one sealed. */
  readonly createIfMissing?: boolean;
}

/** One error for every reason, and no content: which check failed is nobody's business. */
export class SealError extends Error {
  constructor() {
    super("the sealed value cannot be opened here");
    this.name = "SealError";
  }
}

/**
 *   1  version
 *   1  length of the key id, then the key id
 *  60  the value's own key under the root key: nonce, tag, key
 *  12  nonce   16  tag   then the body
 */
const version = 1;
const nonceSize = 12;
const tagSize = 16;
const wrappedSize = nonceSize + tagSize + 32;

/** Opens the keys with which everything personal is sealed, from a file or from a parsed one. */
export function openKeyring({ file, keys, createIfMissing = false }: KeyringOptions): Keyring {
  if (file !== undefined && createIfMissing) createKeyFile(file);
  const parsed = file === undefined ? parseKeys(keys) : readKeyFile(file);
  const roots = new Map(Object.entries(parsed.keys).map(([id, key]) => [id, derive(key, "root")]));
  const current = roots.get(parsed.current);
  if (current === undefined) throw new Error(`The keyring has no key ${parsed.current}.`);
  const header = headerOf(parsed.current);

  return {
    currentKeyId: parsed.current,
    seal(place, value) {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError("undefined cannot be sealed");
      const bytes = randomBytes(32);
      const aad = placeBytes(place);
      const body = encrypt(createSecretKey(bytes), Buffer.from(text), aad);
      return Buffer.concat([header, encrypt(current, bytes, header), body]);
    },
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
    open<T>(place: Place, sealed: Buffer): T {
      return guarded(() => {
        const { key, body } = unwrap(roots, sealed);
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        return JSON.parse(decrypt(createSecretKey(key), body, placeBytes(place)).toString()) as T;
      });
    },
    rewrap(sealed) {
      return guarded(() => {
        const { key, body } = unwrap(roots, sealed);
        return Buffer.concat([header, encrypt(current, key, header), body]);
      });
    },
    ...hashing(parsed.index),
  };
}

/** Both derive from a secret that stays when the root key changes: an index of hashes cannot be made anew. */
function hashing(index: string): Pick<Keyring, "blind" | "mac"> {
  const derived = new Map<string, KeyObject>();
  const keyFor = (info: string) => {
    const key = derived.get(info) ?? derive(index, info);
    derived.set(info, key);
    return key;
  };
  return {
    blind: (kind, value) =>
      createHmac("sha256", keyFor(`blind ${kind}`))
        .update(value)
        .digest()
        .subarray(0, 16),
    mac: (purpose, data) =>
      createHmac("sha256", keyFor(`mac ${purpose}`))
        .update(data)
        .digest(),
  };
}

function derive(base64: string, info: string): KeyObject {
  const bytes = hkdfSync("sha256", Buffer.from(base64, "base64"), "", `allpoints ${info}`, 32);
  return createSecretKey(Buffer.from(bytes));
}

function headerOf(keyId: string): Buffer {
  const id = Buffer.from(keyId);
  return Buffer.concat([Buffer.from([version, id.length]), id]);
}

/** Each part behind its length, so that no two places read the same. */
function placeBytes({ table, column, row, agency }: Place): Buffer {
  const parts = [table, column, row, agency].map((part) => `${Buffer.byteLength(part)}:${part}`);
  return Buffer.from(`${version} ${parts.join(" ")}`);
}

function unwrap(roots: ReadonlyMap<string, KeyObject>, sealed: Buffer): { key: Buffer; body: Buffer } {
  const bodyAt = 2 + (sealed[1] ?? 0) + wrappedSize;
  if (sealed[0] !== version || sealed.length < bodyAt + nonceSize + tagSize) throw new SealError();
  const header = sealed.subarray(0, bodyAt - wrappedSize);
  const root = roots.get(header.subarray(2).toString());
  if (root === undefined) throw new SealError();
  return {
    key: decrypt(root, sealed.subarray(header.length, bodyAt), header),
    body: sealed.subarray(bodyAt),
  };
}

function encrypt(key: KeyObject, plain: Buffer, aad: Buffer): Buffer {
  const nonce = randomFillSync(Buffer.allocUnsafe(nonceSize));
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagSize });
  cipher.setAAD(aad);
  const body = cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: KeyObject, sealed: Buffer, aad: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceSize), {
    authTagLength: tagSize,
  });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(nonceSize, nonceSize + tagSize));
  const plain = decipher.update(sealed.subarray(nonceSize + tagSize));
  decipher.final();
  return plain;
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch {
    // Not even as the cause: OpenSSL's and JSON's messages may tell what the content looks like.
    throw new SealError();
  }
}
