import { Client, type ClientConfig } from "pg";

/** With these the server counts what each statement costs. For looking, not for measuring: counting costs too. */
export const countingStatements = {
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "all",
} as const;

const MOST = 25;

/** Begins counting anew. */
export function forgetStatements(superuser: ClientConfig): Promise<void> {
  return withClient(superuser, async (client) => {
    await client.query("create extension if not exists pg_stat_statements");
    await client.query("select pg_stat_statements_reset()");
  });
}

/** The most expensive statements since then, those inside functions too (and again in what called them). */
export function listStatements(superuser: ClientConfig): Promise<readonly string[]> {
  return withClient(superuser, async (client) => {
    const { rows } = await client.query<{ ms: number; calls: number; each: number; query: string }>(
      `select total_exec_time::int as ms, calls::int, mean_exec_time::float as each,
              left(regexp_replace(query, '\\s+', ' ', 'g'), 160) as query
         from pg_stat_statements order by total_exec_time desc limit $1`,
      [MOST],
    );
    return rows.map(
      ({ ms, calls, each, query }) =>
        `${String(ms).padStart(8)} ms ${String(calls).padStart(8)} calls ${each.toFixed(3).padStart(9)} ms  ${query}`,
    );
  });
}

async function withClient<T>(superuser: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(superuser);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
