// Draws the panels of a chart with uPlot.
import uPlot from "./uplot/uPlot.esm.js";
import { exact } from "./format.js";

/** Resolves when uPlot's own styles are there: it measures by them. */
const styled = new Promise((resolve, reject) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = "/page/uplot/uPlot.min.css";
  link.addEventListener("load", resolve);
  link.addEventListener("error", () => reject(new Error("The styles of the chart cannot be loaded.")));
  document.head.append(link);
});

/** Seconds as uPlot is to label them: it labels in the browser's time zone, so that is taken off. */
const utcDate = seconds => {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() + date.getTimezoneOffset() * 60_000);
};

/** Ticks in plain digits, as many as tell one from the next. */
const ticks = (u, splits) => {
  const step = splits.length > 1 ? splits[1] - splits[0] : u.scales.y.max - u.scales.y.min;
  const first = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), digits = step * 10 ** first;
  const decimals = Math.min(20, Math.abs(digits - Math.round(digits)) < 1e-6 ? first : first + 1); // steps may be 2.5, 0.25 …
  return splits.map(split => split == null ? null : exact(split.toFixed(decimals)));
};

/** How ticks of time are labelled, by the seconds between them: in 24 hours, and with the date below where a day or a year begins. */
const date = "{YYYY}-{MM}-{DD}", none = null;
const times = [
  [31_536_000, "{YYYY}", none, none, none, none, none, none, 1],
  [2_419_200, "{MMM}", "\n{YYYY}", none, none, none, none, none, 1],
  [86_400, "{DD} {MMM}", "\n{YYYY}", none, none, none, none, none, 1],
  [60, "{HH}:{mm}", `\n${date}`, none, `\n${date}`, none, none, none, 1],
];

/**
 * @param hover called with the layer drawn and the place of the point at the cursor
 */
export async function plotPainter(host, panels, hover) {
  await styled;
  let colours, plots, drawn = { times: [], gaps: [], marks: [] }, at = [0, 1];
  const colour = name => getComputedStyle(host).getPropertyValue(name).trim();
  const width = () => Math.max(240, host.clientWidth);

  function shade(u) {
    const { ctx, bbox } = u, ratio = devicePixelRatio;
    ctx.save();
    for (const gap of drawn.gaps) {
      if (gap.to < at[0] || gap.from > at[1]) continue;
      const x = Math.max(bbox.left, u.valToPos(gap.from, "x", true)), end = Math.min(bbox.left + bbox.width, u.valToPos(gap.to, "x", true));
      // One too narrow to be seen is a tick at the bottom: hundreds of them would cover the line.
      const narrow = end - x < 3 * ratio, height = narrow ? 8 * ratio : bbox.height;
      ctx.fillStyle = narrow ? colours.second : colours.gap;
      ctx.fillRect(x, bbox.top + bbox.height - height, Math.max(ratio, end - x), height);
    }
    ctx.restore();
  }

  function mark(u) {
    const { ctx, bbox } = u, ratio = devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = colours.mark;
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    for (const when of drawn.marks) {
      if (when < at[0] || when > at[1]) continue;
      const x = u.valToPos(when, "x", true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  const recolour = () => {
    colours = Object.fromEntries(["text", "grid", "line", "second", "gap", "mark", "fill"].map(name => [name, colour(`--${name}`)]));
    plots?.forEach(u => u.redraw());
  };

  function make() {
    const grid = { stroke: () => colours.grid, width: 1 };
    const axis = { stroke: () => colours.text, grid, ticks: grid, font: "12px system-ui, sans-serif" };
    // All panels give their scale the same room, so that their times stand below each other.
    let widest = 48;
    const room = (u, labels) => {
      const own = Math.max(0, ...(labels ?? []).map(label => (label ?? "").length * 7 + 18));
      if (own > widest) {
        widest = own;
        queueMicrotask(() => plots.forEach(other => { if (other !== u) other.redraw(false, true); }));
      }
      return widest;
    };
    const sync = { key: `chart-${Math.random()}`, setSeries: false };
    plots = panels.map((panel, i) => {
      const title = document.createElement("p");
      title.className = "panel-title";
      title.textContent = panel.label;
      host.append(title);
      return new uPlot({
        width: width(), height: panel.height, legend: { show: false }, tzDate: utcDate, padding: [8, 30, 0, 0],
        cursor: { drag: { x: false, y: false }, sync, points: { size: 7 }, y: false },
        scales: { x: { time: true, range: () => at } },
        axes: [{ ...axis, size: i === panels.length - 1 ? 48 : 8, values: i === panels.length - 1 ? times : (_, splits) => splits.map(() => "") }, { ...axis, values: ticks, size: room, space: 28 }],
        series: [{}, ...panel.lines.map(line => ({
          stroke: () => line.kind === "second" ? colours.second : colours.line, width: 1.5, dash: line.kind === "second" ? [5, 4] : undefined,
          fill: line.kind === "area" ? () => colours.fill : undefined, fillTo: 0, spanGaps: false, points: { show: u => u.data[0].length && pointsInView(u) < width() / 16 },
        }))],
        hooks: { drawClear: [thin, shade], draw: [mark], setCursor: [u => hover(drawn.layer, u.cursor.idx == null ? null : drawn.index?.[u.cursor.idx])] },
      }, [[], ...panel.lines.map(() => [])], host);
    });
  }

  /** Few points are shown as points: a line between two hours says nothing of what lies between. */
  const pointsInView = u => {
    const [low, high] = u.series[0].idxs ?? [0, 0];
    return high - low;
  };

  /**
   * Many points make a line of one pixel: it looks the same where it goes up and down within a pixel or two, and a processor paints
   * it as single pixels, where of a wider one it fills the outline of all its strokes, for several frames' time.
   */
  const thin = u => {
    const width = pointsInView(u) > u.width / 2 ? 1 : 1.5;
    for (const line of u.series.slice(1)) line.width = width;
  };

  recolour();
  make();
  return {
    width,
    recolour,
    get surfaces() { return plots.map(u => u.over); },
    draw(data, from, to) {
      const other = data.times !== drawn.times;
      drawn = data;
      at = [from, to];
      panels.forEach((panel, i) => plots[i].batch(u => {
        if (other) u.setData([data.times, ...panel.lines.map(line => data.columns[line.key])], false);
        u.setScale("x", { min: from, max: to });
      }));
    },
    resize: () => plots.forEach((u, i) => { if (u.width !== width()) u.setSize({ width: width(), height: panels[i].height }); }),
    destroy: () => plots.forEach(u => u.destroy()),
  };
}
