// A token: its rate and PnL from the first bar to now, its windows, and how whole its history is.
import { columns, get, listen, throttled, url } from "./api.js";
import { chart } from "./chart.js";
import { absent, amount, badge, failure, facts, field, gain, h, table } from "./dom.js";
import { isCoarse, mostBars, standsOn, stepAt, whose } from "./life.js";
import { count, duration, exact, minus, percent, rfc3339, rounded, seconds, signed, signedPercent, time, utc } from "./format.js";

const bar = 300;
const betweenLoads = 1000;
const names = { "5m": "5 minutes", "1h": "1 hour", "24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days", "1y": "1 year", ytd: "Year to date", inception: "Since the first bar" };

export function show({ host, signal, announce, connected, argument: id }) {
  const base = `/v1/tokens/${encodeURIComponent(id)}`;
  const head = h("div", { class: "figures" });
  const states = h("p", { class: "states" });
  const chartHost = h("div"), windowsHost = h("div"), betweenHost = h("div"), coverageHost = h("div"), changesHost = h("div"), whoseHost = h("div"), standsHost = h("p", { id: "stands-on", class: "quiet" });
  const title = h("h1", null, id);
  host.append(h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Market")), title, states, head,
    h("section", { "aria-labelledby": "chart-title" }, h("h2", { id: "chart-title" }, "Rate and cumulative PnL"), standsHost, chartHost, changesHost),
    h("section", { "aria-labelledby": "windows-title" }, h("h2", { id: "windows-title" }, "Windows"), windowsHost),
    h("section", { "aria-labelledby": "between-title" }, h("h2", { id: "between-title" }, "Between any two times"), betweenHost),
    h("section", { "aria-labelledby": "whose-title" }, h("h2", { id: "whose-title" }, "Whose rates"), whoseHost),
    h("section", { "aria-labelledby": "coverage-title" }, h("h2", { id: "coverage-title" }, "Coverage"), coverageHost));

  let token, pnl, isDeleted = false, plot = null, step = null, corrections = [];

  async function begin() {
    try {
      [token, pnl] = await Promise.all([get(base, signal), get(`${base}/pnl`, signal)]);
    } catch (error) {
      if (!signal.aborted) {
        head.replaceChildren(error.status === 404
          ? h("div", { class: "empty" }, h("p", null, `There is no token “${id}”.`), h("p", null, h("a", { href: "#/" }, "Search the market"), ", or register it: PUT ", h("code", null, base), "."))
          : failure(error, begin));
        for (const section of host.querySelectorAll("section")) section.hidden = true;
      }
      return;
    }
    for (const section of host.querySelectorAll("section")) section.hidden = false;
    title.replaceChildren(token.symbol, " ", h("small", null, token.name === token.symbol ? token.id : `${token.name}, ${token.id}`));
    document.title = `${token.symbol} – Orleans.Pnl`;
    state();
    covered();
    between();
    listen(url("/v1/stream", { tokens: id }), { state: connected, pnl: told, deleted }, signal);
    await draw();
  }

  function state() {
    states.replaceChildren(...[
      pnl.stale && token.status === "stale" ? null : badge(token.status, token.status === "live" ? "" : "warn"),
      pnl.stale ? badge("stale: the last rate is older than it should be", "warn") : null,
      pnl.complete ? null : badge("incomplete: bars are missing in some window", "warn"),
    ].filter(Boolean));
    const day = pnl.windows["24h"];
    head.replaceChildren(facts([
      [`Rate, ${pnl.quote}`, h("strong", { class: "rate" }, pnl.rate == null ? absent() : exact(pnl.rate))],
      ["24 hours", gain(day?.pnl, text => signed(text)), " ", day?.return == null ? null : gain(day.return, text => `(${signedPercent(text)})`)],
      ["As of", h("span", { id: "as-of" }, utc(pnl.asOf))],
      ["Revision", h("span", { id: "revision" }, count(pnl.revision))],
    ]));
    const shown = [
      ["Window", ([name]) => [names[name] ?? name], "name"],
      [`PnL of one, ${pnl.quote}`, ([, w]) => gain(w?.pnl), "num"],
      ["Return", ([, w]) => gain(w?.return, signedPercent), "num"],
      ["High", ([, w]) => amount(w?.high), "num"],
      ["Low", ([, w]) => amount(w?.low), "num"],
      ["Max. drawdown", ([, w]) => w?.maxDrawdown == null ? absent() : percent(w.maxDrawdown), "num"],
      ["Volatility, a year", ([, w]) => w?.volatility == null ? absent() : percent(w.volatility), "num"],
      [`Start rate, ${pnl.quote}`, ([, w]) => amount(w?.startRate), "num"],
      ["From, UTC", ([, w]) => w?.from ? time(w.from) : absent()],
      ["Bars", ([, w]) => w ? `${count(w.bars)} of ${count(w.expectedBars)}` : absent(), "num"],
      ...Object.values(pnl.windows).some(w => isCoarse(w.interval)) ? [["Interval", ([, w]) => w?.interval ?? absent()]] : [],
      ["State", ([, w]) => w == null || w.partial ? badge("partial", "warn") : null],
    ];
    windowsHost.replaceChildren(pnl.asOf == null ? h("p", { class: "quiet" }, "Windows end with the last bar, and there is none yet.") : table(`Profit and loss of one ${token.symbol} in ${pnl.quote}, as of ${utc(pnl.asOf)}`, shown, Object.entries(pnl.windows)));
  }

  function covered() {
    const { coverage } = token;
    const ranges = [...coverage.absent.map(range => ["none at the source", range]), ...coverage.missing.map(range => ["not fetched", range])]
      .sort(([, a], [, b]) => b.from.localeCompare(a.from));
    coverageHost.replaceChildren(
      facts([
        ["First bar", utc(token.firstBar)], ["Last bar", utc(token.lastBar)], ["Bars", count(token.bars)],
        ["None at the source", `${count(coverage.absentBars)} bars`], ["Not fetched", `${count(coverage.missingBars)} bars`],
        ["Listed", utc(token.listed)], ["Delisted", utc(token.delisted)], ["Stale after", duration(token.stalenessSeconds)],
      ]),
      ranges.length === 0 ? h("p", { class: "quiet" }, "There are no gaps.") : h("details", null,
        h("summary", null, `Gaps${coverage.truncated ? ", the newest ones" : ""} (${count(ranges.length)})`),
        table("Stretches without bars, newest first", [
          ["From, UTC", ([, range]) => h("button", { type: "button", class: "link", onclick: () => look(range) }, time(range.from)), "name"],
          ["To, UTC", ([, range]) => time(range.to)],
          ["Length", ([, range]) => duration(seconds(range.to) - seconds(range.from)), "num"],
          ["Why", ([kind]) => kind],
        ], ranges.slice(0, 200))));
    step = stepAt(token);
    const told = whose(token);
    whoseHost.replaceChildren(...told.length > 0 ? told : [h("p", { class: "quiet" }, token.firstBar == null ? "It has no listings, and no rates yet." : "It has no listings.")]);
    standsHost.textContent = standsOn(token);
    standsHost.hidden = standsHost.textContent === "";
    plot?.setGaps([...coverage.absent, ...coverage.missing]);
  }

  function look(range) {
    const from = seconds(range.from), to = seconds(range.to), span = Math.max(3600, (to - from) * 3);
    plot?.see(from - span, to + span);
    chartHost.scrollIntoView({ block: "start" });
  }

  /** Points lie at the time at which their bar closed, when its rate became known: the last one at "as of". */
  async function load(from, to, points, stop) {
    const whole = from <= seconds(token.firstBar) + bar;
    const series = await get(url(`${base}/pnl/series`, { from: whole ? null : rfc3339(Math.floor(from) - bar), to: rfc3339(Math.ceil(to)), maxPoints: points }), stop, columns);
    const start = pnl.windows.inception.startRate, times = series.time.map(t => seconds(t) + bar), rates = series.rate.map(Number);
    return {
      times,
      columns: { rate: rates, pnl: rates.map(rate => rate - Number(start)) },
      text: (key, i) => key === "rate" ? series.rate[i] : minus(series.rate[i], start),
      fine: mostBars(token, from, to) <= points, // as many bars as there can be, so none was left out
      note: token.coverage.truncated ? `There are more gaps than are listed: those before ${utc(oldestGap())} are not marked, and seen when zoomed in.` : "",
      revision: series.revision,
    };
  }

  const oldestGap = () => [...token.coverage.absent, ...token.coverage.missing].map(range => range.from).sort()[0];

  async function draw() {
    if (token.firstBar == null) {
      chartHost.replaceChildren(h("div", { class: "empty" }, h("p", null, "There is no bar yet."), h("p", null, "Send rates (POST ", h("code", null, `${base}/rates`), ") or ", h("a", { href: "#/backfills" }, "fetch its history"), ".")));
      return;
    }
    chartHost.replaceChildren();
    plot = await chart(chartHost, {
      name: `rate and cumulative PnL of one ${token.symbol} in ${token.quote}`,
      extent: [seconds(token.firstBar) + bar, seconds(pnl.asOf)],
      step: at => step(at),
      panels: [
        { label: `Rate, ${token.quote}`, height: 280, show: value => rounded(String(value)), lines: [{ key: "rate", kind: "line" }] },
        { label: `PnL of one since the first bar, ${token.quote}`, height: 150, show: value => rounded(String(value)), lines: [{ key: "pnl", kind: "area" }] },
      ],
      columns: [[`Rate, ${token.quote}`, "rate", exact], [`PnL since the first bar, ${token.quote}`, "pnl", text => signed(text, exact)]],
      load,
      read: (when, text) => `${utc(when)}: rate ${exact(text("rate"))} ${token.quote}, PnL since the first bar ${signed(text("pnl"), exact)} ${token.quote}`,
    }, signal);
    plot?.setGaps([...token.coverage.absent, ...token.coverage.missing]);
  }

  /** What was said last of each point seen, to tell what a new revision corrected. */
  const refresh = throttled(betweenLoads, signal, async () => {
    try {
      token = await get(base, signal);
      covered();
      if (!plot) {
        between();
        return await draw();
      }
      const before = plot.layer, said = new Map(before?.times.map((when, i) => [when, before.text("rate", i)]));
      await plot.refresh(seconds(pnl.asOf));
      const now = plot.layer;
      if (now === before) return;
      const found = now.times.map((when, i) => ({ when, was: said.get(when), is: now.text("rate", i) })).filter(({ was, is }) => was != null && was !== is);
      if (found.length > 0) corrected(found, now.revision);
    } catch (error) {
      if (!signal.aborted) changesHost.replaceChildren(failure(error, refresh));
    }
  });

  function corrected(found, revision) {
    corrections = [...found.map(point => ({ ...point, revision })), ...corrections].slice(0, 100);
    plot.setMarks(corrections.map(point => point.when));
    announce(`${found.length} rates were corrected in revision ${revision}.`);
    changesHost.replaceChildren(table("Rates corrected while this page was open", [
      ["As of, UTC", point => time(point.when), "name"], [`Was, ${token.quote}`, point => exact(point.was), "num"], [`Is, ${token.quote}`, point => exact(point.is), "num"], ["Revision", point => count(point.revision), "num"],
    ], corrections, { id: "corrections" }));
  }

  /** Says that the token is no more. Its stream goes on: if it is registered anew, it is shown from the start. */
  function deleted() {
    isDeleted = true;
    head.replaceChildren(h("div", { class: "empty" }, h("p", null, `The token “${id}” was deleted.`), h("p", null, h("a", { href: "#/" }, "Search the market"), ".")));
    states.replaceChildren();
    for (const section of host.querySelectorAll("section")) section.hidden = true;
    announce(`The token ${id} was deleted.`);
  }

  function told(snapshot) {
    if (isDeleted) {
      dispatchEvent(new Event("hashchange"));
      return;
    }
    if (snapshot.revision === pnl.revision && snapshot.stale === pnl.stale) return;
    const isNew = snapshot.revision !== pnl.revision;
    pnl = snapshot;
    state();
    if (isNew) refresh();
  }

  function between() {
    if (pnl.asOf == null) {
      betweenHost.replaceChildren(h("p", { class: "quiet" }, "There is nothing to compute yet."));
      return;
    }
    const input = value => h("input", { type: "datetime-local", step: "300", value: value ? value.slice(0, 16) : "" });
    const from = input(pnl.windows["30d"]?.from ?? token.firstBar), to = input(pnl.asOf), quantity = h("input", { type: "text", inputmode: "decimal", value: "1", size: "12" });
    const answer = h("div", { "aria-live": "polite" });
    const ask = async event => {
      event?.preventDefault();
      const zulu = value => value ? `${value.length === 16 ? value + ":00" : value}Z` : null;
      try {
        const w = await get(url(`${base}/pnl`, { from: zulu(from.value), to: zulu(to.value), quantity: quantity.value.trim() || "1" }), signal);
        answer.replaceChildren(facts([
          [`PnL of ${exact(w.quantity)} ${token.symbol}, ${w.quote}`, gain(w.pnl, text => signed(text, exact))],
          ["Return", gain(w.return, signedPercent)], [`Start rate, ${w.quote}`, amount(w.startRate, exact)], [`End rate, ${w.quote}`, amount(w.rate, exact)],
          ["High", amount(w.high, exact)], ["Low", amount(w.low, exact)], ["Max. drawdown", w.maxDrawdown == null ? absent() : percent(w.maxDrawdown)],
          ["Bars", `${count(w.bars)} of ${count(w.expectedBars)}`, isCoarse(w.interval) ? ` of ${w.interval}` : null, w.partial ? [" ", badge("partial", "warn")] : null], ["As of", utc(w.asOf)],
        ]));
      } catch (error) {
        if (!signal.aborted) answer.replaceChildren(failure(error));
      }
    };
    betweenHost.replaceChildren(h("form", { class: "controls", onsubmit: ask },
      field("From, UTC", from), field("To, UTC", to), field("Quantity", quantity, "negative for a short"),
      h("button", { type: "submit" }, "Compute"),
      h("button", { type: "button", onclick: () => { if (plot) { [from.value, to.value] = plot.view.map(at => rfc3339(Math.round(at / bar) * bar).slice(0, 16)); ask(); } } }, "Of the range in view")), answer);
  }

  begin();
}
