import { Client, type ClientConfig } from "pg";

import { uuidv7 } from "../../src/store/ids.ts";
import type { Keyring } from "../../src/store/seal.ts";
import { lineOf } from "../../src/watch-list/matching-store.ts";
import { INDEX_VERSION, readName } from "../../src/watch-list/matching/name-reader.ts";
import { sealedToken, type Word } from "../../src/watch-list/vocabulary-store.ts";
import { textOf, type Generator } from "../watch/entities.ts";

// A watch-list as it lies in the product's database, sealed, written many times faster than by approving entries:
// triggers off, the largest indexes made at the end.

export interface SealedList {
  readonly admin: ClientConfig;
  readonly keyring: Keyring;
  readonly generator: Generator;
  readonly n: number;
  /** Whose entries these are, and who wrote and approved them. */
  readonly owner: { readonly agency: string; readonly author: string; readonly approver: string };
}

const CHUNK = 20_000;
const late = ["entry_pair_open_pair", "entry_name_token", "entry_birth_date"];

/** Entries 1 to n, each in force and open to all; the number is one more than the place in the generator. */
export async function loadSealed(list: SealedList): Promise<void> {
  const client = new Client(list.admin);
  await client.connect();
  try {
    await client.query(
      "set search_path = allpoints; set session_replication_role = replica; set synchronous_commit = off",
    );
    await client.query("set maintenance_work_mem = '512MB'");
    const { rows: indexes } = await client.query<{ name: string; text: string }>(
      "select indexname as name, indexdef as text from pg_indexes where schemaname = 'allpoints' and indexname = any($1)",
      [late],
    );
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    const vocabulary = openVocabulary(client, list.keyring);
    for (let from = 0; from < list.n; from += CHUNK) await loadChunk(client, list, { from, vocabulary });
    // Its definition names the parent alone: the partitions have it too.
    for (const { text } of indexes) await client.query(text.replace(" ON ONLY ", " ON "));
    await client.query("analyze");
    await client.query("vacuum entry, entry_pair, entry_name, entry_birth, token");
  } finally {
    await client.end();
  }
}

type Vocabulary = ReturnType<typeof openVocabulary>;

function openVocabulary(client: Client, keyring: Keyring) {
  const numbers = new Map<string, number>();
  let fresh: Word[] = [];
  return {
    of(word: Word): number {
      const key = `${word.kind} ${word.string}`;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, numbers.size + 1);
      fresh.push(word);
      return numbers.size;
    },
    async write(): Promise<void> {
      const rows = fresh.map((word) => ({ kind: word.kind, ...sealedToken(keyring, word) }));
      fresh = [];
      await client.query(
        `insert into token (kind, digest, string_sealed) select * from unnest($1::text[], $2::bytea[], $3::bytea[])`,
        [rows.map(({ kind }) => kind), rows.map(({ digest }) => digest), rows.map(({ sealed }) => sealed)],
      );
    },
  };
}

interface Chunk {
  readonly from: number;
  readonly vocabulary: Vocabulary;
}

async function loadChunk(client: Client, list: SealedList, { from, vocabulary }: Chunk): Promise<void> {
  const entities = Array.from({ length: Math.min(CHUNK, list.n - from) }, (_none, step) => ({
    number: from + step + 1,
    ...list.generator.entity(from + step),
  }));
  const names = entities.flatMap(({ number, names: written }) =>
    written.map((name, place) => {
      const { parts, suffix = null } = readName(textOf(name));
      const tokens = parts.map((string) => vocabulary.of({ kind: "name", string }));
      return { number, place, suffix, tokens };
    }),
  );
  const births = entities.flatMap(({ number, born }) =>
    born === undefined ? [] : [{ number, token: vocabulary.of({ kind: "date", string: born }) }],
  );
  await vocabulary.write();
  const namesOf = Map.groupBy(names, ({ number }) => number);
  const bornOf = new Map(births.map(({ number, token }) => [number, token]));
  const lines = entities.map(({ number }) =>
    lineOf(
      (namesOf.get(number) ?? []).map(({ tokens, suffix }) => ({ tokens, suffix: suffix ?? undefined })),
      [bornOf.get(number) ?? []].flat(),
    ),
  );
  await writeEntries(client, list, { numbers: entities.map(({ number }) => number), lines });
  await writeNames(client, list, names);
  await client.query(
    `insert into entry_birth (lane, entry_number, token, agency_id)
     select 'open', number, token, $3::uuid from unnest($1::int[], $2::int[]) as b(number, token)`,
    [births.map(({ number }) => number), births.map(({ token }) => token), list.owner.agency],
  );
}

async function writeEntries(
  client: Client,
  { owner }: SealedList,
  { numbers, lines }: { readonly numbers: readonly number[]; readonly lines: readonly string[] },
): Promise<void> {
  await client.query(
    `insert into entry (id, agency_id, ref, state, author_id, approver_id, approved_at, last_validated_at,
       review_due_at, expires_at, valid_days, content_sealed, content_hash, predicate, offence_length, facts_length,
       source_length, relevance_length, first_amendment, sensitivity, tlp, pap, legal_status, requested_action,
       cautions, source_grade, information_grade, juvenile, audience, number, index_version, index_line)
     overriding system value
     select e.id, $3, 'E-' || e.number, 'active', $4, $5, now(), now(), now() + interval '90 days',
            now() + interval '1 year', 365, decode(repeat('00', 400), 'hex'), decode(repeat('00', 32), 'hex'),
            'vpf4_expressed_intent_le', 10, 100, 10, 30, false, 'OPEN', 'amber', 'red', 'no_warrant',
            'contact_originator', '{armed}', 'B', '3', false, 'all', e.number, ${INDEX_VERSION}, e.line
       from unnest($1::uuid[], $2::int[], $6::text[]) as e(id, number, line)`,
    [numbers.map(() => uuidv7()), numbers, owner.agency, owner.author, owner.approver, lines],
  );
}

interface NameWritten {
  readonly number: number;
  readonly place: number;
  readonly suffix: string | null;
  readonly tokens: readonly number[];
}

async function writeNames(
  client: Client,
  { owner }: SealedList,
  names: readonly NameWritten[],
): Promise<void> {
  await client.query(
    `with name as materialized (
       select n.number, n.place, n.tokens::int[] as tokens, n.suffix
         from unnest($1::int[], $2::smallint[], $3::text[], $4::text[]) as n(number, place, tokens, suffix)
     ), named as (
       insert into entry_name (lane, entry_number, place, agency_id, tokens, suffix)
       select 'open', number, place, $5::uuid, tokens, suffix from name where cardinality(tokens) > 0
     )
     insert into entry_pair (a, b, entry_number, agency_id, lane)
     select distinct x.token, y.token, n.number, $5::uuid, 'open'
       from name n cross join unnest(n.tokens) as x(token) cross join unnest(n.tokens) as y(token)
      where x.token < y.token or cardinality(n.tokens) = 1`,
    [
      names.map(({ number }) => number),
      names.map(({ place }) => place),
      names.map(({ tokens }) => `{${tokens.join(",")}}`),
      names.map(({ suffix }) => suffix),
      owner.agency,
    ],
  );
}
