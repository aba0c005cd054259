// The HTTP API, see /openapi/v1.json. Every number arrives as text with the digits that were sent, since a double holds but 15 of
// the 28 that a rate may have; Number() makes one where a line is drawn or a statistic is shown.
import { plain } from "./format.js";

const retryMilliseconds = 5000;

/** What the API said was wrong (RFC 9457), or that it cannot be reached. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? `The server answered ${status}.`);
    Object.assign(this, { status, detail: this.message, code: body.code, field: body.field, expected: body.expected });
  }
}

// A browser that does not hand out the source of a number gives what its double holds. Only statistics are written with exponents.
export const parse = text => JSON.parse(text, (_, value, context) => {
  if (typeof value !== "number") return value;
  const source = context?.source ?? String(value);
  return source.includes("e") || source.includes("E") ? plain(source) : source;
});

/** Columns of numbers, as text too: cut out as they are, since to revive thousands one by one takes longer than a frame. */
export function columns(text) {
  const answer = JSON.parse(text);
  for (const [key, value] of Object.entries(answer)) {
    if (Array.isArray(value) && typeof value[0] === "number") answer[key] = new RegExp(`"${key}":\\[([^\\]]*)\\]`).exec(text)[1].split(",");
  }
  return answer;
}

export async function call(method, path, { body, type = "application/json", signal, read = parse } = {}) {
  let answer;
  try {
    answer = await fetch(path, { method, body, signal, headers: body == null ? {} : { "content-type": type } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: "The server cannot be reached.", code: "unreachable", expected: "a server that runs: dotnet run -c Release --project Silo" });
  }
  const text = await answer.text(), json = (answer.headers.get("content-type") ?? "").includes("json");
  if (answer.ok) return json ? read(text) : text;
  throw new Problem(answer.status, json ? JSON.parse(text) : {});
}

export const get = (path, signal, read = parse) => call("GET", path, { signal, read });

/** A path with the parameters that have a value. */
export const url = (path, parameters) => {
  const given = Object.entries(parameters).filter(([, value]) => value != null && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
};

/**
 * Server-sent events until the signal aborts, and only while the page is seen: browsers grant a server six connections in all.
 * @param on functions by the name of an event, and state(text) for how the connection is
 */
export function listen(path, on, signal) {
  let source, timer;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    if (signal.aborted || document.hidden) return;
    source = new EventSource(path);
    source.onopen = () => on.state("live");
    source.onerror = () => {
      on.state("reconnecting");
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, retryMilliseconds);
    };
    for (const [name, handle] of Object.entries(on)) {
      if (name !== "state") source.addEventListener(name, event => handle(parse(event.data)));
    }
  };
  document.addEventListener("visibilitychange", open, { signal });
  signal.addEventListener("abort", () => {
    close();
    on.state("");
  });
  open();
}

/** Runs again and again, but not before the last run has ended, and never more often than told; errors are the caller's. */
export function throttled(milliseconds, signal, run) {
  let last = 0, timer = null, busy = false, again = false;
  const go = async () => {
    timer = null;
    busy = true;
    last = Date.now();
    try {
      await run();
    } finally {
      busy = false;
      if (again) later();
    }
  };
  const later = () => {
    again = busy;
    if (!busy && timer === null && !signal.aborted) timer = setTimeout(go, Math.max(0, last + milliseconds - Date.now()));
  };
  signal.addEventListener("abort", () => clearTimeout(timer));
  return later;
}
