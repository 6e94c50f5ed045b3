import { Client } from "pg";

import { asMessage, expectWords, refIn, type Person, type Values } from "../../sandbox/cast.ts";
import type { Shown } from "../../sandbox/pretend.ts";
import { entryPages } from "../../sandbox/story.ts";
import { superuser } from "../support/database.ts";
import { openTown } from "../support/town.ts";

// Somebody asks, and then an entry about the person comes into force.

export interface Making {
  readonly name: string;
  readonly sensitivity?: "OPEN" | "AGENCY_ONLY" | "RESTRICTED";
  readonly audience?: string;
  /** Done with the draft, which has this reference, before it is approved. */
  readonly before?: (ref: string) => Promise<void>;
}

export type RetroScene = Awaited<ReturnType<typeof openRetroScene>>;

/** The real bot and jobs, and who asks and who enters in them. */
export async function openRetroScene() {
  const town = await openTown();
  // Past every policy.
  const root = new Client({
    ...superuser(String(town.db.connection.owner.database)),
    options: "-c search_path=allpoints",
  });
  await root.connect();

  async function rows(
    statement: string,
    ...values: readonly unknown[]
  ): Promise<readonly Record<string, unknown>[]> {
    return (await root.query<Record<string, unknown>>(statement, [...values])).rows;
  }

  /** Past every trigger too. */
  async function untouched(statement: string, ...values: readonly unknown[]): Promise<void> {
    await root.query("set session_replication_role = replica");
    try {
      await root.query(statement, [...values]);
    } finally {
      await root.query("set session_replication_role = origin");
    }
  }

  /** As if the questions that were under way when the entries were committed had ended. */
  async function ripen(): Promise<void> {
    await rows("update retro_waiting set noted_at = noted_at - interval '11 seconds'");
  }

  async function compared(): Promise<void> {
    await ripen();
    await town.jobs.sweep();
    await town.idle();
  }

  async function asks(who: Person, values: Values): Promise<string> {
    const shown = await who.submits(await who.types("/watch"), {
      "Why are you asking?": "Traffic stop",
      "CAD or case number, and for which unit": "24-118833",
      ...values,
    });
    expectWords(shown, "Nothing to show for this query");
    return refIn(shown, "Q");
  }

  async function enters({ name, sensitivity = "OPEN", audience = "all", before }: Making): Promise<string> {
    const okafor = town.person("metro", "okafor");
    const [person, predicate, handling, sharing] = entryPages;
    const pages = [
      { ...person, Names: name, "Plate, phone, e-mail, handle, VIN": "" },
      predicate ?? {},
      { ...handling, "Cautions, as reported": sensitivity === "RESTRICTED" ? [] : ["violent"] },
      {
        ...sharing,
        "What does somebody who asks learn?": sensitivity,
        "Whose queries may match it?": [audience],
      },
      { Source: "B", Information: "3" },
    ];
    const draft = asMessage(await okafor.fills(await okafor.types("/entry new"), pages));
    const ref = refIn(draft, "E");
    await okafor.presses(draft, "Send for approval");
    await before?.(ref);
    const approver = town.person("metro", sensitivity === "RESTRICTED" ? "weiss" : "lund");
    const approved = await approver.presses(asMessage(await approver.types(`/entry show ${ref}`)), "Approve");
    expectWords(approved, `Approved: ${ref}`);
    return ref;
  }

  async function toldOf(who: Person, query: string): Promise<readonly string[]> {
    await compared();
    return (await who.messages())
      .filter(({ headline }) => headline.includes(query))
      .map(({ headline }) => headline);
  }

  async function whoAsked(entry: string): Promise<Shown> {
    await compared();
    const desk = await town.channel("metro", "desk").read();
    const card = desk.findLast(({ headline }) => headline.includes(`asked about ${entry}`));
    if (card === undefined) throw new Error(`nobody was told about ${entry}`);
    return town.person("metro", "okafor").presses(card, "Who asked");
  }

  return {
    town,
    rows,
    untouched,
    ripen,
    /** What waits is compared now. */
    compared,
    /** Nothing of it may be shown: the reference of the question. */
    asks,
    /** An entry of Metro's about this person, in force. Its deliveries are still on their way. */
    enters,
    /** What somebody was told about a question, content-free. */
    toldOf,
    /** What the owner's analyst reads of whoever asked last about an entry. */
    whoAsked,
    async close() {
      await root.end();
      await town.close();
    },
  };
}
