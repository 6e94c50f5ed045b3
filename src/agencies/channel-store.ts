import { sql } from "kysely";

import type { ChannelFacts, ChannelRef, Platform } from "../chat.ts";
import type { Chunk } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import type { Channel, ChannelUse } from "./channel.ts";

/** The agency that says what this channel is for; null where none did. */
export async function channelOwner(
  tx: Tx,
  { platform, workspace, channel }: ChannelRef,
): Promise<string | null> {
  const { rows } = await sql<{ owner: string | null }>`
    select channel_owner(${platform}, ${workspace}, ${channel}) as owner`.execute(tx);
  return rows[0]?.owner ?? null;
}

interface Use {
  readonly agency: string;
  readonly officer: string;
  readonly installation: string;
  readonly at: ChannelRef;
  readonly use: ChannelUse;
  readonly facts: ChannelFacts;
}

/** Says what a channel is for, with what the platform says of it now. A change of use ends what was signed for it. */
export async function useChannel(
  tx: Tx,
  { agency, officer, installation, at, use, facts }: Use,
): Promise<string> {
  const said = {
    installation_id: installation,
    use,
    state: "active" as const,
    private: facts.private,
    shared_outside: facts.sharedOutside,
    archived: facts.archived,
    can_post: facts.canPost,
    facts_at: sql<Date>`clock.now()`,
    set_by: officer,
  };
  const row = await tx
    .insertInto("channel")
    .values({
      id: uuidv7(),
      agency_id: agency,
      platform: at.platform,
      workspace: at.workspace,
      channel_ref: at.channel,
      ...said,
    })
    .onConflict((conflict) =>
      conflict.columns(["platform", "workspace", "channel_ref"]).doUpdateSet({
        ...said,
        cleared_for: null,
        cleared_by: null,
        cleared_until: null,
      }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/**
 * What the platform says of a channel now. As the system: whenever it changes, and before 24 hours are over. Of one
 * that cannot be seen nothing new is known, so what was known goes on ageing.
 */
export async function refreshFacts(tx: Tx, id: string, facts: ChannelFacts | undefined): Promise<void> {
  await tx
    .updateTable("channel")
    .set(
      facts === undefined
        ? { can_post: false, looked_at: sql<Date>`clock.now()` }
        : {
            private: facts.private,
            shared_outside: facts.sharedOutside,
            archived: facts.archived,
            can_post: facts.canPost,
            facts_at: sql<Date>`clock.now()`,
            looked_at: sql<Date>`clock.now()`,
            // Signed for a private channel of one organisation; anything else voids the signature.
            ...((!facts.private || facts.sharedOutside) && {
              cleared_for: null,
              cleared_by: null,
              cleared_until: null,
            }),
          },
    )
    .where("id", "=", id)
    .execute();
}

interface Clearing {
  readonly channel: string;
  readonly officer: string;
  readonly level: "pointer" | "summary" | "full";
}

/** A privacy officer's recorded decision, good for 90 days. */
export async function clearChannel(tx: Tx, { channel, officer, level }: Clearing): Promise<void> {
  await tx
    .updateTable("channel")
    .set({
      cleared_for: level,
      cleared_by: officer,
      cleared_until: sql<Date>`clock.now() + interval '90 days'`,
    })
    .where("id", "=", channel)
    .execute();
}

const columns = [
  "id",
  "agency_id",
  "installation_id",
  "platform",
  "workspace",
  "channel_ref",
  "use",
  "state",
  "private",
  "shared_outside",
  "cleared_for",
  "cleared_until",
] as const;

/** The own agency's channel at this place, if it has been given a use. */
export async function findChannel(
  tx: Tx,
  {
    platform,
    workspace,
    channel,
  }: { readonly platform: Platform; readonly workspace: string; readonly channel: string },
): Promise<Channel | undefined> {
  const row = await tx
    .selectFrom("channel")
    .select(columns)
    .where("platform", "=", platform)
    .where("workspace", "=", workspace)
    .where("channel_ref", "=", channel)
    .where("state", "=", "active")
    .executeTakeFirst();
  return row && asChannel(row);
}

/** The own agency's channels, but not the conversations with single persons. */
export async function listChannels(tx: Tx): Promise<readonly Channel[]> {
  const rows = await tx
    .selectFrom("channel")
    .select(columns)
    .where("use", "!=", "person")
    .where("state", "!=", "released")
    .orderBy("created_at")
    .execute();
  return rows.map(asChannel);
}

/** As the system: channels whose facts are half a day old, and where nobody has looked for as long. */
export async function findStaleChannels(tx: Tx, { limit, except }: Chunk): Promise<readonly Channel[]> {
  const rows = await tx
    .selectFrom("channel")
    .select(columns)
    .where("state", "=", "active")
    .where("use", "!=", "person")
    .where("facts_at", "<", sql<Date>`(select clock.now()) - interval '12 hours'`)
    // One that the bot cannot see keeps its old facts: it is looked for no more often than the others.
    .where((is) =>
      is.or([
        is("can_post", "=", true),
        is("looked_at", "<", sql<Date>`(select clock.now()) - interval '12 hours'`),
      ]),
    )
    .where(noneOf(except))
    .orderBy("facts_at")
    .limit(limit)
    .execute();
  return rows.map(asChannel);
}

interface Row {
  readonly id: string;
  readonly agency_id: string;
  readonly installation_id: string;
  readonly platform: Platform;
  readonly workspace: string;
  readonly channel_ref: string;
  readonly use: string;
  readonly state: string;
  readonly private: boolean;
  readonly shared_outside: boolean;
  readonly cleared_for: string | null;
  readonly cleared_until: Date | null;
}

function asChannel(row: Row): Channel {
  return {
    id: row.id,
    agency: row.agency_id,
    installation: row.installation_id,
    platform: row.platform,
    workspace: row.workspace,
    ref: row.channel_ref,
    use: row.use,
    state: row.state,
    private: row.private,
    sharedOutside: row.shared_outside,
    clearedFor: row.cleared_for,
    clearedUntil: row.cleared_until,
  };
}
