// How a part of a name sounds and what is left of it without vowels. Pure functions of lower-case ASCII; one pass
// through a table of rules, because the whole vocabulary goes through here whenever an index is built.

/** What a group of letters becomes: for one ear, and for another where languages disagree. */
interface Rule {
  readonly letters: string;
  readonly sound: string;
  readonly other: string;
  readonly atStart: boolean;
  readonly atEnd: boolean;
}
/** By first and second letter (0: none follows): the rules that may fit there, in order. */
type Rules = readonly (readonly Rule[] | undefined)[];

// "^" before letters: only at the beginning. "$" after them: only at the end. The first rule that fits counts.
const FIRST_SIGN = 47;
const SIGNS = 76;

const broadRules = rules(`
  ^kn N; ^gn N; ^pn N; ^wr R; ^ps S; ^pf F; ^wh W; ^ts S X; ^tz S X; ^cz X S; ^x S X; ^hs X S; ^j J Y; ^y Y J; ^w W F
  ^h H; ^ch X K; ^kh K H; ^zh J X; ^dzh J; ^dj J; ^gh K; ^ja J Y; ^ll L Y; ^ng N; ^q K X; ^c K
  tsch X; tch X; tsh X; sch X SK; dzh J; dsch J; dg J K; dj J; dz J S; cz X S; czy X; sz X S; zh J X; shch X; szcz X
  sh X; ch X K; ck K; cc K; ce S; ci S; cy S; cs X S; c K; kh K; ph F; pf F; th T; tz S; ts S; zz S; z S
  gh$ ; ght T; gh K; gn$ N; gn N; ge J K; gi J K; gy J K; g K; mb$ M; mc$ MK; x KS; q K; k K; j J Y; h ; w ; y
  b P; p P; d T; t T; f F; v F; s S; l L; m M; n N; r R`);

const strictRules = rules(`
  ^kn n; ^wr r; ^ps s; ^wh v; ^h h; ^x s; ^ye ye; ^ya ya; ^yo yo; ^yu yu; ^y y; ^iu yu; ^io yo; ^ia ya; ^j j; ^c k; ^hs s
  sch sh; tch ch; tsch ch; ch ch; sh sh; shch shch; ck k; cc k; ce se; ci si; cy si; c k; qu kv; q k; kh kh; ph f; th t
  ise$ ise; ize$ ise; lle$ le; tte$ te; nne$ ne; ght t; gh g; x ks; tz s; ts s; z s; w v; hn$ n; h$ ; ah$ a; j$ i
  iya ia; ija ia; yya ia; iye ie; ije ie; iyo io; yi i; iy i; ij i; yy i; ey i; ei i; ee i; ea i; ie i; ay ai; aj ai; ej i; y i
  oo u; ou u; oe o; ue u; ae a; aa a; ii i; uu u
  hoo hu; hou hu; hoe ho; hee hi; hea hi; hie hi; hei hi; hey hi; hay hai; haj hai; hae ha; haa ha; huu hu
  ha ha; he he; hi hi; ho ho; hu hu; hy hi; h ; e$`);

/** The broad sound, of one ear and of the other (the same, mostly): "smith" and "smyth" are SMT. */
export function soundsOf(part: string): readonly [string, string] {
  const one = spoken(part, broadRules, true);
  return [one, ambiguous ? spoken(part, broadRules, false) : one];
}

/** The narrow sound, with its vowels: what differs only in spelling. "smith" and "smyth" are the same, "smit" too. */
export function strictSoundOf(part: string): string {
  return spoken(part, strictRules, true);
}

/** Whether the last part spoken sounds otherwise to another ear. */
let ambiguous = false;

function spoken(part: string, table: Rules, first: boolean): string {
  const broad = table === broadRules;
  let said = "";
  let last = "";
  ambiguous = false;
  for (let at = 0; at < part.length;) {
    const rule = ruleAt(part, at, table);
    let sound = broad ? (at === 0 ? "A" : "") : part.charAt(at);
    if (rule !== undefined) {
      sound = first ? rule.sound : rule.other;
      if (rule.sound !== rule.other) ambiguous = true;
    }
    // Doubled sounds are one.
    if (sound !== "" && sound !== last) {
      said += sound;
      last = sound;
    }
    at += rule === undefined ? 1 : rule.letters.length;
  }
  return said;
}

function ruleAt(part: string, at: number, table: Rules): Rule | undefined {
  const next = at + 1 < part.length ? part.charCodeAt(at + 1) - FIRST_SIGN : 0;
  const candidates = table[(part.charCodeAt(at) - FIRST_SIGN) * SIGNS + next];
  if (candidates === undefined) return undefined;
  for (let place = 0; place < candidates.length; place += 1) {
    const rule = candidates[place];
    if (rule === undefined || (rule.atStart && at !== 0)) continue;
    if (rule.atEnd && (at === 0 || at + rule.letters.length !== part.length)) continue;
    if (rule.letters.length < 3 || part.startsWith(rule.letters, at)) return rule;
  }
  return undefined;
}

function rules(text: string): Rules {
  const all = text
    .split(/[;\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line): Rule => {
      const [pattern = "", sound = "", other = sound] = line.split(" ");
      const letters = pattern.replaceAll(/[$^]/g, "");
      return { letters, sound, other, atStart: pattern.startsWith("^"), atEnd: pattern.endsWith("$") };
    });
  const anchored = ({ atStart, atEnd }: Rule): number => Number(atStart) + Number(atEnd);
  // The longest first, and among those the ones for one place only.
  const sorted = all.toSorted(
    (one, other) => other.letters.length - one.letters.length || anchored(other) - anchored(one),
  );
  return bySigns(sorted);
}

function bySigns(sorted: readonly Rule[]): Rules {
  const table: Rule[][] = [];
  const put = (place: number, rule: Rule): void => {
    (table[place] ??= []).push(rule);
  };
  for (const rule of sorted) {
    const row = (rule.letters.charCodeAt(0) - FIRST_SIGN) * SIGNS;
    if (rule.letters.length > 1) put(row + rule.letters.charCodeAt(1) - FIRST_SIGN, rule);
    else for (let next = 0; next < SIGNS; next += 1) put(row + next, rule);
  }
  return table;
}

// Arabic and Hebrew write few vowels, and their letters divide the sounds otherwise: what both sides keep.
const skeletonRules = rules(`
  ^al al; sch s; tsch s; tch s; sh s; ch s; th t; dh d; kh k; gh g; ph f; ck k; ce s; ci s; cy s; c k; q k; x ks; tz z; ts s; z s
  p b; v f; j g; h ; w ; y ; a ; e ; i ; o ; u`);

/** The consonants alone, in classes that Latin, Arabic and Hebrew writing share: "mohammed" and "mhmd" are mmd. */
export function skeletonOf(part: string): string {
  return spoken(part, skeletonRules, true);
}
