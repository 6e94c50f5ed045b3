import { html } from "hono/html";

import { isObject, listAt, objectAt, stringAt } from "../../shared/json.ts";
import type { Reader } from "../../slack/mrkdwn.ts";
import type { Html } from "../client.ts";
import { momentPiece } from "./slack-markup.ts";
import { drawPieces } from "./slack-pieces.ts";
import type { Marked, Piece } from "./slack-pieces.ts";

// Rich text, which Slack's own composer writes. The platform lets its elements through unread, so nothing is taken for
// granted here.

/** The elements of a `rich_text` block. */
export function richText(elements: unknown, reader: Reader): Html {
  return html`${(Array.isArray(elements) ? elements : []).map((element) => part(element, reader))}`;
}

function part(element: unknown, reader: Reader): Html {
  const inside = drawPieces(listAt(element, "elements").flatMap((each) => inline(each, reader)));
  switch (stringAt(element, "type") ?? "") {
    case "rich_text_quote":
      return html`<blockquote>${inside}</blockquote>`;
    case "rich_text_preformatted":
      return html`<pre>${inside}</pre>`;
    case "rich_text_list":
      return list(element, reader);
    default:
      return html`<div>${inside}</div>`;
  }
}

function list(element: unknown, reader: Reader): Html {
  const items = listAt(element, "elements").map((item) => html`<li>${part(item, reader)}</li>`);
  return stringAt(element, "style") === "ordered"
    ? html`<ol>
        ${items}
      </ol>`
    : html`<ul>
        ${items}
      </ul>`;
}

const styles = ["bold", "italic", "strike", "code"] as const satisfies readonly Marked[];

function inline(element: unknown, reader: Reader): readonly Piece[] {
  const style = objectAt(element, "style");
  const marks = styles.filter((each) => style[each] === true);
  return marks.reduce<readonly Piece[]>((inside, kind) => [{ kind, inside }], pieceOf(element, reader));
}

type Reading = (element: unknown, reader: Reader) => Piece;

const mention =
  (sign: string, key: string): Reading =>
  (element, reader) => ({ kind: "mention", text: `${sign}${reader.nameOf(stringAt(element, key) ?? "")}` });

const kinds: Readonly<Record<string, Reading>> = {
  user: mention("@", "user_id"),
  channel: mention("#", "channel_id"),
  usergroup: mention("@", "usergroup_id"),
  broadcast: (element) => ({ kind: "mention", text: `@${stringAt(element, "range") ?? ""}` }),
  emoji: (element) => ({ kind: "text", text: `:${stringAt(element, "name") ?? ""}:` }),
  link: (element) => {
    const address = stringAt(element, "url") ?? "";
    return { kind: "link", text: stringAt(element, "text") ?? address, address };
  },
  date: (element, reader) => {
    const seconds = isObject(element) ? element["timestamp"] : undefined;
    const target = `!date^${typeof seconds === "number" ? seconds : ""}^${stringAt(element, "format") ?? ""}`;
    return momentPiece({ target, fallback: stringAt(element, "fallback") ?? "" }, { reader });
  },
};

function pieceOf(element: unknown, reader: Reader): readonly Piece[] {
  const type = stringAt(element, "type") ?? "";
  if (Object.hasOwn(kinds, type)) return kinds[type] === undefined ? [] : [kinds[type](element, reader)];
  const text = stringAt(element, "text");
  return text === undefined ? [] : [{ kind: "text", text }];
}
