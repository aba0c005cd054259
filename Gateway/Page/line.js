// A line as SVG: sparklines, and charts where the build had no chart library.

const svg = (tag, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

/** The path through points within a box of 100 x 100; null ends a stroke. */
function path(times, values, from, to, low, high) {
  let d = "", down = false;
  for (let i = 0; i < times.length; i++) {
    if (values[i] == null) {
      down = false;
      continue;
    }
    const x = (times[i] - from) / (to - from || 1) * 100, y = high > low ? 96 - (values[i] - low) / (high - low) * 92 : 50;
    d += `${down ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`;
    down = true;
  }
  return d;
}

const box = kind => svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", class: kind, "aria-hidden": "true", focusable: "false" });

/** A line without axes, for a row whose figures stand beside it. Where points are far apart, other than is usual, it is left open. */
export function sparkline(times, values) {
  const picture = box("spark");
  if (times.length < 2) return picture;
  const from = times[0], to = times.at(-1), xs = [], ys = [];
  const usual = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b)[times.length - 1 >> 1];
  for (let i = 0; i < times.length; i++) {
    if (i > 0 && times[i] - times[i - 1] > Math.max((to - from) / 10, 4 * usual)) {
      xs.push(times[i]);
      ys.push(null);
    }
    xs.push(times[i]);
    ys.push(values[i]);
  }
  picture.append(svg("path", { d: path(xs, ys, from, to, Math.min(...values), Math.max(...values)), class: values.at(-1) < values[0] ? "falling" : "rising" }));
  return picture;
}

/** Draws the panels of a chart plainly: no axes but the ends, no cursor. */
export function linePainter(host, panels) {
  const areas = panels.map(panel => {
    const area = document.createElement("div"), head = document.createElement("p"), picture = box("plain");
    area.className = "panel";
    head.className = "quiet";
    picture.style.height = `${panel.height}px`;
    area.append(head, picture);
    host.append(area);
    return { panel, head, picture };
  });
  return {
    width: () => host.clientWidth,
    surfaces: [],
    draw({ times, columns, gaps, marks }, from, to) {
      for (const { panel, head, picture } of areas) {
        let low = Infinity, high = -Infinity;
        for (const { key } of panel.lines) {
          for (let i = 0; i < times.length; i++) {
            const value = columns[key][i];
            if (value != null && times[i] >= from && times[i] <= to) [low, high] = [Math.min(low, value), Math.max(high, value)];
          }
        }
        head.textContent = `${panel.label}${low <= high ? `: from ${panel.show(low)} to ${panel.show(high)}` : ""}`;
        const bands = gaps.filter(gap => gap.to > from && gap.from < to)
          .map(gap => svg("rect", { x: (gap.from - from) / (to - from) * 100, width: (gap.to - gap.from) / (to - from) * 100, y: 0, height: 100, class: "gap" }));
        const lines = low > high ? [] : panel.lines.map(({ key, kind }) => svg("path", { d: path(times, columns[key], from, to, low, high), class: kind }));
        const points = marks.map(mark => svg("path", { d: `M${(mark - from) / (to - from) * 100} 0V100`, class: "mark" }));
        picture.replaceChildren(...bands, ...lines, ...points);
      }
    },
    destroy: () => host.replaceChildren(),
  };
}
