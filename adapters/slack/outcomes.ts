import { webApi } from "@slack/bolt";

import type { SendOutcome } from "../../src/chat.ts";

type Failure = Exclude<SendOutcome, { kind: "sent" }>;
type Refusal = Exclude<Failure["kind"], "rate-limited" | "unheard-of">;

/** Every error code of Slack's that says how a post, a reply, an edit or a deletion ended. */
const refusals: Readonly<Record<string, Refusal>> = {
  // The channel or the person cannot be posted to.
  channel_not_found: "channel-gone",
  is_archived: "channel-gone",
  is_inactive: "channel-gone",
  not_in_channel: "channel-gone",
  user_not_in_channel: "channel-gone",
  restricted_action_thread_only_channel: "channel-gone",
  messages_tab_disabled: "channel-gone",
  cannot_dm_bot: "channel-gone",
  user_not_found: "channel-gone",
  user_disabled: "channel-gone",
  user_not_visible: "channel-gone",
  // The workspace took the application away.
  token_revoked: "tenant-gone",
  token_expired: "tenant-gone",
  account_inactive: "tenant-gone",
  invalid_auth: "tenant-gone",
  not_authed: "tenant-gone",
  user_removed_from_team: "tenant-gone",
  team_disabled: "tenant-gone",
  team_not_found: "tenant-gone",
  team_access_not_granted: "tenant-gone",
  access_denied: "tenant-gone",
  enterprise_is_restricted: "tenant-gone",
  // It must be installed again with more scopes.
  missing_scope: "scope-missing",
  not_allowed_token_type: "scope-missing",
  no_permission: "scope-missing",
  // Our own mistake, or Slack's change of its API.
  invalid_blocks: "payload-invalid",
  invalid_blocks_format: "payload-invalid",
  invalid_attachments: "payload-invalid",
  too_many_attachments: "payload-invalid",
  msg_too_long: "payload-invalid",
  msg_blocks_too_long: "payload-invalid",
  no_text: "payload-invalid",
  metadata_too_large: "payload-invalid",
  invalid_metadata_format: "payload-invalid",
  invalid_metadata_schema: "payload-invalid",
  metadata_must_be_sent_from_app: "payload-invalid",
  block_mismatch: "payload-invalid",
  markdown_text_conflict: "payload-invalid",
  invalid_arguments: "payload-invalid",
  invalid_arg_name: "payload-invalid",
  invalid_array_arg: "payload-invalid",
  invalid_charset: "payload-invalid",
  invalid_form_data: "payload-invalid",
  invalid_post_type: "payload-invalid",
  missing_post_type: "payload-invalid",
  unknown_method: "payload-invalid",
  deprecated_endpoint: "payload-invalid",
  method_deprecated: "payload-invalid",
  as_user_not_supported: "payload-invalid",
  attachment_payload_limit_exceeded: "payload-invalid",
  // The workspace forbids it.
  ekm_access_denied: "policy-blocked",
  restricted_action: "policy-blocked",
  restricted_action_read_only_channel: "policy-blocked",
  accesslimited: "policy-blocked",
  slack_connect_canvas_sharing_blocked: "policy-blocked",
  slack_connect_file_link_sharing_blocked: "policy-blocked",
  slack_connect_lists_sharing_blocked: "policy-blocked",
  // The message to change, to delete or to reply to is not there.
  message_not_found: "message-gone",
  thread_not_found: "message-gone",
  invalid_thread_ts: "message-gone",
  // It is there, and stays as it is.
  cant_update_message: "edit-refused",
  cant_delete_message: "edit-refused",
  edit_window_closed: "edit-refused",
  // It is there, and takes no replies; the channel goes on taking posts.
  cannot_reply_to_message: "edit-refused",
  restricted_action_thread_locked: "edit-refused",
  restricted_action_non_threadable_channel: "edit-refused",
  // Slack says itself that some of it may have happened.
  internal_error: "unknown",
  fatal_error: "unknown",
  update_failed: "unknown",
  service_unavailable: "unknown",
  // Refused before anything was written.
  request_timeout: "unavailable",
  org_login_required: "unavailable",
  team_added_to_org: "unavailable",
  external_channel_migrating: "unavailable",
};

/** Rate limits that come with HTTP 200, and how long to wait where Slack does not say. */
const pauses: Readonly<Record<string, number>> = {
  ratelimited: 30_000,
  rate_limited: 30_000,
  message_limit_exceeded: 15 * 60_000,
};

/** Connecting failed, so nothing was written. Everything else on the wire may have reached Slack. */
const notConnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const LONGEST_ANSWER = 2_000;

/** What became of a call that the Web API client rejected. Anything but the client's own errors is a bug: rethrown. */
export function outcomeOf(error: unknown): Failure {
  if (error instanceof webApi.WebAPIRateLimitedError) return pause(error.retryAfter * 1_000);
  if (error instanceof webApi.WebAPIPlatformError) return ofPlatform(error);
  if (error instanceof webApi.WebAPIHTTPError) return ofStatus(error);
  if (error instanceof webApi.WebAPIRequestError) return ofConnection(error);
  // A 429 without the header arrives as a plain Error.
  if (error instanceof Error && error.message.startsWith("Retry header did not contain"))
    return pause(30_000);
  throw error;
}

// Slack limits a method in a workspace; it does not say whether the channel's share was meant.
const pause = (afterMs: number): Failure => ({ kind: "rate-limited", afterMs, scope: "workspace" });

function ofPlatform({ data }: webApi.WebAPIPlatformError): Failure {
  const code = data.error;
  // An answer that is no JSON (a proxy's page) is put here whole; it says nothing about the message.
  if (!/^[a-z0-9_-]+$/i.test(code)) return { kind: "unknown", reason: "The answer was not Slack's." };
  const wait = pauses[code];
  if (wait !== undefined) return pause(waitedFor(data) ?? wait);
  const kind = refusals[code];
  if (kind === undefined) return unheardOf(JSON.stringify(data));
  return { kind, reason: [code, ...details(data)].join("; ") };
}

const unheardOf = (answer: string): Failure => ({
  kind: "unheard-of",
  reason: answer.slice(0, LONGEST_ANSWER),
});

const waitedFor = ({ response_metadata: told }: webApi.WebAPICallResult): number | undefined =>
  told?.retryAfter === undefined ? undefined : told.retryAfter * 1_000;

function details(data: webApi.WebAPICallResult): string[] {
  const needed = "needed" in data && typeof data.needed === "string" ? [`needs ${data.needed}`] : [];
  return [...needed, ...(data.response_metadata?.messages ?? [])];
}

function ofStatus({ statusCode, body }: webApi.WebAPIHTTPError): Failure {
  const reason = `HTTP ${statusCode}`;
  if (statusCode >= 500 || statusCode === 408) return { kind: "unknown", reason };
  if (statusCode === 413) return { kind: "payload-invalid", reason };
  return unheardOf(`${reason}: ${String(body)}`);
}

function ofConnection({ original }: webApi.WebAPIRequestError): Failure {
  const all = causes(original);
  const codes = all.flatMap((cause) =>
    "code" in cause && typeof cause.code === "string" ? [cause.code] : [],
  );
  // "bad port": fetch itself refuses the address of an installation that was entered wrongly.
  const never = codes.some((code) => notConnected.has(code)) || all.at(-1)?.message === "bad port";
  return { kind: never ? "unavailable" : "unknown", reason: [original.name, ...codes].join(" ") };
}

function causes(error: Error): Error[] {
  return error.cause instanceof Error ? [error, ...causes(error.cause)] : [error];
}
