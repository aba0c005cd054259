// How numbers and times are shown. Numbers are text here, with every digit that the API wrote: nothing passes through a double
// but statistics, which are doubles from the start.

export const unknown = "—";

/** The digits of a decimal: sign, before the point, behind it. 1.23e-8 has "0" and "0000000123". */
function parts(text) {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  let digits = whole + fraction, point = whole.length + Number(exponent);
  if (point < 1) {
    digits = "0".repeat(1 - point) + digits;
    point = 1;
  }
  digits = digits.padEnd(point, "0");
  const before = digits.slice(0, point).replace(/^0+(?=\d)/, ""), behind = digits.slice(point).replace(/0+$/, "");
  return [before === "0" && behind === "" ? "" : sign, before, behind];
}

const joined = (sign, before, behind) => sign + before + (behind && "." + behind);
const grouped = before => before.replace(/\B(?=(\d{3})+$)/g, ",");

/** All digits, plainly: 1.23e-8 is 0.0000000123. */
export const plain = text => joined(...parts(text));

/** All digits, thousands apart. */
export function exact(text) {
  if (text == null) return unknown;
  const [sign, before, behind] = parts(text);
  return joined(sign, grouped(before), behind);
}

/** To so many significant digits (half up), but never less than the whole part and two decimals. */
export function rounded(text, significant = 6) {
  if (text == null) return unknown;
  let [sign, before, behind] = parts(text);
  const decimals = before === "0" ? /^0*/.exec(behind)[0].length + significant : Math.max(2, significant - before.length);
  if (behind.length > decimals) {
    const digits = (BigInt(before + behind.slice(0, decimals)) + (behind[decimals] >= "5" ? 1n : 0n)).toString().padStart(decimals + 1, "0");
    [sign, before, behind] = parts(`${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`);
  }
  return joined(sign, grouped(before), behind);
}

/** A difference of two decimals, exactly. */
export function minus(a, b) {
  const [x, y] = [parts(a), parts(b)], scale = Math.max(x[2].length, y[2].length);
  const units = ([sign, before, behind]) => BigInt(sign + before + behind.padEnd(scale, "0"));
  const n = units(x) - units(y), digits = (n < 0n ? -n : n).toString().padStart(scale + 1, "0");
  return plain(`${n < 0n ? "-" : ""}${digits.slice(0, digits.length - scale)}${scale ? "." + digits.slice(-scale) : ""}`);
}

/** -1, 0 or 1; 0 for what is not known. */
export const signOf = text => text == null ? 0 : Math.sign(Number(text));

/** With a plus if it is one. */
export const signed = (text, show = rounded) => (signOf(text) > 0 ? "+" : "") + show(text);

/** A fraction as percent; what is not 0 is never shown as 0. */
export function percent(text) {
  if (text == null) return unknown;
  const value = Number(text) * 100;
  return (value !== 0 && Math.abs(value) < 0.005 ? plain(String(Number(value.toPrecision(2)))) : value.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ",")) + "\u00a0%";
}

/** Percent with a plus if it is one. */
export const signedPercent = text => (signOf(text) > 0 ? "+" : "") + percent(text);

export const count = text => text == null ? unknown : grouped(String(text));

/** 2026-11-25 16:25, of RFC 3339 or Unix seconds. */
export function time(value) {
  if (value == null) return unknown;
  const text = typeof value === "number" ? new Date(value * 1000).toISOString() : value;
  return `${text.slice(0, 10)} ${text.slice(11, text.slice(17, 19) === "00" ? 16 : 19)}`;
}

export const utc = value => value == null ? unknown : `${time(value)} UTC`;
export const seconds = text => Date.parse(text) / 1000;
export const rfc3339 = second => new Date(second * 1000).toISOString().replace(".000Z", "Z");

const units = [[31_536_000, "y"], [86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];

/** A length of time in its two largest units. */
export function duration(total) {
  if (total == null) return unknown;
  let rest = Math.round(Number(total)), shown = [];
  for (const [size, name] of units) {
    const n = Math.floor(rest / size);
    if (n > 0) shown.push(`${n} ${name}`);
    rest -= n * size;
    if (shown.length === 2) break;
  }
  return shown.join(" ") || "0 s";
}
