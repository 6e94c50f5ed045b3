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

export interface MemberAgency extends AgencyContact {
  /** Codes of the areas it covers: "riverton". */
  readonly areas: readonly string[];
}

/** "Metro watch 555-0142, 24 h": on every card that leaves an agency. */
export function contactWords({ contactName, contactPhone }: AgencyContact): string {
  return `${contactName} ${contactPhone}, 24 h`;
}

/** An area code as agencies write it in filters: "riverton", "cedar-county". */
function areaCode(words: string): string {
  return words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
}

/** "Riverton, Cedar County" → ["riverton", "cedar-county"] */
export function areaCodes(words: string): readonly string[] {
  return [
    ...new Set(
      words
        .split(/[,;\n]/)
        .map(areaCode)
        .filter(Boolean),
    ),
  ];
}

/**
 * The codes of the areas that were named, or a sentence about the first one that no member agency covers: a
 * misspelled area would reach nobody, and what people type freely is not kept in the open.
 */
export function knownAreas(
  words: string,
  agencies: readonly Pick<MemberAgency, "areas">[],
): { readonly codes: readonly string[] } | { readonly problem: string } {
  const known = new Set(agencies.flatMap(({ areas }) => areas));
  const codes = areaCodes(words);
  const stranger = codes.find((code) => !known.has(code));
  if (stranger === undefined) return { codes };
  const some = [...known].toSorted().slice(0, 12).map(areaWords).join(", ");
  return { problem: `No agency covers “${areaWords(stranger)}”. Known areas: ${some}.` };
}

/** "cedar-county" → "Cedar County" */
export function areaWords(code: string): string {
  return code
    .replaceAll(
      /(^|-)(\p{L})/gu,
      (_match, dash: string, letter: string) => `${dash === "" ? "" : " "}${letter.toUpperCase()}`,
    )
    .replaceAll("-", " ");
}
