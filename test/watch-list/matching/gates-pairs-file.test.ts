import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { names } from "../../../bench/names/names.ts";
import { readCases, readPairs } from "../../../bench/names/pairs-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "allpoints-pairs-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function all<One>(those: AsyncIterable<One>): Promise<readonly One[]> {
  const found: One[] = [];
  for await (const one of those) found.push(one);
  return found;
}

async function written(text: string): Promise<string> {
  const file = join(folder, "pairs.jsonl");
  await writeFile(file, text);
  return file;
}

describe("a file of pairs", () => {
  it("is scored pair by pair, with a last line about all of them", async () => {
    const file = await written(
      [
        '\uFEFF{"query":"Jon Smyth","list":"John Smith","query_dob":"1984-03-02","list_dob":"19840302","match":true}',
        "",
        '{"query":"Margaret Whitfield","list":"Carlos Villanueva","match":0}\r',
        '{"query":"","list":"😀","query_dob":null,"list_dob":""}',
      ].join("\n"),
    );
    const lines = await all(names({ pairs: file }));
    expect(lines).toMatchObject([
      { query: "Jon Smyth", list: "John Smith", band: "STRONG", match: true },
      { band: "none", match: false },
      { query: "", band: "none", why: [] },
      { pairs: 3, labelled: 2, f1: 1, auc: 1, precision: 1, recall: 1, f1_shown: 1 },
    ]);
  });

  it("without labels says nothing about quality", async () => {
    const file = await written('{"query":"Jon Smyth","list":"John Smith"}');
    const [, last] = await all(names({ pairs: file }));
    expect(Object.keys(last ?? {})).toEqual(["pairs", "labelled", "us_per_pair"]);
  });

  it.each([
    ['{"query":"a","list":"b"}\nnope', "line 2: this is no JSON."],
    ["[1]", 'line 1: this is no JSON object with "query" and "list".'],
    ['{"query":"a"}', 'line 1: "list" is missing.'],
    ['{"query":1,"list":"b"}', 'line 1: "query" is no text.'],
    ['{"query":"a","list":"b","match":"maybe"}', 'line 1: "match" is neither true nor false.'],
    [
      '{"query":"a","list":"b","list_dob":"soon"}',
      'line 1: "list_dob" is no date. Write 1984-03-02, 1984-03 or 1984.',
    ],
  ])("%j: %s", async (text, sentence) => {
    const file = await written(text);
    await expect(all(readPairs(file))).rejects.toMatchObject({
      message: `${file}, ${sentence}`,
      exitCode: 64,
    });
  });

  it("that is not there is no input", async () => {
    await expect(all(readPairs(join(folder, "none")))).rejects.toMatchObject({ exitCode: 66 });
    await expect(all(names({}))).rejects.toMatchObject({ exitCode: 64 });
  });
});

describe("a table of cases", () => {
  it("gives its pairs of people, quoted or not", async () => {
    const file = await written(
      'schema,name1,name2,is_match\r\nPerson,"Smith, ""Jon""",John Smith,true\nCompany,A,B,true\nPerson,C D,E F,false\n',
    );
    expect(readCases(file)).toEqual([
      { query: 'Smith, "Jon"', list: "John Smith", match: true },
      { query: "C D", list: "E F", match: false },
    ]);
  });

  it("without a column says which", async () => {
    const file = await written("schema,name1\nPerson,x");
    expect(() => readCases(file)).toThrow(`${file}: the column "name2" is missing.`);
  });
});
