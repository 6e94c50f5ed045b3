import { join } from "node:path";

import { Client } from "pg";

import { startEmbedded } from "../../src/store/embedded-postgres.ts";
import { secondsSince, type Contender, type MakeContender, type World } from "./contender.ts";
import { textOf } from "./entities.ts";
import { grouped } from "./metrics.ts";

const CHUNK = 20_000;
/** Hits that are read for the first ten groups. */
const MOST_HITS = 200;

/** What a PostgreSQL has without us: a trigram index, everything above the usual threshold by similarity. */
export const makePgTrgm: MakeContender = async (world) => {
  const cluster = await startEmbedded({
    dataDir: join(world.folder, "pg-trgm"),
    settings: { shared_buffers: "512MB", max_wal_size: "4GB", fsync: "off", maintenance_work_mem: "512MB" },
  });
  const client = new Client(cluster.url("postgres"));
  await client.connect();
  const started = performance.now();
  await load(client, world);
  const buildS = secondsSince(started);
  const { rows } = await client.query<{ mb: number }>(
    "select pg_total_relation_size('listed') / 1048576.0::float8 as mb",
  );
  return {
    buildS,
    memoryMb: rows[0]?.mb ?? 0,
    ...asking(client, world),
    close: () => closed(client, cluster),
  };
};

async function load(client: Client, { generator, n }: World): Promise<void> {
  await client.query("create extension pg_trgm");
  await client.query("create unlogged table listed (place int not null, name text not null, born text)");
  for (let from = 0; from < n; from += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, n - from) }, (_none, step) => {
      const { names, born } = generator.entity(from + step);
      return names.map((name) => ({ place: from + step, name: textOf(name), born: born ?? null }));
    }).flat();
    // oxlint-disable-next-line no-await-in-loop -- one connection
    await client.query("insert into listed select * from unnest($1::int[], $2::text[], $3::text[])", [
      rows.map(({ place }) => place),
      rows.map(({ name }) => name),
      rows.map(({ born }) => born),
    ]);
  }
  await client.query("create index on listed using gin (name gin_trgm_ops)");
  await client.query("vacuum analyze listed");
}

function asking(client: Client, { generator }: World): Pick<Contender, "ask"> {
  return {
    ask: async (asked) => {
      const { rows } = await client.query<{ place: number }>({
        name: "ask",
        text: `select place from listed where name % $1
                order by similarity(name, $1) desc, coalesce(born = $2, false) desc, place limit ${MOST_HITS}`,
        values: [asked.name, asked.born ?? null],
      });
      return grouped(
        generator,
        asked,
        rows.map(({ place }) => place),
      );
    },
  };
}

async function closed(client: Client, cluster: { readonly stop: () => Promise<void> }): Promise<void> {
  await client.end();
  await cluster.stop();
}
