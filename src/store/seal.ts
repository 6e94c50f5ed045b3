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

import { createKeyFile, parseKeys } from "./key-file.ts";
import type { KeyFile } from "./key-file.ts";
import { fixedKeys, followKeyFile, type KeySource } from "./key-source.ts";

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
  /** The root key that seals. Another one, within a second, when the keyring's file says so. */
  readonly currentKeyId: string;
  /** Every root key that opens. */
  readonly keyIds: readonly string[];
  /** The same value under the current root key. The content is not decrypted. */
  readonly rewrap: (sealed: Buffer) => Buffer;
  /** The same of a value's head alone (`headOf`): its body stays where it is. */
  readonly rewrapHead: (head: Buffer) => Buffer;
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

/**
 * Opens the keys with which everything personal is sealed, from a file or from a parsed one. A file is followed: a key
 * that it gains seals from then on, and one that is met before that is looked for once.
 */
export function openKeyring({ file, keys, createIfMissing = false }: KeyringOptions): Keyring {
  if (file !== undefined && createIfMissing) createKeyFile(file);
  const source = file === undefined ? fixedKeys(parseKeys(keys)) : followKeyFile(file);
  const { index } = source.now();
  const { current, rootOf } = ringOf(source);
  current();

  return {
    get currentKeyId() {
      return current().id;
    },
    get keyIds() {
      return Object.keys(source.lately().keys);
    },
    seal(place, value) {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError("undefined cannot be sealed");
      const bytes = randomBytes(32);
      const aad = placeBytes(place);
      const body = encrypt(createSecretKey(bytes), Buffer.from(text), aad);
      return Buffer.concat([wrap(current(), bytes), body]);
    },
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
    open<T>(place: Place, sealed: Buffer): T {
      return guarded(() => {
        const head = headOf(sealed);
        const body = sealed.subarray(head.length);
        if (body.length < nonceSize + tagSize) throw new SealError();
        const key = createSecretKey(unwrap(rootOf, head));
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        return JSON.parse(decrypt(key, body, placeBytes(place)).toString()) as T;
      });
    },
    rewrap(sealed) {
      return guarded(() => {
        const head = headOf(sealed);
        return Buffer.concat([wrap(current(), unwrap(rootOf, head)), sealed.subarray(head.length)]);
      });
    },
    rewrapHead(head) {
      return guarded(() => {
        if (headOf(head).length !== head.length) throw new SealError();
        return wrap(current(), unwrap(rootOf, head));
      });
    },
    ...hashing(index),
  };
}

interface Root {
  readonly id: string;
  readonly key: KeyObject;
  readonly header: Buffer;
}

interface Ring {
  readonly current: () => Root;
  readonly rootOf: (id: string) => Root | undefined;
}

/** The root keys as the source has them, each derived once. */
function ringOf(source: KeySource): Ring {
  let from: KeyFile | undefined;
  let roots: ReadonlyMap<string, Root> = new Map();
  const rootsOf = (keys: KeyFile): ReadonlyMap<string, Root> => {
    if (keys !== from) {
      from = keys;
      roots = new Map(
        Object.entries(keys.keys).map(([id, key]) => [
          id,
          { id, key: derive(key, "root"), header: headerOf(id) },
        ]),
      );
    }
    return roots;
  };
  return {
    current(): Root {
      const keys = source.lately();
      const root = rootsOf(keys).get(keys.current);
      if (root === undefined) throw new Error(`The keyring has no key ${keys.current}.`);
      return root;
    },
    // A key that nobody knew of a moment ago: the file may have gained it.
    rootOf: (id: string): Root | undefined =>
      rootsOf(source.lately()).get(id) ?? rootsOf(source.now()).get(id),
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

/** What stands before a sealed value's body: version, key id, wrapped key. */
function headOf(sealed: Buffer): Buffer {
  const size = 2 + (sealed[1] ?? 0) + wrappedSize;
  if (sealed[0] !== version || sealed.length < size) throw new SealError();
  return sealed.subarray(0, size);
}

/** The value's own key under a root key. */
function wrap({ key, header }: Root, bytes: Buffer): Buffer {
  return Buffer.concat([header, encrypt(key, bytes, header)]);
}

/** The value's own key. */
function unwrap(rootOf: (id: string) => Root | undefined, head: Buffer): Buffer {
  const header = head.subarray(0, -wrappedSize);
  const root = rootOf(header.subarray(2).toString());
  if (root === undefined) throw new SealError();
  return decrypt(root.key, head.subarray(header.length), header);
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
