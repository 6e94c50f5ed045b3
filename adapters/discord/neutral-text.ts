// People's words are data: nothing in them may notify, link, format, hide or turn around what is read.

// Invisible characters (zero-width, bidi, tags, fillers, controls) make a text read differently from what it is.
const invisible = /[\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|[^\P{Cc}\n\t]|\u034f|\u17b4|\u17b5/gu;
const scheme = /([a-z][a-z0-9+.-]{0,30}):\/\//gi;
const host = /(?<=\/\/)[^\s/?#<>()]+/g;
// Discord's client turns these into links or invitation cards although they name no scheme.
const bareLink = /\b(www\.[^\s/<>()]+|discord\.gg|discord(?:app)?\.com)/gi;

/** The text without characters that cannot be seen, and with web addresses that cannot be followed. */
export function plain(text: string): string {
  const seen = text.replace(/\r\n?/g, "\n").replace(invisible, "");
  // The search for schemes is dear, and most texts have none.
  const closed = seen.includes("//")
    ? seen.replace(scheme, (_all, name: string) => inertScheme(name)).replace(host, dotless)
    : seen;
  return closed.replace(bareLink, dotless);
}

/** The text as Discord Markdown that shows it letter by letter. */
export function escaped(text: string): string {
  return (
    plain(text)
      .replace(/[\\*_~`|<>[\]]/g, String.raw`\$&`)
      .replace(/@(?=everyone|here)/gi, String.raw`\@`)
      // Headings, small print and lists begin a line; elsewhere these stay as they are, for the notification's sake.
      .replace(/^(\s*)([#+-])/gm, String.raw`$1\$2`)
      .replace(/^(\s*\d+)([.)])/gm, String.raw`$1\$2`)
  );
}

/** An escaped text in pieces, line breaks apart: between any two of them it may end without breaking an escape. */
export function pieces(text: string): readonly string[] {
  return text.match(/\n|(?:\\.|[^\\\s]){1,200}[^\S\n]*|[^\S\n]+/gsu) ?? [];
}

function inertScheme(name: string): string {
  const web = /^h(?:tt|xx)p(s?)$/i.exec(name);
  return web ? `hxxp${(web[1] ?? "").toLowerCase()}://` : `${name}[:]//`;
}
function dotless(name: string): string {
  return name.replace(/(?<!\[)\./g, "[.]");
}
