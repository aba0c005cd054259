// A chart over all the years of a series that loads finer points as it zooms. What it shows is held in layers: stretches of the
// series, each thinned out to what a screen can tell apart; the narrowest one that covers the view is drawn at once, and a finer one
// is asked for when the view has come to rest.
import { h, table } from "./dom.js";
import { seconds, time, utc } from "./format.js";
import { linePainter } from "./line.js";
import { uplot } from "./vendored.js";

const restMilliseconds = 150;
const mostLayers = 12;
const bar = 300;
const presets = [["1 h", 3600], ["24 h", 86_400], ["7 d", 604_800], ["30 d", 2_592_000], ["1 y", 31_536_000], ["All", Infinity]];

/**
 * @param host where it is put
 * @param options name: of what it is; extent: [first, last] seconds; panels: [{label, height, show, lines: [{key, kind}]}];
 *   step(time): the most seconds from a point that is not thinned out to the one before it, null if points just follow each other;
 *   load(from, to, points, signal): {times, columns, text, fine}: times in seconds, numbers to draw by key,
 *   text(key, i) with the exact digits, whether nothing was thinned out, and perhaps a note;
 *   read(time, text of a key): what is said of a point; columns: [title, key, cell] of the table of values
 */
export async function chart(host, options, signal) {
  const { name, panels, step, load } = options;
  let [first, last] = options.extent;
  const least = 3 * bar;
  let [from, to] = [first, last];
  let layers = [], shown = null, gaps = [], marks = [], frame = 0, timer = 0, loading = null;

  const readout = h("p", { class: "readout" });
  const area = h("div", { class: "plots" });
  const status = h("p", { class: "quiet status" });
  const range = h("p", { class: "range" });
  const values = h("details", { class: "values", ontoggle: tabulate }, h("summary", null, "Values in view, as a table"));
  const group = h("div", { class: "chart", tabindex: "0", role: "group", "aria-label": `Chart: ${name}`, "aria-describedby": "chart-keys", onkeydown: key }, area);
  const button = (text, label, run) => h("button", { type: "button", "aria-label": label, title: label, onclick: run }, text);
  host.append(
    h("div", { class: "tools", role: "group", "aria-label": "Range of the chart" },
      presets.map(([text, span]) => h("button", { type: "button", onclick: () => see(last - span, last) }, text)),
      h("span", null, button("−", "Zoom out", () => zoom(2)), button("+", "Zoom in", () => zoom(0.5)),
        button("←", "Earlier", () => shift(-0.4)), button("→", "Later", () => shift(0.4)))),
    range, group, readout,
    h("p", { id: "chart-keys", class: "quiet" }, uplot
      ? "Drag to move; Ctrl and wheel, pinch, or + and − to zoom; arrow keys move, Home shows all."
      : "This build has no chart library (npm was not there when it was built), so this is a plain line; the buttons and the keys +, −, arrows and Home zoom and move.",
    step ? " Shaded, or ticked below where narrow: no bars. Dashed upright: corrected." : ""),
    status, values);

  const painter = uplot ? await (await import("./plot.js")).plotPainter(area, panels, hover) : linePainter(area, panels);
  if (signal.aborted) return null;
  for (const surface of painter.surfaces) drag(surface);
  const resized = new ResizeObserver(() => {
    painter.resize?.();
    ask();
  });
  resized.observe(area);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", () => { painter.recolour?.(); ask(); }, { signal });
  signal.addEventListener("abort", () => {
    resized.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    loading?.abort();
    painter.destroy();
  });

  /** Shows a range, kept within the series. */
  function see(a, b) {
    const total = Math.max(last - first, least), span = Math.min(Math.max(b - a, least), total);
    from = span === total ? last - span : Math.min(Math.max((a + b - span) / 2, first), last - span);
    to = from + span;
    ask();
    clearTimeout(timer);
    timer = setTimeout(rest, restMilliseconds);
  }

  function zoom(factor, at = (from + to) / 2) {
    see(at - (at - from) * factor, at + (to - at) * factor);
  }

  const shift = share => see(from + (to - from) * share, to + (to - from) * share);

  function ask() {
    frame ||= requestAnimationFrame(draw);
  }

  /** The narrowest layer that covers the view, or else the widest of all. */
  const best = () => layers.filter(layer => layer.from <= Math.max(from, first) && layer.to >= Math.min(to, last))
    .sort((a, b) => (a.to - a.from) - (b.to - b.from))[0] ?? layers.toSorted((a, b) => (b.to - b.from) - (a.to - a.from))[0];

  const isEnough = layer => layer && layer.from <= Math.max(from, first) && layer.to >= Math.min(to, last) && (layer.fine || layer.to - layer.from <= 4 * (to - from));

  function draw() {
    cancelAnimationFrame(frame);
    frame = 0;
    const layer = best();
    if (!layer) return;
    layer.drawn ??= broken(layer);
    shown = layer;
    painter.draw({ ...layer.drawn, gaps, marks, layer }, from, to);
    range.textContent = `In view: ${utc(Math.round(from))} to ${utc(Math.round(to))}`;
  }

  /** With the line ended where there are no bars: of thinned out points, where a gap takes at least half of what lies between two. */
  function broken({ times, columns, fine }) {
    const keys = Object.keys(columns), drawn = { times: [], columns: Object.fromEntries(keys.map(key => [key, []])), index: [] };
    const push = (time, i) => {
      drawn.times.push(time);
      drawn.index.push(i);
      for (const key of keys) drawn.columns[key].push(i < 0 ? null : columns[key][i]);
    };
    let g = 0;
    for (let i = 0; i < times.length; i++) {
      if (i > 0 && step) {
        const a = times[i - 1], b = times[i];
        while (g < gaps.length && gaps[g].to < a) g++;
        let gap = 0;
        for (let j = g; j < gaps.length && gaps[j].from < b; j++) gap = Math.max(gap, Math.min(gaps[j].to, b) - Math.max(gaps[j].from, a));
        if (fine ? b - a > step(b) : gap >= (b - a) / 2) push((a + b) / 2, -1);
      }
      push(times[i], i);
    }
    return drawn;
  }

  async function rest() {
    tabulate();
    if (isEnough(best())) return;
    loading?.abort();
    loading = new AbortController();
    const span = to - from;
    await fetchLayer(from - span, to + span, AbortSignal.any([signal, loading.signal]));
  }

  async function fetchLayer(a, b, stop) {
    [a, b] = [Math.max(a, first), Math.min(b, last)];
    status.textContent = "Loading …";
    try {
      const layer = { from: a, to: b, ...await load(a, b, Math.min(4000, Math.max(600, 3 * painter.width())), stop) };
      if (stop.aborted) return;
      layers = [layer, ...layers.filter(other => other.from < a || other.to > b || (other.fine && !layer.fine))].slice(0, mostLayers);
      status.textContent = layer.note ?? "";
      group.dataset.points = layer.times.length;
      group.dataset.fine = layer.fine;
      ask();
      tabulate();
    } catch (error) {
      if (!stop.aborted) status.replaceChildren(`${error.message} `, h("button", { type: "button", onclick: rest }, "Load again"));
    }
  }

  function hover(layer, index) {
    if (!layer || index == null || index < 0) return;
    readout.textContent = options.read(layer.times[index], key => layer.text(key, index));
  }

  /** Some fifty of the points in view, for who cannot see the line or wants its digits. */
  function tabulate() {
    if (!values.open) return;
    const layer = best();
    const inView = layer ? [...layer.times.keys()].filter(i => layer.times[i] >= from && layer.times[i] <= to) : [];
    const every = Math.ceil(inView.length / 50);
    values.replaceChildren(values.firstChild, table(`${name[0].toUpperCase()}${name.slice(1)}, ${every > 1 ? "some of the " : ""}values in view`,
      [["Time, UTC", i => time(layer.times[i]), "name"], ...options.columns.map(([title, key, cell]) => [title, i => cell(layer.text(key, i)), "num"])],
      inView.filter((_, i) => i % every === 0 || i === inView.length - 1)));
  }

  function key(event) {
    const run = {
      ArrowLeft: () => shift(-0.2), ArrowRight: () => shift(0.2), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
      Home: () => see(first, last), End: () => see(last - (to - from), last),
    }[event.key];
    if (!run || event.target !== group || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    run();
  }

  /** One finger or the mouse moves, two fingers zoom; up and down is left to the page. */
  function drag(surface) {
    const down = new Map();
    const at = x => from + (x - surface.getBoundingClientRect().left) / surface.clientWidth * (to - from);
    surface.addEventListener("pointerdown", event => {
      down.set(event.pointerId, event.clientX);
      surface.setPointerCapture(event.pointerId);
    });
    surface.addEventListener("pointermove", event => {
      if (!down.has(event.pointerId)) return;
      const before = [...down.values()];
      down.set(event.pointerId, event.clientX);
      const now = [...down.values()];
      if (now.length === 1) {
        const by = (before[0] - now[0]) / surface.clientWidth * (to - from);
        see(from + by, to + by);
      } else if (Math.abs(now[0] - now[1]) > 5) {
        zoom(Math.abs(before[0] - before[1]) / Math.abs(now[0] - now[1]), at((now[0] + now[1]) / 2));
      }
    });
    for (const end of ["pointerup", "pointercancel"]) surface.addEventListener(end, event => down.delete(event.pointerId));
    surface.addEventListener("dblclick", () => see(first, last));
    surface.addEventListener("wheel", event => {
      if (!event.ctrlKey && document.activeElement !== group) return;
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) shift(event.deltaX / surface.clientWidth);
      else zoom(1.2 ** Math.sign(event.deltaY), at(event.clientX));
    }, { passive: false });
  }

  await fetchLayer(first, last, signal);

  return {
    see,
    get view() { return [from, to]; },
    get layer() { return shown ?? best(); },
    /** Shades stretches without bars, and ends the line there. */
    setGaps(ranges) {
      gaps = ranges.map(gap => ({ from: seconds(gap.from), to: seconds(gap.to) + (step ? bar : 0) })).sort((a, b) => a.from - b.from);
      for (const layer of layers) layer.drawn = null;
      ask();
    },
    /** Marks points by their times. */
    setMarks(times) {
      marks = times;
      ask();
    },
    /** Loads anew what is in view, up to a new end; a view that showed the end goes on showing it. */
    async refresh(end) {
      const following = to >= last - bar;
      const grown = end - last;
      last = Math.max(last, end);
      if (following) {
        const all = from <= first;
        [from, to] = all ? [first, last] : [from + grown, last];
      }
      const span = to - from;
      loading?.abort();
      loading = new AbortController();
      const stop = AbortSignal.any([signal, loading.signal]);
      layers = layers.filter(layer => layer === shown); // until there is a newer one
      const old = shown;
      await fetchLayer(from - span, to + span, stop);
      if (layers.length > 1) layers = layers.filter(layer => layer !== old);
      draw();
      if (!isEnough(layers[0])) await rest();
    },
  };
}
