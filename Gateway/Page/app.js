// Which page the address names, and what all pages share.
import { failure, h } from "./dom.js";
import { uplot } from "./vendored.js";

const pages = [
  [/^$/, "/", () => import("./market.js")],
  [/^token\/([^/]+)$/, "/", () => import("./token.js")],
  [/^portfolios$/, "/portfolios", () => import("./portfolios.js")],
  [/^portfolio\/([^/]+)$/, "/portfolios", () => import("./portfolio.js")],
  [/^backfills$/, "/backfills", () => import("./backfills.js")],
];

const main = document.getElementById("main");
const announcer = document.getElementById("announcer");
const connection = document.getElementById("connection");
let leaving = new AbortController();
let first = true;

/** Says something to a screen reader, when it has said what it is saying. */
const announce = text => { announcer.textContent = text; };

/** Whether what is shown is kept up to date. */
function connected(state) {
  connection.textContent = state;
  connection.dataset.state = state;
}

async function show() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  if (location.hash === "#main") return;
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  connected("");
  const found = pages.find(([pattern]) => pattern.test(path));
  for (const link of document.querySelectorAll("nav a")) {
    if (found && link.hash === `#${found[1]}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const host = h("div");
  try {
    if (!found) {
      host.append(h("h1", null, "No such page"), h("p", null, "There is nothing at this address. ", h("a", { href: "#/" }, "Go to the market"), "."));
    } else {
      const [, argument] = found[0].exec(path);
      const page = await found[2]();
      if (signal.aborted) return;
      page.show({ host, signal, announce, connected, argument: argument && decodeURIComponent(argument), query: new URLSearchParams(query ?? "") });
    }
  } catch (error) {
    host.replaceChildren(h("h1", null, "This page cannot be shown"), failure(error, show));
  }
  main.replaceChildren(host);
  const title = host.querySelector("h1");
  document.title = `${title.textContent} – Orleans.Pnl`;
  if (!first) {
    title.tabIndex = -1;
    title.focus();
    scrollTo(0, 0);
  }
  first = false;
}

document.getElementById("licence").hidden = uplot === null;
addEventListener("hashchange", show);
show();
