/** What member agencies may know of each other. */
export interface AgencyContact {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly contactName: string;
  /** A number that is answered day and night. */
  readonly contactPhone: string;
  readonly zone: string;
}

/** "Metro watch 555-0142, 24 h": on every card that leaves an agency. */
export function contactWords({ contactName, contactPhone }: AgencyContact): string {
  return `${contactName} ${contactPhone}, 24 h`;
}

export const environments = ["commercial", "gov"] as const;

/** An area code as agencies write it in filters: "riverton", "cedar-county". */
export function areaCode(words: string): string {
  return words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
}

/** "Riverton, Cedar County" → ["riverton", "cedar-county"] */
export function areaCodes(words: string): readonly string[] {
  return [...new Set(words.split(/[,;\n]/).map(areaCode).filter(Boolean))];
}

/** "cedar-county" → "Cedar County" */
export function areaWords(code: string): string {
  return code.replaceAll(/(^|-)(\p{L})/gu, (_match, dash: string, letter: string) =>
    `${dash === "" ? "" : " "}${letter.toUpperCase()}`,
  ).replaceAll("-", " ");
}
