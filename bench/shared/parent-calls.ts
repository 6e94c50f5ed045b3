/** What a bench asks of a process it started: a name and an argument, answered in the order of the asking. */
export interface ParentCall {
  readonly call: string;
  readonly argument: unknown;
}
export type ChildReply = { readonly value: unknown } | { readonly error: string };

type Calls = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

/** Serves the parent's calls until it lets go of this process, then closes. */
export function serveParent(calls: Calls, close: () => Promise<void>): void {
  // Ctrl-C reaches the whole group: the parent decides when it is our turn.
  process.on("SIGINT", () => undefined);
  process.on("message", (message: ParentCall) => {
    const call = calls[message.call];
    const working =
      call === undefined ? Promise.reject(new Error("no such call")) : call(message.argument as never);
    working.then(
      (value: unknown) => process.send?.({ value } satisfies ChildReply),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.once("disconnect", () => {
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
