import { z } from "zod";

import type { Shown } from "../pretend.ts";
import type { Client, Html, Viewer } from "./client.ts";

// What people do on the page, sent on to the pretend platform as it is: there it becomes the real protocol.

const id = z.string().min(1).max(200);
const who = { workspace: id, user: id };
const place = { ...who, channel: id };
// As long as a browser lets anybody paste: the platform itself says what is too long.
const words = z.string().max(1_000_000);

export const actSchema = z.discriminatedUnion("act", [
  z.object({ act: z.literal("type"), ...place, line: words, thread: id.optional() }),
  z.object({ act: z.literal("press"), ...place, message: id, button: id }),
  z.object({
    act: z.literal("submit"),
    ...who,
    form: id,
    values: z.record(z.string().max(300), z.union([words, z.array(words)])),
  }),
  z.object({ act: z.literal("close"), ...who, form: id }),
  z.object({ act: z.literal("shortcut"), ...place, name: id, message: id.optional() }),
]);
type Act = z.infer<typeof actSchema>;

/** What the browser then shows. Messages come by themselves, over the stream. */
export type Shows =
  | { readonly show: "form"; readonly form: string; readonly html: string }
  | { readonly show: "message"; readonly message: string }
  | { readonly show: "error"; readonly text: string }
  | { readonly show: "nothing" };

export async function carryOut(client: Client, act: Act, viewer: Viewer): Promise<Shows> {
  try {
    return await showsOf(client, await doIt(client, act), viewer);
  } catch (error) {
    return { show: "error", text: sentenceOf(client, error) };
  }
}

/** What no person could do there, in the platform's sentence; "type: " before it names the call. */
function sentenceOf({ title }: Client, error: unknown): string {
  if (!(error instanceof Error) || error instanceof TypeError) return `The pretend ${title} does not answer.`;
  return error.message.replace(/^\w+: /, "").split("\n")[0] ?? "";
}

async function doIt({ api, platform }: Client, act: Act): Promise<Shown> {
  switch (act.act) {
    case "press":
      return api.press(act);
    case "submit":
      return api.submit(act);
    case "close":
      return api.close(act);
    case "shortcut": {
      const { message, ...rest } = act;
      return api.shortcut({ ...rest, ...(message === undefined ? {} : { message }) });
    }
    case "type": {
      const { line, thread, ...at } = act;
      const under = thread === undefined ? {} : { thread };
      if (line.startsWith("/")) return api.type({ ...at, line: line.trimEnd(), ...under });
      await api.say({ ...at, text: line, ...under });
      return { kind: "nothing" };
    }
    default:
      throw new Error(`${platform} knows no such act`);
  }
}

/** Also for a form that the app changed while it was open. */
export async function showsOf(client: Client, shown: Shown, viewer: Viewer): Promise<Shows> {
  switch (shown.kind) {
    case "form":
      return { show: "form", form: shown.id, html: await text(client.form(shown, viewer)) };
    case "message":
      return { show: "message", message: shown.message.id };
    case "error":
      return { show: "error", text: shown.text };
    case "nothing":
      return { show: "nothing" };
  }
}

async function text(content: Html): Promise<string> {
  return String(await content);
}
