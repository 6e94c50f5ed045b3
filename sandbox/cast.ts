import { setTimeout as wait } from "node:timers/promises";

import type { PretendApi, Shown, ShownMessage } from "./pretend.ts";
import { platformOf, type Platforms } from "./settle.ts";
import { world, type AgencyKey, type WorldAgency } from "./world.ts";

// The people of the seeded world as a story moves them: they type, press, fill in and read, nothing else.

/** A step did not show what it should. The message says what was expected and what was seen. */
export class StoryError extends Error {
  constructor(expected: string, seen: string) {
    super(`Expected ${expected}.\nSeen: ${seen}`);
    this.name = "StoryError";
  }
}

export type Values = Record<string, string | string[]>;

type MessageShown = Extract<Shown, { kind: "message" }>;
type FormShown = Extract<Shown, { kind: "form" }>;

export interface Person {
  readonly name: string;
  readonly agency: WorldAgency;
  /** Types a whole line into a channel (by the world's name for it; the first one unless told). */
  readonly types: (line: string, channel?: string) => Promise<Shown>;
  /** Types a line again and again until the answer holds all of these words. */
  readonly asks: (line: string, ...wanted: readonly string[]) => Promise<Shown>;
  readonly presses: (message: ShownMessage | FormShown, button: string) => Promise<Shown>;
  readonly submits: (form: Shown, values: Values) => Promise<Shown>;
  /** Fills page after page; on Discord presses *Continue* in between. */
  readonly fills: (first: Shown, pages: readonly Values[]) => Promise<Shown>;
  /** The direct messages this person got from the app. */
  readonly messages: () => Promise<readonly ShownMessage[]>;
}

/** Everybody by agency and name, as in `world`. */
export function castOf(platforms: Platforms) {
  return function person<Key extends AgencyKey>(
    agencyKey: Key,
    personKey: keyof (typeof world)[Key]["people"] & string,
  ): Person {
    const agency: WorldAgency = world[agencyKey];
    const who = agency.people[personKey];
    if (who === undefined) throw new Error(`nobody is called ${personKey}`);
    return personOf(platformOf(platforms, agency), agency, who);
  };
}

function personOf(
  platform: PretendApi,
  agency: WorldAgency,
  who: { readonly user: string; readonly name: string },
): Person {
  const self = { workspace: agency.workspace, user: who.user };
  const submits: Person["submits"] = async (form, values) => {
    const { id } = asForm(form);
    return platform.submit({ ...self, form: id, values });
  };
  const presses: Person["presses"] = async (shown, button) => {
    const message = "kind" in shown ? shown.id : shown.id;
    const channel = "kind" in shown ? undefined : shown.channel;
    return platform.press({ ...self, message, button, ...(channel !== undefined && { channel }) });
  };
  const types: Person["types"] = (line, channel) =>
    platform.type({ ...self, channel: channelId(agency, channel), line });
  return {
    name: who.name,
    agency,
    types,
    async asks(line, ...wanted) {
      let last = await types(line);
      return eventually(
        async () => {
          if (wanted.every((one) => wordsOf(last).includes(one))) return last;
          last = await types(line);
          return undefined;
        },
        `the answer to ${line} to hold ${wanted.map((one) => `"${one}"`).join(", ")}`,
        async () => wordsOf(last),
      );
    },
    presses,
    submits,
    async fills(first, pages) {
      let shown = first;
      for (const [index, values] of pages.entries()) {
        if (index > 0 && shown.kind === "message") shown = await presses(shown.message, "Continue");
        shown = await submits(shown, values);
      }
      return shown;
    },
    messages: () => platform.directMessages(self),
  };
}

function channelId(agency: WorldAgency, name?: string): string {
  const channel = name === undefined ? Object.values(agency.channels)[0] : agency.channels[name];
  if (channel === undefined) throw new Error(`${agency.name} has no channel ${name}`);
  return channel.id;
}

/** The open form, or a StoryError with what was shown instead. */
function asForm(shown: Shown): FormShown {
  if (shown.kind !== "form") throw new StoryError("a form", describe(shown));
  return shown;
}

/** The private message, or the lines of a modal that only tells. */
export function asMessage(shown: Shown): MessageShown["message"] {
  if (shown.kind === "message") return shown.message;
  if (shown.kind === "form" && shown.fields.length === 0) {
    return {
      id: shown.id,
      channel: "",
      author: "",
      headline: shown.lines[0] ?? "",
      lines: shown.lines,
      buttons: shown.buttons,
      edited: false,
      thread: [],
      raw: shown.raw,
    };
  }
  throw new StoryError("a message", describe(shown));
}

export function wordsOf(shown: Shown | ShownMessage): string {
  if (!("kind" in shown)) return shown.lines.join("\n");
  if (shown.kind === "message") return shown.message.lines.join("\n");
  if (shown.kind === "form")
    return [
      shown.title,
      ...shown.lines,
      ...shown.fields.map(({ label, problem }) => (problem === undefined ? label : `${label}: ${problem}`)),
    ].join("\n");
  return shown.kind === "error" ? shown.text : "";
}

function describe(shown: Shown): string {
  return `${shown.kind}: ${wordsOf(shown)}`.slice(0, 1500);
}

/** Insists that these words are there (or, for a pattern, that it matches) and hands on what was shown. */
export function expectWords<What extends Shown | ShownMessage>(
  shown: What,
  ...wanted: readonly (string | RegExp)[]
): What {
  const words = wordsOf(shown);
  for (const one of wanted) {
    const there = typeof one === "string" ? words.includes(one) : one.test(words);
    if (!there)
      throw new StoryError(`"${String(one)}"`, words === "" ? JSON.stringify(shown).slice(0, 500) : words);
  }
  return shown;
}

export function expectNoWords(shown: Shown | ShownMessage, ...unwanted: readonly string[]): void {
  const words = wordsOf(shown);
  for (const one of unwanted) {
    if (words.includes(one)) throw new StoryError(`no "${one}"`, words);
  }
}

/** The first reference with this letter: "T", "B", "E", "Q". */
export function refIn(shown: Shown | ShownMessage, letter: string): string {
  const [ref] = new RegExp(`\\b${letter}-[0-9A-Z]{3}-[0-9A-Z]{3}\\b`).exec(wordsOf(shown)) ?? [];
  if (ref === undefined) throw new StoryError(`a reference ${letter}-…`, wordsOf(shown));
  return ref;
}

const PATIENCE_MS = 8_000;

/** What arrives later: looks until it is there, or says what was there instead. */
async function eventually<What>(
  look: () => Promise<What | undefined>,
  expected: string,
  seen: () => Promise<string>,
): Promise<What> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(25);
  }
  throw new StoryError(expected, await seen());
}

/** What the members of a channel see now. */
export function channelView(platforms: Platforms, agencyKey: AgencyKey, name: string) {
  const agency: WorldAgency = world[agencyKey];
  const read = () =>
    platformOf(platforms, agency).channel({ workspace: agency.workspace, channel: channelId(agency, name) });
  return {
    read,
    /** Waits for the newest message that holds all of these words. */
    shows: (...wanted: readonly string[]): Promise<ShownMessage> =>
      eventually(
        async () =>
          (await read()).findLast((message) => wanted.every((one) => wordsOf(message).includes(one))),
        `${agency.name} #${name} to show ${wanted.map((one) => `"${one}"`).join(", ")}`,
        async () => (await read()).map(wordsOf).join("\n---\n"),
      ),
  };
}
