// Whose rates a token has, and on bars of which length they stand.
import { badge, h, table } from "./dom.js";
import { count, seconds, time } from "./format.js";

const bar = 300;
const lengths = { "5m": bar, "15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400 };
const adjectives = { "5m": "5-minute", "15m": "15-minute", "1h": "hourly", "4h": "4-hourly", "1d": "daily" };
const openRanges = 12, mostRanges = 200, mostParts = 4;

/** Whether bars are of more than 5 minutes. */
export const isCoarse = interval => interval != null && interval !== "5m";

const byCaller = h("span", { class: "quiet" }, "sent by callers");
const instrument = listing => listing.symbol === "" ? byCaller.cloneNode(true) : listing.symbol;
const day = at => time(at).replace(" 00:00", "");
const capital = text => text[0].toUpperCase() + text.slice(1);

/** Where each stretch of one interval begins, in order of time. */
function stretches(life) {
  const parts = [];
  for (const range of life) {
    if (parts.at(-1)?.interval !== range.interval) parts.push({ interval: range.interval, from: range.from });
  }
  return parts;
}

/** On bars of which length the rates stand, in words: "Daily rates until 2013-04-01, 5-minute rates since." Empty for 5 minutes alone. */
export function standsOn({ life, interval }) {
  const parts = stretches(life);
  if (parts.every(part => !isCoarse(part.interval))) return isCoarse(interval) ? `${capital(adjectives[interval])} rates in part.` : "";
  if (parts.length === 1) return `${capital(adjectives[parts[0].interval])} rates.`;
  if (parts.length > mostParts) return `${capital(adjectives[interval])} and finer rates by turns: the table of whose rates they are says when.`;
  return `${capital(parts.map((part, i) => `${adjectives[part.interval]} rates ${i < parts.length - 1 ? `until ${day(parts[i + 1].from)}` : "since"}`).join(", "))}.`;
}

/** The longest time from one bar to the next that is no gap, at a time; ranges that are not listed stand on the coarsest interval. */
export function stepAt({ life, interval }) {
  const parts = stretches(life).map(part => ({ from: seconds(part.from), step: lengths[part.interval] }));
  const coarsest = lengths[interval] ?? bar;
  return at => {
    let low = 0, high = parts.length; // the last part that begins before it
    while (low < high) {
      const middle = (low + high) >> 1;
      if (parts[middle].from < at) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? coarsest : parts[low - 1].step;
  };
}

/** How many bars a range has at most. */
export function mostBars({ life, interval }, from, to) {
  const parts = stretches(life), coarsest = lengths[interval] ?? bar, first = parts.length ? seconds(parts[0].from) : to;
  const within = (a, b, step) => Math.max(0, Math.min(b, to) - Math.max(a, from)) / step;
  return 2 + within(-Infinity, first, coarsest) + parts.reduce((sum, part, i) => sum + within(seconds(part.from), i < parts.length - 1 ? seconds(parts[i + 1].from) : Infinity, lengths[part.interval]), 0);
}

/** The ranges of a life, and what is kept of each listing. */
export function whose(token) {
  const { life, listings, formerListings } = token;
  const range = [["Source", listing => listing.source, "name"], ["Instrument", instrument], ["Quote", listing => listing.quote === token.quote ? listing.quote : `${listing.quote}, ${listing.notConverted ? "not converted" : "converted"}`], ["Interval", listing => listing.interval]];
  const lived = life.length === 0 ? null : table("Whose rates it has, newest first", [
    ...range, ["From, UTC", part => time(part.from)], ["To, UTC", part => time(part.to)], ["Bars", part => count(part.bars), "num"],
  ], life.toReversed().slice(0, mostRanges), { id: "life" });
  const all = [...listings.map((listing, i) => ({ ...listing, place: i + 1 })), ...formerListings];
  const bounds = listing => listing.from == null && listing.to == null ? "all" : `${listing.from == null ? "" : `from ${day(listing.from)}`} ${listing.to == null ? "" : `until ${day(listing.to)}`}`.trim();
  return [
    lived && (life.length <= openRanges ? lived : h("details", null, h("summary", null, `${count(life.length)} ranges${life.length > mostRanges ? `, the newest ${mostRanges} of them` : ""}`), lived)),
    all.length === 0 ? null : table("Its listings, the preferred one first", [
      ...range, ["Takes", bounds], ["Bars kept", listing => count(listing.bars), "num"],
      ["First, UTC", listing => time(listing.firstBar)], ["Last, UTC", listing => time(listing.lastBar)],
      ["State", listing => [listing.place == null ? badge("no listing any more") : null, listing.neverFetched ? badge("never fetched", "warn") : null, listing.notConverted ? badge(listing.notConverted, "warn") : null].filter(Boolean)],
    ], all, { id: "listings" }),
  ].filter(Boolean);
}
