import { html } from "hono/html";

import { steps, type LedgerRow, type SandboxOperator } from "../operator.ts";
import { platforms, type Html, type Platform } from "./client.ts";
import type { Desk } from "./desk.ts";
import { openSwitches, troubleNames, troubles, type Switches } from "./faults.ts";
import type { Drawn } from "./lists.ts";
import { testimony, type Testimony } from "./witness.ts";

// What a sceptic wants to see and to break: the ledger, the queue, the audit, the clock, and switches for trouble.

export interface Panel {
  readonly switches: Switches;
  readonly operator: () => SandboxOperator | undefined;
  /** The lists of the panel as they stand now, by name. */
  readonly draw: () => Promise<ReadonlyMap<string, Drawn>>;
}

const ROWS = 40;
/** The platforms list all they were ever sent: not for every look. */
const ASK_WITNESS_MS = 1_500;

export function openPanel(
  desks: Readonly<Record<Platform, Desk>>,
  operator: () => SandboxOperator | undefined,
): Panel {
  const switches = openSwitches(desks);
  const since = new Date().toISOString();
  let asked: { readonly at: number; readonly told: Promise<Testimony> } | undefined;
  // One answer for all tabs that look.
  const witness = (product: SandboxOperator): Promise<Testimony> => {
    if (asked === undefined || Date.now() - asked.at > ASK_WITNESS_MS)
      asked = { at: Date.now(), told: askWitness(desks, product, since) };
    return asked.told;
  };
  const productLists = async (product: SandboxOperator): Promise<Lists> => {
    const [{ counts, rows }, told] = await Promise.all([product.ledger(ROWS), witness(product)]);
    const names = nameOfChannel(desks);
    return [
      ["facts", await listOf(await factRows(product, { counts, told }))],
      ["ledger", await listOf(rows.map((row) => [row.id, ledgerRow(row, { told, names })]))],
    ];
  };
  const bot = async (words: string): Promise<Lists> => [
    ["facts", await listOf([["bot", fact("bot", "The bot", html`${words}`)]])],
  ];
  return {
    switches,
    operator,
    async draw() {
      const product = operator();
      const lists =
        product === undefined
          ? bot("is still starting")
          : // A database that is away for a moment is a thing to be seen here.
            productLists(product).catch(() => bot("does not answer"));
      return new Map([["switches", await listOf(switchRows(switches))], ...(await lists)]);
    },
  };
}

type Lists = readonly (readonly [string, Drawn])[];

async function askWitness(
  desks: Readonly<Record<Platform, Desk>>,
  product: SandboxOperator,
  since: string,
): Promise<Testimony> {
  const applied = await product.appliedSince(since);
  const at = new Date().toISOString();
  const posts = await Promise.all(platforms.map((platform) => desks[platform].client.api.posts({})));
  return testimony(posts.flat(), applied, { since, at });
}

async function listOf(rows: readonly (readonly [string, Html])[]): Promise<Drawn> {
  const items = await Promise.all(rows.map(async ([key, content]) => [key, String(await content)] as const));
  return { items: new Map(items), earlier: false, later: false };
}

function fact(key: string, term: string, details: Html): Html {
  return html`<div class="fact" data-key="${key}">
    <dt>${term}</dt>
    <dd>${details}</dd>
  </div>`;
}

type Fact = readonly [string, Html];

async function factRows(
  product: SandboxOperator,
  { counts, told }: { readonly counts: Readonly<Record<string, number>>; readonly told: Testimony },
): Promise<readonly Fact[]> {
  const [queue, clock, chain, processes] = await Promise.all([
    product.queue(),
    product.clock(),
    product.chain(),
    product.processes(),
  ]);
  const states = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  const running = processes.map(({ role, state, pid, restarts }) =>
    [
      `${role}: ${state}`,
      pid === undefined ? "" : `(process ${pid})`,
      restarts > 0 ? `restarted ${restarts} ×` : "",
    ]
      .filter(Boolean)
      .join(" "),
  );
  const heads = chain.heads.map(({ agency, rows, mac }) => `${agency}: ${rows} rows, head ${mac}…`);
  return [
    ["clock", fact("clock", "Clock", html`${clockWords(clock)}`)],
    ["deliveries", fact("deliveries", "Deliveries", html`${states.join(" · ")}`)],
    [
      "witness",
      fact(
        "witness",
        "Asked the platforms",
        html`<span data-doubled="${told.doubled}" data-missing="${told.missing}"
          >${told.messages} messages · lost ${told.missing} · doubled ${told.doubled}</span
        >`,
      ),
    ],
    ["queue", fact("queue", "Queue", html`${queue.depth} wake-ups waiting, in ${queue.backend}`)],
    ["processes", fact("processes", "Processes", html`${running.join(" · ")}`)],
    [
      "chain",
      fact(
        "chain",
        "Audit chain",
        html`${chain.sealed} rows sealed, ${chain.unsealed} not yet
          <ul>
            ${heads.map((head) => html`<li>${head}</li>`)}
          </ul>`,
      ),
    ],
  ];
}

