import type { Fault } from "../pretend.ts";

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** The fault that strikes this call; each strike uses up one of its times. */
  readonly meet: (call: FaultyCall) => Fault | undefined;
}

interface FaultyCall {
  readonly method: string;
  readonly workspace?: string | undefined;
  readonly channel?: string | undefined;
}
interface Armed {
  readonly fault: Fault;
  readonly until: number;
  /** From 0 to 1: below the fault's share it strikes. */
  readonly draw: () => number;
  left: number;
}

export function createFaults(): Faults {
  let armed: readonly Armed[] = [];
  return {
    add: (fault) => {
      armed = [...armed, arm(fault)];
    },
    clear: () => {
      armed = [];
    },
    meet: (call) => {
      if (armed.length === 0) return undefined;
      armed = armed.filter(({ left, until }) => left > 0 && Date.now() < until);
      const met = armed.find(({ fault, draw }) => fits(fault, call) && draw() < (fault.share ?? 1));
      if (met !== undefined) met.left -= 1;
      return met?.fault;
    },
  };
}

function arm(fault: Fault): Armed {
  const { times, share, forMs, seed = 1 } = fault;
  const endless = share !== undefined || forMs !== undefined;
  return {
    fault,
    until: forMs === undefined ? Infinity : Date.now() + forMs,
    draw: randomFrom(seed),
    left: times ?? (endless ? Infinity : 1),
  };
}

function fits({ method, workspace, channel }: Fault, call: FaultyCall): boolean {
  return (
    (method ?? call.method) === call.method &&
    (workspace ?? call.workspace) === call.workspace &&
    (channel ?? call.channel) === call.channel
  );
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
