import type { Fault } from "../pretend.ts";

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** The first fault that this call meets; each meeting uses up one of its times. */
  readonly meet: (call: {
    readonly method: string;
    readonly workspace?: string | undefined;
    readonly channel?: string | undefined;
  }) => Fault | undefined;
}

export function createFaults(): Faults {
  const armed: { readonly fault: Fault; left: number }[] = [];
  return {
    add: (fault) => void armed.push({ fault, left: fault.times ?? 1 }),
    clear: () => void armed.splice(0),
    meet: (call) => {
      const met = armed.find(
        ({ fault, left }) =>
          left > 0 &&
          (fault.method ?? call.method) === call.method &&
          (fault.workspace ?? call.workspace) === call.workspace &&
          (fault.channel ?? call.channel) === call.channel,
      );
      if (met === undefined) return undefined;
      met.left -= 1;
      return met.fault;
    },
  };
}
