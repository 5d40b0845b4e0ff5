// TradeLoop's live blotter.
//
//   Link ── status events ──> Book ── changes ──> Blotter (rows), Tape (chart), Announcer (speech)
//     └── after each connect: GET /orders ──^  ^── Details: the text of orders placed by someone else
//   Ticket (the form) and the cancel buttons speak HTTP and record what the server answered in the Book.
//
// The Book is the only state. Everything drawn is drawn from it, at most once per animation frame.

const STATUSES = ["PENDING", "EXECUTED", "CANCELLED"];

const limits = Object.freeze({
  stocksBytesMax: 64, // the server's limit, in UTF-8
  quantityMax: Number.MAX_SAFE_INTEGER, // the server's limit: every integer up to it is exact in JSON
  drawAllMax: 300, // lists up to here are drawn whole, so that the browser's own find works on them
  drawnMarginRows: 12, // rows drawn beyond each edge of the window, so that a scroll never shows a gap
  viewRowsMax: 200_000, // browsers stop growing an element somewhere past 16 million pixels
  heardWhileSyncingMax: 500_000, // events kept while the list loads; past it, start over
  detailsInFlightMax: 3, // leaves the browser's other connections to the trader
  detailsSinglyMax: 12, // more unknown orders than this are cheaper as one list
  tapePointsMax: 6_000, // past it every second point is dropped: the picture stays the same
  highlightsMax: 8, // in one frame; when everything lights up, nothing is pointed at
  noticesMax: 3,
});

const waits = Object.freeze({
  retryFirstMilliseconds: 500,
  retryMaxMilliseconds: 15_000,
  connectMilliseconds: 8_000,
  stableMilliseconds: 5_000, // live for this long, and the next failure starts again with a short wait
  silenceMilliseconds: 20_000, // nothing heard for this long: ask /health whether anyone is there
  answerMilliseconds: 10_000,
  listMilliseconds: 60_000,
  detailsMilliseconds: 60, // our own order's event can overtake the answer that carries its text
  detailsListMilliseconds: 300,
  speechMilliseconds: 4_000,
  noticeMilliseconds: 12_000,
});

const $ = (id) => document.getElementById(id);
const grouped = new Intl.NumberFormat("en-US");
const plural = (count, noun) => `${grouped.format(count)} ${noun}${count === 1 ? "" : "s"}`;
const now = () => performance.now();

