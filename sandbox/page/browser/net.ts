// What the page asks of its server.

/** The answer, or undefined where there was none worth having: the stream says whether the sandbox is there. */
export async function get(address: string): Promise<Response | undefined> {
  const answer = await fetch(address).catch(() => undefined);
  return answer?.ok === true ? answer : undefined;
}

/** Sends JSON. A refusal comes back as a sentence. */
export async function post(
  address: string,
  body: object,
): Promise<{ readonly said: unknown } | { readonly error: string }> {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (answer === undefined) return { error: "The sandbox does not answer. Is it still running?" };
  const said: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return { said };
  const error = typeof said === "object" && said !== null && "error" in said ? said.error : undefined;
  return { error: typeof error === "string" ? error : `The sandbox refused that (${answer.status}).` };
}