function clockWords({ now, aheadSeconds }: { readonly now: string; readonly aheadSeconds: number }): Html {
  const minutes = Math.round(aheadSeconds / 60);
  const ahead =
    minutes === 0 ? "not moved" : `${Math.floor(minutes / 60)} h ${minutes % 60} min ahead of your clock`;
  const shown = now.slice(0, 16);
  return html`<time datetime="${shown}Z">${shown.replace("T", " ")}Z</time>, ${ahead}`;
}

function switchRows(switches: Switches): readonly Fact[] {
  return platforms.flatMap((platform) =>
    troubleNames.map((trouble): Fact => {
      const on = switches.isOn(platform, trouble);
      const { label, about } = troubles[trouble];
      const name = `${platform === "slack" ? "Slack" : "Discord"} ${label}`;
      const key = `${platform} ${trouble}`;
      return [
        key,
        html`<button
          type="button"
          class="switch"
          role="switch"
          data-key="${key}"
          data-fault="${trouble}"
          data-platform="${platform}"
          aria-checked="${on ? "true" : "false"}"
          title="${about}"
        >
          ${name}
        </button>`,
      ];
    }),
  );
}

type Names = (row: LedgerRow) => string;

function nameOfChannel(desks: Readonly<Record<Platform, Desk>>): Names {
  return ({ platform, workspace, channel }) => {
    const place = desks[platform].places().find(({ id }) => id === workspace);
    const found = place?.channels.find(({ id }) => id === channel);
    // Threads are channels of their own on Discord, and not among the places.
    if (found === undefined) return "a thread";
    return found.kind === "direct" ? "direct message" : `#${found.name}`;
  };
}

function ledgerRow(
  row: LedgerRow,
  { told, names }: { readonly told: Testimony; readonly names: Names },
): Html {
  const copies = copiesOf(row, told);
  return html`<tr data-key="${row.id}" class="state-${row.state}">
    <th scope="row">${row.ref}</th>
    <td>
      ${row.kind.replaceAll("_", " ")}${row.subject === null ? "" : html` <small>${row.subject}</small>`}
    </td>
    <td>${names(row)} <small>${row.agency}</small></td>
    <td><span class="state">${row.state}</span></td>
    <td>${row.attempts}</td>
    <td>${row.applied}/${row.wanted}</td>
    <td>${copies}</td>
    <td>${row.lastError ?? ""}</td>
  </tr>`;
}

function copiesOf({ key, since }: LedgerRow, told: Testimony): Html {
  if (since < told.since)
    return html`<span title="Of an earlier start: the pretend platforms have forgotten it">–</span>`;
  const seen = told.seen.get(key);
  if (seen === undefined && since > told.at) return html`<span title="Not asked yet">…</span>`;
  return html`${seen ?? 0}`;
}

const columns = [
  "Delivery",
  "Card",
  "Channel",
  "State",
  "Failed tries",
  "Version",
  "Copies seen",
  "Last trouble",
];

/** The panel's frame; its lists come over the stream while it is open. */
export function panelFrame(): Html {
  return html`<aside class="panel" id="panel" aria-label="For the sceptic" hidden>
    <header>
      <h2>For the sceptic</h2>
      <p>What happens behind the two clients. These switches exist in the sandbox only.</p>
      <button type="button" data-panel-close aria-label="Close the panel">✕</button>
    </header>
    <div class="controls">
      <div role="group" aria-labelledby="panel-time">
        <span id="panel-time">Let time pass</span>
        ${steps.map(
          (step) => html`<button type="button" data-advance="${step}">+${shortStep(step)}</button>`,
        )}
      </div>
      <div role="group" aria-labelledby="panel-trouble">
        <span id="panel-trouble">Make trouble</span>
        <span class="switches" data-list="switches"></span>
        <button type="button" data-kill>Kill the jobs process</button>
      </div>
      <div role="group" aria-labelledby="panel-audit">
        <span id="panel-audit">Audit chain</span>
        <button type="button" data-verify>Verify</button>
        <p role="status" data-verified></p>
      </div>
    </div>
    <p class="trouble" role="alert" data-panel-notice hidden></p>
    <div class="scroll" tabindex="0" role="region" aria-label="How things stand">
      <dl data-list="facts"></dl>
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label="The delivery ledger">
      <table>
        <caption>
          The delivery ledger, newest first
        </caption>
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody data-list="ledger"></tbody>
      </table>
    </div>
  </aside>`;
}

function shortStep(step: string): string {
  return step.replace("minutes", "min").replace("hour", "h");
}
