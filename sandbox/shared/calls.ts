import type { CallCount } from "../pretend.ts";

export interface Call {
  readonly method: string;
  readonly at: number;
  /** 0: never answered. */
  readonly status: number;
  readonly workspace?: string;
  readonly token: string;
  readonly body: unknown;
}
/** Most bodies are never looked at: they are worked out when somebody does. */
type Recorded = Omit<Call, "body"> & { readonly body: () => unknown };

export interface Calls {
  readonly record: (call: Recorded) => void;
  readonly list: (method?: string) => Call[];
  readonly counts: () => CallCount[];
}

/** Counts all calls and remembers the last `kept`: a long run must not fill the memory. */
export function createCalls(kept = 10_000): Calls {
  const recent: Recorded[] = [];
  const counted = new Map<string, { -readonly [Key in keyof CallCount]: CallCount[Key] }>();

  const count = ({ method, status }: Recorded): void => {
    const known = counted.get(method) ?? { method, calls: 0, rateLimited: 0, failed: 0, unanswered: 0 };
    known.calls += 1;
    if (status === 429) known.rateLimited += 1;
    if (status >= 500) known.failed += 1;
    if (status === 0) known.unanswered += 1;
    counted.set(method, known);
  };
  return {
    record: (call) => {
      count(call);
      recent.push(call);
      // Seldom and many at once: shifting the list at every call would cost more than the call.
      if (recent.length > 2 * kept) recent.splice(0, recent.length - kept);
    },
    list: (method) =>
      recent
        .slice(Math.max(0, recent.length - kept))
        .filter((call) => (method ?? call.method) === call.method)
        .map((call) => ({ ...call, body: call.body() })),
    counts: () => [...counted.values()],
  };
}
