import { notice, startActs } from "./acts.ts";
import { startComposer } from "./composer.ts";
import { all, find, paneOf } from "./dom.ts";
import { refreshForm, startForms } from "./forms.ts";
import { startLive, type News } from "./live.ts";
import { startPanel } from "./panel.ts";
import { markUnread, refreshPlaces, startPanes } from "./panes.ts";
import { startScrolling } from "./scrolling.ts";
import { startTour } from "./tour.ts";

// What happens when the page is there, in order.

startPanes();
startScrolling();
startActs();
startForms();
startComposer();
startPanel();
startTour(document);
startShell();
startLive(hear);

function hear(news: News): void {
  switch (news.kind) {
    case "message":
      markUnread(news.platform, news.workspace, news.channel);
      return;
    case "form":
      void refreshForm(news.platform, news.user, news.form);
      return;
    case "places":
      void refreshPlaces(news.platform);
      return;
    case "standing": {
      const { dataset } = paneOf(news.platform);
      const same = (["workspace", "user", "channel"] as const).every((part) => dataset[part] === news[part]);
      if (!same || dataset["edition"] !== String(news.edition)) void refreshPlaces(news.platform);
      return;
    }
    case "refused": {
      const name = news.platform === "slack" ? "Slack" : "Discord";
      notice(news.platform, `${name} refused the app's ${news.method}: ${news.text}`);
      return;
    }
    case "progress": {
      const place = find("[data-progress]", HTMLElement);
      if (place === undefined) return;
      place.hidden = news.words === undefined;
      place.textContent = news.words ?? "";
    }
  }
}

/** One platform at a time on a phone; dark or light. */
function startShell(): void {
  const { documentElement: root } = document;
  for (const tab of all("[data-show]"))
    tab.addEventListener("click", () => {
      root.dataset["showing"] = tab.dataset["show"] ?? "slack";
      for (const one of all("[data-show]")) one.setAttribute("aria-pressed", String(one === tab));
    });
  const intro = find("[data-intro]", HTMLElement);
  if (intro !== undefined) {
    intro.hidden = localStorage.getItem("introduced") !== null;
    find("[data-intro-close]", HTMLElement, intro)?.addEventListener("click", () => {
      intro.hidden = true;
      localStorage.setItem("introduced", "yes");
    });
  }
  const kept = localStorage.getItem("theme");
  if (kept !== null) root.dataset["theme"] = kept;
  find("[data-theme-switch]", HTMLElement)?.addEventListener("click", () => {
    const dark =
      root.dataset["theme"] === undefined
        ? matchMedia("(prefers-color-scheme: dark)").matches
        : root.dataset["theme"] === "dark";
    root.dataset["theme"] = dark ? "light" : "dark";
    localStorage.setItem("theme", dark ? "light" : "dark");
  });
}
