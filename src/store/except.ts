import { sql } from "kysely";

/** Every row but these. */
export function noneOf(ids: readonly string[]) {
  return sql<boolean>`id <> all(${ids}::uuid[])`;
}