/** Sets text only when it differs: an untouched node costs no layout and is not announced again. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A duration as a trader reads it: tenths while it runs, milliseconds once it is known. */
function durationText(milliseconds, decimals) {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 60) return `${seconds.toFixed(decimals)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
  return `${grouped.format(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, "0")} m`;
}

/**
 * Stocks as one readable line: control characters as their Unicode pictures, and text without any visible
 * character as its code points, since an empty cell would say that there is nothing.
 */
function stocksText(stocks) {
  if (/^[\p{C}\p{Z}\p{M}]*$/u.test(stocks)) {
    const code = (character) => character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    return Array.from(stocks, (character) => `U+${code(character)}`).join(" ");
  }
  const picture = (c) => (c === "\x7f" ? "␡" : String.fromCharCode(0x2400 + c.charCodeAt(0)));
  return stocks.replace(/[\0-\x1f\x7f]/g, picture);
}

// ---------------------------------------------------------------------------------------------- the server

/** What the server answered instead of success, or that it did not answer (status 0). RFC 9457. */
class Problem extends Error {
  constructor(status, detail, errors = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }

  static async from(response) {
    const body = await response.json().catch(() => null);
    const errors = Array.isArray(body?.errors) ? body.errors : [];
    const detail = body?.detail || body?.title || `The server answered ${response.status}.`;
    return new Problem(response.status, String(detail), errors);
  }
}

/** An order or a status event as the Book takes it; null when it is neither. */
function entryFrom(value) {
  const { orderId, orderStatus, stocks, quantity } = value ?? {};
  if (!Number.isSafeInteger(orderId) || !STATUSES.includes(orderStatus)) return null;
  return { id: orderId, status: orderStatus, stocks, quantity };
}

const server = {
  async ask(path, { milliseconds = waits.answerMilliseconds, signal, ...init } = {}) {
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
  },

  async list(signal) {
    const response = await this.ask("/orders", { signal, milliseconds: waits.listMilliseconds });
    return (await response.json()).map(entryFrom).filter(Boolean);
  },

  async get(id) {
    return entryFrom(await (await this.ask(`/orders/${id}`)).json());
  },

  async place(body) {
    const headers = { "Content-Type": "application/json" };
    return entryFrom(await (await this.ask("/orders", { method: "POST", headers, body })).json());
  },

  async cancel(id) {
    await this.ask(`/orders/${id}`, { method: "DELETE" });
  },
};

// ------------------------------------------------------------------------------------------------ the book

/**
 * All orders, merged from events, answers and lists that may arrive in any order. A state never goes back:
 * an order leaves PENDING once. Only `replace`, after a new connection, may contradict what was known,
 * because behind a new connection there may be a new run of the server that counts from 1 again.
 */
class Book {
  #orders = new Map();
  #ids = [];
  #changed;

  constructor(changed) {
    this.#changed = changed;
    this.counts = { PENDING: 0, EXECUTED: 0, CANCELLED: 0 };
    this.unknown = new Set(); // ids of orders heard of, whose text is not known yet
  }

  get size() {
    return this.#orders.size;
  }

  get(id) {
    return this.#orders.get(id);
  }

  /** The orders in id order. */
  * all() {
    for (const id of this.#ids) yield this.#orders.get(id);
  }

  /** The orders newest first, without a copy: this is read in every frame that changes. */
  * newest() {
    for (let at = this.#ids.length - 1; at >= 0; at -= 1) yield this.#orders.get(this.#ids[at]);
  }

  /** Takes one event or answer in. `via`: "event" for the feed and our own POST, "list" for what was read. */
  record(entry, via, time) {
    const known = this.#orders.get(entry.id);
    const before = known?.status ?? null;
    const order = known ?? this.#insert(newOrder(entry, via, time));
    const changed = !known || settle(order, entry, via, time);
    if (order.stocks === undefined) this.unknown.add(order.id);
    else this.unknown.delete(order.id);
    if (before === order.status) {
      if (changed) this.#changed(order, order.status);
      return;
    }
    if (before) this.counts[before] -= 1;
    this.counts[order.status] += 1;
    order.changedAt = time;
    this.#changed(order, before);
  }

  /**
   * Makes `entries` (a whole list, read after the feed was joined) the truth, then plays the events heard
   * meanwhile on top. What was seen before is kept for its times only, and only if it fits.
   * Answers how many orders of an earlier run were dropped.
   */
  replace(entries, heard, time) {
    const before = this.#orders;
    const restarted = isAnotherRun(before, entries);
    this.#orders = new Map();
    this.#ids = [];
    this.counts = { PENDING: 0, EXECUTED: 0, CANCELLED: 0 };
    this.unknown = new Set();
    for (const entry of entries) {
      const kept = restarted ? undefined : before.get(entry.id);
      if (kept) settle(kept, entry, "gap", time);
      const order = this.#insert(kept ?? newOrder(entry, "gap", time));
      this.counts[order.status] += 1;
    }
    for (const { entry, at } of heard) this.record(entry, "event", at);
    return restarted ? before.size : 0;
  }

  /** Something about the order that is not its status changed: draw it again. */
  touch(order) {
    order.version += 1;
    this.#changed(order, order.status);
  }

  #insert(order) {
    this.#orders.set(order.id, order);
    // Ids come in order nearly always; two events that crossed are put right by one short step.
    let at = this.#ids.length;
    while (at > 0 && this.#ids[at - 1] > order.id) at -= 1;
    if (at === this.#ids.length) this.#ids.push(order.id);
    else this.#ids.splice(at, 0, order.id);
    return order;
  }
}

/**
 * `pendingSince`: when this page first saw it PENDING, exact if it heard it happen. `took`: how long it was
 * PENDING, `tookBound` = (as heard), ≥ (was there before we looked) or ≤ (settled while we were away).
 */
function newOrder({ id, status, stocks, quantity, mine = false }, via, time) {
  return {
    id, status, stocks, quantity, mine,
    pendingSince: status === "PENDING" ? time : null,
    exact: via !== "gap",
    took: null, tookBound: "",
    changedAt: -Infinity, cancelling: false, note: "", version: 0,
  };
}

/** Merges an entry into a known order; answers whether anything changed. */
function settle(order, entry, via, time) {
  let changed = false;
  if (order.stocks === undefined && entry.stocks !== undefined) {
    order.stocks = entry.stocks;
    order.quantity = entry.quantity;
    changed = true;
  }
  if (entry.mine && !order.mine) {
    order.mine = true;
    changed = true;
  }
  if (order.status === "PENDING" && entry.status === "PENDING" && via === "event") order.exact = true;
  if (order.status === "PENDING" && entry.status !== "PENDING") {
    order.status = entry.status;
    order.tookBound = via === "gap" ? "≤" : order.exact ? "" : "≥";
    // Neither end was seen: there is nothing to say.
    order.took = via === "gap" && !order.exact ? null : time - order.pendingSince;
    order.cancelling = false;
    changed = true;
  }
  if (changed) order.version += 1;
  return changed;
}

/** Orders are never removed and never go back: a list that says otherwise is another run's. */
function isAnotherRun(before, entries) {
  const listed = new Map(entries.map((entry) => [entry.id, entry]));
  for (const order of before.values()) {
    const entry = listed.get(order.id);
    if (!entry) return true;
    if (order.status !== "PENDING" && order.status !== entry.status) return true;
    if (order.stocks === undefined) continue;
    if (order.stocks !== entry.stocks || order.quantity !== entry.quantity) return true;
  }
  return false;
}

// ------------------------------------------------------------------------------------------------ the link

/**
 * The WebSocket and its reconnecting. `join` runs when the socket is open and loads the list; the link is
 * live when it is done. Every attempt is an epoch: whatever belongs to an earlier one is void.
 */
class Link {
  #socket = null;
  #abort = new AbortController();
  #timer = 0;
  #failures = 0;
  #liveSince = 0;
  #heardAt = 0;
  #on;

  constructor(on) {
    this.#on = on;
    this.epoch = 0;
    this.state = "connecting";
    this.retryAt = null; // when the next attempt starts; null while there is nothing to wait for
  }

  start() {
    addEventListener("online", () => (this.state === "live" ? this.#probe() : this.retry()));
    addEventListener("offline", () => (this.state === "live" ? this.#probe() : this.#show()));
    // A page that comes back from the browser's cache, or a laptop from its sleep, trusts nothing.
    addEventListener("pageshow", (event) => event.persisted && this.retry());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#probe());
    setInterval(() => now() - this.#heardAt > waits.silenceMilliseconds && this.#probe(), 5_000);
    this.#connect();
  }

  /** Now, instead of at the end of the wait. */
  retry() {
    if (this.state === "live" || this.#socket && this.retryAt === null) return;
    this.#connect();
  }

  /** Gives this connection up and makes another. */
  drop() {
    this.#close();
    if (this.#liveSince && now() - this.#liveSince > waits.stableMilliseconds) this.#failures = 0;
    this.#liveSince = 0;
    const span = Math.min(waits.retryMaxMilliseconds, waits.retryFirstMilliseconds * 2 ** this.#failures);
    const wait = span * (0.5 + Math.random() / 2); // so that a crowd does not come back all at once
    this.#failures += 1;
    this.retryAt = now() + wait;
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#show("reconnecting");
  }

  #connect() {
    this.#close();
    this.epoch += 1;
    this.retryAt = null;
    this.#show(this.state === "connecting" ? "connecting" : "reconnecting");
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`);
    this.#socket = socket;
    this.#abort = new AbortController();
    this.#timer = setTimeout(() => this.drop(), waits.connectMilliseconds);
    socket.onopen = () => this.#join(this.#abort.signal);
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = () => this.drop();
  }

  async #join(signal) {
    clearTimeout(this.#timer);
    try {
      await this.#on.join(signal);
    } catch {
      if (!signal.aborted) this.drop();
      return;
    }
    if (signal.aborted) return;
    this.#liveSince = this.#heardAt = now();
    this.#show("live");
  }

  #hear(data) {
    this.#heardAt = now();
    let entry = null;
    try {
      entry = entryFrom(JSON.parse(data));
    } catch {
      // Not JSON: not for us. The feed may learn to say more than this page knows.
    }
    if (entry) this.#on.event(entry);
  }

  /** A dead peer closes no socket. Any answer at all shows that someone is there. */
  async #probe() {
    if (this.state !== "live" || document.hidden) return;
    this.#heardAt = now();
    const { signal } = this.#abort;
    try {
      await server.ask("/health", { signal, milliseconds: 5_000 });
    } catch (problem) {
      if (!problem.status && !signal.aborted) this.drop();
    }
  }

  #close() {
    clearTimeout(this.#timer);
    this.#abort.abort();
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #show(state = this.state) {
    // Without a network we still try now and then: a server on this machine needs none.
    const down = state === "reconnecting" || state === "offline";
    this.state = down ? (navigator.onLine ? "reconnecting" : "offline") : state;
    this.#on.state();
  }
}

