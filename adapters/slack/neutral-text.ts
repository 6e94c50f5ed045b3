// Control characters, soft hyphen, Hangul fillers, zero-width and bidi controls, invisible operators, tag characters:
// all of them change what a reader sees without being seen.
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- these are what must go
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

// The scheme's length is bounded so that a long word cannot make the search quadratic.
const SCHEME = /([a-z][a-z0-9+.-]{0,30}):\/\//gi;
const DISARMED = /(?:hxxps?:|\[:\])\/\/[^\s/?#]*/g;
const BARE_ADDRESS = /www\.[^\s/?#]+/gi;

/** The same words without invisible controls and without anything that opens when touched. Twice is the same as once. */
export function neutral(text: string): string {
  return defanged(
    text
      .toWellFormed()
      .replaceAll(/\r\n?|[\u2028\u2029]/g, "\n")
      .replaceAll(INVISIBLE, ""),
  );
}

/** Every scheme first: an address may stand inside what looks like the host of another. */
function defanged(text: string): string {
  // The search for schemes is dear, and most texts have none.
  const closed = text.includes("//")
    ? text.replaceAll(SCHEME, (_whole, scheme: string) => harmless(scheme)).replaceAll(DISARMED, dotless)
    : text;
  return closed.replaceAll(BARE_ADDRESS, dotless);
}

function harmless(scheme: string): string {
  const web = /^h(?:tt|xx)p(s?)$/i.exec(scheme);
  return web === null ? `${scheme}[:]//` : `hxxp${web[1]?.toLowerCase() ?? ""}://`;
}

const dotless = (host: string): string => host.replaceAll(/(?<!\[)\.|\.(?!\])/g, "[.]");

/** Cut at a space where there is one, so that no piece is wider than `limit`; nothing but blank pieces is lost. */
export function split(text: string, limit: number, width: (char: string) => number = () => 1): string[] {
  const pieces: string[] = [];
  let [start, at, used, gap] = [0, 0, 0, 0];
  for (const char of text) {
    while (used + width(char) > limit && at > start) {
      const end = gap > start ? gap : at;
      pieces.push(text.slice(start, end));
      used = widthOf(text.slice(end, at), width);
      start = end;
    }
    used += width(char);
    at += char.length;
    if (char === " " || char === "\n") gap = at;
  }
  return [...pieces, text.slice(start)].filter((piece) => piece.trim() !== "");
}

export function widthOf(text: string, width: (char: string) => number): number {
  let sum = 0;
  for (const char of text) sum += width(char);
  return sum;
}

/** For strings that the core keeps short: a label, a title. A cut shows. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).toWellFormed()}…`;
}
