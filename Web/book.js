// The book: every order, as far as this page knows.

export const STATUSES = ["PENDING", "EXECUTED", "CANCELLED"];

/** An order or a status event as the Book takes it; null when it is neither. */
export function entryFrom(value) {
  const { orderId, orderStatus, stocks, quantity, sequence } = value ?? {};
  if (!Number.isSafeInteger(orderId) || !STATUSES.includes(orderStatus)) return null;
  return { id: orderId, status: orderStatus, stocks, quantity, sequence };
}

/**
 * All orders, merged from events, answers and lists that may arrive in any order. A state never goes back:
 * an order leaves PENDING once. Only `replace` may contradict what was known, because behind a new
 * connection there may be a new run of the server that counts from 1 again.
 */
export class Book {
  #orders = new Map();
  #changed;

  /** The orders in id order. */
  sorted = [];
  counts = { PENDING: 0, EXECUTED: 0, CANCELLED: 0 };
  /** Ids of orders heard of, whose text is not known yet. */
  unknown = new Set();
  /** How often the whole book was replaced: what was asked before says nothing about the book after. */
  edition = 0;

  constructor(changed) {
    this.#changed = changed;
  }

  get size() {
    return this.sorted.length;
  }

  get(id) {
    return this.#orders.get(id);
  }

  /**
   * Takes one event or answer in. `via`: "event" for the feed and our own POST, "list" for what was read,
   * "gap" for events of a time when this page was not there.
   */
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
   * Makes a whole list the truth. What was seen before is kept for its times only, and only if it fits.
   * Answers how many orders of an earlier run were dropped.
   */
  replace(entries, time) {
    const before = this.#orders;
    const listed = new Set(entries.map(({ id }) => id));
    const restarted = this.contradicts(entries) || [...before.keys()].some((id) => !listed.has(id));
    this.edition += 1;
    this.#orders = new Map();
    this.sorted = [];
    this.counts = { PENDING: 0, EXECUTED: 0, CANCELLED: 0 };
    this.unknown = new Set();
    for (const entry of entries) {
      const kept = restarted ? undefined : before.get(entry.id);
      if (kept) settle(kept, entry, "gap", time);
      const order = this.#insert(kept ?? newOrder(entry, "gap", time));
      this.counts[order.status] += 1;
    }
    return restarted ? before.size : 0;
  }

  /** Orders never go back and never change their text: a list that says otherwise is another run's. */
  contradicts(entries) {
    return entries.some((entry) => {
      const order = this.#orders.get(entry.id);
      if (!order) return false;
      if (order.status !== "PENDING" && order.status !== entry.status) return true;
      return order.stocks !== undefined
        && (order.stocks !== entry.stocks || order.quantity !== entry.quantity);
    });
  }

  /** Something about the order that is not its status changed: draw it again. */
  touch(order) {
    order.version += 1;
    this.#changed(order, order.status);
  }

  /** From here on the market's time is another: what is pending now says nothing about the delays. */
  forgetTimes() {
    for (const order of this.sorted) {
      if (order.status === "PENDING") order.exact = false;
    }
  }

  #insert(order) {
    this.#orders.set(order.id, order);
    // Ids come in order nearly always; two events that crossed are put right by one short step.
    let at = this.sorted.length;
    while (at > 0 && this.sorted[at - 1].id > order.id) at -= 1;
    if (at === this.sorted.length) this.sorted.push(order);
    else this.sorted.splice(at, 0, order);
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
