import type { Call } from "../bot/command.ts";
import { askKeys, type Identifier } from "./identifier.ts";
import { blindIdentifier, orderedPair, tokenIds } from "./index-store.ts";
import { match, type Key, type Question, type Ranked } from "./match.ts";
import { namePairs } from "./name.ts";
import { findEntries, type Found } from "./query-store.ts";
import type { Asked } from "./query.ts";

export type Fitting = Ranked<Found>;

/** Everything that fits now, in two lists that never mix: what may be answered, and what the asker must not notice. */
export interface Looked {
  readonly open: readonly Fitting[];
  readonly silent: readonly Fitting[];
}

/** No entry has it: ids begin at 1. Asked all the same, so that a name nobody has costs what any other does. */
const UNKNOWN = "0";

/** Looks in both lanes, whatever is in them, and judges each by itself. */
export async function look({ tx, tools }: Pick<Call, "tx" | "tools">, asked: Asked): Promise<Looked> {
  const { keyring } = tools;
  const ids = await tokenIds(tx, keyring, { kind: "name", strings: asked.tokens, create: false });
  const born = asked.born === undefined ? [] : [asked.born];
  const dates = await tokenIds(tx, keyring, { kind: "date", strings: born, create: false });
  const keys = asked.identifiers.flatMap(keysOf);
  const question: Question = {
    tokens: asked.tokens.length,
    ...(asked.born !== undefined && { born: { id: dates.get(asked.born) } }),
    keys,
  };
  const rows = await findEntries(tx, {
    pairs: namePairs(asked.tokens).map(([one, other]) =>
      orderedPair(ids.get(one) ?? UNKNOWN, ids.get(other) ?? UNKNOWN),
    ),
    keys: keys.map(({ kind, key }) => ({ kind, blind: blindIdentifier(keyring, kind, key) })),
  });
  return {
    open: match(question, rows.filter(isOpen)),
    silent: match(
      question,
      rows.filter((row) => !isOpen(row)),
    ),
  };
}

function isOpen({ sensitivity }: Found): boolean {
  return sensitivity !== "RESTRICTED";
}

function keysOf(identifier: Identifier): readonly (Key & { readonly key: string })[] {
  const { kind, issuer } = identifier;
  // A plate without its state, a handle without its platform: somebody else may have the same.
  const issued = kind === "plate" || kind === "handle";
  return askKeys(identifier).map((key, place) => ({
    kind,
    key,
    exact: !issued || (issuer !== undefined && place === 0),
  }));
}
