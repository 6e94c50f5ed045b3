import { existsSync } from "node:fs";

import { StartError } from "./errors.ts";
import { openGround, type Base, type Ground } from "./main.ts";

// What every command about root keys needs.

export type GetBase = () => Base;
export const operator = { agency: null, id: "operator" } as const;

/** With the keyring that is there: none of these makes one. */
export async function withKeys(base: GetBase, work: (ground: Ground) => Promise<void>): Promise<void> {
  const opening = base();
  const file = opening.config.KEYRING_FILE;
  if (!existsSync(file)) {
    throw new StartError(
      `There is no keyring ${file}.`,
      "The first start makes it. If it was there, put it back from its backup, or set KEYRING_FILE.",
      78,
    );
  }
  await using ground = await openGround(opening);
  await work(ground);
}

/** For machines as JSON, for people as lines. */
export function print(json: boolean | undefined, value: object, lines: readonly string[]): void {
  console.log(json === true ? JSON.stringify(value) : lines.join("\n"));
}

/** "1,204 values" */
export const values = (count: number): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? "value" : "values"}`;

/** Says what to do where the keyring's folder is read-only, as that of a secret usually is. */
export function changing<Result>(file: string, command: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new StartError(
      `The keyring ${file} cannot be changed where it is (${String(error.code)}). Nothing was changed.`,
      [
        "Its folder has to be writable, because a changed keyring is put in its place as a whole.",
        "If it is a secret that is mounted here:",
        "  1. copy it into a folder of your own: install -m 600 " + `${file} ./keyring.json`,
        `  2. KEYRING_FILE=./keyring.json allpoints ${command}`,
        "  3. put ./keyring.json in the secret's place, on every machine at once: running processes take it by themselves",
        "  4. delete the copy.",
      ].join("\n"),
      78,
    );
  }
}
