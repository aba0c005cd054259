// The market: a ranking of all tokens over a window, or a search among them, each with a line of its rate.
import { get, listen, throttled, url } from "./api.js";
import { absent, amount, badge, failure, field, gain, h, line, select, table } from "./dom.js";
import { count, percent, seconds, signed, signedPercent, time, utc } from "./format.js";
import { sparkline } from "./line.js";

const windows = [["5m", "5 minutes"], ["1h", "1 hour"], ["24h", "24 hours"], ["7d", "7 days"], ["30d", "30 days"], ["90d", "90 days"], ["1y", "1 year"], ["ytd", "year to date"], ["inception", "since the first bar"]];
const measures = [["return", "return"], ["pnl", "PnL of one token"], ["volatility", "volatility"], ["maxDrawdown", "maximum drawdown"]];
const orders = [["desc", "largest first"], ["asc", "smallest first"]];
const page = 50;
const mostAnEvent = 100;
const betweenRankings = 5000;
const typing = 200;

export function show({ host, signal, announce, connected, query }) {
  const window = select(windows, query.get("window") ?? "24h");
  const by = select(measures, query.get("by") ?? "return");
  const order = select(orders, query.get("order") ?? "desc");
  const all = h("input", { type: "checkbox", checked: query.has("all") });
  const search = h("input", { type: "search", value: query.get("search") ?? "", placeholder: "id, symbol or name", autocomplete: "off", spellcheck: "false", maxlength: "64" });
  const summary = h("p", { class: "quiet" });
  const list = h("div", { "aria-busy": "true" });
  host.append(
    h("h1", null, "Market"),
    h("form", { class: "controls", role: "search", onsubmit: event => event.preventDefault() },
      field("Search all tokens", search), field("Window", window), field("Ranked by", by), field("Order", order), field("Also stale and partial", all)),
    summary, list);

  let loading = new AbortController(), listening = new AbortController(), rows = new Map(), timer;
  const told = new Map(); // the newest state that the stream told of each token
  const load = announced => {
    loading.abort();
    loading = new AbortController();
    const stop = AbortSignal.any([signal, loading.signal]);
    list.setAttribute("aria-busy", "true");
    return (search.value.trim() ? searchTokens(stop) : rank(stop))
      .then(text => { if (announced) announce(text); })
      .catch(error => { if (!stop.aborted) fail(error); })
      .finally(() => list.setAttribute("aria-busy", "false"));
  };
  const again = throttled(betweenRankings, signal, () => search.value.trim() ? null : load(false));

  function changed() {
    const given = Object.entries({ window: window.value, by: by.value, order: order.value, all: all.checked ? "1" : "", search: search.value.trim() });
    history.replaceState(null, "", `#/?${new URLSearchParams(given.filter(([, value]) => value))}`);
    load(true);
  }
  for (const control of [window, by, order, all]) control.addEventListener("change", changed);
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(changed, typing);
  });

  function fail(error) {
    listening.abort();
    summary.textContent = "";
    list.replaceChildren(failure(error, () => load(true)));
  }

  /** Of a row; a narrow page has no column for it, and shows it below the name. */
  const state = row => row.status ? badge(row.status, row.status === "live" ? "" : "warn") : [row.stale ? badge("stale", "warn") : null, row.partial ? badge("partial", "warn") : null];

  /** Columns of a row {token, symbol, quote, rate, return, pnl, volatility, maxDrawdown, partial, stale}. */
  const columns = [
    ["#", row => row.rank, "num narrow"],
    ["Token", row => [h("a", { href: `#/token/${encodeURIComponent(row.token)}` }, row.symbol), h("small", null, row.token), h("span", { class: "narrow-only" }, state(row))], "name"],
    ["Rate", row => [amount(row.rate), " ", h("small", null, row.quote)], "num"],
    ["Return", row => gain(row.return, signedPercent), "num"],
    ["Trend", row => row.spark ?? "", "trend"],
    ["PnL of one", row => gain(row.pnl, text => signed(text)), "num"],
    ["Volatility, a year", row => row.volatility == null ? absent() : percent(row.volatility), "num"],
    ["Max. drawdown", row => row.maxDrawdown == null ? absent() : percent(row.maxDrawdown), "num"],
    ["State", state, "state"],
  ];

  async function rank(stop) {
    const board = await get(url("/v1/leaderboard", { window: window.value, by: by.value, order: order.value, limit: page, include: all.checked ? "all" : null }), stop);
    if (stop.aborted) return "";
    const text = `${count(board.tokens)} of ${count(board.known)} tokens ranked over ${windows.find(([name]) => name === board.window)[1]}, as of ${utc(board.asOf)}.`;
    summary.replaceChildren(text, " Figures are of one token in its quote currency; compare across currencies by return.", board.complete ? "" : badge("incomplete: tokens are still being read", "warn"));
    if (board.items.length === 0) {
      listening.abort();
      list.replaceChildren(empty(board));
      return text;
    }
    draw(board.items, `Tokens by ${measures.find(([name]) => name === by.value)[1]}, ${orders.find(([name]) => name === order.value)[1]}`, columns, stop);
    return text;
  }

  const empty = board => Number(board.known) === 0
    ? h("div", { class: "empty" }, h("p", null, "There are no tokens yet."), h("p", null, "Start with a feed (Pnl:Feed), ", h("a", { href: "#/backfills" }, "fetch history from a source"), ", or register one and send rates: PUT /v1/tokens/{id}, then POST /v1/tokens/{id}/rates."))
    : h("div", { class: "empty" }, h("p", null, "No token has a whole, fresh window of this length."), h("p", null, "Take a shorter window, or include stale and partial ones."));

  async function searchTokens(stop, cursor = null, before = []) {
    const found = await get(url("/v1/tokens", { search: search.value.trim(), limit: page, cursor }), stop);
    if (stop.aborted) return "";
    const items = [...before, ...found.items.map(token => ({ ...token, token: token.id }))];
    const text = items.length === 0 ? `No token has “${search.value.trim()}” in its id, symbol or name.` : `${count(items.length)}${found.nextCursor ? " or more" : ""} tokens found.`;
    summary.textContent = text;
    if (items.length === 0) {
      listening.abort();
      list.replaceChildren(h("div", { class: "empty" }, h("p", null, "Nothing found. Search part of an id, a symbol or a name, in any case; or register the token: PUT /v1/tokens/{id}.")));
      return text;
    }
    draw(items, "Tokens found", [
      columns[1],
      ["Name", row => row.name, "words"],
      ["Rate", row => row.rate == null ? absent() : [amount(row.rate), " ", h("small", null, row.quote)], "num"],
      columns[3], columns[4],
      ["First bar, UTC", row => row.firstBar ? time(row.firstBar) : absent()],
      ["Last bar, UTC", row => row.lastBar ? time(row.lastBar) : absent()],
      ["Bars", row => count(row.bars), "num"],
      columns.at(-1),
    ], stop);
    if (found.nextCursor) list.append(h("button", { type: "button", onclick: () => searchTokens(stop, found.nextCursor, items).catch(error => { if (!stop.aborted) fail(error); }) }, "More"));
    return text;
  }

  /** Shows rows, their lines when these come, and follows what is shown. */
  function draw(items, caption, shown, stop) {
    let isBehind = false; // a ranking may be a moment older than the stream: what is shown does not go back, and it is asked for again
    for (const row of items) {
      row.spark ??= rows.get(row.token)?.row.spark;
      if (told.has(row.token) && !(row.asOf >= told.get(row.token).asOf)) {
        isBehind ||= row.asOf != null; // what a search found says nothing as of when
        take(row, told.get(row.token));
      }
    }
    const scroll = list.querySelector(".scroll")?.scrollLeft ?? 0, focused = document.activeElement?.getAttribute?.("href");
    const element = table(caption, shown, [], { class: "market" });
    const body = element.querySelector("tbody");
    rows = new Map(items.map(row => [row.token, { row, element: line(shown, row), columns: shown }]));
    body.append(...[...rows.values()].map(entry => entry.element));
    list.replaceChildren(element);
    element.scrollLeft = scroll;
    if (focused && list.contains(body.querySelector(`a[href="${CSS.escape(focused)}"]`))) body.querySelector(`a[href="${CSS.escape(focused)}"]`).focus();
    drawSparks(stop);
    follow();
    if (isBehind) again();
  }

  /** Takes what the stream told over into a row. */
  function take(row, snapshot) {
    const figures = snapshot.windows[window.value];
    Object.assign(row, { asOf: snapshot.asOf, rate: snapshot.rate, stale: snapshot.stale, partial: figures?.partial ?? true, return: figures?.return, pnl: figures?.pnl, volatility: figures?.volatility, maxDrawdown: figures?.maxDrawdown });
  }

  async function drawSparks(stop) {
    const ids = [...rows.keys()];
    for (let i = 0; i < ids.length; i += mostAnEvent) {
      const lines = await get(url("/v1/sparklines", { tokens: ids.slice(i, i + mostAnEvent).join(","), window: window.value }), stop).catch(() => ({ items: [] }));
      if (stop.aborted) return;
      for (const item of lines.items) {
        const entry = rows.get(item.token);
        if (!entry) continue;
        entry.row.spark = sparkline(item.time.map(seconds), item.rate.map(Number));
        redraw(entry);
      }
    }
  }

  function redraw(entry) {
    const fresh = line(entry.columns, entry.row);
    if (entry.element.contains(document.activeElement)) {
      // What has the focus keeps it: only the cells behind it are put in.
      [...fresh.children].forEach((cell, i) => { if (!entry.element.children[i].contains(document.activeElement)) entry.element.children[i].replaceWith(cell); });
    } else {
      entry.element.replaceWith(fresh);
      entry.element = fresh;
    }
  }

  let followed = "";
  function follow() {
    const ids = [...rows.keys()].slice(0, mostAnEvent).join(",");
    if (ids === followed && !listening.signal.aborted) return;
    followed = ids;
    listening.abort();
    listening = new AbortController();
    listen(url("/v1/stream", { tokens: ids }), {
      state: connected,
      pnl(snapshot) {
        const entry = rows.get(snapshot.token), before = told.get(snapshot.token);
        if (!entry || before?.revision === snapshot.revision) return;
        const isNewer = before != null || entry.row.asOf !== snapshot.asOf || entry.row.rate !== snapshot.rate;
        told.set(snapshot.token, snapshot);
        take(entry.row, snapshot);
        redraw(entry);
        if (isNewer) again();
      },
      deleted: again,
    }, AbortSignal.any([signal, listening.signal]));
  }

  load(false);
}
