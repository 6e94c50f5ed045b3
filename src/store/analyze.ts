import { Client, type ClientConfig } from "pg";

/**
 * Tells the planner how large these tables have become. It hears of it by itself within a minute or two, but what is
 * planned until then for thousands of new rows is planned as if there were none.
 */
export async function analyzeTables(owner: ClientConfig, tables: readonly string[]): Promise<void> {
  const client = new Client({ ...owner, application_name: "allpoints analyze" });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query(`analyze ${tables.map((table) => `allpoints.${table}`).join(", ")}`);
  } finally {
    await client.end();
  }
}
