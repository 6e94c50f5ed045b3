import type { Client } from "pg";

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly defaulted: boolean;
  readonly always: boolean;
}

/** What pg makes of each type. A type that is not here stops the generator: decide what it is first. */
const typeOf: Readonly<Record<string, string>> = {
  bool: "boolean",
  bytea: "Buffer",
  // As text: pg would read a date as midnight in the machine's own zone.
  date: "string",
  int2: "number",
  int4: "number",
  float8: "number",
  // Larger than a number can be.
  int8: "string",
  xid8: "string",
  jsonb: "Json",
  text: "string",
  timestamptz: "Timestamp",
  uuid: "string",
  _bytea: "Buffer[]",
  _int4: "number[]",
  _text: "string[]",
  _uuid: "string[]",
};

const head = `/* oxlint-disable max-lines -- generated */
// Generated from the migrations by test/store/schema.test.ts, which fails where the two differ.
// After a migration: npx vitest run test/store/schema.test.ts -u

import type { ColumnType, GeneratedAlways } from "kysely";

// Not kysely's own, which selects the wrong type where the column is a ColumnType already.
type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U>
    ? ColumnType<S, I | undefined, U>
    : ColumnType<T, T | undefined, T>;
// Written as text: pg would send an array as one of PostgreSQL's.
type Json = ColumnType<unknown, string, string>;
type Timestamp = ColumnType<Date, Date | string, Date | string>;
`;

/** The text of src/store/schema.ts for the tables of schema allpoints. */
export async function schemaTypes(owner: Client): Promise<string> {
  const columns = await readColumns(owner);
  const choices = await readChoices(owner);
  const tables = Map.groupBy(columns, ({ table }) => table);
  const unions = columns.flatMap((column) => {
    const values = choices.get(`${column.table}.${column.name}`);
    return values ? [union(pascal(column), values)] : [];
  });
  const interfaces = [...tables].map(([table, own]) => {
    const lines = own.map((column) => `  ${column.name}: ${columnType(column, choices)};\n`);
    return `interface ${pascal({ table })}Table {\n${lines.join("")}}\n`;
  });
  const keys = [...tables.keys()].map((table) => `  ${table}: ${pascal({ table })}Table;\n`);
  return [head, ...unions, ...interfaces, `export interface Database {\n${keys.join("")}}\n`].join("\n");
}

async function readColumns(owner: Client): Promise<readonly Column[]> {
  const { rows } = await owner.query<Column>(
    `select c.relname as table, a.attname as name, t.typname as type, not a.attnotnull as nullable,
            a.atthasdef or a.attidentity <> '' as defaulted, a.attgenerated <> '' or a.attidentity = 'a' as always
       from pg_attribute a
       join pg_class c on c.oid = a.attrelid
       join pg_type t on t.oid = a.atttypid
      where c.relnamespace = 'allpoints'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and a.attnum > 0 and not a.attisdropped
      order by c.relname, a.attnum`,
  );
  return rows;
}

/** The values of every `check (column in (…))`, by "table.column". */
async function readChoices(owner: Client): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await owner.query<{ column: string; definition: string }>(
    `select c.relname || '.' || a.attname as column, pg_get_constraintdef(k.oid) as definition
       from pg_constraint k
       join pg_class c on c.oid = k.conrelid
       join pg_attribute a on a.attrelid = c.oid and k.conkey = array[a.attnum]
      where k.contype = 'c' and c.relnamespace = 'allpoints'::regnamespace`,
  );
  return new Map(
    rows.flatMap(({ column, definition }) => {
      const list = /^CHECK \(\(\w+ = (?:ANY \(ARRAY\[(.*)\]\)|('[^']*'::text))\)\)$/.exec(definition);
      const values = [...(list?.[1] ?? list?.[2] ?? "").matchAll(/'([^']*)'::text/g)].map(
        (match) => match[1] ?? "",
      );
      return values.length > 0 ? [[column, values] as const] : [];
    }),
  );
}

function columnType(column: Column, choices: ReadonlyMap<string, readonly string[]>): string {
  const base = choices.has(`${column.table}.${column.name}`) ? pascal(column) : typeOf[column.type];
  if (base === undefined) {
    throw new Error(`${column.table}.${column.name} is a ${column.type}, which this generator does not know`);
  }
  const type = column.nullable ? `${base} | null` : base;
  if (column.always) return `GeneratedAlways<${type}>`;
  return column.defaulted ? `Generated<${type}>` : type;
}

function union(name: string, values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  const line = `type ${name} = ${quoted.join(" | ")};\n`;
  // Where the formatter would break the line.
  return line.length <= 111 ? line : `type ${name} =\n${quoted.map((value) => `  | ${value}`).join("\n")};\n`;
}

function pascal({ table, name = "" }: { readonly table: string; readonly name?: string }): string {
  return `${table}_${name}`.replace(/(?:^|_)(\w?)/g, (_, letter: string) => letter.toUpperCase());
}
