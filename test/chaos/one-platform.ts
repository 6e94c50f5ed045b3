// Loaded before the process under test: the other platform's SDK, which no run needs, takes longer to load than
// everything else together.

import { registerHooks } from "node:module";

const needless = process.env["DISCORD_TOKEN"] === undefined ? "discord" : "slack";

registerHooks({
  load(url, context, next) {
    if (!url.endsWith(`/adapters/${needless}/${needless}-adapter.ts`)) return next(url, context);
    // Where no token of it is set, nobody calls it.
    return { format: "module", shortCircuit: true, source: `export const ${needless}Adapter = undefined;` };
  },
});
