// Backfills: those there are, how far they are, and a form for another.
import { call, get, url } from "./api.js";
import { badge, failure, facts, field, h, select, table } from "./dom.js";
import { count, duration, seconds, time, utc } from "./format.js";

const busyMilliseconds = 1000, idleMilliseconds = 10_000;
const states = { planned: "planned", running: "running", paused: "paused", completed: "completed", completedWithFailures: "completed with failures", cancelled: "cancelled", failed: "failed" };
const atWork = status => status === "planned" || status === "running";

export function show({ host, signal, announce, connected }) {
  const list = h("div", null, h("p", { class: "quiet" }, "Loading …"));
  const said = h("div");
  const text = attributes => h("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
  const source = text({ required: true }), tokens = text({ value: "all", required: true });
  const from = h("input", { type: "date" }), to = h("input", { type: "date" }), kind = select([["backfill", "fetch what is missing"], ["reconciliation", "fetch again and correct"]], "backfill");
  host.append(h("h1", null, "Backfills"),
    h("section", { "aria-labelledby": "start-title" }, h("h2", { id: "start-title" }, "Fetch history"),
      h("form", { class: "controls", onsubmit: start },
        field("Source", source, "such as binance, coinbase, kraken, files"), field("Tokens", tokens, "“all”, or ids with commas between"),
        field("From, UTC", from, "none: as early as it goes"), field("To, UTC, not included", to, "none: up to now"), field("Kind", kind), h("button", { type: "submit" }, "Start")), said),
    h("section", { "aria-labelledby": "list-title" }, h("h2", { id: "list-title" }, "All backfills, newest first"), list));

  const cards = new Map();
  let timer, known = new Map();
  signal.addEventListener("abort", () => clearTimeout(timer));

  async function start(event) {
    event.preventDefault();
    const named = tokens.value.trim(), midnight = input => input.value ? `${input.value}T00:00:00Z` : null;
    try {
      const begun = await call("POST", "/v1/backfills", {
        body: JSON.stringify({ source: source.value.trim(), tokens: named === "all" ? "all" : named.split(",").map(id => id.trim()).filter(Boolean), from: midnight(from), to: midnight(to), kind: kind.value }), signal,
      });
      said.replaceChildren();
      announce(`The backfill from ${begun.source} is ${states[begun.status]}.`);
      await load();
    } catch (error) {
      if (!signal.aborted) said.replaceChildren(failure(error));
    }
  }

  async function control(method, path) {
    try {
      await call(method, path, { signal });
      await load();
    } catch (error) {
      if (!signal.aborted) said.replaceChildren(failure(error));
    }
  }

  async function load() {
    clearTimeout(timer);
    let wait = idleMilliseconds;
    try {
      const { items, unreadable } = await get(url("/v1/backfills", { limit: 50 }), signal);
      if (unreadable) said.replaceChildren(...unreadable.map(one => failure(new Error(`${one.id}: ${one.detail}`))));
      if (items.some(item => atWork(item.status))) wait = busyMilliseconds;
      connected("live");
      if (items.length === 0) list.replaceChildren(h("div", { class: "empty" }, h("p", null, "No history has been fetched yet. Name a source above: the rates of its tokens come from there, back to where it begins.")));
      else if (!list.querySelector(".cards") || items.some(item => !cards.has(item.id))) {
        list.replaceChildren(h("div", { class: "cards" }, items.map(item => {
          if (!cards.has(item.id)) cards.set(item.id, h("article", { class: "card", "aria-labelledby": `backfill-${item.id}` }));
          return cards.get(item.id);
        })));
      }
      for (const item of items) {
        draw(item);
        const before = known.get(item.id);
        if (before && before !== item.status) announce(`The backfill from ${item.source} is ${states[item.status]}.`);
        known.set(item.id, item.status);
      }
    } catch (error) {
      if (signal.aborted) return;
      connected("reconnecting");
      if (cards.size === 0) list.replaceChildren(failure(error, load));
    }
    if (!signal.aborted) timer = setTimeout(load, wait);
  }

  /** Written anew only where it changed, so that a button keeps the focus and an open list stays open. */
  function draw(item) {
    const card = cards.get(item.id), text = JSON.stringify(item);
    if (card.dataset.text === text) return;
    card.dataset.text = text;
    const { total, done, failed } = item.tokens, ended = Number(done) + Number(failed), open = card.querySelector("details")?.open, focused = card.contains(document.activeElement) ? document.activeElement.textContent : null;
    const path = `/v1/backfills/${encodeURIComponent(item.id)}`;
    const button = (label, method, to) => h("button", { type: "button", "aria-label": `${label} the ${item.kind} from ${item.source}`, onclick: () => control(method, to) }, label);
    card.replaceChildren(...[
      h("h3", { id: `backfill-${item.id}` }, `${item.kind === "reconciliation" ? "Reconciliation with" : "Backfill from"} ${item.source} `, badge(states[item.status], ["failed", "completedWithFailures"].includes(item.status) ? "warn" : atWork(item.status) ? "busy" : "")),
      h("p", { class: "quiet" }, `${item.from ? time(item.from) : "the beginning"} to ${item.to ? utc(item.to) : "its start"}`),
      Number(total) === 0 ? h("p", null, "The number of tokens is not known yet.") : h("p", { class: "progress" },
        h("progress", { max: total, value: String(ended), "aria-label": `Tokens of the ${item.kind} from ${item.source}` }),
        h("span", null, `${count(ended)} of ${count(total)} tokens, ${Math.floor(ended / Number(total) * 100)} %`)),
      facts([
        ["Bars fetched", count(item.bars.landed)], ["New or corrected", count(item.bars.imported)], ["Set aside", count(item.bars.quarantined)],
        ["Bars a second", count(Math.round(Number(item.barsPerSecond)))], ["Tried again", count(item.retries)],
        ["Started", utc(item.startedAt?.slice(0, 19) + "Z")],
        item.endedAt ? ["Took", duration(seconds(item.endedAt) - seconds(item.startedAt))] : item.eta ? ["Ends about", utc(item.eta.slice(0, 19) + "Z")] : null,
      ]),
      item.failures.length === 0 ? null : h("details", { open }, h("summary", null, `Tokens given up (${count(failed)})`),
        table(`Tokens given up by the ${item.kind} from ${item.source}`, [["Token", row => row.token, "name"], ["Why", row => row.detail, "words"], ["Code", row => row.code]], item.failures.slice(0, 100))),
      h("p", { class: "actions" }, [
        atWork(item.status) ? button("Pause", "POST", `${path}/pause`) : null,
        item.status === "paused" ? button("Resume", "POST", `${path}/resume`) : null,
        atWork(item.status) || item.status === "paused" ? button("Cancel", "DELETE", path) : null,
      ]),
    ].filter(Boolean));
    if (focused) [...card.querySelectorAll("button, summary")].find(element => element.textContent === focused)?.focus();
  }

  load();
}
