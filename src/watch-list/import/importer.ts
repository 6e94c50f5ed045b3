import { createHash } from "node:crypto";

import { appendAudit } from "../../audit/audit-store.ts";
import { businessNow } from "../../store/clock-store.ts";
import type { Keyring } from "../../store/seal.ts";
import type { Store, Tx } from "../../store/store.ts";
import { closeBatch, findOpenBatch, openBatch, replaceEmptied } from "./batch-store.ts";
import { tellOfBatch, batchMoved } from "./batch-tell.ts";
import type { OpenedFile } from "./import-file.ts";
import type { Problem, RowContext } from "./import-reading.ts";
import { readRow, type ReadRow } from "./import-row.ts";
import {
  addEntries,
  blindNumber,
  changeEntries,
  findKnown,
  moveEntries,
  takeTurn,
  type KnownRow,
  type WrittenRow,
} from "./import-store.ts";
import { seenNumbers } from "./seen-numbers.ts";

// A file is read once to see whether every row can be taken, and a second time to take them: a chunk of rows in each
// transaction. Taking the same rows again changes nothing, so whatever broke off is simply done again.

/** What becomes of a row. */
export type Verdict = "new" | "unchanged" | "changed" | "in_force" | "edited" | "ended" | "refused";

export interface RowReport {
  readonly row: number;
  readonly number: string;
  readonly verdict: Verdict;
  /** The entry it is about, where there is one. */
  readonly ref?: string;
  readonly problems?: readonly Problem[];
}

export interface Progress {
  readonly phase: "reading" | "importing";
  readonly rows: number;
  readonly bytes: number;
  readonly size: number;
}

export interface ImportJob {
  /** As allpoints_app. */
  readonly store: Store;
  readonly keyring: Keyring;
  readonly file: OpenedFile;
  readonly agency: string;
  readonly agencies: ReadonlyMap<string, string>;
  readonly onRow: (report: RowReport) => Promise<void> | void;
  readonly onProgress: (progress: Progress) => void;
  /** Ends after the chunk under way. */
  readonly signal: AbortSignal;
}

export type Counts = Readonly<Record<Verdict, number>>;

export interface Outcome {
  readonly rows: number;
  readonly counts: Counts;
  /** In hex; undefined where a row was refused, or not every row was read. */
  readonly hash: string | undefined;
  readonly stopped: boolean;
}

export interface Imported extends Outcome {
  /** Nothing was written: the file changed between the two readings, or its batch is being put in force. */
  readonly refusal?: "file-changed" | "batch-approved";
  /** How many entries wait in the batch now; undefined: nothing waits that did not wait before. */
  readonly waiting?: number;
  readonly wake: readonly string[];
}

const CHUNK = 500;
const operator = "operator";

interface Sighted {
  readonly row: number;
  readonly number: string;
  readonly problems?: readonly Problem[];
  readonly taken?: WrittenRow;
}

/** Says what an import would do. Writes nothing. */
export async function dryRun(job: ImportJob): Promise<Outcome> {
  return readThrough(job, "reading", async (sighted) => {
    const known = await job.store.transaction({ agency: job.agency, id: operator }, (tx) =>
      knownOf(tx, job, sighted),
    );
    for (const one of sighted) await job.onRow(reportOf(one, known));
    return sighted.map((one) => reportOf(one, known).verdict);
  });
}

/** Takes the file in, as this officer's. Where a row is refused nothing is written. */
export async function importFile(job: ImportJob, author: string): Promise<Imported> {
  const looked = await readThrough(job, "reading", async (sighted) => {
    const refused = sighted.filter(({ taken }) => taken === undefined);
    for (const one of refused) await job.onRow(reportOf(one, new Map()));
    return sighted.map(({ taken }) => (taken === undefined ? "refused" : "new"));
  });
  if (looked.hash === undefined) return { ...looked, counts: { ...looked.counts, new: 0 }, wake: [] };
  const hash = Buffer.from(looked.hash, "hex");
  let refusal: Imported["refusal"];
  const taken = await readThrough(job, "importing", async (sighted) => {
    const reports = await takeChunk(job, { hash, author }, sighted);
    if (reports === undefined) {
      refusal = "batch-approved";
      return undefined;
    }
    for (const report of reports) await job.onRow(report);
    return reports.map(({ verdict }) => verdict);
  });
  if (refusal === undefined && !taken.stopped && taken.hash !== looked.hash) refusal = "file-changed";
  if (refusal !== undefined || taken.stopped) return { ...taken, ...(refusal && { refusal }), wake: [] };
  return { ...taken, ...(await finish(job, { hash, author })) };
}

