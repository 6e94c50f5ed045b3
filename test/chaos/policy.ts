import type { Posted } from "../../sandbox/pretend.ts";
import { readLedger, untilRest, type LedgerRow } from "./ledger.ts";
import { keysOf } from "./oracle.ts";
import { draftBulletin, type Gravity } from "./people.ts";
import { postMethods } from "./run.ts";
import { begin, conclude, openScene, REST_MS, type Outcome, type Scene, type Stage } from "./scene.ts";

/** Without Slack's optional scope nobody can look whether a message arrived: what then happens, and how often. */
export interface Blind extends Outcome {
  readonly gravity: Gravity;
  /** Sent again once, and said so on the card. */
  readonly marked: number;
  /** Not sent again; a person was told. */
  readonly held: number;
}

const FAULTS = 4;
const MARK = "Possible repeat of the same reference";

/** Some posts arrive and are answered with an error, with the default scopes only. */
export async function blind(stage: Stage, gravity: Gravity): Promise<Blind> {
  await using scene = await openScene(stage, {
    name: `blind ${gravity}`,
    platform: "slack",
    history: false,
    parts: [{ roles: ["bot", "jobs"] }],
  });
  const beginning = await begin(scene);
  const { side, database } = scene;
  const { ref, approve } = await draftBulletin(side, gravity);
  await untilRest(database.look, REST_MS);
  await side.api.addFault({ kind: "error-after", method: postMethods.slack, times: FAULTS });
  await approve();
  const outcome = await conclude(scene, beginning);
  const doubtful = (await readLedger(database.look)).filter(({ unknown }) => unknown > 0);
  const marked = await Promise.all(doubtful.map((row) => countMarked(scene, row, ref)));
  const repeats = marked.reduce((sum, count) => sum + count, 0);
  const held = doubtful.filter(
    ({ state, reason, told }) => state === "dead" && reason === "outcome_unknown" && told,
  );
  const asStated = gravity === "critical" ? repeats === FAULTS : held.length === FAULTS;
  return {
    ...outcome,
    gravity,
    marked: repeats,
    held: held.length,
    lost: asStated
      ? outcome.lost
      : [...outcome.lost, `${repeats} marked and ${held.length} held of ${FAULTS}`],
    // A repetition that says what it is, and is the only one, is what was promised.
    doubled: outcome.doubled.slice(repeats),
  };
}

/** The second message of a delivery when it says that it may be one; a third is one too many whatever it says. */
async function countMarked({ side }: Scene, row: LedgerRow, ref: string): Promise<number> {
  const posts = (await side.api.posts({ workspace: row.workspace })).filter(({ key }) =>
    keysOf(row).includes(key ?? ""),
  );
  const [, second] = posts.toSorted((a, b) => a.at - b.at);
  if (second === undefined) return 0;
  return (await says(side.api, second)).some((words) => words.includes(MARK) && words.includes(ref)) ? 1 : 0;
}

async function says(api: Scene["side"]["api"], post: Posted): Promise<readonly string[]> {
  const shown = await api.channel({ workspace: post.workspace, channel: post.channel });
  return shown.filter(({ id }) => id === post.id).map(({ lines }) => lines.join("\n"));
}
