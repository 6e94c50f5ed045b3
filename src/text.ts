// What a person typed, made safe to store and to compare. What it may look like in a chat is the adapters' to say.

// Tabs and newlines stay. Invisible signs go, because two texts that look alike must be alike, because direction
// marks can make a text read differently from what it is, and because text can be hidden in them.
const unseen = /[[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\uFFF9-\uFFFB]--[\n\t]]/gv;

// Nothing of it could be changed; and most of what is typed or imported is nothing else.
const plainText = /^[\t\n -~]*$/;

/** Text as we keep it: one form of every letter (NFC), plain newlines, nothing invisible, no space around it. */
export function cleanText(text: string): string {
  if (plainText.test(text)) return text.trim();
  return text
    .toWellFormed()
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replaceAll(unseen, "")
    .normalize("NFC")
    .trim();
}

/** Whether a text has more than `max` characters, as people count them: code points. */
export function tooLong(text: string, max: number): boolean {
  if (text.length <= max) return false;
  return text.length > 2 * max || [...text].length > max;
}
