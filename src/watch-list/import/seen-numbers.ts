// The numbers of a file that were read so far. A file of a million rows must not fill the memory, so each is kept in
// twelve bytes: 64 bits of its keyed digest, and the row.

export interface SeenNumbers {
  /** The row that has this number already; otherwise it has it from now on. */
  readonly see: (digest: Buffer, row: number) => number | undefined;
}

export function seenNumbers(): SeenNumbers {
  let size = 1 << 12;
  let slots = new Uint32Array(3 * size);
  let count = 0;

  /** Its slot, or the free one where it belongs. A row is never 0. */
  const slotOf = (high: number, low: number): number => {
    let slot = low & (size - 1);
    while (slots[3 * slot + 2] !== 0 && (slots[3 * slot] !== high || slots[3 * slot + 1] !== low))
      slot = (slot + 1) & (size - 1);
    return 3 * slot;
  };
  const grow = (): void => {
    const before = slots;
    size *= 2;
    slots = new Uint32Array(3 * size);
    for (let at = 0; at < before.length; at += 3)
      if (before[at + 2] !== 0)
        slots.set(before.subarray(at, at + 3), slotOf(before[at] ?? 0, before[at + 1] ?? 0));
  };

  return {
    see(digest, row) {
      const [high, low] = [digest.readUInt32LE(0), digest.readUInt32LE(4)];
      const at = slotOf(high, low);
      if (slots[at + 2] !== 0) return slots[at + 2];
      slots.set([high, low, row], at);
      count += 1;
      if (2 * count > size) grow();
      return undefined;
    },
  };
}
