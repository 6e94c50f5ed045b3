import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html, raw } from "hono/html";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";
import { z } from "zod";

import { steps } from "../operator.ts";
import { actSchema, carryOut, showsOf } from "./acts.ts";
import { asset } from "./assets.ts";
import { platforms, type Html, type Platform } from "./client.ts";
import type { Desk } from "./desk.ts";
import { troubleNames } from "./faults.ts";
import { streamPanel, streamTab, viewerOf } from "./live.ts";
import { drawMessages } from "./messages.ts";
import { pane } from "./pane.ts";
import { panelFrame, type Panel } from "./panel.ts";
import { shell } from "./shell.ts";
import { suggest } from "./suggest.ts";
import { tourBar } from "./tour-bar.ts";
import { tourSteps } from "./tour.ts";
import { readStanding, type View } from "./view.ts";

/** What the routes work on. */
export interface Stage {
  readonly desks: Readonly<Record<Platform, Desk>>;
  readonly panel: Panel;
  /** What the start is busy with; undefined when everything answers. */
  readonly progress: string | undefined;
  /** Told of every tab that begins to listen. */
  readonly onVisit: () => void;
  /** Calls back whenever that changed; returns how to stop it. */
  readonly onProgress: (hear: () => void) => () => void;
}

const MAX_BODY = 4 * 1024 * 1024;
const platformSchema = z.enum(platforms);

/** Everything that the page's own scripts ask for. */
export function pageRoutes(stage: Stage): Hono {
  const app = new Hono();
  app.use(refuseStrangers);
  app.use(secureHeaders({ contentSecurityPolicy: policy, referrerPolicy: "no-referrer" }));
  app.use(
    bodyLimit({ maxSize: MAX_BODY, onError: (context) => context.json({ error: "That is too much." }, 413) }),
  );
  app.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  app.get("/", (context) => page(stage, context));
  app.get("/assets/:file", (context) => {
    const found = asset(context.req.param("file"));
    return found === undefined
      ? context.notFound()
      : context.body(found.body, 200, { "content-type": found.type });
  });
  app.get("/tour.json", (context) => context.json(tourSteps));
  clientRoutes(app, stage);
  panelRoutes(app, stage);
  app.notFound((context) => context.text("There is nothing here. The page is at /\n", 404));
  app.onError((error, context) => {
    if (error instanceof NotReady) return context.json({ error: "The bot is still starting." }, 503);
    if (error instanceof z.ZodError)
      return context.json({ error: "The page asked for something it cannot ask." }, 400);
    // A defect of the sandbox: whoever runs it needs the stack, and the reader a sentence.
    process.stderr.write(`page: ${error.stack ?? error.message}\n`);
    return context.json({ error: "The sandbox stumbled. Its words are in the terminal." }, 500);
  });
  return app;
}

const policy = {
  defaultSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  objectSrc: ["'none'"],
};

const ours = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Another site's page in the same browser may neither read this one (a rebound name) nor act through it. */
async function refuseStrangers(context: Context, next: () => Promise<void>): Promise<Response | undefined> {
  const host = context.req.header("host") ?? "";
  const origin = context.req.header("origin");
  const site = context.req.header("sec-fetch-site") ?? "none";
  const stranger =
    !ours.test(host) ||
    (origin !== undefined && origin !== `http://${host}`) ||
    (context.req.method !== "GET" && !["same-origin", "none"].includes(site));
  if (stranger) return context.text("This sandbox answers to its own page only.\n", 403);
  await next();
  return undefined;
}

function viewOf(stage: Stage, context: Context): View {
  const standing = (platform: Platform) =>
    readStanding(context.req.query(platform), stage.desks[platform].places());
  return { slack: standing("slack"), discord: standing("discord") };
}

/** What was sent, or nothing where it was no JSON: the schemas refuse that. */
async function bodyOf(context: Context): Promise<unknown> {
  return context.req.json<unknown>().catch(() => undefined);
}

const since = (context: Context): number => Number(context.req.query("since") ?? 0) || 0;

