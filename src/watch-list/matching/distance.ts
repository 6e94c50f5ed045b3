// Edit distance of two parts of names, a swap of two neighbours being one edit (optimal string alignment), computed
// for all letters of the asked part at once in the bits of a number: Hyyrö, "A bit-vector algorithm for computing
// Levenshtein and Damerau edit distances", 2003. Parts have at most 32 letters, so one number is enough.

/** "More than two": as far as distances are told apart. */
export const FAR = 3;

export interface Distance {
  /** The part that the following are compared with. */
  readonly from: (asked: string) => void;
  /** 0, 1, 2, or FAR. */
  readonly to: (listed: string) => number;
}

export function createDistance(): Distance {
  /** For each letter: in which places of the asked part it stands. */
  const places = new Int32Array(128);
  let asked = "";

  function from(part: string): void {
    for (let place = 0; place < asked.length; place += 1) places[asked.charCodeAt(place) & 127] = 0;
    asked = part;
    for (let place = 0; place < part.length; place += 1) {
      const letter = part.charCodeAt(place) & 127;
      places[letter] = (places[letter] ?? 0) | (1 << place);
    }
  }

  function to(listed: string): number {
    const length = asked.length;
    const apart = length - listed.length;
    if (apart > 2 || apart < -2 || length === 0) return FAR;
    const last = 1 << (length - 1);
    let above = -1;
    let below = 0;
    let diagonal = 0;
    let before = 0;
    let distance = length;
    for (let place = 0; place < listed.length; place += 1) {
      const here = places[listed.charCodeAt(place) & 127] ?? 0;
      const swap = ((~diagonal & here) << 1) & before;
      diagonal = ((((here & above) + above) | 0) ^ above) | here | below | swap;
      const right = below | ~(diagonal | above);
      const left = diagonal & above;
      if ((right & last) !== 0) distance += 1;
      else if ((left & last) !== 0) distance -= 1;
      const shifted = (right << 1) | 1;
      above = (left << 1) | ~(diagonal | shifted);
      below = shifted & diagonal;
      before = here;
    }
    return distance < FAR ? distance : FAR;
  }

  return { from, to };
}
