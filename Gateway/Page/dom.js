// Elements from data: text is always text, never markup.
import { exact, rounded, signed, signOf, unknown } from "./format.js";

/** An element: attributes by name, listeners as onclick and so on; children are nodes or text, null is left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (value != null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter(child => child != null));
  return element;
}

/** Something that is not known: a dash to the eye, words to a screen reader. */
export const absent = () => h("span", { class: "absent" }, h("span", { "aria-hidden": "true" }, unknown), h("span", { class: "unseen" }, "not known"));

/** A rate or an amount, rounded for reading, with all its digits on hovering. */
export const amount = (text, show = rounded) => text == null ? absent() : h("span", { title: exact(text) }, show(text));

/** A profit or a loss: its sign is told by a character, and by colour besides. */
export const gain = (text, show = text => signed(text)) =>
  text == null ? absent() : h("span", { title: exact(text), class: ["down", "", "up"][signOf(text) + 1] }, show(text));

export const badge = (text, kind = "") => h("span", { class: `badge ${kind}` }, text);

/** A table that scrolls by itself where it is wider than the page. Columns are [title, cell of a row, class]. */
export function table(caption, columns, rows, attributes) {
  const body = h("tbody", null, rows.map(row => line(columns, row)));
  const element = h("table", attributes, h("caption", null, h("span", null, caption)),
    h("thead", null, h("tr", null, columns.map(([title, , kind]) => h("th", { scope: "col", class: kind }, title)))), body);
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, element);
}

/** A row of a table; the cell of a column of the class "name" heads it. */
export const line = (columns, row) => h("tr", null, columns.map(([, cell, kind]) =>
  h(kind === "name" ? "th" : "td", { class: kind, scope: kind === "name" ? "row" : null }, cell(row))));

let fields = 0;

/** A labelled control; its hint is read with it. */
export function field(label, control, hint) {
  control.id ||= `field-${++fields}`;
  if (hint) control.setAttribute("aria-describedby", `${control.id}-hint`);
  return h("div", { class: control.type === "checkbox" ? "field check" : "field" }, h("label", { for: control.id }, label), control,
    hint ? h("small", { id: `${control.id}-hint` }, hint) : null);
}

/** A choice of [value, text] or of values. */
export const select = (options, value, attributes) => {
  const element = h("select", attributes, options.map(option => {
    const [v, text] = Array.isArray(option) ? option : [option, option];
    return h("option", { value: v }, text);
  }));
  element.value = value;
  return element;
};

/** What went wrong, what to do about it, and a button to try again. */
export function failure(error, again) {
  return h("div", { class: "failure", role: "alert" },
    h("p", null, h("strong", null, error.detail ?? error.message)),
    error.expected ? h("p", null, error.field ? `${error.field}: expected ` : "Expected: ", error.expected) : null,
    error.code && error.status ? h("p", { class: "quiet" }, `${error.code} (${error.status})`) : null,
    again ? h("button", { type: "button", onclick: again }, "Try again") : null);
}

/** Facts as pairs of a name and what is known. */
export const facts = pairs => h("dl", { class: "facts" }, pairs.filter(Boolean).map(([name, ...value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
