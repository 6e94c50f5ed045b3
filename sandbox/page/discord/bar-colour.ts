// The bar at the side of an embed may have any colour, and a page may not style one element: known colours have a class.
const classes: ReadonlyMap<number, string> = new Map([
  [0xff_2b_2b, "bar-red"],
  [0xff_c0_00, "bar-amber"],
  [0x33_ff_00, "bar-green"],
  [0xff_ff_ff, "bar-clear"],
  [0x80_80_80, "bar-grey"],
]);

/** The class of a colour 0xRRGGBB: those of TLP 2.0 and the grey of what has ended have their own. Zero is no colour. */
export function barClass(colour: unknown): string {
  if (typeof colour !== "number" || colour === 0) return "bar-none";
  return classes.get(colour) ?? "bar-other";
}
