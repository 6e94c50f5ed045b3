import { InvalidArgumentError } from "commander";

// What the benches' commands share: numbers and names on the command line, when to stop, and how lines are printed.

export function namesOf<Name extends string>(given: string, all: readonly Name[]): readonly Name[] {
  if (given === "none") return [];
  return given.split(",").map((name) => {
    const known = all.find((one) => one === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`${name} is not one of ${all.join(", ")}.`);
    return known;
  });
}

export function countFromZero(given: string): number {
  return given === "0" ? 0 : whole(given);
}

/** How each bench is told to stop, and where it says how far it is. */
export function running() {
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  process.once("SIGTERM", () => stopping.abort());
  return { signal: stopping.signal, progress: (line: string) => console.error(line) };
}

export function print(lines: readonly object[], json = false): void {
  if (json) for (const line of lines) console.log(JSON.stringify(line));
  else console.log(table(lines));
}

export function whole(given: string): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("A whole number above 0.");
  return value;
}

export function wholes(given: string): readonly number[] {
  return given.split(",").map(whole);
}

export function even(given: string): number {
  const value = whole(given);
  if (value % 2 !== 0) throw new InvalidArgumentError("An even number: half of it is on each platform.");
  return value;
}

export function positive(given: string): number {
  const value = Number(given);
  if (!(value > 0)) throw new InvalidArgumentError("A number above 0.");
  return value;
}

function table(lines: readonly object[]): string {
  const columns = Object.keys(lines[0] ?? {});
  const rows = [columns, ...lines.map((line) => Object.values(line).map(String))];
  return rows
    .map((row) =>
      row
        .map((cell) => cell.padEnd(13))
        .join(" ")
        .trimEnd(),
    )
    .join("\n");
}

export function inWords(line: object): string {
  return Object.values(line)
    .map((value) => (Array.isArray(value) ? value.join(" · ") : String(value)))
    .join("\t");
}
