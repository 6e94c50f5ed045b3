/** One person waiting for what an act of theirs brings up. */
export interface Watch<Thing> {
  /** The first thing shown since the watch began, or undefined after `ms`. Ends the watch. */
  readonly first: (ms: number) => Promise<Thing | undefined>;
  /** What was already shown, without waiting. */
  readonly seen: () => Thing | undefined;
  readonly end: () => void;
}

export interface Screens<Thing> {
  /** `places`: where this person looks. Each is one person's own, such as "T1/U1" or "T1/U1/direct". */
  readonly watch: (places: readonly string[], act: string) => Watch<Thing>;
  /** Shows something: to the act that caused it when that is known, otherwise to the oldest watch of the place. */
  readonly show: (thing: Thing, to: { readonly place: string; readonly act?: string | undefined }) => void;
}

interface Open<Thing> {
  readonly places: readonly string[];
  readonly act: string;
  readonly arrived: PromiseWithResolvers<Thing>;
  thing?: Thing;
}

/** What people are shown while a control call waits for it: lets the call return at once, without polling. */
export function createScreens<Thing>(): Screens<Thing> {
  const open = new Set<Open<Thing>>();

  const watch: Screens<Thing>["watch"] = (places, act) => {
    const own: Open<Thing> = { places, act, arrived: Promise.withResolvers<Thing>() };
    open.add(own);
    return {
      first: async (ms) => {
        const patience = Promise.withResolvers<undefined>();
        const timer = setTimeout(() => patience.resolve(undefined), ms);
        try {
          return await Promise.race([own.arrived.promise, patience.promise]);
        } finally {
          clearTimeout(timer);
          open.delete(own);
        }
      },
      seen: () => own.thing,
      end: () => void open.delete(own),
    };
  };

  const show: Screens<Thing>["show"] = (thing, to) => {
    const waiting = [...open].filter((own) => own.thing === undefined && own.places.includes(to.place));
    const reached = to.act === undefined ? waiting[0] : waiting.find((own) => own.act === to.act);
    if (reached === undefined) return;
    reached.thing = thing;
    reached.arrived.resolve(thing);
  };

  return { watch, show };
}
