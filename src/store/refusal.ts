/** The rule of the database that a statement broke, by its name; undefined: it failed for another reason. */
export function ruleOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  // Class 23 of SQLSTATE: integrity constraints, our guards among them.
  if (!error.code.startsWith("23")) return undefined;
  return "constraint" in error && typeof error.constraint === "string" ? error.constraint : "unnamed";
}
