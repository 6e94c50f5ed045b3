import { acknowledgmentFeature } from "./acknowledgments/acknowledgment-command.ts";
import { acknowledgmentNotice } from "./acknowledgments/acknowledgment-notice.ts";
import { accountFeature, type QueuePart } from "./agencies/account-command.ts";
import { agencyFeature } from "./agencies/agency-command.ts";
import { channelFeature } from "./agencies/channel-command.ts";
import { linkFeature } from "./agencies/link-command.ts";
import { officerFeature } from "./agencies/officer-command.ts";
import { SEAL_CHUNK, sealAudit } from "./audit/sealer.ts";
import type { Feature, Tools } from "./bot/command.ts";
import { tableOf, type Table } from "./bot/routes.ts";
import { bulletinFeature } from "./bulletins/bulletin-command.ts";
import { expireBulletins, pageReviews, shrinkUnreviewed } from "./bulletins/bulletin-follow-ups.ts";
import { bulletinNotices } from "./bulletins/bulletin-notice.ts";
import type { FollowUp } from "./follow-ups.ts";
import { housekeeping } from "./housekeeping.ts";
import { createNotices, oneByOne, renderNotices, type Notices } from "./notices.ts";
import { rewrapping } from "./rewrapping.ts";
import { subscriptionFeature } from "./subscriptions/subscription-command.ts";
import { tipFeature, tipQueue } from "./tips/tip-command.ts";
import { renderIntake } from "./tips/tip-notice.ts";
import { tipRetention } from "./tips/tip-retention.ts";
import { confirmationFeature, confirmationQueue } from "./watch-list/confirmation-command.ts";
import { confirmationNews, confirmationSteps } from "./watch-list/confirmation-follow-up.ts";
import { renderConfirmation, renderSuspended } from "./watch-list/confirmation-notice.ts";
import { suspendEntries } from "./watch-list/confirmation-suspension.ts";
import { entryFeature } from "./watch-list/entry-command.ts";
import {
  announceReviews,
  expireEntries,
  purgeEntries,
  suspendNeglectedEntries,
} from "./watch-list/entry-follow-ups.ts";
import { entryQueue } from "./watch-list/entry-list-command.ts";
import { renderWaitingEntry } from "./watch-list/entry-notice.ts";
import { importFeature, importQueue } from "./watch-list/import/batch-command.ts";
import { settleBatches } from "./watch-list/import/batch-follow-up.ts";
import { renderWaitingImport } from "./watch-list/import/batch-notice.ts";
import { reindexEntries } from "./watch-list/index-follow-up.ts";
import { outcomeFeature } from "./watch-list/outcome-command.ts";
import { outcomeNews } from "./watch-list/outcome-owner.ts";
import { queryFeature } from "./watch-list/query-command.ts";
import { queryFollowUp } from "./watch-list/query-follow-up.ts";
import { renderHit } from "./watch-list/query-notice.ts";
import { lateAnswersQueue } from "./watch-list/retro-answer.ts";
import { forgetRetroKeys, retroHits } from "./watch-list/retro-follow-up.ts";

// What the bot can do, in the order in which help lists it.
const features: readonly Feature[] = [
  tipFeature,
  queryFeature,
  confirmationFeature,
  outcomeFeature,
  entryFeature,
  importFeature,
  bulletinFeature,
  subscriptionFeature,
  acknowledgmentFeature,
  linkFeature,
  officerFeature,
  channelFeature,
  agencyFeature,
];

// Most urgent first.
const queue: readonly QueuePart[] = [confirmationQueue, lateAnswersQueue, tipQueue, entryQueue, importQueue];

/** The one table of commands, forms and buttons. */
export function openTable(): Table {
  const show = new Map(
    features.flatMap((one) => (one.show === undefined ? [] : [[one.show.letter, one.show.run]])),
  );
  const table: Table = tableOf([...features, accountFeature({ table: () => table, show, queue })]);
  return table;
}

/** How each kind of card is rendered. */
export function openNotices(tools: Pick<Tools, "keyring" | "privateLevel">): Notices {
  const { keyring } = tools;
  return createNotices({
    ...bulletinNotices(tools),
    acknowledgment: oneByOne(acknowledgmentNotice(keyring)),
    intake: oneByOne(renderIntake(keyring)),
    notice: renderNotices({
      entries_suspended: renderSuspended,
      entry_waiting: renderWaitingEntry(keyring),
      import_waiting: renderWaitingImport(keyring),
    }),
    hit: oneByOne(renderHit),
    confirmation: oneByOne(renderConfirmation(keyring)),
  });
}

/** Within a second of being written an audit row is on its chain. */
const auditSealing: FollowUp = {
  name: "audit-sealing",
  prompt: true,
  run: async (store, keyring) => ({ wake: [], again: (await sealAudit(store, keyring)) === SEAL_CHUNK }),
};

/** What falls due by itself. */
export function openFollowUps(): readonly FollowUp[] {
  return [
    queryFollowUp,
    confirmationSteps,
    confirmationNews,
    suspendEntries,
    outcomeNews,
    tipRetention,
    pageReviews,
    shrinkUnreviewed,
    expireBulletins,
    expireEntries,
    purgeEntries,
    reindexEntries,
    settleBatches,
    announceReviews,
    suspendNeglectedEntries,
    retroHits,
    housekeeping,
    forgetRetroKeys,
    rewrapping,
    auditSealing,
  ];
}
