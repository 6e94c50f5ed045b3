import { linkOf, type Traced } from "./trace.ts";

/** Why a delivery is not tried again, and what to do instead. */
export interface Refusal {
  readonly why: string;
  readonly fix: string;
}

/** Whether a person may have it tried again. Undefined: yes. */
export function refuseReplay(traced: Traced, evenIfItMayRepeat: boolean): Refusal | undefined {
  const { ref, state, reason } = traced;
  switch (state) {
    case "applied":
      return { why: `${ref} was delivered.`, fix: `It is here: ${linkOf(traced) ?? "taken away since"}` };
    case "pending":
    case "sending":
    case "checking":
      return {
        why: `${ref} is on its way (${state}).`,
        fix: `See what it waits for: allpoints delivery trace ${ref}`,
      };
    case "blocked":
      return {
        why: `${ref} must not go out (${reason ?? "blocked"}).`,
        fix:
          reason === "label"
            ? "Its label does not allow this channel. Call the agency instead."
            : "What is over is never posted late. Call the agency instead.",
      };
    case "dead":
      return refuseDead(traced, evenIfItMayRepeat);
  }
}

function refuseDead(traced: Traced, evenIfItMayRepeat: boolean): Refusal | undefined {
  const { ref, kind, message, reason } = traced;
  const isNew = message === null;
  if (isNew && (traced.ended !== null || (kind === "bulletin" && traced.over === true)))
    return {
      why: `${ref} is about ${traced.subject ?? "something"} that is over: it is never posted late.`,
      fix: "Call the agency instead.",
    };
  const place = lostPlace(traced);
  if (place !== undefined) return place;
  if (isNew && reason === "outcome_unknown" && !evenIfItMayRepeat)
    return {
      why: `Nobody knows whether ${ref} arrived: sent again, it may be there twice.`,
      fix: `Look in the channel first. To send it marked as a possible repeat: allpoints delivery replay ${ref} --even-if-it-may-repeat`,
    };
  return undefined;
}

/** It would only die again. */
function lostPlace({ ref, installation, channelState, message, ...traced }: Traced): Refusal | undefined {
  if (installation === "gone")
    return {
      why: `The ${traced.platform} workspace of ${ref} is not connected.`,
      fix: `Connect it again, then replay: allpoints ${traced.platform} connect`,
    };
  if (channelState === "gone" || (channelState === "released" && message === null))
    return {
      why: `The channel of ${ref} is ${channelState === "gone" ? "gone" : "not in use"}.`,
      fix: `Have ${traced.agency} type /allpoints channel there, then replay.`,
    };
  if (traced.under !== null && !traced.underThere)
    return {
      why: `${ref} goes into the thread of ${traced.under}, which has no message.`,
      fix: `Replay that first: allpoints delivery replay ${traced.under}`,
    };
  return undefined;
}
