import { readFileSync } from "node:fs";

import anyAscii from "any-ascii";

// Other scripts in Latin letters, as far as names need it. Arabic and Hebrew come out without the vowels that they do
// not write; how alike such parts are is seen from their consonants.

/** Letters, digits and spaces remain of all that people write; nothing is lower-cased yet. */
export function romanise(text: string): string {
  const words = text
    .normalize("NFKC")
    .replaceAll(/[\p{Extended_Pictographic}\p{Co}]/gu, " ")
    .replaceAll(/\p{Script=Hebrew}/gu, (letter) => hebrew.get(letter) ?? "")
    .replaceAll(/[\p{Script=Arabic}\p{M}]+/gu, readArabic)
    .replaceAll(/\p{Script=Han}+(?:[·・･•‧]\p{Script=Han}+)*/gu, readHan)
    .replaceAll(/\p{Script=Hangul}/gu, readHangul);
  return anyAscii(words);
}

// any-ascii writes ו as v and י as y, wherever they are mere vowels as well.
const hebrew: ReadonlyMap<string, string> = new Map(
  "א:a ב:b ג:g ד:d ה:h ו:w ז:z ח:h ט:t י:y כ:k ך:k ל:l מ:m ם:m נ:n ן:n ס:s ע:a פ:p ף:p צ:ts ץ:ts ק:k ר:r ש:sh ת:t"
    .split(" ")
    .map((pair) => [pair.charAt(0), pair.slice(2)]),
);

const article = /^(?:ال|ٱل)(?=.{3})/u;
const usual: ReadonlyMap<string, string> = new Map(
  readFileSync(new URL("tables/arabic.txt", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" "))
    .map(([arabic = "", latin = ""]) => [arabic, latin]),
);

/** One word: the article apart, the servant ("Abd al-…") as it is usually written, the long vowels as vowels. */
function readArabic(word: string): string {
  const plain = word
    .replaceAll(/[\u064B-\u065F\u0670\u0640]/gu, "")
    .replaceAll("ی", "ي")
    .replaceAll("ک", "ك")
    .replaceAll(/[ہھە]/gu, "ه");
  const known = usual.get(plain);
  if (known !== undefined) return known;
  if (plain === "عبد") return " abdul ";
  if (plain.startsWith("عبدال") && plain.length > 6) return ` abdul ${readArabic(plain.slice(5))}`;
  if (article.test(plain)) return ` al ${readArabic(plain.replace(article, ""))}`;
  if (plain === "بن" || plain === "ابن") return " bin ";
  return plain
    .replaceAll(/^أو|^او/gu, "o")
    .replaceAll(/^إي|^اي/gu, "i")
    .replaceAll(/إ/gu, "i")
    .replaceAll(/[اآأىٱة]/gu, "a")
    .replaceAll(/(?<=.)و(?![aiوي])/gu, "u")
    .replaceAll(/(?<=.)ي(?![auوي])/gu, "i");
}

const compound: ReadonlySet<string> = new Set([
  "欧阳",
  "歐陽",
  "司马",
  "司馬",
  "诸葛",
  "諸葛",
  "上官",
  "司徒",
  "东方",
  "東方",
  "独孤",
  "慕容",
]);

/** 习近平 is Xi Jinping: the family name first, then the given name in one part. */
function readHan(run: string): string {
  // With a dot between, it is a foreign name that was written by its sound.
  const written = run.split(/[·・･•‧]/u);
  if (written.length > 1) return ` ${written.map(syllables).join(" ")} `;
  const signs = [...run];
  const family = signs.length > 2 && compound.has(signs.slice(0, 2).join("")) ? 2 : 1;
  if (signs.length > 5) return ` ${signs.map(syllables).join(" ")} `;
  return ` ${syllables(signs.slice(0, family).join(""))} ${syllables(signs.slice(family).join(""))} `;
}

// The last consonant of a syllable is written soft by any-ascii, and hard on passports: Bak, Seok.
const hard: ReadonlyMap<string, string> = new Map([
  ["g", "k"],
  ["d", "t"],
  ["b", "p"],
]);

function readHangul(sign: string): string {
  const syllable = anyAscii(sign).toLowerCase();
  const last = hard.get(syllable.at(-1) ?? "");
  return ` ${last === undefined || /ng$|^.$/.test(syllable) ? syllable : syllable.slice(0, -1) + last} `;
}

function syllables(signs: string): string {
  return anyAscii(signs).toLowerCase();
}
