import type { ReadyCheck } from "./health.ts";
import type { DatabaseAccess } from "./store/database.ts";
import { pendingMigrations } from "./store/migrate.ts";
import type { Store } from "./store/store.ts";
import type { Matcher } from "./watch-list/matching/question.ts";

interface Parts {
  readonly app: Store;
  readonly database: Pick<DatabaseAccess, "app">;
  /** Where people are answered. */
  readonly matcher: Matcher | undefined;
}

/** What must hold for this process to do its work. */
export function readyChecks({ app, database, matcher }: Parts): Readonly<Record<string, ReadyCheck>> {
  return {
    database: async () => void (await app.pool.query("select 1")),
    migrations: async () =>
      (await pendingMigrations({ connection: database.app })).length === 0 ? undefined : "pending",
    // While entries are read into memory, SQL answers: that is ready.
    ...(matcher && {
      watch: async () => ((await matcher.status()).state === "loading" ? "loading" : undefined),
    }),
  };
}
