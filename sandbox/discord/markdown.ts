/** Whom a text may notify, as the platform decided from `allowed_mentions`. */
export interface Mentions {
  readonly everyone: boolean;
  readonly user: (id: string) => boolean;
  readonly role: (id: string) => boolean;
}
export interface Reader {
  readonly timeZone: string;
  readonly nameOf: (id: string) => string;
  readonly mentions: Mentions;
}

const silent: Mentions = { everyone: false, user: () => false, role: () => false };

/** The same reader for places where a mention never notifies: embeds. */
export const unmentioned = (reader: Reader): Reader => ({ ...reader, mentions: silent });

/**
 * Everything that Discord reads before it looks for bold and the like; what it stands for is set aside meanwhile. No
 * bracket inside a label: a long run of "[" would be read again from each of them.
 */
export const tokens =
  /```(?:\w*\n)?(?<fence>[\s\S]*?)```|`(?<code>[^`\n]+)`|(?<ping>\\?@(?:everyone|here))|\\?<@!?(?<user>\d+)>|\\?<@&(?<role>\d+)>|\\(?<escaped>[^\sA-Za-z0-9])|<t:(?<at>-?\d+)(?::(?<style>[tTdDfFRsS]))?>|<#(?<channel>\d+)>|\[(?<label>[^[\]\n]+)\]\(<?(?<link>https?:[^)\s>]+)>?\)/g;

/** Discord's markdown as a person reads it: no backslashes, no stars, times in the reader's zone. */
export function asRead(source: string, reader: Reader): string {
  const aside: string[] = [];
  const setAside = (words: string): string => `\u{E000}${aside.push(words) - 1}\u{E001}`;
  const marked = source.replaceAll(/[\u{E000}\u{E001}]/gu, "").replace(tokens, (...match) => {
    const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
    return setAside(meaning(String(match[0]), groups, reader));
  });
  return unstyled(marked)
    .replaceAll(/\u{E000}(\d+)\u{E001}/gu, (_all, index: string) => aside[Number(index)] ?? "")
    .replaceAll(/[\u{200B}\u{2060}]/gu, "");
}

type Found = Readonly<Record<string, string | undefined>>;

function meaning(whole: string, found: Found, reader: Reader): string {
  const { fence, code, escaped, at, style, channel, label, link } = found;
  if (at) return momentIn(reader.timeZone, at, style)?.words ?? whole;
  if (channel) return `#${reader.nameOf(channel)}`;
  // The address a link leads to must be visible to whoever reads a test.
  if (label && link) return `${label} (${link})`;
  return mention(found, reader) ?? fence ?? code ?? escaped ?? whole;
}

/** A backslash does not keep a mention from notifying: Discord looks for it in the raw text. */
function mention({ ping, user, role }: Found, { mentions, nameOf }: Reader): string | undefined {
  if (ping) return `${ping.replace("\\", "")}${mentions.everyone ? " (notifies everyone)" : ""}`;
  if (user) return `@${nameOf(user)}${mentions.user(user) ? ` (notifies ${nameOf(user)})` : ""}`;
  return role && `@role${mentions.role(role) ? " (notifies a role)" : ""}`;
}

function unstyled(marked: string): string {
  return marked
    .replaceAll(/^(?:>>> |> |-# |#{1,3} )+/gm, "")
    .replaceAll(/(\*\*\*|\*\*|__|~~|\|\|)(?=\S)([\s\S]*?\S)\1/g, "$2")
    .replaceAll(/(\*\*\*|\*\*|__|~~|\|\|)(?=\S)([\s\S]*?\S)\1/g, "$2")
    .replaceAll(/\*(?=\S)([^*\n]*?\S)\*/g, "$1")
    .replaceAll(/(?<!\w)_(?=\S)([^_\n]*?\S)_(?!\w)/g, "$1");
}

/** What `<t:seconds:style>` says in a zone; undefined for a time beyond the calendar, which stays as it was typed. */
export function momentIn(
  timeZone: string,
  seconds: string,
  style = "f",
): { readonly at: Date; readonly words: string } | undefined {
  const at = new Date(Number(seconds) * 1_000);
  return Number.isNaN(at.getTime()) ? undefined : { at, words: momentAsRead(at, style, timeZone) };
}

/** "Sun 22 Nov 02:14 EST", or the part of it that the style shows. */
function momentAsRead(at: Date, style: string, timeZone: string): string {
  if (style === "R") return relative(at);
  const part = Object.fromEntries(
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZoneName: "short",
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const { weekday, day, month, hour, minute, timeZoneName } = part as Record<
    "weekday" | "day" | "month" | "hour" | "minute" | "timeZoneName",
    string
  >;
  const date = `${weekday} ${day} ${month}`;
  const time = `${hour}:${minute} ${timeZoneName}`;
  if (style === "t" || style === "T") return time;
  return style === "d" || style === "D" ? date : `${date} ${time}`;
}

const spans = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

function relative(at: Date): string {
  const seconds = Math.round((at.getTime() - Date.now()) / 1_000);
  const [unit, size] = spans.find(([, span]) => Math.abs(seconds) >= span) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en-US").format(Math.round(seconds / size), unit);
}
