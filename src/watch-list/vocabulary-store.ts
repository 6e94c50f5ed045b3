import { sql } from "kysely";

import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";

// The vocabulary: every part of a name, every birth date and every plate once, known by a keyed digest, its string
// sealed. What the index holds are numbers.

export type TokenKind = "name" | "date" | "plate";

/** A string of the vocabulary, and what it is of. */
export interface Word {
  readonly kind: TokenKind;
  readonly string: string;
}

const blindKinds: Readonly<Record<TokenKind, string>> = {
  name: "name-token",
  date: "date",
  plate: "plate-token",
};
/** The vocabulary belongs to the deployment, not to an agency. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

const tokenPlace = (digest: Buffer) => ({
  table: "token",
  column: "string_sealed",
  row: digest.toString("hex"),
  agency: NOBODY,
});

/** What the vocabulary keeps of a word. */
export function sealedToken(
  keyring: Keyring,
  { kind, string }: Word,
): { readonly digest: Buffer; readonly sealed: Buffer } {
  const digest = keyring.blind(blindKinds[kind], string);
  return { digest, sealed: keyring.seal(tokenPlace(digest), string) };
}

interface Digested extends Word {
  readonly digest: Buffer;
  /** Of the kind and the digest. */
  readonly key: string;
}

function digested(keyring: Keyring, words: Iterable<Word>): readonly Digested[] {
  const found = new Map<string, Digested>();
  for (const { kind, string } of words) {
    const name = `${kind} ${string}`;
    if (found.has(name)) continue;
    const digest = keyring.blind(blindKinds[kind], string);
    found.set(name, { kind, string, digest, key: `${kind} ${digest.toString("hex")}` });
  }
  return [...found.values()];
}

/**
 * The numbers of words; those that are nobody's yet are added. Until the end of the transaction none of them is
 * forgotten, so that it can give them to an entry.
 */
export async function tokenNumbers(
  tx: Tx,
  keyring: Keyring,
  words: Iterable<Word>,
): Promise<(word: Word) => number> {
  const wanted = digested(keyring, words);
  // Looked for first: an insert that meets a row that is there already would use up a number each time.
  const known = await findTokens(tx, wanted);
  const missing = wanted.filter(({ key }) => !known.has(key));
  const added = await addTokens(tx, keyring, missing);
  // Added by somebody else since, who has committed by now.
  const late = missing.filter(({ key }) => !added.has(key));
  const found = await findTokens(tx, late);
  const numbers = new Map(
    wanted.map(({ kind, string, key }) => [
      `${kind} ${string}`,
      known.get(key) ?? added.get(key) ?? found.get(key),
    ]),
  );
  return ({ kind, string }) => {
    const number = numbers.get(`${kind} ${string}`);
    if (number === undefined) throw new Error("a token was not added to the vocabulary");
    return number;
  };
}

/** Numbers of those that are in the vocabulary, by kind and digest; none of them is forgotten meanwhile. */
async function findTokens(tx: Tx, wanted: readonly Digested[]): Promise<ReadonlyMap<string, number>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<{ key: string; id: number }>`
    select kind || ' ' || encode(digest, 'hex') as key, id
      from hold_tokens(${wanted.map(({ kind }) => kind)}::text[],
                       ${wanted.map(({ digest }) => digest)}::bytea[])`.execute(tx);
  return new Map(rows.map(({ key, id }) => [key, id]));
}

async function addTokens(
  tx: Tx,
  keyring: Keyring,
  missing: readonly Digested[],
): Promise<ReadonlyMap<string, number>> {
  if (missing.length === 0) return new Map();
  // In one order everywhere, so that two transactions that add the same tokens never wait for each other in a ring.
  const rows = missing.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  const added = await sql<{ key: string; id: number }>`
    insert into token (kind, digest, string_sealed)
    select * from unnest(${rows.map(({ kind }) => kind)}::text[], ${rows.map(({ digest }) => digest)}::bytea[],
                         ${rows.map(({ digest, string }) => keyring.seal(tokenPlace(digest), string))}::bytea[])
    on conflict (kind, digest) do nothing
    returning kind || ' ' || encode(digest, 'hex') as key, id::int as id`.execute(tx);
  return new Map(added.rows.map(({ key, id }) => [key, id]));
}

/** Numbers that entries had: those that are nobody's any more are forgotten later, see forgetTokens. */
export async function leaveTokens(tx: Tx, tokens: readonly number[]): Promise<void> {
  if (tokens.length === 0) return;
  await sql`insert into token_left (token) select unnest(${tokens}::int[])`.execute(tx);
}

/**
 * Looks at so many of the words that entries left behind, and deletes what is nobody's any more: INV-19. A process that
 * read it before keeps it in memory until it reads the vocabulary anew, at the latest when it is started again. How many
 * were looked at.
 */
export async function forgetTokens(tx: Tx, limit: number): Promise<number> {
  const { rows } = await sql<{ done: number }>`select forget_tokens(${limit}::int) as done`.execute(tx);
  return rows[0]?.done ?? 0;
}

/** A row of the vocabulary as it is read. */
export interface SealedToken {
  readonly id: number;
  readonly kind: TokenKind;
  readonly digest: Buffer;
  readonly sealed: Buffer;
}

/** The vocabulary in the order of its numbers, so many after one. */
export async function listTokens(
  tx: Tx,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly SealedToken[]> {
  const { rows } = await sql<SealedToken>`
    select id::int as id, kind, digest, string_sealed as sealed from token
     where id > ${after}::bigint order by id limit ${limit}`.execute(tx);
  return rows;
}

/** What transactions added that a look which had seen everything before `since` did not see. */
export async function listNewTokens(tx: Tx, since: string): Promise<readonly SealedToken[]> {
  const { rows } = await sql<SealedToken>`
    select id::int as id, kind, digest, string_sealed as sealed from token
     where xid >= ${since}::xid8 and xid < pg_snapshot_xmax(pg_current_snapshot())`.execute(tx);
  return rows;
}

/** The word that a row of the vocabulary holds. */
export function openToken(
  keyring: Keyring,
  { digest, sealed }: Pick<SealedToken, "digest" | "sealed">,
): string {
  return keyring.open<string>(tokenPlace(digest), sealed);
}
