/** An error we foresaw, worded for the officer who will read it in chat. */
export class BotError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BotError";
    this.code = code;
  }
}

/** Why the program cannot start or a command of the operator cannot be done, and what to do about it. */
export class StartError extends Error {
  readonly fix: string;
  /** As in sysexits.h: 78 for settings, 69 for something else that is not there. */
  readonly exitCode: number;

  constructor(message: string, fix: string, exitCode = 1) {
    super(message);
    this.name = "StartError";
    this.fix = fix;
    this.exitCode = exitCode;
  }
}

function botError<Args extends readonly string[]>(code: string, say: (...args: Args) => string) {
  return Object.assign((...args: Args) => new BotError(code, say(...args)), { code, say });
}

// Every foreseen error. docs/errors.md explains each one; test/errors.test.ts keeps the two in step.

export const notLinked = botError(
  "NOT_LINKED",
  () =>
    "I cannot tell who you are, so nothing was done and what you typed was not kept. Emergency: radio or 911. To get access: /allpoints link, then read the code to your agency's Allpoints administrator in person or by phone.",
);

export const notAllowed = botError(
  "NOT_ALLOWED",
  (deed: string, who: string) =>
    `Not done: ${deed} needs ${who}. Nothing changed; the attempt is logged. See /allpoints whoami, or call your watch desk.`,
);

// One sentence for unknown, foreign and forbidden alike: a different one would tell that the thing exists.
export const notFound = botError(
  "NOT_FOUND",
  (ref: string) =>
    `I find no ${ref} that you may see. Check the reference, or call whoever gave it to you. Nothing changed.`,
);

export const badReference = botError(
  "BAD_REFERENCE",
  () =>
    "That is not a reference: a character is wrong or missing. It looks like B-7K3-M9Q; check it against the card, or have it read to you again.",
);

export const badInput = botError("BAD_INPUT", (what: string, fix: string) => `Not done: ${what}. ${fix}`);

export const tooLong = botError(
  "TOO_LONG",
  (field: string, max: string) =>
    `Not done: ${field} is longer than ${max} characters. Shorten it, or send the rest as a second one.`,
);

export const emptyForm = botError(
  "EMPTY_FORM",
  () => "Nothing was filled in, so nothing was saved. Open the form again when you have something to say.",
);

export const unknownCommand = botError(
  "UNKNOWN_COMMAND",
  (topic: string) =>
    `I do not know that command, and what you typed was not kept. Try ${topic} for what you can do.`,
);

export const unknownWorkspace = botError(
  "UNKNOWN_WORKSPACE",
  () =>
    "This workspace is not connected to Allpoints, so nothing was done and what you typed was not kept. Emergency: radio or 911. Your agency's Allpoints administrator can ask the operator to connect it.",
);

export const badCode = botError(
  "BAD_CODE",
  () =>
    "That code is not right, or it has run out. Nothing changed. Check it, or ask your agency's Allpoints administrator for a new one.",
);

export const usedCode = botError(
  "USED_CODE",
  () =>
    "That code was used before, and each works once. If it was not you, tell your agency's Allpoints administrator now.",
);

export const accountTaken = botError(
  "ACCOUNT_TAKEN",
  () =>
    "Not done: that account is linked to somebody already. They see whose with /allpoints whoami; whoever leaves is removed first.",
);

export const suspended = botError(
  "SUSPENDED",
  () =>
    "Your access is suspended, so nothing was done and what you typed was not kept. Emergency: radio or 911. Your agency's Allpoints administrator can say why.",
);

export const formExpired = botError(
  "FORM_EXPIRED",
  () => "This form is too old to be sent, so nothing was saved. Open it again with the command.",
);

export const tooMany = botError(
  "TOO_MANY",
  (what: string, wait: string) =>
    `Not done: too many ${what} in a short time. Try again in ${wait}. In a hurry? Call the owner or your watch desk.`,
);

export const internal = botError(
  "INTERNAL",
  (incident: string) =>
    `Something broke on our side, and I cannot promise that this was done. Look whether it was (/allpoints queue), or try once more. Quote ${incident} to your operator. Emergency: radio or 911.`,
);

export const agencyPending = botError(
  "AGENCY_PENDING",
  () =>
    "Your agency is not a member yet, so nothing was done. The administrator of another member agency approves it with /allpoints agency approve.",
);

// The approval binds to what was shown, so a change in between undoes it.
export const draftChanged = botError(
  "DRAFT_CHANGED",
  (ref: string) =>
    `Not done: ${ref} was changed after you opened it, or is decided already. Nothing changed. Open it again with /bulletin show ${ref} and read it.`,
);

export const emptyAudience = botError(
  "EMPTY_AUDIENCE",
  (ref: string) =>
    `Not sent: no channel of any agency asked for a bulletin like ${ref}. It stays as it was. Its author can change the areas, the severity or the label; in a hurry, call them.`,
);

export const basisGone = botError(
  "BASIS_GONE",
  (ref: string) =>
    `Not sent: the basis of ${ref} does not hold, because its entry is not active or it names a person without one. It stays as it was. Its author can correct that.`,
);

export const watchOff = botError(
  "WATCH_OFF",
  () =>
    "Not done: your agency does not allow the watch-list on Discord, so nothing was asked and what you typed was not kept. Use /watch in Slack, or call your watch desk.",
);

export const notSearched = botError(
  "NOT_SEARCHED",
  () =>
    "Not searched: the watch-list could not be looked in just now, so this says nothing about anybody. Ask again in a few seconds. In a hurry? Call your watch desk.",
);