/** Reads the file once, a chunk at a time. `work` says what became of each row; undefined ends it. */
async function readThrough(
  { file, keyring, agency, agencies, store, signal, onProgress }: ImportJob,
  phase: Progress["phase"],
  work: (chunk: readonly Sighted[]) => Promise<readonly Verdict[] | undefined>,
): Promise<Outcome> {
  const now = await store.transaction({ agency, id: operator }, businessNow);
  const sight = sighting({ keyring, agency, context: { now, agencies } });
  const counts = { new: 0, unchanged: 0, changed: 0, in_force: 0, edited: 0, ended: 0, refused: 0 };
  const whole = hashOfRows(keyring, agency);
  let rows = 0;
  let stopped = false;
  /** The database is busy with one chunk while the next one is read. */
  let busy: Promise<boolean> = Promise.resolve(true);
  const finished = async (chunk: readonly Sighted[]): Promise<boolean> => {
    const verdicts = chunk.length === 0 ? [] : await work(chunk);
    for (const verdict of verdicts ?? []) counts[verdict] += 1;
    rows += verdicts?.length ?? 0;
    onProgress({ phase, rows, bytes: file.bytesRead(), size: file.size });
    return verdicts !== undefined;
  };
  let chunk: Sighted[] = [];
  for await (const fileRow of file.rows()) {
    const sighted = sight(fileRow);
    if (sighted.taken !== undefined) whole.add(sighted.taken.rowHash);
    chunk.push(sighted);
    if (chunk.length < CHUNK) continue;
    if (!(await busy)) return { rows, counts, hash: undefined, stopped };
    stopped = signal.aborted;
    if (stopped) break;
    busy = finished(chunk);
    // Whoever waits for it hears of a failure; nobody does while the next chunk is read.
    busy.catch(() => {});
    chunk = [];
  }
  const on = await busy;
  if (on && !stopped) await finished(chunk);
  const complete = on && !stopped && counts.refused === 0 && rows > 0;
  return { rows, counts, hash: complete ? whole.hash() : undefined, stopped };
}

/** Over the rows as they were understood, in their order, and the agency. Constant in size, however long the file. */
function hashOfRows(keyring: Keyring, agency: string) {
  const rows = createHash("sha256");
  return {
    // Keyed already, each, so that a hash of a guessed file is not this one.
    add: (rowHash: Buffer) => void rows.update(rowHash),
    hash: () => keyring.mac("import", `${agency} ${rows.digest("hex")}`).toString("hex"),
  };
}

interface Sighting {
  readonly keyring: Keyring;
  readonly agency: string;
  readonly context: RowContext;
}

/** Reads rows one after the other: by itself each, but for its number. */
function sighting({ keyring, agency, context }: Sighting) {
  const seen = seenNumbers();
  return (fileRow: Parameters<typeof readOne>[0]): Sighted => {
    const { row, cells } = fileRow;
    const read = readOne(fileRow, context);
    const number = "read" in read ? read.read.number : (cells.get("number") ?? "").trim().slice(0, 60);
    const blind = blindNumber(keyring, agency, number);
    const before = number === "" ? undefined : seen.see(blind, row);
    const twice =
      before === undefined
        ? []
        : [
            {
              column: "number",
              sentence: `Row ${before} has this number too. Each record has its own.`,
            } as const,
          ];
    if ("problems" in read) return { row, number, problems: [...twice, ...read.problems] };
    if (twice.length > 0) return { row, number, problems: twice };
    const rowHash = keyring.mac("import-row", `${agency} ${read.read.normal}`);
    return { row, number, taken: { row, read: read.read, blind, rowHash } };
  };
}

function readOne(
  {
    cells,
    problem,
  }: { readonly row: number; readonly cells: Parameters<typeof readRow>[0]; readonly problem?: Problem },
  context: RowContext,
): { readonly read: ReadRow } | { readonly problems: readonly Problem[] } {
  return problem === undefined ? readRow(cells, context) : { problems: [problem] };
}

