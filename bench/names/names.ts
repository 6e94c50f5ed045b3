import { comparePair } from "./pair.ts";
import { NotUsable, readCases, readPairs, type LabelledPair } from "./pairs-file.ts";
import { qualityOf, type Scored } from "./quality.ts";

/** One pair, as it is printed. */
export interface PairLine {
  readonly query: string;
  readonly list: string;
  /** The higher, the likelier the same person; comparable from pair to pair. */
  readonly score: number;
  readonly band: "STRONG" | "POSSIBLE" | "none";
  readonly why: readonly string[];
  readonly match?: boolean;
}

/** The last line. Quality only where pairs were labelled: at the best threshold, and for what would be shown. */
export interface SummaryLine {
  readonly pairs: number;
  readonly labelled: number;
  readonly us_per_pair: number;
  readonly f1?: number;
  readonly auc?: number;
  readonly precision?: number;
  readonly recall?: number;
  readonly threshold?: number;
  readonly f1_shown?: number;
  readonly precision_shown?: number;
  readonly recall_shown?: number;
  readonly precision_strong?: number;
}

export interface Source {
  readonly pairs?: string | undefined;
  readonly cases?: string | undefined;
}

/** Scores all pairs of a file, a line for each as it comes. */
export async function* names(source: Source): AsyncGenerator<PairLine | SummaryLine> {
  const scored: (Scored & Pick<PairLine, "band">)[] = [];
  let pairs = 0;
  let spent = 0;
  for await (const pair of open(source)) {
    const start = performance.now();
    const { score, band = "none", why } = comparePair(pair);
    spent += performance.now() - start;
    pairs += 1;
    const { query, list, match } = pair;
    if (match !== undefined) scored.push({ score, band, match });
    yield { query, list, score: round(score), band, why, ...(match === undefined ? {} : { match }) };
  }
  yield {
    pairs,
    labelled: scored.length,
    us_per_pair: round((spent * 1000) / Math.max(1, pairs)),
    ...told(scored),
  };
}

async function* open({ pairs, cases }: Source): AsyncGenerator<LabelledPair> {
  if (pairs !== undefined) yield* readPairs(pairs);
  else if (cases !== undefined) yield* readCases(cases);
  else throw new NotUsable("Which pairs? Give --pairs FILE.jsonl or --cases FILE.csv.", 64);
}

function told(scored: readonly (Scored & Pick<PairLine, "band">)[]): Partial<SummaryLine> {
  if (scored.length === 0) return {};
  const { f1, auc, precision, recall, threshold } = qualityOf(scored);
  const shown = atBand(scored, (band) => band !== "none");
  const strong = atBand(scored, (band) => band === "STRONG");
  return {
    f1: round(f1),
    auc: round(auc),
    precision: round(precision),
    recall: round(recall),
    threshold: round(threshold),
    f1_shown: round(shown.f1),
    precision_shown: round(shown.precision),
    recall_shown: round(shown.recall),
    precision_strong: round(strong.precision),
  };
}

function atBand(
  scored: readonly (Scored & Pick<PairLine, "band">)[],
  counts: (band: PairLine["band"]) => boolean,
): { readonly f1: number; readonly precision: number; readonly recall: number } {
  const found = scored.filter(({ band }) => counts(band));
  const right = found.filter(({ match }) => match).length;
  const precision = right / Math.max(1, found.length);
  const recall = right / Math.max(1, scored.filter(({ match }) => match).length);
  return { precision, recall, f1: right === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** The cases as lines of a pairs file. */
export function* casesAsPairs(file: string): Generator<object> {
  for (const { query, list, match } of readCases(file)) yield { query, list, match };
}
