/** Something that must hold at every moment, and the question that finds where it does not. */
export interface Invariant {
  readonly id: string;
  readonly name: string;
  readonly sentence: string;
  /** What a person does about a finding. */
  readonly fix: string;
  /**
   * One SELECT of (subject, ref, what): "delivery:<id>", its reference or null, and a code. It stands on two tables:
   * `span` (since, clock_since, now, clock_now, whole, known, reach_ms) and `touched`, the deliveries that came to
   * rest within it, or all. So the standing check and `verify` ask the same questions of more or fewer rows.
   *
   * A function over a column stands in a materialized table before it is compared with another table's column:
   * row-level security lets only leakproof comparisons use an index.
   */
  readonly sql: string;
}

export interface Finding {
  /** "I3" */
  readonly invariant: string;
  /** "delivery:<id>", "bulletin:<id>", "lane:discord:1", "table:tip" */
  readonly subject: string;
  /** What people call it: "D-…". */
  readonly ref: string | null;
  /** A code for what is wrong. */
  readonly what: string;
}
