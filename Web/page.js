// What both pages share: text, theme, notices, and how the server is asked.

export const $ = (id) => document.getElementById(id);
export const grouped = new Intl.NumberFormat("en-US");
export const plural = (count, noun) => `${grouped.format(count)} ${noun}${count === 1 ? "" : "s"}`;
export const now = () => performance.now();
export const socketOrigin = location.origin.replace(/^http/, "ws");

const waits = Object.freeze({ answerMilliseconds: 10_000, noticeMilliseconds: 12_000 });
const noticesMax = 3;

/** Sets text only when it differs: an untouched node costs no layout and is not announced again. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An element with a class, and children that are nodes or text: text is never read as HTML. */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  if (tag === "button") element.type = "button";
  return element;
}

export function sentence(text) {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}

/** A word of a command line, quoted for a POSIX shell where it must be. */
export function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What the server answered instead of success, or that it did not answer (status 0). RFC 9457. */
export class Problem extends Error {
  constructor(status, detail, errors = [], retryAfterSeconds = 0) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static async from(response) {
    const body = await response.json().catch(() => null);
    const errors = Array.isArray(body?.errors) ? body.errors : [];
    const detail = body?.detail || body?.title || `The server answered ${response.status}.`;
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    return new Problem(response.status, String(detail), errors, retryAfter);
  }
}

/** One request; throws a Problem for every answer that is not a success, and for none. */
export async function ask(path, { milliseconds = waits.answerMilliseconds, signal, ...init } = {}) {
  const timeout = AbortSignal.timeout(milliseconds);
  const response = await fetch(path, {
    cache: "no-store",
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    ...init,
  }).catch((error) => {
    throw new Problem(0, error.name === "TimeoutError" ? "The server took too long to answer."
      : "The server cannot be reached.");
  });
  if (!response.ok) throw await Problem.from(response);
  return response;
}

/** What is kept in the browser from one visit to the next. */
export const settings = {
  get(name) {
    try {
      return localStorage.getItem(`tradeloop.${name}`);
    } catch {
      return null; // storage can be forbidden; the page does without
    }
  },
  set(name, value) {
    try {
      if (value === null) localStorage.removeItem(`tradeloop.${name}`);
      else localStorage.setItem(`tradeloop.${name}`, value);
    } catch { /* as above */ }
  },
};

/** Follows the system until told otherwise; told what the system says anyway, it follows again. */
export class Theme {
  #system = matchMedia("(prefers-color-scheme: dark)");
  #chosen = settings.get("theme");

  constructor(shown = () => {}) {
    const show = () => {
      const dark = this.#isDark();
      document.documentElement.dataset.theme = dark ? "dark" : "light";
      write($("theme"), dark ? "Light" : "Dark");
      $("theme").setAttribute("aria-label", `Switch to the ${dark ? "light" : "dark"} theme`);
      shown();
    };
    this.#system.addEventListener("change", show);
    $("theme").addEventListener("click", () => {
      const other = this.#isDark() ? "light" : "dark";
      this.#chosen = (other === "dark") === this.#system.matches ? null : other;
      settings.set("theme", this.#chosen);
      show();
    });
    show();
  }

  #isDark() {
    return this.#chosen ? this.#chosen === "dark" : this.#system.matches;
  }
}

/** Short notes in the corner, for what happened to something that is not a form field. */
export function notice(text) {
  const close = make("button", "", "Dismiss");
  const note = make("p", "", text, close);
  close.addEventListener("click", () => note.remove());
  $("notices").append(note);
  while ($("notices").childElementCount > noticesMax) $("notices").firstElementChild.remove();
  const leave = () => (note.matches(":hover, :focus-within") ? setTimeout(leave, 2_000) : note.remove());
  setTimeout(leave, waits.noticeMilliseconds);
}

/** Lets a button copy the text of an element. */
export function copies(button, element) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      write(button, "Copied");
    } catch {
      // No clipboard for a page from plain http on another host: select it, the rest is one key.
      getSelection().selectAllChildren(element);
      write(button, "Selected");
    }
    setTimeout(() => write(button, label), 2_000);
  });
}

export function enter(field) {
  field.focus();
  field.select();
}
