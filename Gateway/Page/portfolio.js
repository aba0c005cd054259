// A portfolio: what it is worth and has brought, position by position and lot by lot, and its ledger.
import { call, columns, get, listen, throttled, url } from "./api.js";
import { chart } from "./chart.js";
import { absent, amount, badge, failure, facts, field, gain, h, select, table } from "./dom.js";
import { count, duration, exact, rfc3339, rounded, seconds, signed, signedPercent, time, utc } from "./format.js";
import { methods } from "./portfolios.js";

const betweenLoads = 2000;
const kinds = ["buy", "sell", "deposit", "withdrawal", "income", "fee", "redenomination"];
const entriesShown = 100, lotsShown = 200;
const day = 86_400;
// Points closer together where the range is shorter.
const intervals = [[3 * day, "15m", 900], [14 * day, "1h", 3600], [90 * day, "4h", 14_400], [3650 * day, "1d", day], [Infinity, "1w", 7 * day]];

export function show({ host, signal, announce, connected, argument: id }) {
  const base = `/v1/portfolios/${encodeURIComponent(id)}`;
  const head = h("div"), chartHost = h("div"), positions = h("div"), lots = h("div"), ledger = h("div"), said = h("div", { "aria-live": "polite" });
  const method = select(methods, "fifo");
  const keep = h("button", { type: "button", hidden: true, onclick: keepMethod }, "Use for this portfolio");
  const section = (name, title, ...content) => h("section", { "aria-labelledby": `${name}-title` }, h("h2", { id: `${name}-title` }, title), ...content);
  const terms = h("p", { class: "states" });
  let portfolio, report, plot = null, drawing = Promise.resolve(), inputs, submit, correcting = null;
  host.append(h("p", { class: "crumbs" }, h("a", { href: "#/portfolios" }, "Portfolios")), h("h1", null, id), terms,
    h("div", { class: "controls" }, field("Cost basis", method, "moves profit between realised and unrealised; the total is the same"), keep), head,
    section("chart", "Value and PnL", chartHost),
    section("positions", "Positions", positions),
    section("add", "Add to the ledger", entryForm(), importForm(), said),
    section("lots", "Lots", lots),
    section("ledger", "Ledger", ledger));

  async function begin() {
    try {
      portfolio = await get(base, signal);
    } catch (error) {
      if (signal.aborted) return;
      for (const part of host.querySelectorAll("section, .controls")) part.hidden = true;
      head.replaceChildren(error.status === 404
        ? h("div", { class: "empty" }, h("p", null, `There is no portfolio “${id}”.`), h("p", null, h("a", { href: "#/portfolios" }, "See those there are, or set one up"), "."))
        : failure(error, begin));
      return;
    }
    for (const part of host.querySelectorAll("section, .controls")) part.hidden = false;
    method.value = portfolio.costBasis;
    terms.replaceChildren(badge(`in ${portfolio.baseCurrency}`), " ", badge(portfolio.allowShorts ? "shorts allowed" : "no shorts"), " ", badge(portfolio.trackCash ? "cash tracked" : "cash not tracked"));
    await reload().catch(fail);
    listen(url("/v1/stream", { portfolio: id }), { state: connected, pnl: snapshot => { if (snapshot.revision !== report?.revision) soon(); } }, signal);
  }

  method.addEventListener("change", () => {
    keep.hidden = method.value === portfolio.costBasis;
    value().catch(fail);
  });

  async function keepMethod() {
    try {
      const { baseCurrency, allowShorts, trackCash } = portfolio;
      portfolio = await call("PUT", base, { body: JSON.stringify({ baseCurrency, costBasis: method.value, allowShorts, trackCash }), signal });
      keep.hidden = true;
      announce(`The portfolio's cost basis is now ${portfolio.costBasis.toUpperCase()}.`);
      await reload();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error) {
    if (!signal.aborted) said.replaceChildren(failure(error));
  }

  async function reload() {
    portfolio = await get(base, signal);
    await Promise.all([value(), listLots(), listEntries()]);
    await redraw();
  }

  const soon = throttled(betweenLoads, signal, async () => {
    try {
      await value();
      await redraw();
    } catch (error) {
      fail(error);
    }
  });

  /** The figures by the method that is chosen. */
  async function value() {
    report = await get(url(`${base}/pnl`, { costBasis: method.value === portfolio.costBasis ? null : method.value }), signal);
    const unit = report.baseCurrency;
    const share = text => text == null ? absent() : gain(text, signedPercent);
    head.replaceChildren(
      report.complete ? "" : h("div", { class: "warning" }, h("p", null, h("strong", null, "Incomplete: "), "positions are left out of the totals for want of these rates:"), h("p", null, report.missing.slice(0, 10).join(", "), report.missing.length > 10 ? ` and ${report.missing.length - 10} more` : ""), h("p", null, "Send the rates, or ", h("a", { href: "#/backfills" }, "fetch their history"), ".")),
      facts([
        [`Market value, ${unit}`, h("strong", { class: "rate" }, amount(report.marketValue))],
        [`Total PnL, ${unit}`, gain(report.totalPnl)], [`Realised, ${unit}`, gain(report.realisedPnl)], [`Unrealised, ${unit}`, gain(report.unrealisedPnl)],
        [`Income, ${unit}`, amount(report.income)], [`Fees, ${unit}`, amount(report.fees)],
        [`Contributions, ${unit}`, amount(report.contributions)], [`Distributions, ${unit}`, amount(report.distributions)],
        ["Time-weighted return", share(report.twr)], ["Money-weighted, a year", share(report.mwr)], ["On contributions", share(report.roi)],
        ["As of", h("span", { id: "as-of" }, utc(report.asOf))],
      ]));
    const rows = report.positions;
    positions.replaceChildren(rows.length === 0
      ? h("div", { class: "empty" }, h("p", null, "Nothing was ever held. Add an entry below, or import a CSV."))
      : table(`Positions in ${unit}, by ${report.costBasis.toUpperCase()}, as of ${utc(report.asOf)}`, [
        ["Token", row => h("a", { href: `#/token/${encodeURIComponent(row.token)}` }, row.token), "name"],
        ["Quantity", row => amount(row.quantity, exact), "num"],
        ["Market value", row => amount(row.marketValue), "num"],
        ["Total PnL", row => gain(row.totalPnl), "num"],
        ["Unrealised", row => gain(row.unrealisedPnl), "num"],
        ["Realised", row => gain(row.realisedPnl), "num"],
        ["Income", row => amount(row.income), "num"],
        ["Fees", row => amount(row.fees), "num"],
        ["Average cost", row => amount(row.averageCost), "num"],
        ["Rate", row => amount(row.rate), "num"],
        ["Rate as of, UTC", row => row.rateAsOf ? time(row.rateAsOf) : absent()],
        ["State", row => [row.missing.length ? badge("rates missing", "warn") : null, row.stale ? badge("stale", "warn") : null, row.conversionPath.length > 2 ? h("small", null, `by ${row.conversionPath.join(" → ")}`) : null]],
      ], rows));
  }

  /** One after the other: the first of two at once would be left to draw where it is not shown any more. */
  function redraw() {
    drawing = drawing.catch(() => {}).then(() => plot ? plot.refresh(seconds(report.asOf)) : draw());
    return drawing;
  }

  async function draw() {
    const earliest = (await get(`${base}/entries?limit=1`, signal)).items[0];
    if (!earliest || report.asOf == null || report.positions.length === 0) {
      chartHost.replaceChildren(h("div", { class: "empty" }, h("p", null, "A chart begins with the first entry whose token has rates.")));
      return;
    }
    chartHost.replaceChildren();
    const unit = report.baseCurrency;
    plot = await chart(chartHost, {
      name: `value and PnL of ${id} in ${unit}`,
      extent: [seconds(earliest.time), seconds(report.asOf)],
      step: null,
      panels: [
        { label: `Market value and, dashed, net contributions, ${unit}`, height: 240, show: v => rounded(String(v)), lines: [{ key: "value", kind: "line" }, { key: "paid", kind: "second" }] },
        { label: `Total PnL, ${unit}`, height: 150, show: v => rounded(String(v)), lines: [{ key: "pnl", kind: "area" }] },
      ],
      columns: [[`Market value, ${unit}`, "value", rounded], [`Total PnL, ${unit}`, "pnl", text => signed(text)]],
      read: (when, text) => `${utc(when)}: market value ${rounded(text("value"))} ${unit}, total PnL ${signed(text("pnl"))} ${unit}`,
      async load(from, to, points, stop) {
        const [, interval, length] = intervals.find(([span]) => to - from <= span);
        const series = await get(url(`${base}/pnl/series`, { from: rfc3339(Math.floor(from)), to: rfc3339(Math.ceil(to)), interval, limit: 5000 }), stop, columns);
        const end = seconds(series.asOf);
        const drawn = { value: series.marketValue.map(Number), paid: series.contributions.map((paid, i) => Number(paid) - Number(series.distributions[i])), pnl: series.totalPnl.map(Number) };
        const said = { value: series.marketValue, pnl: series.totalPnl };
        return { times: series.time.map(t => Math.min(seconds(t) + length, Math.max(end, seconds(t) + 1))), columns: drawn, text: (key, i) => said[key][i], fine: interval === "15m", note: series.complete ? "" : "Incomplete: what has no rate is left out." };
      },
    }, signal);
  }

  async function listLots() {
    const page = await get(url(`${base}/lots`, { limit: lotsShown }), signal), unit = page.baseCurrency;
    lots.replaceChildren(page.items.length === 0 ? h("p", { class: "quiet" }, "No lots.") : table(`Lots by ${portfolio.costBasis.toUpperCase()}, money in ${unit}${page.nextCursor ? `, the first ${lotsShown}` : ""}`, [
      ["Token", lot => lot.token, "name"],
      ["State", lot => badge(lot.status)],
      ["Quantity", lot => amount(lot.quantity, exact), "num"],
      ["Opened, UTC", lot => time(lot.opened)], ["Closed, UTC", lot => lot.closed ? time(lot.closed) : ""],
      ["Held", lot => lot.holdingPeriodSeconds == null ? "" : duration(lot.holdingPeriodSeconds), "num"],
      ["Cost", lot => amount(lot.cost), "num"],
      ["Proceeds", lot => lot.status === "open" ? "" : amount(lot.proceeds), "num"],
      ["Gain", lot => lot.status === "open" ? "" : gain(lot.gain), "num"],
    ], page.items));
  }

  async function listEntries(cursor = null, before = []) {
    const page = await get(url(`${base}/entries`, { limit: entriesShown, cursor }), signal), items = [...before, ...page.items];
    ledger.replaceChildren(...(items.length === 0 ? [h("p", { class: "quiet" }, "No entries.")] : [
      table(`Entries, oldest first (${count(items.length)} of ${count(portfolio.entries)})`, [
        ["Id", entry => entry.id, "name"], ["Time, UTC", entry => time(entry.time)], ["Kind", entry => entry.kind], ["Token", entry => entry.token],
        ["Quantity", entry => amount(entry.quantity, exact), "num"],
        ["Price", entry => entry.price == null ? "" : [amount(entry.price, exact), " ", h("small", null, entry.currency)], "num"],
        ["Fees", entry => entry.fees.map(fee => `${exact(fee.amount)} ${fee.currency}`).join("; "), "num"],
        ["Note", entry => entry.note ?? "", "words"],
        ["Change", entry => [
          h("button", { type: "button", class: "link", "aria-label": `Correct the entry ${entry.id}`, onclick: () => edit(entry) }, "Correct"), " ",
          h("button", { type: "button", class: "link", "aria-label": `Delete the entry ${entry.id}`, onclick: () => remove(entry) }, "Delete")]],
      ], items),
      page.nextCursor ? h("button", { type: "button", onclick: () => listEntries(page.nextCursor, items).catch(fail) }, "More") : null,
    ].filter(Boolean)));
  }

  function entryForm() {
    const text = attributes => h("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
    const number = attributes => text({ inputmode: "decimal", pattern: "-?[0-9]+([.][0-9]+)?", ...attributes });
    inputs = {
      kind: select(kinds, "buy"), token: text({ required: true }), quantity: number({ required: true }), price: number(), currency: text(),
      time: h("input", { type: "datetime-local", step: "1", required: true, value: rfc3339(Math.floor(Date.now() / 60_000) * 60).slice(0, 19) }),
      fee: number(), feeCurrency: text(), note: text({ maxlength: "500" }),
    };
    submit = h("button", { type: "submit" }, "Add the entry");
    return h("form", { class: "controls", id: "entry", onsubmit: add },
      field("Kind", inputs.kind), field("Token", inputs.token, "its id"), field("Quantity", inputs.quantity), field("Price of one", inputs.price, "none: at the market's rate"), field("Price in", inputs.currency, "such as usd"),
      field("Time, UTC", inputs.time), field("Fee", inputs.fee), field("Fee in", inputs.feeCurrency), field("Note", inputs.note), submit,
      h("button", { type: "reset", onclick: () => correct(null) }, "Clear"));
  }

  function correct(entry) {
    correcting = entry;
    submit.textContent = entry ? `Correct the entry ${entry.id}` : "Add the entry";
  }

  function edit(entry) {
    const { kind, token, quantity, price, currency, note } = entry;
    Object.entries({ kind, token, quantity, price, currency, note, time: entry.time.slice(0, 19), fee: entry.fees[0]?.amount, feeCurrency: entry.fees[0]?.currency })
      .forEach(([name, given]) => { inputs[name].value = given ?? ""; });
    correct(entry);
    inputs.quantity.focus();
  }

  async function add(event) {
    event.preventDefault();
    const given = name => inputs[name].value.trim();
    const json = JSON.stringify, raw = [];
    // Numbers go as they were typed: through a double they would lose digits.
    const put = (name, value) => { if (value !== "") raw.push(`${json(name)}:${value}`); };
    put("id", json(correcting?.id ?? crypto.randomUUID()));
    put("time", json(`${given("time").length === 16 ? given("time") + ":00" : given("time")}Z`));
    put("kind", json(given("kind")));
    put("token", json(given("token")));
    put("quantity", given("quantity"));
    put("price", given("price"));
    if (given("currency")) put("currency", json(given("currency")));
    const fees = given("fee") ? [`{"amount":${given("fee")},"currency":${json(given("feeCurrency") || given("currency"))}}`] : [];
    put("fees", `[${[...fees, ...(correcting?.fees ?? []).slice(1).map(fee => `{"amount":${fee.amount},"currency":${json(fee.currency)}}`)].join(",")}]`);
    if (given("note")) put("note", json(given("note")));
    const entry = `{${raw.join(",")}}`;
    try {
      if (correcting) await call("PUT", `${base}/entries?id=${encodeURIComponent(correcting.id)}`, { body: entry, signal });
      else await call("POST", `${base}/entries`, { body: `{"entries":[${entry}]}`, signal });
      said.replaceChildren(h("p", null, correcting ? "The entry is corrected." : "The entry is in the ledger."));
      correct(null);
      for (const name of ["quantity", "price", "fee", "note"]) inputs[name].value = "";
      await reload();
    } catch (error) {
      fail(error);
    }
  }

  async function remove(entry) {
    if (!confirm(`Delete the entry ${entry.id}: ${entry.kind} ${entry.quantity} ${entry.token}, ${utc(entry.time)}?`)) return;
    try {
      await call("DELETE", `${base}/entries?id=${encodeURIComponent(entry.id)}`, { signal });
      said.replaceChildren(h("p", null, "The entry is deleted."));
      await reload();
    } catch (error) {
      fail(error);
    }
  }

  function importForm() {
    const file = h("input", { type: "file", accept: ".csv,text/csv", required: true });
    const mark = select([["", "found from the rows"], [".", "point: 1,234.5"], [",", "comma: 1.234,5"]], ""), skips = h("input", { type: "checkbox" });
    return h("form", {
      class: "controls", id: "import", async onsubmit(event) {
        event.preventDefault();
        try {
          const answer = await call("POST", url(`${base}/entries`, { decimal: mark.value || undefined, skipRefused: skips.checked || undefined }), { body: await file.files[0].text(), type: "text/csv", signal });
          said.replaceChildren(
            h("p", null, `${file.files[0].name}: ${count(answer.accepted)} entries added, ${count(answer.unchanged)} there already, ${count(answer.rejected.length)} rows rejected.`),
            answer.rejected.length ? table("Rejected rows", [["Line", row => count(row.line), "num"], ["Field", row => row.field], ["Why", row => row.detail, "name"], ["Code", row => row.code]], answer.rejected.slice(0, 200)) : "");
          await reload();
        } catch (error) {
          fail(error);
        }
      },
    }, field("Import a CSV", file, "columns id, time, kind, token, quantity, price, currency, fees, note; or an export of Coinbase, Kraken or Binance"),
    field("Numbers", mark), field("Leave out what the ledger refuses", skips), h("button", { type: "submit" }, "Import"));
  }

  begin();
}
