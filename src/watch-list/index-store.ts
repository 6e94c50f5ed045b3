import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { indexKeys, type Identifier } from "./identifier.ts";
import { namePairs, normaliseName } from "./name.ts";

// What a query looks in. Names and dates are opaque ids here, identifiers keyed digests; see the migration.

type TokenKind = "name" | "date";

const blindKinds: Readonly<Record<TokenKind, string>> = { name: "name-token", date: "date" };
/** The vocabulary belongs to the deployment, not to an agency. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

const tokenPlace = (digest: Buffer) => ({
  table: "token",
  column: "string_sealed",
  row: digest.toString("hex"),
  agency: NOBODY,
});

/** The opaque ids of name parts or dates; without `create`, only of those that some entry has or had. */
export async function tokenIds(
  tx: Tx,
  keyring: Keyring,
  {
    kind,
    strings,
    create,
  }: { readonly kind: TokenKind; readonly strings: readonly string[]; readonly create: boolean },
): Promise<ReadonlyMap<string, string>> {
  // In one order everywhere, so that two transactions that add the same tokens never wait for each other in a ring.
  const wanted = [...new Set(strings)]
    .map((string) => ({ string, digest: keyring.blind(blindKinds[kind], string) }))
    .toSorted((one, other) => one.digest.compare(other.digest));
  if (wanted.length === 0) return new Map();
  if (create) {
    await tx
      .insertInto("token")
      .values(
        wanted.map(({ string, digest }) => ({
          kind,
          digest,
          string_sealed: keyring.seal(tokenPlace(digest), string),
        })),
      )
      .onConflict((conflict) => conflict.columns(["kind", "digest"]).doNothing())
      .execute();
  }
  const rows = await tx
    .selectFrom("token")
    .select(["id", "digest"])
    .where("kind", "=", kind)
    .where(
      "digest",
      "in",
      wanted.map(({ digest }) => digest),
    )
    .execute();
  const idOf = new Map(rows.map(({ id, digest }) => [digest.toString("hex"), id]));
  return new Map(
    wanted.flatMap(({ string, digest }) => {
      const id = idOf.get(digest.toString("hex"));
      return id === undefined ? [] : [[string, id] as const];
    }),
  );
}

/** Two opaque ids as a row of name_pair holds them: the smaller number first. */
export function orderedPair(one: string, other: string): readonly [a: string, b: string] {
  return BigInt(one) <= BigInt(other) ? [one, other] : [other, one];
}

/** The same digest for an entry and for whoever asks; `key` from indexKeys or askKeys. */
export function blindIdentifier(keyring: Keyring, kind: Identifier["kind"], key: string): Buffer {
  return keyring.blind(`identifier ${kind}`, key);
}

export interface IndexedEntry {
  readonly id: string;
  readonly agency: string;
  readonly sensitivity: "OPEN" | "AGENCY_ONLY" | "RESTRICTED";
  readonly names: readonly string[];
  /** "1984-03-02" */
  readonly birthDates: readonly string[];
  readonly identifiers: readonly Identifier[];
}

/** Makes an entry findable, in place of whatever it was found by before. In the transaction that makes it active. */
export async function indexEntry(tx: Tx, keyring: Keyring, entry: IndexedEntry): Promise<void> {
  await unindexEntry(tx, entry.id);
  const row = {
    lane: entry.sensitivity === "RESTRICTED" ? ("restricted" as const) : ("open" as const),
    entry_id: entry.id,
    agency_id: entry.agency,
  };
  const names = entry.names.map(normaliseName).filter((tokens) => tokens.length > 0);
  const ids = await tokenIds(tx, keyring, { kind: "name", strings: names.flat(), create: true });
  const pairs = names.flatMap((tokens) => {
    const name_id = uuidv7();
    return namePairs(tokens).map(([one, other]) => {
      const [a, b] = orderedPair(known(ids, one), known(ids, other));
      return { ...row, a, b, name_id, tokens: tokens.length };
    });
  });
  if (pairs.length > 0) await tx.insertInto("name_pair").values(pairs).execute();
  const dates = await tokenIds(tx, keyring, { kind: "date", strings: entry.birthDates, create: true });
  const born = [...dates.values()].map((date_id) => ({ ...row, date_id }));
  if (born.length > 0) await tx.insertInto("entry_date").values(born).execute();
  const keys = identifierRows(keyring, entry.identifiers).map((key) => ({ ...row, ...key }));
  if (keys.length > 0) await tx.insertInto("identifier").values(keys).execute();
}

function known(ids: ReadonlyMap<string, string>, token: string): string {
  const id = ids.get(token);
  if (id === undefined) throw new Error("a token was not added to the vocabulary");
  return id;
}

function identifierRows(keyring: Keyring, identifiers: readonly Identifier[]) {
  const keys = identifiers.flatMap((one) =>
    indexKeys(one).map((key) => ({ kind: one.kind, blind: blindIdentifier(keyring, one.kind, key) })),
  );
  // Two plates that differ only in their state share the key without it.
  return [...new Map(keys.map((key) => [`${key.kind} ${key.blind.toString("hex")}`, key])).values()];
}

/** Nothing finds it any more. In the transaction that ends or suspends it. */
export async function unindexEntry(tx: Tx, entry: string): Promise<void> {
  await tx.deleteFrom("name_pair").where("entry_id", "=", entry).execute();
  await tx.deleteFrom("entry_date").where("entry_id", "=", entry).execute();
  await tx.deleteFrom("identifier").where("entry_id", "=", entry).execute();
}
