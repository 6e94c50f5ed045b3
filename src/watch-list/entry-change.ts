import type { Entry, Sensitivity } from "./entry.ts";

// What a change of an approved entry changes: codes only, for the audit and for whoever approves it.

interface Field {
  readonly words: string;
  readonly of: (entry: Entry) => unknown;
  /** Whoever was shown it before would act differently now. */
  readonly material?: true;
}

const entryFields = {
  names: { words: "names", of: ({ content }) => content.names, material: true },
  birth_dates: { words: "birth dates", of: ({ content }) => content.birthDates, material: true },
  identifiers: { words: "identifiers", of: ({ content }) => content.identifiers, material: true },
  cautions: { words: "cautions", of: ({ cautions }) => cautions, material: true },
  legal_status: { words: "legal status", of: ({ legalStatus }) => legalStatus, material: true },
  requested_action: {
    words: "requested action",
    of: ({ requestedAction }) => requestedAction,
    material: true,
  },
  // Material only where it is raised.
  sensitivity: { words: "sensitivity", of: ({ sensitivity }) => sensitivity },
  juvenile: { words: "juvenile", of: ({ juvenile }) => juvenile },
  predicate: { words: "predicate", of: ({ predicate }) => predicate },
  offence: { words: "offence", of: ({ offence }) => offence },
  first_amendment: { words: "opinion or protest", of: ({ firstAmendment }) => firstAmendment },
  description: { words: "description", of: ({ content }) => content.description },
  facts: { words: "facts", of: ({ content }) => content.facts },
  sources: { words: "documents", of: ({ content }) => content.sources },
  relevance: { words: "relevance", of: ({ content }) => content.relevance },
  direct_relation: { words: "direct relation", of: ({ content }) => content.directRelation },
  audience: {
    words: "who may match it",
    of: ({ audience, audienceAgencies }) => [audience, ...audienceAgencies],
  },
  tlp: { words: "TLP", of: ({ tlp }) => tlp },
  grade: { words: "grade", of: ({ sourceGrade, informationGrade }) => `${sourceGrade}${informationGrade}` },
  valid_days: { words: "validity", of: ({ validDays }) => validDays },
} as const satisfies Record<string, Field>;
type ChangedField = keyof typeof entryFields;

const fields: Readonly<Record<ChangedField, Field>> = entryFields;
const fieldNames = Object.keys(entryFields) as readonly ChangedField[];
const secrecy: readonly Sensitivity[] = ["OPEN", "AGENCY_ONLY", "RESTRICTED"];

export interface EntryChanges {
  readonly fields: readonly ChangedField[];
  readonly material: boolean;
}

/** What is different between an entry as it was approved and a draft that changes it. */
export function changesOf(before: Entry, after: Entry): EntryChanges {
  const changed = fieldNames.filter((name) => said(fields[name].of(before)) !== said(fields[name].of(after)));
  const raised = rank(after.sensitivity) > rank(before.sensitivity);
  return { fields: changed, material: raised || changed.some((name) => fields[name].material) };
}

/** "names, cautions" */
export function changedWords(changes: EntryChanges): string {
  return changes.fields.map((name) => fields[name].words).join(", ");
}

function rank(sensitivity: Sensitivity | null): number {
  return sensitivity === null ? -1 : secrecy.indexOf(sensitivity);
}

/** As text, so that lists can be compared: the order in which somebody wrote them says nothing. */
function said(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value ?? null);
  return JSON.stringify(value.map((one) => JSON.stringify(one)).toSorted());
}
