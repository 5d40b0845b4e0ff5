// The table of orders: thousands of them, of which only those in and near the window are in the document.

import { $, grouped, make, now, plural, write } from "./page.js";

const limits = Object.freeze({
  drawAllMax: 300, // lists up to here are drawn whole, so that the browser's own find works on them
  drawnMarginRows: 12, // rows drawn beyond each edge of the window, so that a scroll never shows a gap
  viewRowsMax: 200_000, // browsers stop growing an element somewhere past 16 million pixels
  highlightsMax: 8, // in one second; when everything lights up, nothing is pointed at
});

/** A duration as a trader reads it: tenths while it runs, milliseconds once it is known. */
export function durationText(milliseconds, decimals) {
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

/** The table: draws the rows in and near the window, keeps the reader's place while orders arrive above. */
export class Blotter {
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
  #lit = []; // when rows were highlighted, the last second's
  #rowHeightKnown = false;

  constructor(book, cancel) {
    this.#book = book;
    this.#cancel = cancel;
    document.addEventListener("scroll", () => this.schedule(), { capture: true, passive: true });
    addEventListener("resize", () => {
      this.#rowHeightKnown = false;
      this.schedule();
    });
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
    const from = this.#indexOf(this.#activeId);
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
    const at = focused ? this.#indexOf(this.#activeId) : top > 0 ? top : -1;
    const anchor = this.#view[at]?.id;
    this.#view = this.#listed();
    this.#stale = false;
    const moved = anchor === undefined ? 0 : this.#indexOf(anchor) - at;
    if (moved !== 0 && moved > -at) {
      this.#spacer($("above"), this.#view.length); // room to scroll into
      this.#scroller().scrollTop += moved * this.#rowHeight;
    }
    // With a million orders some frames go by between two, and the page stays at hand.
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
    const { sorted } = this.#book;
    const all = status === "ALL" && !needle;
    const view = [];
    for (let at = 0; at < sorted.length && view.length < limits.viewRowsMax; at += 1) {
      const order = sorted[newestFirst ? sorted.length - 1 - at : at];
      if (all || matches(order)) view.push(order);
    }
    return view;
  }

  /** Where an order is listed, or -1: the view is in the order of the ids, one way or the other. */
  #indexOf(id) {
    const view = this.#view;
    let low = 0;
    let high = view.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#filter.newestFirst ? view[middle].id > id : view[middle].id < id) low = middle + 1;
      else high = middle;
    }
    return view[low]?.id === id ? low : -1;
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
    if (time - order.changedAt < 500 && this.#mayLight(time)) {
      const again = element.classList.contains("changed");
      element.classList.toggle("changed", !again);
      element.classList.toggle("changed-again", again);
    }
  }

  #mayLight(time) {
    while (this.#lit.length && time - this.#lit[0] > 1_000) this.#lit.shift();
    return this.#lit.length < limits.highlightsMax && this.#lit.push(time) > 0;
  }

  #fillAct({ element, cells }, order, stocks) {
    let button = cells.act.querySelector("button");
    if (order.status !== "PENDING") {
      if (button && button === document.activeElement) element.focus({ preventScroll: true });
      write(cells.act, order.note);
      return;
    }
    if (!button) {
      button = make("button", "cancel");
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
    $("cancel-all").disabled = counts.PENDING === 0;
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
    if (this.#rowHeightKnown) return;
    const height = $("rows").firstElementChild?.getBoundingClientRect().height;
    if (!height) return;
    this.#rowHeightKnown = true;
    if (Math.abs(height - this.#rowHeight) < 0.01) return;
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

  /** What is searched for, if it is exactly the stocks of a listed order. */
  get stocks() {
    const text = $("search").value.trim();
    return text && this.#view.some((order) => order.stocks === text) ? text : "";
  }

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
