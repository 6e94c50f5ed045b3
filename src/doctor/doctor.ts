/** What one check found; whatever is not well comes with what to do about it. */
export type Finding =
  | { readonly status: "ok"; readonly said: string }
  | { readonly status: "warn" | "fail"; readonly said: string; readonly fix: string };

/** One question to this installation. It looks and changes nothing. */
export interface Check {
  readonly name: string;
  readonly run: () => Finding | Promise<Finding>;
}

export type Examined = Finding & { readonly name: string };

export function ok(said: string): Finding {
  return { status: "ok", said };
}

/** It works, but not as it should in earnest. */
export function warn(said: string, fix: string): Finding {
  return { status: "warn", said, fix };
}

/** It does not work, or must not be used like this. */
export function fail(said: string, fix: string): Finding {
  return { status: "fail", said, fix };
}

const PATIENCE_MS = 15_000;

/** Runs all checks at once, each on its own: one that breaks or hangs takes no other with it. */
export async function examine(checks: readonly Check[]): Promise<readonly Examined[]> {
  return Promise.all(checks.map(async ({ name, run }) => ({ ...(await settled(run)), name })));
}

async function settled(run: Check["run"]): Promise<Finding> {
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(
    () => late.resolve(fail("no answer in time", "Try again; if it stays, look at the part it is about.")),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([run(), late.promise]);
  } catch (error) {
    return fail(
      `this check broke (${codeOf(error)})`,
      "Run it again; if it stays, report it with this line.",
    );
  } finally {
    clearTimeout(timer);
  }
}

/** A code alone: messages of libraries may quote addresses, names and passwords. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : "no code";
}

export function isHealthy(found: readonly Examined[]): boolean {
  return found.every(({ status }) => status !== "fail");
}

/** A line for each check, what to do under those that are not well, and the sum. */
export function reportLines(found: readonly Examined[]): readonly string[] {
  const width = Math.max(0, ...found.map(({ name }) => name.length));
  const counted = (status: Finding["status"]) => found.filter((one) => one.status === status).length;
  return [
    ...found.flatMap((one) => [
      `${one.status.padEnd(4)} ${one.name.padEnd(width)}  ${one.said}`,
      ...(one.status === "ok" ? [] : [`${" ".repeat(width + 7)}→ ${one.fix}`]),
    ]),
    `${counted("ok")} ok, ${counted("warn")} to look at, ${counted("fail")} failed`,
  ];
}

/** For machines: the same, as one object. */
export function reportObject(found: readonly Examined[]): object {
  const checks = found.map((one) => ({
    name: one.name,
    status: one.status,
    said: one.said,
    ...(one.status !== "ok" && { fix: one.fix }),
  }));
  return { ok: isHealthy(found), checks };
}