async function page(stage: Stage, context: Context): Promise<Response> {
  const view = viewOf(stage, context);
  const at = Date.now();
  const panes = await Promise.all(
    platforms.map((platform) => drawPane(stage, { platform, view, since: at })),
  );
  const { progress } = stage;
  return context.html(await shell({ panes, panel: panelFrame(), tour: tourBar(), progress, at }));
}

async function drawPane(
  { desks }: Stage,
  {
    platform,
    view,
    since: sinceMs,
  }: { readonly platform: Platform; readonly view: View; readonly since: number },
): Promise<Html> {
  const desk = desks[platform];
  const { client } = desk;
  const standing = view[platform];
  const viewer = await viewerOf(desk, standing);
  const draw = async (inThread: boolean): Promise<Html> => {
    const { items } = await drawMessages(client, {
      standing,
      viewer: { ...viewer, inThread },
      since: sinceMs,
    });
    return html`${[...items.values()].map((item) => raw(item))}`;
  };
  const { shortcuts } = await desk.commands(standing);
  return pane({
    client,
    view,
    places: desk.places(),
    edition: desk.edition(),
    shortcuts,
    messages: await draw(false),
    thread: standing.thread === undefined ? undefined : await draw(true),
  });
}

function clientRoutes(app: Hono, stage: Stage): void {
  const { desks } = stage;
  app.get("/live", (context) => {
    const view = viewOf(stage, context);
    stage.onVisit();
    return streamSSE(context, async (stream) => {
      await Promise.all([
        streamTab({ stage, view, since: since(context) }, stream),
        ...(context.req.query("panel") === "1" ? [streamPanel(stage.panel, stream)] : []),
      ]);
    });
  });
  app.get("/pane/:platform", async (context) => {
    const platform = platformSchema.parse(context.req.param("platform"));
    return context.html(
      await drawPane(stage, { platform, view: viewOf(stage, context), since: since(context) }),
    );
  });
  app.get("/suggest/:platform", async (context) => {
    const platform = platformSchema.parse(context.req.param("platform"));
    const standing = viewOf(stage, context)[platform];
    const { client, commands: offered } = desks[platform];
    const { commands } = await offered(standing);
    const ask = async (line: string) => client.api.complete({ ...standing, line }).catch(() => []);
    return context.json(await suggest(commands, context.req.query("line") ?? "", ask));
  });
  app.get("/form/:platform", async (context) => {
    const platform = platformSchema.parse(context.req.param("platform"));
    const desk = desks[platform];
    const standing = viewOf(stage, context)[platform];
    const form = await desk.client.api.form({ ...standing, form: context.req.query("form") ?? "" });
    return context.json(await showsOf(desk.client, form, await viewerOf(desk, standing)));
  });
  app.post("/act/:platform", async (context) => {
    const platform = platformSchema.parse(context.req.param("platform"));
    const act = actSchema.parse(await bodyOf(context));
    const desk = desks[platform];
    return context.json(await carryOut(desk.client, act, await viewerOf(desk, act)));
  });
}

const switchSchema = z.object({
  platform: platformSchema,
  trouble: z.enum(troubleNames),
  on: z.boolean(),
});

function panelRoutes(app: Hono, { panel }: Stage): void {
  const product = () => {
    const operator = panel.operator();
    if (operator === undefined) throw new NotReady();
    return operator;
  };
  app.post("/panel/advance", async (context) => {
    const { step } = z.object({ step: z.enum(steps) }).parse(await bodyOf(context));
    await product().advance(step);
    return context.json(await product().clock());
  });
  app.post("/panel/switch", async (context) => {
    const { platform, trouble, on } = switchSchema.parse(await bodyOf(context));
    await panel.switches.set(platform, trouble, on);
    return context.json({ on });
  });
  app.post("/panel/kill", async (context) => {
    await product().killJobs();
    return context.json({});
  });
  app.post("/panel/verify", async (context) => context.json(await product().verify()));
}

class NotReady extends Error {
  override readonly name = "NotReady";
}
