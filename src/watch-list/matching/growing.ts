// Arrays of numbers that grow: a list of JavaScript objects would cost several times the memory.

type AnyNumbers = Int32Array | Int8Array | Uint32Array | Uint16Array | Uint8Array | Float64Array;

export interface Growing<Numbers extends AnyNumbers> {
  /** The first `length` of it are in use; another one after it has grown. */
  array: Numbers;
  length: number;
  readonly push: (value: number) => void;
}

type NumbersClass<Numbers> = new (length: number) => Numbers;

export function growing<Numbers extends AnyNumbers>(of: NumbersClass<Numbers>, room = 16): Growing<Numbers> {
  const all: Growing<Numbers> = {
    array: new of(room),
    length: 0,
    push: (value) => {
      if (all.length === all.array.length) all.array = grown(of, all.array, all.length + 1);
      all.array[all.length] = value;
      all.length += 1;
    },
  };
  return all;
}

/** Room for at least so many, half as much again so that this does not happen often; the same array if there is room. */
export function grown<Numbers extends AnyNumbers>(
  of: NumbersClass<Numbers>,
  array: Numbers,
  length: number,
): Numbers {
  if (array.length >= length) return array;
  const larger = new of(Math.max(16, length, Math.ceil(array.length * 1.5)));
  larger.set(array);
  return larger;
}
