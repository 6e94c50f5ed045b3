import { readGauges, type Gauges } from "./metrics-store.ts";
import type { Store } from "./store/store.ts";
import type { MatcherStatus } from "./watch-list/matching/question.ts";

// What /metrics says, in Prometheus' text format. Numbers only: no id, name or word of anybody's is a label.

/** What this process counts while it works. */
const counters = {
  calls: "Calls to the platforms, by platform and outcome",
  unknown_outcomes: "Calls of which nobody knew whether they had happened, by platform",
  look_ups: "Look-ups of such calls, by what they showed",
} as const;
/** What this process measures. */
const durations = { call_seconds: "How long calls to the platforms took" } as const;

export type CounterName = keyof typeof counters;
export type DurationName = keyof typeof durations;
/** Values are words of our own code, such as a state. */
type Labels = Readonly<Partial<Record<"state" | "platform" | "outcome", string>>>;

/** What the workers are handed to count with. */
export interface Meters {
  readonly count: (name: CounterName, labels?: Labels) => void;
  readonly observe: (name: DurationName, seconds: number) => void;
}

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  /** The part in braces, and the value. */
  readonly samples: readonly (readonly [string, number | null])[];
}

/** Opens what this process counts with. */
export function openMeters(): Meters & { readonly families: () => readonly Family[] } {
  const counted = new Map<CounterName, Map<string, number>>();
  const measured = new Map<DurationName, { count: number; sum: number; most: number }>();
  return {
    count(name, labels = {}) {
      const of = counted.get(name) ?? new Map<string, number>();
      const braces = bracesOf(labels);
      counted.set(name, of.set(braces, (of.get(braces) ?? 0) + 1));
    },
    observe(name, seconds) {
      const { count, sum, most } = measured.get(name) ?? { count: 0, sum: 0, most: 0 };
      measured.set(name, { count: count + 1, sum: sum + seconds, most: Math.max(most, seconds) });
    },
    families: () => [
      ...[...counted].map(([name, samples]) => ({
        name: `${name}_total`,
        type: "counter" as const,
        help: counters[name],
        samples: [...samples],
      })),
      ...[...measured].flatMap(([name, { count, sum, most }]) => [
        one("counter", `${name}_count`, `${durations[name]}: how many`, count),
        one("counter", `${name}_sum`, `${durations[name]}: together`, sum),
        one("gauge", `${name}_max`, `${durations[name]}: the longest`, most),
      ]),
    ],
  };
}

function bracesOf(labels: Labels): string {
  const written = Object.entries(labels).map(
    // Anything that is no word of ours would be somebody's.
    ([name, value]) => `${name}="${/^[a-z][a-z_-]{0,30}$/.test(value) ? value : "other"}"`,
  );
  return written.length === 0 ? "" : `{${written.join(",")}}`;
}

type Line = readonly [type: Family["type"], name: string, help: string, value: number | null];

function one(...[type, name, help, value]: Line): Family {
  return { name, type, help, samples: [["", value]] };
}

function sharedFamilies(now: Gauges): readonly Family[] {
  const states = ["pending", "sending", "checking", "dead"] as const;
  return [
    {
      name: "deliveries",
      type: "gauge",
      help: "Deliveries on their way, by state, and those that wait for a person (dead)",
      samples: states.map((state) => [bracesOf({ state }), now[state]] as const),
    },
    one("gauge", "oldest_pending_seconds", "How long the oldest delivery has been due", now.oldestS),
    one("counter", "rate_limited_total", "Answers 429 so far", now.rateLimited),
    one(
      "gauge",
      "breakers_open",
      "Workspaces that are left alone because they keep failing",
      now.breakersOpen,
    ),
    one(
      "gauge",
      "auditor_last_clean_timestamp_seconds",
      "When the standing check last found nothing",
      now.lastCleanS,
    ),
    one("gauge", "auditor_findings", "What the last standing check found", now.findings),
    {
      name: "recovery_seconds",
      type: "gauge",
      help: "From a call with an unknown outcome until it was known: at worst lately, and ever",
      samples: [
        [`{which="last"}`, seconds(now.recoveryLastMs)],
        [`{which="max"}`, seconds(now.recoveryMaxMs)],
      ],
    },
  ];
}

/** What this process holds of the watch-list. */
function indexFamilies({ state, entries, names, tokens, lagMs }: MatcherStatus): readonly Family[] {
  return [
    one(
      "gauge",
      "watch_index_ready",
      "Whether the watch-list is matched in memory",
      Number(state === "ready"),
    ),
    one("gauge", "watch_index_entries", "Entries held in memory", entries),
    one("gauge", "watch_index_names", "Names held in memory", names),
    one("gauge", "watch_index_tokens", "Parts of names in the vocabulary", tokens),
    one("gauge", "watch_index_lag_seconds", "How old what is in memory may be", seconds(lagMs)),
  ];
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

function textOf(families: readonly Family[]): string {
  return families
    .flatMap(({ name, type, help, samples }) => {
      const known = samples.filter(([, value]) => value !== null);
      const lines = known.map(([braces, value]) => `allpoints_${name}${braces} ${value}\n`);
      return lines.length === 0
        ? []
        : [`# HELP allpoints_${name} ${help}\n# TYPE allpoints_${name} ${type}\n`, ...lines];
    })
    .join("");
}

/** The whole page: what all processes share, and what this one counted. */
export async function metricsText(
  store: Store,
  meters: Pick<ReturnType<typeof openMeters>, "families">,
  index?: MatcherStatus,
): Promise<string> {
  const now = await store.transaction({ agency: null, id: "system" }, readGauges);
  return textOf([
    ...sharedFamilies(now),
    ...meters.families(),
    ...(index === undefined ? [] : indexFamilies(index)),
  ]);
}