/** Shows the link's state, counts down to the next attempt. */
class LinkLamp {
  #link;
  #timer = 0;
  #said = "connecting";

  constructor(link) {
    this.#link = link;
    $("reconnect").addEventListener("click", () => link.retry());
  }

  show(announcer) {
    const { state, retryAt } = this.#link;
    $("connection").dataset.state = state;
    if (document.activeElement === $("reconnect") && retryAt === null) $("stocks").focus();
    $("reconnect").hidden = retryAt === null;
    clearTimeout(this.#timer);
    this.#tick();
    if (state === this.#said || state === "connecting") return;
    this.#said = state;
    announcer.say({
      live: "Connected: orders are live.",
      reconnecting: "The connection is lost. Reconnecting.",
      offline: "The browser is offline.",
    }[state]);
  }

  #tick() {
    const { state, retryAt } = this.#link;
    const seconds = retryAt === null ? 0 : Math.max(1, Math.ceil((retryAt - now()) / 1000));
    const busy = state === "connecting" ? "Connecting…" : "Reconnecting…";
    const text = {
      live: "Live",
      offline: seconds ? `Offline, trying in ${seconds} s` : "Offline, trying…",
    }[state] ?? (seconds ? `Reconnecting in ${seconds} s` : busy);
    write($("connection-text"), text);
    if (seconds) this.#timer = setTimeout(() => this.#tick(), 200);
  }
}

/** Fetches the text of orders that the feed named and nobody here placed: a few singly, many as one list. */
class Details {
  #book;
  #link;
  #asked = new Set();
  #timer = 0;
  #listing = false;
  #listNotBefore = 0;

  constructor(book, link) {
    this.#book = book;
    this.#link = link;
  }

