import type { z } from "zod";

import type { AuditEntry } from "../audit/audit.ts";
import type { Answer, ChannelFacts, ChannelRef, Form, InboundEvent, Option, Platform } from "../chat.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { Matcher } from "../watch-list/matching/question.ts";
import type { Deed, Role } from "./policy.ts";

/** A linked, active person of an active agency, as of this event. */
export interface Officer {
  readonly id: string;
  readonly agency: string;
  readonly agencyName: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** IANA zone of the agency, for times in plain text. */
  readonly zone: string;
}

export type PrivateLevel = "none" | "summary" | "full";

/** What the core needs from outside itself. */
export interface Tools {
  readonly keyring: Keyring;
  /** What the platform says about a channel now; undefined when the bot cannot see it. */
  readonly inspect: (channel: ChannelRef) => Promise<ChannelFacts | undefined>;
  /** Whom the watch-list's names and birth dates fit, as this process knows it. */
  readonly matcher: Matcher;
  /** How much a private answer may show on each platform (PRIVATE_ANSWERS_*). */
  readonly privateLevel: Readonly<Record<Platform, PrivateLevel>>;
}

/** One event being answered: everything in it happens in one transaction, as this officer. */
export interface Call {
  readonly tx: Tx;
  readonly officer: Officer;
  readonly event: InboundEvent;
  readonly tools: Tools;
  /** Writes an audit row into this transaction; the officer's agency is always concerned. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
  /** Installations whose deliveries are kicked after commit. */
  readonly wake: Set<string>;
  /**
   * Remembers what this event made ("tip", id). If the platform repeats the event, nothing runs again and
   * `again` of that kind renders the answer from the record.
   */
  readonly made: (kind: string, id: string) => void;
}

/** Input of one verb: a flat object of texts and choices. The first text may be given without its name. */
export type VerbInput = z.ZodObject<Record<string, z.ZodType>>;

/** One line of the command table: what it takes, who may, what it does. */
export interface Verb {
  /** "" for a command that stands alone; two words are a group ("officer approve"). */
  readonly verb: string;
  readonly help: string;
  readonly deed: Deed;
  readonly input: VerbInput;
  /** Only on these platforms, where a platform's own way makes it needless elsewhere. */
  readonly only?: Platform;
  readonly run: (call: Call, input: never) => Promise<Answer>;
}

export interface Command {
  readonly name: string;
  readonly help: string;
  readonly verbs: readonly Verb[];
}

/** Keeps input and run in step, which the table itself cannot express. */
export function verb<Input extends VerbInput>(
  definition: Omit<Verb, "input" | "run"> & {
    readonly input: Input;
    readonly run: (call: Call, input: z.infer<Input>) => Promise<Answer>;
  },
): Verb {
  return definition;
}

/**
 * A form the core can open and take answers from. `subject` says what it is about ("new", an id, a reference);
 * access is judged anew at every opening and every submission.
 */
export interface FormPage {
  readonly form: string;
  readonly deed: Deed;
  readonly open: (call: Call, subject: string) => Promise<FormContent>;
  readonly values: z.ZodObject<Record<string, z.ZodType>>;
  readonly submit: (call: Call, subject: string, values: never) => Promise<Answer | Problems>;
}
export type FormContent = Omit<Form, "form" | "state">;

/** Sentences at fields, from a submission that the schema alone could not judge. */
export interface Problems {
  readonly kind: "field-problems";
  readonly problems: Readonly<Record<string, string>>;
}

export function formPage<Values extends z.ZodObject<Record<string, z.ZodType>>>(
  definition: Omit<FormPage, "values" | "submit"> & {
    readonly values: Values;
    readonly submit: (call: Call, subject: string, values: z.infer<Values>) => Promise<Answer | Problems>;
  },
): FormPage {
  return definition;
}

/** What a button does. Access to the subject itself is the run's to check (it may be another agency's). */
export interface Press {
  readonly action: string;
  readonly deed: Deed;
  readonly run: (call: Call, subject: string) => Promise<Answer>;
}

/** Opens a private answer again from the record, judging access anew. */
export interface Again {
  readonly kind: string;
  readonly deed: Deed;
  readonly show: (call: Call, id: string) => Promise<Answer>;
}

/** Offers references while a person types; only for those who may use them. */
export interface Completion {
  /** Reference letter: "T", "B", "E". */
  readonly letter: string;
  readonly deed: Deed;
  readonly offer: (call: Call) => Promise<readonly Option[]>;
}

/** What one folder of the core adds to the bot. */
export interface Feature {
  readonly commands?: readonly Command[];
  readonly forms?: readonly FormPage[];
  readonly presses?: readonly Press[];
  readonly again?: readonly Again[];
  readonly completions?: readonly Completion[];
  /** `/allpoints show <ref>` for this kind of reference. */
  readonly show?: { readonly letter: string; readonly run: (call: Call, ref: string) => Promise<Answer> };
}
