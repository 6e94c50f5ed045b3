import { sql } from "kysely";

import type {
  Caution,
  InformationGrade,
  LegalStatus,
  Pap,
  RequestedAction,
  SourceGrade,
  Tlp,
} from "../labels.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import type { Sensitivity } from "./entry.ts";
import type { LaneName } from "./matching/feed.ts";
import { MOST_SHOWN, MOST_SILENT, type Purpose } from "./query.ts";

// The database's word at the moment of answering: what the index said is only where to look.

/** An identifier as it is looked up. */
export interface BlindKey {
  readonly kind: string;
  readonly blind: Buffer;
}

/** An entry with an identifier that was asked for. */
export interface Identified {
  readonly lane: LaneName;
  /** The entry's number, for `Search.also` and for openHits. */
  readonly number: number;
  /** Which of the keys, the first is 0. */
  readonly key: number;
}

/** Entries with one of these identifiers, in both lanes, which the agency that asks may match now. By number, then key. */
export async function findIdentified(tx: Tx, keys: readonly BlindKey[]): Promise<readonly Identified[]> {
  const { rows } = await sql<Identified>`
    select lane, number, key - 1 as key
      from find_identified(${keys.map(({ kind }) => kind)}::text[], ${keys.map(({ blind }) => blind)}::bytea[])`.execute(
    tx,
  );
  return rows;
}

/** The numbers of entries that were found before and that the agency which asks may match now. */
export async function findNumbers(tx: Tx, entries: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ id: string; number: number }>`
    select entry_id as id, number from find_numbers(${entries}::uuid[])`.execute(tx);
  return new Map(rows.map(({ id, number }) => [id, number]));
}

/** An entry with what an answer may say of it. */
export interface Found {
  readonly number: number;
  readonly entryId: string;
  readonly ownerAgency: string;
  readonly ref: string;
  /** How secret it is to be kept from whoever asks: its lane, its label or its sensitivity, whichever says more. */
  readonly sensitivity: Sensitivity;
  readonly cautions: readonly Caution[];
  readonly legalStatus: LegalStatus;
  readonly requestedAction: RequestedAction;
  readonly sourceGrade: SourceGrade;
  readonly informationGrade: InformationGrade;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly expiresAt: Date;
  /** Somebody said it is wrong, and its owner has not decided yet. */
  readonly challenged: boolean;
  /** The time by which its owner should have looked at it again is over. */
  readonly reviewDue: boolean;
}

export interface Opening {
  /** The row of the query; it may be written later in the same transaction. */
  readonly query: string;
  readonly action: "query.ask" | "query.again";
  /** Into the audit: only with query.ask. */
  readonly purpose?: Purpose | undefined;
  readonly inputs?: readonly string[] | undefined;
  /** False: nothing of it is shown on this platform, and the audit says so. */
  readonly tells: boolean;
  /** Numbers of candidates of the open lane, the best first. */
  readonly open: readonly number[];
  /** Numbers of candidates of the restricted lane, the best first. Always handed in, none or many. */
  readonly restricted: readonly number[];
  /** Nothing but what was found then, and no less secret than it was then. Left out: everything. */
  readonly before?: readonly { readonly entryId: string; readonly sensitivity: Sensitivity }[] | undefined;
}

export interface Opened {
  /**
   * The first five that are in force and may be matched, in the order given; none of them RESTRICTED. The owner of
   * AGENCY_ONLY ones counts once: what it has more than one of comes only where room is left.
   */
  readonly open: readonly Found[];
  /** The first forty that the asker must not notice. */
  readonly silent: readonly Found[];
  /** There were more open ones than these. */
  readonly more: boolean;
}

/** So many numbers are looked up whatever there is, so that a silent hit costs what no hit costs. */
const PADDED = 100;

/**
 * Reads candidates again and writes the asker's audit row, in one statement: which OPEN entries and which owners of
 * AGENCY_ONLY ones were shown, nothing about RESTRICTED ones.
 */
export async function openHits(tx: Tx, opening: Opening): Promise<Opened> {
  const { query, action, purpose, inputs, tells, before } = opening;
  const detail = purpose === undefined ? {} : { purpose, inputs: inputs ?? [] };
  const { rows } = await sql<
    (Found & { readonly more: null }) | { readonly number: null; readonly more: boolean }
  >`
    select number, entry_id as "entryId", owner_agency_id as "ownerAgency", ref, sensitivity, cautions,
           legal_status as "legalStatus", requested_action as "requestedAction", tlp, pap, source_grade as "sourceGrade",
           information_grade as "informationGrade", expires_at as "expiresAt", challenged, review_due as "reviewDue", more
      from open_hits(${uuidv7()}::uuid, ${action}, ${`query:${query}`}, ${JSON.stringify(detail)}::jsonb, ${tells},
             ${padded(opening.open)}::int[], ${padded(opening.restricted)}::int[],
             ${before?.map(({ entryId }) => entryId) ?? null}::uuid[],
             ${before?.map(({ sensitivity }) => sensitivity) ?? null}::text[],
             ${MOST_SHOWN}::int, ${MOST_SILENT}::int)`.execute(tx);
  const found = rows.flatMap((row) => (row.number === null ? [] : [row]));
  return {
    open: found.filter(({ sensitivity }) => sensitivity !== "RESTRICTED"),
    silent: found.filter(({ sensitivity }) => sensitivity === "RESTRICTED"),
    more: rows.some(({ more }) => more === true),
  };
}

function padded(numbers: readonly number[]): readonly number[] {
  // Numbers begin at 1.
  return [
    ...numbers,
    ...Array.from({ length: Math.max(0, PADDED - numbers.length) }, (_none, place) => -1 - place),
  ];
}
