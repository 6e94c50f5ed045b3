// What is misread, mistyped or written to look like something else, folded to one spelling. Two that fold alike may be
// the same, and nobody should act before looking again.

const plateSigns: Readonly<Record<string, string>> = {
  O: "0",
  Q: "0",
  D: "0",
  I: "1",
  L: "1",
  Z: "2",
  S: "5",
  B: "8",
  G: "6",
};

/** "OBZ I51" as a tired eye may have read "08215I": letters and figures that look alike on a plate are one. */
export function foldPlate(value: string): string {
  return value.replaceAll(/[OQDILZSBG]/g, (sign) => plateSigns[sign] ?? sign);
}

// After UTS #39, as far as accounts are written with it: letters of other scripts that look like Latin ones (as small
// or as capital letters), and figures that stand for letters.
const latin: ReadonlyMap<string, string> = new Map(
  [
    ["аαɑ", "a"],
    ["вβь", "b"],
    ["сϲ", "c"],
    ["ԁđ", "d"],
    ["еєεэ", "e"],
    ["ԍɡ", "g"],
    ["нһ", "h"],
    ["іιıїl1|ӏℓł", "i"],
    ["јϳ", "j"],
    ["кκ", "k"],
    ["мμ", "m"],
    ["пηո", "n"],
    ["оοσօ0ø", "o"],
    ["рρ", "p"],
    ["ԛզ", "q"],
    ["гᴦ", "r"],
    ["ѕ5ſ", "s"],
    ["тτ", "t"],
    ["υս", "u"],
    ["νѵ", "v"],
    ["ԝω", "w"],
    ["хχ", "x"],
    ["уγү", "y"],
    ["3", "e"],
    ["4", "a"],
    ["7", "t"],
    ["8", "b"],
  ].flatMap(([signs = "", letter = ""]) => [...signs].map((sign) => [sign, letter] as const)),
);

/** "lr0n_Jаck" and "ironjack" have one skeleton: what is left of a handle when look-alikes and signs between are gone. */
export function handleSkeleton(handle: string): string {
  const letters = handle
    .normalize("NFKD")
    .replaceAll(/[\p{M}\p{Cf}_.-]/gu, "")
    .toLowerCase();
  return [...letters]
    .map((letter) => latin.get(letter) ?? letter)
    .join("")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");
}

/** The mailbox behind an address: what follows a plus, and at Gmail the dots, make no difference to where it goes. */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1);
  const name = address.slice(0, at).replace(/(?<=.)\+.*$/, "");
  const gmail = domain === "gmail.com" || domain === "googlemail.com";
  return gmail ? `${name.replaceAll(".", "")}@gmail.com` : `${name}@${domain}`;
}

const vinValues = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ";
const vinWeights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** North American VINs carry a check digit; those of other makers need not, and are taken as they are. */
export function vinAddsUp(vin: string): boolean {
  if (!/^[1-5]/.test(vin)) return true;
  const sum = [...vin].reduce(
    (total, sign, place) => total + (vinValues.indexOf(sign) % 10) * (vinWeights[place] ?? 0),
    0,
  );
  return vin.charAt(8) === "0123456789X".charAt(sum % 11);
}
