import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { retrieval } from "../../bench/retrieval/retrieval.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "allpoints-retrieval-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

const list = [
  "\uFEFFid,name,dob",
  '7,"Okonjo, ""Jon"" Jonathan",1984-03-02',
  "8,Maria Whitfield,19520619",
  "8,Mary Castellano,1952",
  '9,"Bartholomew',
  'Fontaine",',
].join("\r\n");

async function all(queries: string, listed = list): Promise<readonly object[]> {
  const lines: object[] = [];
  for await (const line of retrieval({
    list: await written("list.csv", listed),
    queries: await written("queries.csv", queries),
    background: 0,
    seed: 1,
    data: "",
    signal: new AbortController().signal,
    progress: () => undefined,
  })) {
    lines.push(line);
  }
  return lines;
}

it("counts who is found first, by rank and of what is shown, and says who is not", async () => {
  const lines = await all(
    [
      "dob,Target,name,note",
      "1984-03-02,7,Jonathon Okonjo,",
      ",8,Marya Castellano,the other name of 8",
      ",9,FontaineBartholomew,",
      // A usual name of its own: ranked, and shown to nobody.
      ",8,Mario Whitfield,",
      "1952-06-19,8,Mario Whitfield,",
      ",7,Nobody Atall,",
      ",77,Jonathan Okonjo,not on the list",
    ].join("\n"),
  );
  expect(lines).toEqual([
    expect.objectContaining({ miss: "8", name: "Mario Whitfield", ranked: true, first: [] }),
    expect.objectContaining({ miss: "7", name: "Nobody Atall", ranked: false }),
    {
      bench: "retrieval",
      list: 4,
      background: 0,
      queries: 6,
      unknown_targets: 1,
      recall1: 0.8333,
      recall10: 0.8333,
      dob_strict10: 1,
      shown1: 0.6667,
      shown10: 0.6667,
      p50_ms: expect.any(Number),
      p99_ms: expect.any(Number),
    },
  ]);
});

it.each([
  ["a header of other names", "id,name\n7,x", "has no column target, dob"],
  ["no rows", "target,name,dob\n", "has no rows below its header"],
  ["an open quote", 'target,name,dob\n7,"x', "is not a CSV file"],
  ["no target of the list", "target,name,dob\n1,x,", "No target of the queries is an id of the list."],
])("%s is told in a sentence", async (_case, queries, sentence) => {
  await expect(all(queries)).rejects.toMatchObject({
    exitCode: 64,
    message: expect.stringContaining(sentence),
  });
});

it("ends with 64 when a file has the wrong columns, and with 66 when there is none", async () => {
  const queries = await written("wrong.csv", "who,name\n7,x\n");
  const people = await written("people.csv", list);
  expect(await run("--list", people, "--queries", queries)).toBe(64);
  expect(await run("--list", join(folder, "none.csv"), "--queries", queries)).toBe(66);
});

async function run(...files: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, ["bench/main.ts", "retrieval", "--background", "0", ...files], {
    stdio: "ignore",
    timeout: 60_000,
  });
  const [code] = (await once(child, "exit")) as readonly unknown[];
  return code;
}
