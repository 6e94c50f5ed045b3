/** Who looks: their zone for times, and the names behind ids. */
export interface Reader {
  readonly timeZone: string;
  readonly nameOf: (id: string) => string;
}

export interface Manner {
  readonly reader: Reader;
  /** Slack finds bare links and @channel by itself, unless told `verbatim` or `parse: none`. */
  readonly autoLink: boolean;
  /** Notifications, exports and screen readers show a date's fallback instead. */
  readonly datesAsFallback?: boolean;
}

const NOTIFIES_ALL = "notifies everyone";

/** mrkdwn as a person reads it. What the app let through by mistake (mentions, links) is made visible in words. */
export function readMrkdwn(source: string, manner: Manner): string {
  const tokens: string[] = [];
  // Tokens are set aside under a private-use character, so that formatting may span them but not reach inside.
  const outline = source.replaceAll(/<([^<>\n]+)>/g, (_whole, token: string) => {
    tokens.push(readToken(token, manner));
    return `\uE000${tokens.length - 1}\uE001`;
  });
  const text = linked(unescaped(unformatted(outline)), manner);
  return visible(
    text.replaceAll(/\uE000(\d+)\uE001/g, (_whole, index: string) => tokens[Number(index)] ?? ""),
  );
}

/** Text that Slack does not interpret: plain_text objects, and messages with `mrkdwn: false`. */
export function readPlain(source: string): string {
  return visible(unescaped(source));
}

/** What stands between "<" and ">" in mrkdwn. */
export type Token =
  | { readonly kind: "everyone"; readonly name: string }
  | { readonly kind: "date"; readonly target: string; readonly fallback: string | undefined }
  | { readonly kind: "group"; readonly name: string }
  | { readonly kind: "person"; readonly id: string }
  | { readonly kind: "channel"; readonly id: string; readonly name: string | undefined }
  | { readonly kind: "link"; readonly address: string; readonly name: string | undefined }
  /** No token after all: Slack shows it as it stands. */
  | { readonly kind: "literal"; readonly text: string };

export function parseToken(token: string): Token {
  const [target = "", label] = token.split("|", 2);
  const name = label === undefined ? undefined : unescaped(label);
  const broadcast = /^!(channel|here|everyone)$/.exec(target)?.[1];
  if (broadcast !== undefined) return { kind: "everyone", name: broadcast };
  if (target.startsWith("!date^")) return { kind: "date", target, fallback: name };
  if (target.startsWith("!subteam^")) return { kind: "group", name: name ?? target.slice(9) };
  if (target.startsWith("@")) return { kind: "person", id: target.slice(1) };
  if (target.startsWith("#")) return { kind: "channel", id: target.slice(1), name };
  if (/^(https?:|mailto:|tel:)/.test(target)) return { kind: "link", address: unescaped(target), name };
  return { kind: "literal", text: `<${unescaped(token)}>` };
}

function readToken(source: string, manner: Manner): string {
  const token = parseToken(source);
  switch (token.kind) {
    case "everyone":
      return `@${token.name} (${NOTIFIES_ALL})`;
    case "date":
      return readDate(token, manner);
    case "group":
      return `@${token.name} (notifies the group)`;
    case "person":
      return `@${manner.reader.nameOf(token.id)} (notifies them)`;
    case "channel":
      return `#${token.name ?? manner.reader.nameOf(token.id)}`;
    case "link":
      return token.name === undefined
        ? `${token.address} (link)`
        : `${token.name} (link to ${token.address})`;
    case "literal":
      return token.text;
  }
}

/** A date as it is shown in the reader's zone, or its fallback. */
export function readDate(
  { target, fallback }: Pick<Extract<Token, { kind: "date" }>, "target" | "fallback">,
  manner: Pick<Manner, "reader" | "datesAsFallback">,
): string {
  const [, seconds = "", format = "", link] = target.split("^");
  const at = new Date(Number(seconds) * 1000);
  // Without a fallback, or with a format it does not know, Slack shows the source or the fallback.
  if (fallback === undefined) return `<${target}>`;
  if (manner.datesAsFallback === true || Number.isNaN(at.getTime()) || /^\d+$/.test(seconds) === false)
    return fallback;
  const parts = partsOf(at, manner.reader.timeZone);
  const text = format.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    if (/^time(_secs)?$/.test(name)) return parts.time;
    return /^date(_num|_slash|_long|_long_full|_pretty|_short|_short_pretty|_long_pretty)?$/.test(name)
      ? parts.date
      : whole;
  });
  if (/[{}]/.test(text)) return fallback;
  return link === undefined ? text : `${text} (link to ${link})`;
}

// A format takes longer to make than to use.
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
  formats.set(timeZone, made);
  return made;
}

function partsOf(at: Date, timeZone: string): { readonly date: string; readonly time: string } {
  const formatted = formatOf(timeZone).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    formatted.find((each) => each.type === type)?.value ?? "";
  return {
    date: `${part("weekday")} ${part("day")} ${part("month")}`,
    time: `${part("hour")}:${part("minute")} ${part("timeZoneName")}`,
  };
}

/**
 * Markers count only at the edge of a word, as in Slack: 2*3*4 keeps its stars. Sources of regular expressions: what may
 * stand before and after a marked word, and what it may begin and end with.
 */
export const wordEdge = {
  before: String.raw`[\s\u200B\uE001([{"'“‘.,;:!?*_~\-–—·]`,
  after: String.raw`[\s\u200B\uE000)\]}"'”’.,;:!?*_~\-–—·]`,
  inner: String.raw`[^\s\u200B\u2060\uFEFF]`,
} as const;

const formatting = ["```", "`", String.raw`\*`, "_", "~"].map((marker) => {
  const { before, after, inner: edge } = wordEdge;
  const inner = marker === "```" ? String.raw`([\s\S]+?)` : `(${edge}|${edge}[^\\n]*?${edge})`;
  return new RegExp(`(^|${before})${marker}${inner}${marker}(?=$|${after})`, "gm");
});

function unformatted(source: string): string {
  const text = formatting.reduce((current, marked) => current.replaceAll(marked, "$1$2"), source);
  return text.replaceAll(/^(?:>|&gt;) ?/gm, "");
}

/** Slack escapes three characters. */
export function unescaped(source: string): string {
  return source.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Zero-width characters, which nobody sees, go last: until here they may have stopped markup. Direction marks stay. */
export function visible(text: string): string {
  return text.replaceAll(/[\u200B\u2060\uFEFF]/g, "");
}

function linked(text: string, manner: Manner): string {
  if (!manner.autoLink) return text;
  return text
    .replaceAll(/\bhttps?:\/\/[^\s\uE000]+/g, (url) => `${url} (link)`)
    .replaceAll(/(?<![\w@])@(channel|here|everyone)\b/g, (mention) => `${mention} (${NOTIFIES_ALL})`);
}
