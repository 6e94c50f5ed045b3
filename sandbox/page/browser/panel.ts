import type { Verified } from "../../operator.ts";
import { around, find } from "./dom.ts";
import { listenAnew } from "./live.ts";
import { post } from "./net.ts";

// The panel's switches. What they do is seen in its lists, which come over the stream while it is open.

export function startPanel(): void {
  const panel = find("#panel", HTMLElement);
  const opener = find("[data-panel-open]", HTMLElement);
  if (panel === undefined || opener === undefined) return;
  const open = (is: boolean): void => {
    panel.hidden = !is;
    opener.setAttribute("aria-expanded", String(is));
    document.documentElement.toggleAttribute("data-panel", is);
    (is ? find("button", HTMLElement, panel) : opener)?.focus();
    listenAnew();
  };
  opener.addEventListener("click", () => open(panel.hidden === true));
  panel.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") open(false);
  });
  panel.addEventListener("click", (event) => {
    if (around(event, "[data-panel-close]") !== undefined) open(false);
    const button = around(event, "[data-advance], [data-fault], [data-kill], [data-verify]");
    if (button !== undefined) void pull(panel, button);
  });
}

async function pull(panel: HTMLElement, button: HTMLElement): Promise<void> {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const [address, body] = requestOf(button);
  const answer = await post(address, body);
  button.removeAttribute("aria-busy");
  const notice = find("[data-panel-notice]", HTMLElement, panel);
  if (notice !== undefined) {
    notice.textContent = "error" in answer ? answer.error : "";
    notice.hidden = !("error" in answer);
  }
  if (button.hasAttribute("data-verify") && "said" in answer) tellVerified(panel, answer.said as Verified);
}

function requestOf(button: HTMLElement): readonly [string, object] {
  const { advance, fault, platform } = button.dataset;
  if (advance !== undefined) return ["/panel/advance", { step: advance }];
  if (fault === undefined) return [button.hasAttribute("data-kill") ? "/panel/kill" : "/panel/verify", {}];
  const on = button.getAttribute("aria-checked") !== "true";
  return ["/panel/switch", { platform, trouble: fault, on }];
}

function tellVerified(panel: HTMLElement, { rows, chains, broken, ms }: Verified): void {
  const place = find("[data-verified]", HTMLElement, panel);
  if (place === undefined) return;
  place.dataset["whole"] = String(broken.length === 0);
  place.textContent =
    broken.length === 0
      ? `Whole: ${rows} rows in ${chains} chains, checked in ${Math.round(ms)} ms.`
      : `Broken: ${broken.join(" ")}`;
}
