// The few things that every script of the page needs of the document.

export type Platform = "slack" | "discord";
export const platforms: readonly Platform[] = ["slack", "discord"];

/** The first element that fits, when it is of that kind. */
export function find<Kind extends Element>(
  selector: string,
  kind: abstract new () => Kind,
  within: ParentNode = document,
): Kind | undefined {
  const found = within.querySelector(selector);
  return found instanceof kind ? found : undefined;
}

export function all(selector: string, within: ParentNode = document): readonly HTMLElement[] {
  return [...within.querySelectorAll(selector)].filter((one) => one instanceof HTMLElement);
}

/** The nearest element around an event's target that fits. */
export function around(event: Event, selector: string): HTMLElement | undefined {
  const { target } = event;
  const found = target instanceof Element ? target.closest(selector) : null;
  return found instanceof HTMLElement ? found : undefined;
}

export function paneOf(platform: Platform): HTMLElement {
  const pane = find(`[data-pane="${platform}"]`, HTMLElement);
  if (pane === undefined) throw new Error(`the page has no ${platform}`);
  return pane;
}

/** The client that an element is in. */
export function paneAround(element: Element): { readonly pane: HTMLElement; readonly platform: Platform } {
  const pane = element.closest("[data-pane]");
  if (!(pane instanceof HTMLElement)) throw new Error("this is in no client");
  return { pane, platform: pane.dataset["pane"] === "discord" ? "discord" : "slack" };
}

/** HTML that the server drew, as an element: what people wrote has been escaped there. */
export function drawn(html: string): HTMLElement {
  const template = document.createElement("template");
  template.innerHTML = html;
  const [element] = template.content.children;
  if (!(element instanceof HTMLElement)) throw new Error("the server drew nothing");
  return element;
}

/** Says something to a screen reader. */
export function announce(words: string): void {
  const place = find("[data-announce]", HTMLElement);
  if (place !== undefined) place.textContent = words;
}
