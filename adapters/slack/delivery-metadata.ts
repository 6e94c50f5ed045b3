const EVENT = "allpoints_delivery";

/** What a message carries unseen. Every app in the workspace can read it: an opaque id and nothing else. */
export function deliveryMetadata(key: string) {
  return { event_type: EVENT, event_payload: { delivery: key } };
}

/** Whether that is what a message carries. */
export function carries(metadata: unknown, key: string): boolean {
  const { event_type: type, event_payload: payload } = fieldsOf(metadata);
  return type === EVENT && fieldsOf(payload)["delivery"] === key;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" ? { ...value } : {};
}
