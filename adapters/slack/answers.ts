import { webApi, type Logger, type types } from "@slack/bolt";

import { OPEN_FORM, type Answer, type Card, type Form, type Installation } from "../../src/chat.ts";
import { answerRoom, cardMessage, cardView } from "./card-blocks.ts";
import { formView, type Problems } from "./form-view.ts";
import { slackClients } from "./slack-clients.ts";
import type { AdapterLog } from "./slack-log.ts";

/** By what means the person who acted can still be shown something. */
export interface Reach {
  readonly installation: Installation;
  /** Opens one modal, within three seconds. */
  readonly trigger?: string;
  /** Takes private messages, for half an hour. */
  readonly responseUrl?: string;
  /** The modal they look at. */
  readonly view?: string;
  /** That modal only keeps the place: it must not stay as it is. */
  readonly waiting?: boolean;
}

export interface AnswersOptions {
  readonly logger: Logger;
  readonly log: AdapterLog;
  readonly timeout: number;
}

/** A card for the eyes of one person. */
export function privateMessage(card: Card) {
  const content = cardMessage(card, answerRoom);
  const inert = { unfurl_links: false, unfurl_media: false, link_names: false, parse: "none" } as const;
  return { response_type: "ephemeral", replace_original: false, ...content, ...inert } as const;
}

/** Keeps the place while an answer is still being made. */
export const pleaseWait = (): types.ModalView =>
  cardView({ headline: "One moment", blocks: [{ kind: "text", text: "The answer will appear here." }] });

const done: Card = { headline: "Done", blocks: [{ kind: "text", text: "You can close this." }] };

// Where no modal can be opened any more, a button asks for one anew.
const offer = ({ form, state, title, submit }: Form): Card => ({
  headline: title,
  blocks: [{ kind: "text", text: `Press the button to open the form, then ${submit}.` }],
  buttons: [{ action: OPEN_FORM, subject: `${form}/${state}`, label: "Open the form", tone: "primary" }],
});

/** Shows answers by Slack's Web API and response URLs. What cannot be shown is logged, never thrown. */
export function answers(options: AnswersOptions) {
  const clientOf = slackClients(options);
  const { log } = options;

  const showCard = async (reach: Reach, card: Card): Promise<void> => {
    const { views } = clientOf(reach.installation);
    if (reach.view !== undefined) await views.update({ view_id: reach.view, view: cardView(card) });
    else if (reach.responseUrl !== undefined) await respond(reach, card, options.timeout);
    else if (reach.trigger !== undefined)
      await views.open({ trigger_id: reach.trigger, view: cardView(card) });
    else log.warn({ workspace: reach.installation.workspace }, "An answer came too late to be shown.");
  };

  const showForm = async (reach: Reach, form: Form, problems?: Problems): Promise<void> => {
    const { views } = clientOf(reach.installation);
    const view = formView(form, problems);
    if (reach.trigger === undefined && reach.view === undefined) await showCard(reach, offer(form));
    else if (reach.trigger === undefined) await views.update({ view_id: reach.view ?? "", view });
    else if (reach.view === undefined) await views.open({ trigger_id: reach.trigger, view });
    else await push(views, { trigger: reach.trigger, under: reach.view, view });
  };

  const deliver = async (reach: Reach, answer: Answer): Promise<void> => {
    if (answer.kind === "card") await showCard(reach, answer.card);
    else if (answer.kind === "form") await showForm(reach, answer.form);
    else if (answer.kind === "problems") await showForm(reach, answer.form, answer.problems);
    else if (reach.waiting === true) await showCard(reach, done);
  };

  const show = async (reach: Reach, answer: Answer): Promise<void> => {
    try {
      await deliver(reach, answer);
    } catch (error) {
      log.warn({ answer: answer.kind, why: reasonOf(error) }, "Slack did not show an answer.");
      // Once more, and only where there is another way: by the response URL instead of the trigger that is spent.
      if (answer.kind !== "form" || reach.responseUrl === undefined || reach.trigger === undefined) return;
      const { trigger: _spent, ...rest } = reach;
      await show(rest, answer);
    }
  };

  /** Opens the modal that keeps the place; the reach into it, or none where Slack refused. */
  const hold = async ({ trigger, ...reach }: Reach): Promise<Reach> => {
    try {
      const opened = await clientOf(reach.installation).views.open({
        trigger_id: trigger ?? "",
        view: pleaseWait(),
      });
      return opened.view?.id === undefined ? reach : { ...reach, view: opened.view.id, waiting: true };
    } catch (error) {
      log.warn({ why: reasonOf(error) }, "Slack did not open a modal.");
      return reach;
    }
  };

  return { show, hold };
}

interface Pushed {
  readonly trigger: string;
  readonly under: string;
  readonly view: types.ModalView;
}

/** On top of the card it was asked from, so that closing the form leads back there; three are the most Slack stacks. */
async function push(views: webApi.WebClient["views"], { trigger, under, view }: Pushed): Promise<void> {
  try {
    await views.push({ trigger_id: trigger, view });
  } catch (error) {
    if (!(error instanceof webApi.WebAPIPlatformError) || error.data.error !== "push_limit_reached")
      throw error;
    await views.update({ view_id: under, view });
  }
}

async function respond(reach: Reach, card: Card, timeout: number): Promise<void> {
  const { responseUrl = "", installation } = reach;
  await privately({ responseUrl, apiBaseUrl: installation.apiBaseUrl, card, timeout });
}

/** Sends a private message to a response URL that is really Slack's. */
export async function privately(message: {
  readonly responseUrl: string;
  readonly apiBaseUrl?: string;
  readonly card: Card;
  readonly timeout: number;
}): Promise<void> {
  if (!isSlacks(message.responseUrl, message.apiBaseUrl)) throw new Error("The response URL is not Slack's.");
  const answer = await fetch(message.responseUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(privateMessage(message.card)),
    redirect: "error",
    signal: AbortSignal.timeout(message.timeout),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`The response URL answered with HTTP ${answer.status}.`);
}

/** A signed payload is Slack's word, yet a card goes only where Slack is, or where the installation's own Slack is. */
export function isSlacks(address: string, apiBaseUrl?: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  if (apiBaseUrl !== undefined && URL.parse(apiBaseUrl)?.origin === url.origin) return true;
  return url.protocol === "https:" && url.port === "" && /\.slack(-gov)?\.com$/.test(url.hostname);
}

// Slack's code or the error's name: an error's text may hold what was sent.
function reasonOf(error: unknown): string {
  if (error instanceof webApi.WebAPIPlatformError) return error.data.error.slice(0, 100);
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : "unknown";
}
