// Loaded before the process under test: its clock is wrong by so many milliseconds. The database's is right.

const shift = Number(process.env["CHAOS_CLOCK_MS"] ?? 0);
const Right = Date;

globalThis.Date = class extends Right {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(Right.now() + shift);
    // As the language has it: whatever a date can be made of.
    else super(...(given as [number]));
  }
  static override now(): number {
    return Right.now() + shift;
  }
} as DateConstructor;