function knownOf(tx: Tx, { agency }: ImportJob, sighted: readonly Sighted[]) {
  return findKnown(
    tx,
    agency,
    sighted.flatMap(({ taken }) => (taken === undefined ? [] : [taken.blind])),
  );
}

/** What a row comes to beside what is there already. */
function judge(known: KnownRow | undefined, rowHash: Buffer): Verdict {
  if (known === undefined || (known.state === "purged" && !known.wasApproved)) return "new";
  if (known.state === "cancelled" || known.state === "expired" || known.state === "purged") return "ended";
  const same = known.rowHash?.equals(rowHash) === true;
  if (!isPending(known)) return same ? "unchanged" : "in_force";
  if (!known.asImported) return "edited";
  return same ? "unchanged" : "changed";
}

function reportOf(
  { row, number, problems, taken }: Sighted,
  known: ReadonlyMap<string, KnownRow>,
): RowReport {
  if (taken === undefined) return { row, number, verdict: "refused", ...(problems && { problems }) };
  const there = known.get(taken.blind.toString("hex"));
  const verdict = judge(there, taken.rowHash);
  return { row, number, verdict, ...(there !== undefined && verdict !== "new" && { ref: there.ref }) };
}

interface Taking {
  readonly hash: Buffer;
  readonly author: string;
}

/** One chunk in one transaction. Undefined: the batch of this file is approved, and nothing of it changes any more. */
async function takeChunk(
  job: ImportJob,
  { hash, author }: Taking,
  sighted: readonly Sighted[],
): Promise<readonly RowReport[] | undefined> {
  const { store, keyring, agency } = job;
  return store.transaction({ agency, id: operator }, async (tx) => {
    await takeTurn(tx, agency);
    const known = await knownOf(tx, job, sighted);
    const reports = sighted.map((one) => reportOf(one, known));
    const before = await findOpenBatch(tx, { agency, hash });
    const rows = sighted.flatMap(({ taken }, place) => {
      const there = taken && known.get(taken.blind.toString("hex"));
      return taken === undefined ? [] : [{ ...taken, known: there, verdict: reports[place]?.verdict }];
    });
    const withKnown = rows.flatMap((row) => (row.known === undefined ? [] : [{ ...row, known: row.known }]));
    const added = rows.filter(({ verdict }) => verdict === "new");
    const changed = withKnown.filter(({ verdict }) => verdict === "changed");
    const moved = withKnown.filter(
      ({ verdict, known: one }) =>
        verdict === "unchanged" && isPending(one) && !(one.open && one.batch === before),
    );
    if (added.length + changed.length + moved.length === 0) return reports;
    const batch = await openBatch(tx, { agency, hash, author });
    if (batch === undefined) return undefined;
    const writing = { keyring, agency, author, batch };
    await addEntries(tx, writing, added);
    await changeEntries(tx, writing, changed);
    await moveEntries(tx, writing, moved);
    await appendAudit(tx, agency, {
      action: "import.take",
      subject: `import:${batch}`,
      detail: { by: author, added: added.length, changed: changed.length, moved: moved.length },
    });
    return reports;
  });
}

/** Nobody has approved it yet. */
function isPending({ state, decided }: KnownRow): boolean {
  return (state === "draft" || state === "waiting") && !decided;
}

/** The file was read to its end: what waits of it is a whole now, and the agency is told. */
async function finish(
  { store, agency }: ImportJob,
  { hash, author }: Taking,
): Promise<Pick<Imported, "waiting" | "wake">> {
  return store.transaction({ agency, id: operator }, async (tx) => {
    await takeTurn(tx, agency);
    const closed = await closeBatch(tx, { agency, hash });
    if (closed === undefined) return { wake: [] };
    const wake = new Set<string>();
    for (const emptied of await replaceEmptied(tx, agency))
      for (const installation of await batchMoved(tx, { agency, hash: emptied })) wake.add(installation);
    for (const installation of await tellOfBatch(tx, { agency, hash: hash.toString("hex"), author }))
      wake.add(installation);
    await appendAudit(tx, agency, {
      action: "import.ready",
      subject: `import:${closed.id}`,
      detail: { by: author, entries: closed.entries, hash: hash.toString("hex").slice(0, 16) },
    });
    return { waiting: closed.entries, wake: [...wake] };
  });
}
