// The portfolios there are, and a form for a new one.
import { call, get, url } from "./api.js";
import { failure, field, h, select, table } from "./dom.js";

export const methods = [["fifo", "FIFO, the oldest lot first"], ["lifo", "LIFO, the newest lot first"], ["hifo", "HIFO, the dearest lot first"], ["avco", "AVCO, one average cost"]];

export function show({ host, signal }) {
  const list = h("div", null, h("p", { class: "quiet" }, "Loading …"));
  const id = h("input", { type: "text", required: true, pattern: "[a-z0-9][a-z0-9._\\-]{0,63}", autocomplete: "off", spellcheck: "false" });
  const base = h("input", { type: "text", required: true, value: "usd", pattern: "[a-z0-9][a-z0-9._\\-]{0,63}", autocomplete: "off", spellcheck: "false" });
  const basis = select(methods, "fifo"), shorts = h("input", { type: "checkbox" }), cash = h("input", { type: "checkbox" });
  const said = h("div");
  host.append(
    h("h1", null, "Portfolios"), list,
    h("section", { "aria-labelledby": "new-title" }, h("h2", { id: "new-title" }, "A new portfolio"),
      h("form", { class: "controls", onsubmit: create },
        field("Id", id, "small letters, digits, . _ -"), field("Base currency", base, "all money is told in it"), field("Cost basis", basis),
        field("Allow shorts", shorts), field("Track cash", cash), h("button", { type: "submit" }, "Set up")), said));

  async function create(event) {
    event.preventDefault();
    try {
      const known = await get(`/v1/portfolios/${encodeURIComponent(id.value)}`, signal).catch(error => error.status === 404 ? null : Promise.reject(error));
      if (known) {
        said.replaceChildren(h("p", null, `There is a portfolio “${id.value}” already. `, h("a", { href: `#/portfolio/${encodeURIComponent(id.value)}` }, "Open it")));
        return;
      }
      await call("PUT", `/v1/portfolios/${encodeURIComponent(id.value)}`, {
        body: JSON.stringify({ baseCurrency: base.value, costBasis: basis.value, allowShorts: shorts.checked, trackCash: cash.checked }), signal,
      });
      location.hash = `#/portfolio/${encodeURIComponent(id.value)}`;
    } catch (error) {
      if (!signal.aborted) said.replaceChildren(failure(error));
    }
  }

  async function load(cursor = null, before = []) {
    try {
      const found = await get(url("/v1/portfolios", { limit: 200, cursor }), signal), items = [...before, ...found.items];
      list.replaceChildren(...(items.length === 0
        ? [h("div", { class: "empty" }, h("p", null, "There is no portfolio yet. Set one up below, then enter trades or import them from a CSV."))]
        : [table("All portfolios", [
          ["Portfolio", row => h("a", { href: `#/portfolio/${encodeURIComponent(row.id)}` }, row.id), "name"],
          ["Base currency", row => row.baseCurrency], ["Cost basis", row => row.costBasis.toUpperCase()],
          ["Shorts", row => row.allowShorts ? "allowed" : "refused"], ["Cash", row => row.trackCash ? "tracked" : "not tracked"],
        ], items), found.nextCursor ? h("button", { type: "button", onclick: () => load(found.nextCursor, items) }, "More") : null].filter(Boolean)));
    } catch (error) {
      if (!signal.aborted) list.replaceChildren(failure(error, () => load()));
    }
  }
  load();
}