  want(milliseconds = waits.detailsMilliseconds) {
    if (!this.#timer) this.#timer = setTimeout(() => this.#pump(), milliseconds);
  }

  #pump() {
    this.#timer = 0;
    const { unknown } = this.#book;
    if (unknown.size === 0 || this.#listing || this.#link.state !== "live") return;
    if (unknown.size > limits.detailsSinglyMax) {
      const wait = this.#listNotBefore - now();
      if (wait > 0) this.want(wait);
      else this.#list();
      return;
    }
    for (const id of unknown) {
      if (this.#asked.size >= limits.detailsInFlightMax) break;
      if (!this.#asked.has(id)) this.#one(id);
    }
  }

  async #one(id) {
    this.#asked.add(id);
    await this.#take(async () => [await server.get(id)]);
    this.#asked.delete(id);
  }

  async #list() {
    this.#listing = true;
    const started = now();
    await this.#take(() => server.list());
    // A long list under a busy feed: never spend more than a tenth of the time on reading it.
    this.#listNotBefore = now() + Math.max(waits.detailsListMilliseconds, 10 * (now() - started));
    this.#listing = false;
  }

  async #take(read) {
    const { epoch } = this.#link;
    try {
      const entries = await read();
      if (epoch !== this.#link.epoch) return;
      for (const entry of entries) {
        // An order that the feed has not named yet is named in a moment: leave it to the feed.
        if (entry && this.#book.get(entry.id)) this.#book.record(entry, "list", now());
      }
      this.want();
    } catch (problem) {
      // An order that was announced and is not there: this is not the server that announced it.
      if (epoch === this.#link.epoch && problem.status === 404) this.#link.drop();
      else this.want(2_000);
    }
  }
}

// --------------------------------------------------------------------------------------------- the blotter

/** The table: draws the rows in and near the window, keeps the reader's place while orders arrive above. */
class Blotter {
  #book;
  #cancel;
  #view = [];
  #stale = true;
  #notBefore = 0; // rebuilding the view of a very long book is rationed, see #rebuild
  #rows = new Map(); // id -> { element, cells, order, version }
  #rowHeight = 34;
  #activeId = null;
  #filter = { status: "ALL", text: "", newestFirst: true };
  #frame = 0;
  #timer = 0; // the next tenth of a second of the pending rows
  #later = 0; // the next rebuild, when one came too early
  #loaded = false;
  #changes = 0; // since the last frame

  constructor(book, cancel) {
    this.#book = book;
    this.#cancel = cancel;
    document.addEventListener("scroll", () => this.schedule(), { capture: true, passive: true });
    addEventListener("resize", () => this.schedule());
    for (const button of document.querySelectorAll("[data-filter]")) {
      button.addEventListener("click", () => this.show({ status: button.dataset.filter }));
    }
    $("search").addEventListener("input", () => this.show({ text: $("search").value }));
    $("clear").addEventListener("click", () => this.clear());
    $("sort").addEventListener("click", () => this.show({ newestFirst: !this.#filter.newestFirst }));
    $("rows").addEventListener("click", (event) => this.#click(event));
    $("rows").addEventListener("focusin", (event) => this.#activate(this.#idOf(event.target)));
    $("orders").addEventListener("keydown", (event) => this.#key(event));
  }

  /** The book changed: draw before the next frame is shown. */
  touch() {
    this.#stale = true;
    this.#changes += 1;
    this.schedule();
  }

  loaded() {
    this.#loaded = true;
    this.touch();
  }

  schedule() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Changes what is listed; goes back to the top, since the place that was read is not there any more. */
  show(change) {
    Object.assign(this.#filter, change);
    const { status, newestFirst } = this.#filter;
    for (const button of document.querySelectorAll("[data-filter]")) {
      button.setAttribute("aria-pressed", String(button.dataset.filter === status));
    }
    $("sort-column").setAttribute("aria-sort", newestFirst ? "descending" : "ascending");
    if ("newestFirst" in change) this.#forgetRows();
    const above = this.#origin() - this.#window().top;
    if (above < 0) this.#scroller().scrollTop += above;
    this.#notBefore = 0;
    this.#view = [];
    this.#stale = true;
    this.#draw();
  }

  clear() {
    $("search").value = "";
    this.show({ status: "ALL", text: "" });
    $("search").focus();
  }

  /** Moves the focus by rows; from outside the rows, to the one that was active last, or the first. */
  move(rows) {
    if (this.#view.length === 0) return;
    const from = this.#view.findIndex((order) => order.id === this.#activeId);
    const inside = $("orders").contains(document.activeElement);
    const to = from < 0 ? 0 : inside ? from + rows : from;
    const at = Math.min(this.#view.length - 1, Math.max(0, to));
    this.#activeId = this.#view[at].id;
    const { top, bottom } = this.#window();
    const y = this.#origin() + at * this.#rowHeight;
    if (y < top) this.#scroller().scrollTop += y - top;
    else if (y + this.#rowHeight > bottom) this.#scroller().scrollTop += y + this.#rowHeight - bottom;
    this.#draw();
    this.#rows.get(this.#activeId)?.element.focus({ preventScroll: true });
  }

  // Drawing

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const time = now();
    if (this.#stale) this.#rebuild(time);
    const { first, end } = this.#range();
    this.#spacer($("above"), first);
    this.#spacer($("below"), this.#view.length - end);
    this.#placeRows(first, end, time);
    this.#changes = 0;
    this.#measure();
    this.#roam();
    this.#drawCounts();
    this.#tickLater();
  }

  /**
   * Lists the orders that match. The row that the keyboard is on, or else the topmost one once the trader has
   * scrolled, keeps its place on the screen.
   */
  #rebuild(time) {
    if (time < this.#notBefore) {
      clearTimeout(this.#later);
      this.#later = setTimeout(() => this.schedule(), this.#notBefore - time);
      return;
    }
    const top = Math.floor((this.#window().top - this.#origin()) / this.#rowHeight);
    const focused = document.activeElement.matches("#rows tr:focus-visible");
    const indexOf = (id) => this.#view.findIndex((order) => order.id === id);
    const at = focused ? indexOf(this.#activeId) : top > 0 ? top : -1;
    const anchor = this.#view[at]?.id;
    this.#view = this.#listed();
    this.#stale = false;
    const moved = anchor === undefined ? 0 : indexOf(anchor) - at;
    if (moved !== 0 && moved > -at) {
      this.#spacer($("above"), this.#view.length); // room to scroll into
      this.#scroller().scrollTop += moved * this.#rowHeight;
    }
    // Costs about a millisecond per 20,000 orders; with a million, ten frames go by between two.
    const cost = now() - time;
    this.#notBefore = cost > 4 ? now() + 8 * cost : 0;
  }

  #listed() {
    const { status, text, newestFirst } = this.#filter;
    const needle = text.trim().toLowerCase();
    const id = /^#?(\d+)$/.exec(needle)?.[1];
    const exactly = needle.startsWith("#");
    const matches = (order) => (status === "ALL" || order.status === status)
      && (!needle || id !== undefined && (exactly ? String(order.id) === id : String(order.id).startsWith(id))
        || order.stocks !== undefined && order.stocks.toLowerCase().includes(needle));
    const view = [];
    for (const order of newestFirst ? this.#book.newest() : this.#book.all()) {
      if (!matches(order)) continue;
      view.push(order);
      if (view.length === limits.viewRowsMax) break;
    }
    return view;
  }

  #range() {
    const count = this.#view.length;
    if (count <= limits.drawAllMax) return { first: 0, end: count };
    const { top, bottom } = this.#window();
    const origin = this.#origin();
    const clamp = (row) => Math.min(count, Math.max(0, row));
    return {
      first: clamp(Math.floor((top - origin) / this.#rowHeight) - limits.drawnMarginRows),
      end: clamp(Math.ceil((bottom - origin) / this.#rowHeight) + limits.drawnMarginRows),
    };
  }

  /**
   * Rows that stay are never moved in the document, so that focus and selection survive. Between the
   * removals and the insertions nothing may force a layout: the table is short then, and would scroll up.
   */
  #placeRows(first, end, time) {
    const wanted = new Set();
    for (let at = first; at < end; at += 1) wanted.add(this.#view[at].id);
    const focused = document.activeElement.closest("#rows tr")?.dataset.orderId;
    if (focused !== undefined && !wanted.has(Number(focused))) $("orders").focus({ preventScroll: true });
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    let next = $("rows").firstChild;
    for (let at = first; at < end; at += 1) {
      const order = this.#view[at];
      const row = this.#rows.get(order.id) ?? this.#makeRow(order.id);
      if (row.element === next) next = next.nextSibling;
      else $("rows").insertBefore(row.element, next);
      if (row.order !== order || row.version !== order.version) this.#fill(row, order, time);
      if (order.status === "PENDING") write(row.cells.time, this.#timeText(order, time));
      const index = String(at + 2); // the header is row 1
      if (row.index !== index) row.element.setAttribute("aria-rowindex", row.index = index);
    }
    $("orders").setAttribute("aria-rowcount", String(this.#view.length + 1));
  }

  #makeRow(id) {
    const element = $("row").content.firstElementChild.cloneNode(true);
    element.dataset.orderId = String(id);
    const cell = (name) => element.querySelector(name);
    const cells = {
      id: cell(".id"), stocks: cell("bdi"), quantity: cell(".quantity"), status: cell(".status"),
      time: cell(".time"), act: cell(".act"),
    };
    const row = { element, cells, order: null, version: -1, index: "" };
    this.#rows.set(id, row);
    return row;
  }

  #fill(row, order, time) {
    const { element, cells } = row;
    const stocks = order.stocks === undefined ? "…" : stocksText(order.stocks);
    row.order = order;
    row.version = order.version;
    element.dataset.status = order.status;
    element.classList.toggle("mine", order.mine);
    write(cells.id, String(order.id));
    write(cells.stocks, stocks);
    cells.stocks.title = stocks;
    write(cells.quantity, order.quantity === undefined ? "…" : grouped.format(order.quantity));
    write(cells.status, order.status);
    write(cells.time, this.#timeText(order, time));
    this.#fillAct(row, order, stocks);
    // A row that is scrolled into view later has nothing new to say.
    if (time - order.changedAt < 500 && this.#changes <= limits.highlightsMax) {
      const again = element.classList.contains("changed");
      element.classList.toggle("changed", !again);
      element.classList.toggle("changed-again", again);
    }
  }

  #fillAct({ element, cells }, order, stocks) {
    let button = cells.act.querySelector("button");
    if (order.status !== "PENDING") {
      if (button && button === document.activeElement) element.focus({ preventScroll: true });
      write(cells.act, order.note);
      return;
    }
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "cancel";
      button.tabIndex = -1;
      cells.act.replaceChildren(button);
    }
    if (order.cancelling && button === document.activeElement) element.focus({ preventScroll: true });
    button.disabled = order.cancelling;
    write(button, order.cancelling ? "Cancelling" : "Cancel");
    button.setAttribute("aria-label", `Cancel order ${order.id}, ${stocks}`);
  }

  #timeText(order, time) {
    if (order.status === "PENDING") {
      return `${order.exact ? "" : "≥ "}${durationText(time - order.pendingSince, 1)}`;
    }
    if (order.took === null) return "–";
    return `${order.tookBound && `${order.tookBound} `}${durationText(order.took, order.tookBound ? 1 : 3)}`;
  }

  #drawCounts() {
    const { counts, size } = this.#book;
    for (const element of document.querySelectorAll("[data-count]")) {
      const { count } = element.dataset;
      write(element, grouped.format(count === "ALL" ? size : counts[count]));
    }
    const listed = this.#view.length;
    const { status, text } = this.#filter;
    const partly = status !== "ALL" || text.trim() !== "" || listed === limits.viewRowsMax;
    write($("shown"), partly ? `Showing ${grouped.format(listed)} of ${plural(size, "order")}` : "");
    $("empty").hidden = listed > 0;
    if (listed > 0) return;
    const none = size === 0 ? "No orders yet. Place the first one." : "No order matches.";
    write($("empty-text"), this.#loaded ? none : "Loading the orders…");
    $("clear").hidden = !this.#loaded || size === 0;
  }

  /** Ages run in tenths of a second; nothing runs when no pending order is drawn. */
  #tickLater() {
    if (this.#timer) return;
    let running = false;
    for (const { order } of this.#rows.values()) running ||= order.status === "PENDING";
    if (!running) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.schedule();
    }, 100);
  }

  #spacer(body, rows) {
    const height = `${rows * this.#rowHeight}px`;
    if (body.style.height === height) return;
    body.hidden = rows === 0;
    body.style.height = height;
    body.firstElementChild.firstElementChild.style.height = height;
  }

  #measure() {
    const height = $("rows").firstElementChild?.getBoundingClientRect().height;
    if (!height || Math.abs(height - this.#rowHeight) < 0.01) return;
    this.#rowHeight = height;
    this.schedule();
  }

  #forgetRows() {
    this.#rows.clear();
    $("rows").replaceChildren();
  }

  // Where things are. On a wide screen the region scrolls, on a narrow one the page does.

  #scroller() {
    const region = $("region");
    return getComputedStyle(region).overflowY === "auto" ? region : document.scrollingElement;
  }

  /** The top of row 0, drawn or not, in the viewport. */
  #origin() {
    return ($("above").hidden ? $("rows") : $("above")).getBoundingClientRect().top;
  }

  /** The part of the viewport in which rows can be seen: below whatever sticks to the top. */
  #window() {
    const region = $("region").getBoundingClientRect();
    const inner = this.#scroller() === $("region");
    const header = inner ? $("sort-column").getBoundingClientRect().height : 0;
    const sticky = document.querySelector(".tools").getBoundingClientRect().bottom;
    return {
      top: Math.max(inner ? region.top + header : 0, sticky),
      bottom: inner ? Math.min(innerHeight, region.bottom) : innerHeight,
    };
  }

  // Keyboard: one row is in the tab order, with its button; the arrows move it.

  #idOf(target) {
    const id = target.closest("tr[data-order-id]")?.dataset.orderId;
    return id === undefined ? null : Number(id);
  }

  #activate(id) {
    if (id === null || id === this.#activeId) return;
    this.#activeId = id;
    this.#roam();
  }

  #roam() {
    const first = $("rows").firstElementChild?.dataset.orderId;
    const active = this.#rows.has(this.#activeId) ? this.#activeId : Number(first);
    for (const [id, { element }] of this.#rows) {
      const index = id === active ? 0 : -1;
      if (element.tabIndex !== index) element.tabIndex = index;
      const button = element.querySelector("button");
      if (button && button.tabIndex !== index) button.tabIndex = index;
    }
  }

  #click(event) {
    const button = event.target.closest("button.cancel");
    if (button) this.#cancel(this.#idOf(button));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === $("sort")) return;
    const page = Math.max(1, Math.floor((this.#window().bottom - this.#window().top) / this.#rowHeight) - 1);
    const steps = {
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity,
    }[event.key];
    if (steps !== undefined) this.move(steps);
    else if (event.key === "Delete" && this.#activeId !== null) this.#cancel(this.#activeId);
    else return;
    event.preventDefault();
  }

  get activeId() {
    return $("orders").contains(document.activeElement) ? this.#activeId : null;
  }
}

// ------------------------------------------------------------------------------------------------ the tape

/**
 * The last minute as a picture: each pending order climbs at the right edge while it waits; settled, it
 * stays at the height it reached and drifts left. Only times that were really seen are drawn.
 */
class Tape {
  #canvas = $("tape");
  #climbing = new Map(); // id -> pending since
  #points = []; // { at, took, status }, oldest first
  #seen = { count: 0, sum: 0, min: Infinity, max: 0 };
  #frame = 0;
  #drawnAt = 0;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");

  constructor() {
    new ResizeObserver(() => this.wake()).observe(this.#canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.wake());
  }

  changed(order, before) {
    if (order.status === "PENDING") {
      if (order.exact && before === null) this.#climbing.set(order.id, order.pendingSince);
    } else if (before !== order.status) {
      this.#climbing.delete(order.id);
      if (order.took !== null && order.tookBound === "") this.#settled(order);
    }
    this.wake();
  }

  /** After a re-sync: what climbs is what the book says; what was drawn stays, unless it is another run's. */
  restart(book, forget) {
    this.#climbing.clear();
    for (const order of book.all()) {
      if (order.status === "PENDING" && order.exact) this.#climbing.set(order.id, order.pendingSince);
    }
    if (forget) {
      this.#points = [];
      this.#seen = { count: 0, sum: 0, min: Infinity, max: 0 };
    }
    this.wake();
  }

  wake() {
    this.#frame ||= requestAnimationFrame((time) => this.#step(time));
  }

  #settled({ took, status }) {
    this.#points.push({ at: now(), took, status });
    if (this.#points.length > limits.tapePointsMax) this.#points = this.#points.filter((_, at) => at % 2);
    if (status !== "EXECUTED") return;
    const seen = this.#seen;
    seen.count += 1;
    seen.sum += took;
    seen.min = Math.min(seen.min, took);
    seen.max = Math.max(seen.max, took);
  }

  #step(time) {
    this.#frame = 0;
    const pause = this.#calm.matches ? 1_000 : 33;
    if (time - this.#drawnAt >= pause) {
      this.#drawnAt = time;
      this.#draw(now());
    }
    if (this.#points.length || this.#climbing.size) this.wake();
  }

  #draw(time) {
    while (this.#points.length && time - this.#points[0].at > 60_000) this.#points.shift();
    const ratio = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (this.#canvas.width !== Math.round(width * ratio)) this.#canvas.width = Math.round(width * ratio);
    if (this.#canvas.height !== Math.round(height * ratio)) this.#canvas.height = Math.round(height * ratio);
    const pen = this.#canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const top = this.#top();
    const edge = width - 26; // right of it, orders climb side by side
    const yOf = (took) => height - 5 - Math.min(1, took / top) * (height - 10);
    this.#drawGrid(pen, width, edge, top, yOf);
    const ink = Object.fromEntries(STATUSES.map((status) => [status, this.#ink(`[data-ink="${status}"]`)]));
    for (const { at, took, status } of this.#points) {
      pen.fillStyle = ink[status];
      const x = edge - ((time - at) / 60_000) * edge;
      if (status === "EXECUTED") pen.fillRect(x - 1.75, yOf(took) - 1.75, 3.5, 3.5);
      else pen.fillRect(x - 3, yOf(took) - 0.75, 6, 1.5);
    }
    pen.strokeStyle = ink.PENDING;
    for (const [id, since] of this.#climbing) {
      pen.strokeRect(edge + 4 + (id % 5) * 4, yOf(time - since) - 1.5, 3, 3);
    }
    this.#drawSummary();
  }

  #drawGrid(pen, width, edge, top, yOf) {
    pen.fillStyle = pen.strokeStyle = this.#ink(".tape-name");
    pen.font = `10px ${getComputedStyle(this.#canvas).fontFamily}`;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.35;
    pen.beginPath();
    for (const part of [1 / 6, 5 / 6]) {
      const y = Math.round(yOf(top * part)) + 0.5;
      pen.moveTo(26, y);
      pen.lineTo(width, y);
    }
    pen.moveTo(edge + 0.5, 2);
    pen.lineTo(edge + 0.5, yOf(0) + 3);
    pen.stroke();
    pen.globalAlpha = 1;
    for (const part of [1 / 6, 5 / 6]) pen.fillText(`${(top * part) / 1000} s`, 0, yOf(top * part) + 3.5);
  }

  /** The scale: six times 1, 2, 5 or 10 of a unit, whichever first holds the longest time drawn. */
  #top() {
    let longest = 0;
    for (const { took } of this.#points) longest = Math.max(longest, took);
    const tops = [60, 600, 6_000, 12_000, 30_000, 60_000, 120_000, 300_000, 600_000, 3_600_000];
    return longest ? tops.find((top) => longest <= top) ?? tops.at(-1) : 6_000;
  }

  #ink(selector) {
    return getComputedStyle(document.querySelector(selector)).color;
  }

  #drawSummary() {
    const { count, sum, min, max } = this.#seen;
    if (count === 0) return write($("tape-summary"), "nothing executed yet");
    const [low, mean, high] = [min, sum / count, max].map((took) => (took / 1000).toFixed(2));
    return write($("tape-summary"),
      `${grouped.format(count)} executed here · mean ${mean} s · ${low}–${high} s`);
  }
}

// --------------------------------------------------------------------------------------------- the speaker

/** Speaks to screen readers, at most one sentence every few seconds: the trader's own orders by name. */
class Announcer {
  #own = [];
  #others = 0;
  #timer = 0;

  say(text) {
    $("announcer").textContent = text;
  }

  changed(order, before) {
    if (before === order.status) return;
    if (order.mine && before !== null) this.#own.push(`Order ${order.id} ${order.status.toLowerCase()}`);
    else if (before !== null) this.#others += 1;
    else return;
    this.#timer ||= setTimeout(() => this.#speak(), waits.speechMilliseconds);
  }

  #speak() {
    this.#timer = 0;
    const more = this.#others + Math.max(0, this.#own.length - 3);
    const parts = this.#own.slice(0, 3);
    if (more) parts.push(plural(more, parts.length ? "more change" : "status change"));
    this.#own = [];
    this.#others = 0;
    this.say(`${parts.join(". ")}.`);
  }
}

/** Short notes in the corner, for what happened to something that is not a form field. */
function notice(text) {
  const note = document.createElement("p");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Dismiss";
  close.addEventListener("click", () => note.remove());
  note.append(text, close);
  $("notices").append(note);
  while ($("notices").childElementCount > limits.noticesMax) $("notices").firstElementChild.remove();
  const leave = () => (note.matches(":hover, :focus-within") ? setTimeout(leave, 2_000) : note.remove());
  setTimeout(leave, waits.noticeMilliseconds);
}

// ---------------------------------------------------------------------------------------------- the ticket

const bytesOf = (text) => new TextEncoder().encode(text).length;

function stocksFault(stocks) {
  if (stocks === "") return "Say which stocks.";
  const bytes = bytesOf(stocks);
  if (bytes <= limits.stocksBytesMax) return "";
  return `This is ${bytes} bytes in UTF-8; at most ${limits.stocksBytesMax}.`;
}

/** The quantity as typed, 1,000 or 1 000 too, as an integer; otherwise why not. */
function quantityFrom(typed) {
  const text = typed.trim();
  const digits = /^\d{1,3}(?:[,_\s]\d{3})+$/.test(text) ? text.replace(/\D/g, "") : text;
  if (digits === "") return { fault: "Say how many." };
  if (!/^[+-]?\d+$/.test(digits)) return { fault: "Must be a whole number." };
  const value = BigInt(digits.replace("+", ""));
  if (value < 1n) return { fault: "Must be at least 1." };
  if (value > BigInt(limits.quantityMax)) return { fault: `At most ${grouped.format(limits.quantityMax)}.` };
  return { value: Number(value), fault: "" };
}

/** The form. It catches what is plainly wrong before it is sent; what is sent, the server judges. */
class Ticket {
  #fields = ["stocks", "quantity"];
  #busy = false;
  #placed;

  constructor(placed) {
    this.#placed = placed;
    $("place-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    for (const name of this.#fields) {
      $(name).addEventListener("input", () => {
        this.#show(name, "");
        if (this.#fields.every((field) => $(`${field}-error`).hidden)) write($("form-error"), "");
        this.#hint();
      });
    }
  }

  async #submit() {
    if (this.#busy) return;
    const stocks = $("stocks").value;
    const quantity = quantityFrom($("quantity").value);
    const faults = { stocks: stocksFault(stocks), quantity: quantity.fault };
    if (faults.stocks || faults.quantity) {
      this.#refuse("The order was not sent.", faults);
      return;
    }
    this.#refuse("", {});
    this.#setBusy(true);
    try {
      await this.#placed(JSON.stringify({ stocks, quantity: quantity.value }));
      enter($("stocks")); // typing replaces it, Enter repeats it
    } catch (problem) {
      this.#judged(problem);
    }
    this.#setBusy(false);
  }

  /** The server's verdict: what it says about a field goes to the field, all else to the form. */
  #judged(problem) {
    const faults = {};
    const rest = [];
    for (const { field, message } of problem.errors ?? []) {
      const name = String(field ?? "").replace(/^[/#.]+/, "");
      const text = sentence(String(message ?? ""));
      if (this.#fields.includes(name)) faults[name] = [faults[name], text].filter(Boolean).join(" ");
      else rest.push(name ? `${name}: ${text}` : text);
    }
    const unsure = problem.status === 0 ? " It may have the order or not; the list will show." : "";
    this.#refuse([sentence(problem.message) + unsure, ...rest].join(" "), faults);
  }

  #refuse(text, faults) {
    write($("form-error"), text);
    for (const name of this.#fields) this.#show(name, faults[name] ?? "");
    const first = this.#fields.find((name) => faults[name]);
    if (text) $(first ?? "stocks").focus();
  }

  #show(name, fault) {
    write($(`${name}-error`), fault);
    $(`${name}-error`).hidden = !fault;
    $(`${name}-hint`).hidden = Boolean(fault);
    if (fault) $(name).setAttribute("aria-invalid", "true");
    else $(name).removeAttribute("aria-invalid");
  }

  /** Counts bytes once the limit is near: for most text nobody needs to know. */
  #hint() {
    const bytes = bytesOf($("stocks").value);
    const over = bytes > limits.stocksBytesMax;
    const near = bytes > limits.stocksBytesMax / 2;
    write($("stocks-hint"), near ? `${bytes} of ${limits.stocksBytesMax} bytes${over ? ": too long" : ""}`
      : `any text, up to ${limits.stocksBytesMax} bytes`);
    $("stocks-hint").classList.toggle("over", over);
  }

  #setBusy(busy) {
    // Not `disabled`, which would take the focus away.
    this.#busy = busy;
    $("place").setAttribute("aria-disabled", String(busy));
    write($("place"), busy ? "Placing…" : "Place order");
  }
}

function sentence(text) {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}

// -------------------------------------------------------------------------------------- the things around it

const settings = {
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
class Theme {
  #system = matchMedia("(prefers-color-scheme: dark)");
  #chosen = settings.get("theme");

  constructor(shown) {
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

/** The order on the ticket as a curl command, quoted for a POSIX shell. */
function drawCurl() {
  const quantity = quantityFrom($("quantity").value);
  const order = { stocks: $("stocks").value || "AAPL", quantity: quantity.value ?? 10 };
  const body = JSON.stringify(order).replaceAll("'", "'\\''");
  write($("curl"), `curl -d '${body}' ${location.origin}/orders`);
}

async function copyCurl() {
  try {
    await navigator.clipboard.writeText($("curl").textContent);
    write($("copy"), "Copied");
  } catch {
    // No clipboard for a page from plain http on another host: select it, the rest is one key.
    getSelection().selectAllChildren($("curl"));
    write($("copy"), "Selected");
  }
  setTimeout(() => write($("copy"), "Copy"), 2_000);
}

function enter(field) {
  field.focus();
  field.select();
}

/** Single keys, outside of text fields; they can be switched off, since speech input types them too. */
function listenToKeys(actions) {
  const box = $("keys-on");
  box.checked = settings.get("keys") !== "off";
  box.addEventListener("change", () => settings.set("keys", box.checked ? null : "off"));
  $("keys").addEventListener("click", () => $("help").showModal());
  $("help-close").addEventListener("click", () => $("help").close());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || $("help").open) return;
    const typing = event.target.matches("input, textarea, select");
    if (typing && event.key === "Escape") {
      if (event.target.type !== "search" || !event.target.value) event.target.blur();
      return;
    }
    const action = !typing && box.checked && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// ---------------------------------------------------------------------------------------------- all together

function main() {
  let heard = null; // what the feed says while the list is on its way; null when there is no list to wait for
  let titleTimer = 0;

  const book = new Book((order, before) => {
    blotter.touch();
    tape.changed(order, before);
    announcer.changed(order, before);
    if (order.stocks === undefined) details.want();
    titleTimer ||= setTimeout(drawTitle, 1_000);
  });

  const record = (entry, via = "event") => {
    if (!heard) book.record(entry, via, now());
    else if (heard.push({ entry, at: now() }) > limits.heardWhileSyncingMax) link.drop();
  };

  const link = new Link({
    async join(signal) {
      const during = heard = []; // before the first message can arrive
      let dropped = 0;
      try {
        const entries = await server.list(signal);
        if (signal.aborted) return;
        dropped = book.replace(entries, during, now());
      } finally {
        if (heard === during) heard = null;
      }
      tape.restart(book, dropped > 0);
      blotter.loaded();
      if (book.unknown.size) details.want();
      drawTitle();
      const gone = plural(dropped, "order");
      if (dropped) notice(`The server was restarted: ${gone} of its earlier run left the list.`);
    },
    event: record,
    state: () => lamp.show(announcer),
  });

  const place = async (body) => {
    const { epoch } = link;
    const entry = await server.place(body);
    // Placed before a reconnect, answered after it: the list that is loaded then knows better.
    if (entry && epoch === link.epoch) record({ ...entry, mine: true });
  };

  const cancel = async (id) => {
    const order = book.get(id);
    if (!order || order.status !== "PENDING" || order.cancelling) return;
    const { epoch } = link;
    order.cancelling = true;
    book.touch(order);
    try {
      await server.cancel(id);
      if (epoch === link.epoch) record({ id, status: "CANCELLED" });
    } catch (problem) {
      notice(`Order ${id} was not cancelled. ${sentence(problem.message)}`);
      if (problem.status === 409) {
        order.note = "too late";
        if (epoch === link.epoch) record({ id, status: "EXECUTED" });
      } else if (problem.status === 404 && epoch === link.epoch) {
        link.drop();
      }
    }
    order.cancelling = false;
    book.touch(order);
  };

  function drawTitle() {
    titleTimer = 0;
    document.title = book.counts.PENDING
      ? `${grouped.format(book.counts.PENDING)} pending · TradeLoop` : "TradeLoop";
  }

  const announcer = new Announcer();
  const tape = new Tape();
  const blotter = new Blotter(book, cancel);
  const details = new Details(book, link);
  const lamp = new LinkLamp(link);
  new Theme(() => tape.wake());
  new Ticket(place);

  for (const name of ["stocks", "quantity"]) $(name).addEventListener("input", drawCurl);
  $("copy").addEventListener("click", copyCurl);
  drawCurl();

  listenToKeys({
    "n": () => enter($("stocks")),
    "/": () => enter($("search")),
    "?": () => $("help").showModal(),
    "t": () => $("theme").click(),
    "r": () => link.retry(),
    "j": () => blotter.move(1),
    "k": () => blotter.move(-1),
    "c": () => blotter.activeId !== null && cancel(blotter.activeId),
    ...Object.fromEntries(["ALL", ...STATUSES].map((status, at) => [at + 1, () => blotter.show({ status })])),
  });
  link.start();
}

main();
