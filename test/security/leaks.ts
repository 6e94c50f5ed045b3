import { createHash } from "node:crypto";

import type { Client } from "pg";

/** What must be nowhere, in the spellings in which it could be kept. */
export interface Secret {
  /** For the message of a test that fails. */
  readonly what: string;
  readonly spellings: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** A name: its parts alone, and whole in either order, with whatever stands between them. */
export function nameSecret(name: string): Secret {
  const parts = name.split(" ");
  const orders = [parts, parts.toReversed()];
  return {
    what: `name ${name}`,
    spellings: [
      ...parts,
      ...orders.flatMap((order) =>
        [" ", ", ", ",", "_", "-", ".", "", "+", "%20"].map((sign) => order.join(sign)),
      ),
      parts.map((part) => [...Buffer.from(part).toString("latin1")].toReversed().join("")).join(" "),
    ],
  };
}

/** "1931-10-27" as people and machines write it. */
export function dateSecret(date: string): Secret {
  const [year = "", month = "", day = ""] = date.split("-");
  return {
    what: `date ${date}`,
    spellings: [
      date,
      `${year}${month}${day}`,
      `${month}/${day}/${year}`,
      `${Number(month)}/${Number(day)}/${year}`,
      `${day}.${month}.${year}`,
      `${month}${day}${year}`,
      `${day} ${months[Number(month) - 1] ?? ""}`,
    ],
  };
}

/**
 * Anything else: as it is, each of its words, without what stands between its letters and digits, its digits alone if
 * they are many; and as the look-up keys are written.
 */
export function wordSecret(word: string): Secret {
  const bare = word.replaceAll(/[^\p{L}\p{N}]/gu, "");
  const digits = word.replaceAll(/\D/g, "");
  const numbers = digits.length >= 9 ? [digits, `+${digits}`, digits.slice(-7)] : [];
  const single = [...word.split(" ").filter((one) => one.length >= 5), bare, ...numbers];
  return { what: word, spellings: [word, ...single.flatMap((one) => [one, `* ${one}`, `? ${one}`])] };
}

interface Needle {
  readonly secret: string;
  readonly form: string;
  readonly text: string;
}

/** Each spelling as text, as bytes in hex and base64, and hashed without a key. Lower case. */
function needlesOf(secrets: readonly Secret[]): readonly Needle[] {
  const needles = secrets.flatMap(({ what, spellings }) =>
    [...new Set(spellings)].flatMap((spelling) => {
      const cases = [...new Set([spelling, spelling.toLowerCase(), spelling.toUpperCase()])];
      return [
        { secret: what, form: "as text", text: spelling },
        ...cases.flatMap((one) => [
          { secret: what, form: "as bytes", text: Buffer.from(one).toString("hex") },
          {
            secret: what,
            form: "in base64",
            text: Buffer.from(one)
              .toString("base64")
              .replace(/.?={1,2}$/, ""),
          },
          ...["md5", "sha1", "sha256", "sha512"].flatMap((algorithm) => hashes(what, algorithm, one)),
        ]),
      ];
    }),
  );
  // What is too short is somewhere by chance.
  return needles
    .map((one) => ({ ...one, text: one.text.toLowerCase() }))
    .filter(({ text }) => text.length >= 5);
}

/** A blind index is 16 bytes: one without a key would begin like the hash. */
function hashes(secret: string, algorithm: string, text: string): readonly Needle[] {
  const hash = createHash(algorithm).update(text).digest();
  return [
    { secret, form: `${algorithm} in hex`, text: hash.toString("hex").slice(0, 16) },
    { secret, form: `${algorithm} in base64`, text: hash.toString("base64").slice(0, 14) },
  ];
}

/** Something that was looked through, and where it is from. */
export interface Place {
  readonly where: string;
  readonly text: string;
}

/** A line for each secret that is in a place. */
export function leaksIn(places: readonly Place[], secrets: readonly Secret[]): readonly string[] {
  const needles = needlesOf(secrets);
  return places.flatMap(({ where, text }) => {
    const low = text.toLowerCase();
    const found = needles.filter((needle) => low.includes(needle.text));
    return [...new Set(found.map(({ secret, form }) => `${where} shows ${secret} ${form}`))];
  });
}

/** Every row of every table of the database (or of those of one name), its columns as text; bytes are in hex. */
export async function dumpOf(root: Client, table = "%"): Promise<readonly Place[]> {
  const { rows: tables } = await root.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'm')
        and c.relname like $1`,
    [table],
  );
  const places: Place[] = [];
  for (const { name } of tables) {
    // oxlint-disable-next-line no-await-in-loop
    const { rows } = await root.query<{ text: string }>(`select t::text as text from ${name} t`);
    places.push({ where: name, text: rows.map(({ text }) => text).join("\n") });
  }
  // What the planner remembers of columns is dumped with them.
  const { rows } = await root.query<{ text: string }>(
    "select s::text as text from pg_stats s where schemaname = 'allpoints'",
  );
  places.push({ where: "pg_stats", text: rows.map(({ text }) => text).join("\n") });
  return places;
}
