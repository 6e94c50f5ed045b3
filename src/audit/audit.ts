/** What an audit row says. Ids, codes and counts; never content, never a name. */
export interface AuditEntry {
  /** "tip.submit", "bulletin.approve": thing, dot, deed. */
  readonly action: string;
  /** "tip:<id>", "bulletin:<id>". */
  readonly subject: string;
  readonly outcome?: "ok" | "denied" | "error";
  readonly detail?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** Other agencies concerned: each gets a row of its own, with the same event id. */
  readonly also?: readonly string[];
}
