// The connection: what is asked of the server, and the feed that is followed.

import { ask, now, socketOrigin } from "./page.js";
import { entryFrom } from "./book.js";

const limits = Object.freeze({
  overlapEvents: 16, // asked for again after a break: they must be those that were heard before it
  rememberedEvents: 64,
  waitingMax: 500_000, // messages kept while that is found out; past it, start over
  checkedOrders: 100, // the newest orders, which after a break must be those that were there before it
  pageOrders: 1_000, // what the server gives at most of a list in parts
});

const waits = Object.freeze({
  retryFirstMilliseconds: 500,
  retryMaxMilliseconds: 15_000,
  connectMilliseconds: 8_000,
  stableMilliseconds: 5_000, // live for this long, and the next failure starts again with a short wait
  silenceMilliseconds: 20_000, // nothing heard for this long: ask /health whether anyone is there
  listMilliseconds: 60_000,
  detailsMilliseconds: 60, // our own order's event can overtake the answer that carries its text
  startSlackMilliseconds: 1_600, // uptime is told in whole seconds
});

export const server = {
  /** All orders, or a part: the entries, and the event as of which they are. */
  async list(query = "", signal = undefined) {
    const response = await ask(`/orders${query}`, { signal, milliseconds: waits.listMilliseconds });
    const entries = (await response.json()).map(entryFrom).filter(Boolean);
    return { entries, sequence: Number(response.headers.get("Feed-Sequence")) };
  },

  /** Places an order. With the same key it may be asked again: it is not placed twice. */
  async place(body, key) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
    return entryFrom(await (await ask("/orders", { method: "POST", headers, body })).json());
  },

  async cancel(id) {
    await ask(`/orders/${id}`, { method: "DELETE" });
  },

  /** Cancels everything that is pending, or only of some stocks; how many that were. */
  async cancelAll(stocks) {
    const query = new URLSearchParams({ status: "PENDING", ...(stocks && { stocks }) });
    return (await (await ask(`/orders?${query}`, { method: "DELETE" })).json()).cancelled;
  },

  async health(signal) {
    return (await ask("/health", { signal, milliseconds: 5_000 })).json();
  },

  /** Reads the market's controls, or changes them: clock, faults or reset. */
  async control(what = "", change = undefined) {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify(change ?? {});
    return (await ask(`/control${what}`, what ? { method: "POST", headers, body } : {})).json();
  },
};

/** A key by which the server knows an order that is sent again. */
export function newKey() {
  // Not crypto.randomUUID, which a page from plain http on another host does not have.
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}

/**
 * The feed and its reconnecting. Where nothing is known, it lists, and follows `/ws?since=N` from the list's
 * event. After a break it follows from the last event heard, and misses nothing. Where that cannot be (the
 * log has passed it, or another run of the server counts from 1 again), it lists anew.
 *
 * Every attempt has an AbortController: whatever belongs to an earlier one is void.
 */
export class Link {
  #socket = null;
  #abort = new AbortController();
  #timer = 0;
  #failures = 0;
  #liveSince = 0;
  #heardAt = 0;
  #brokenAt = 0;
  #startedAt = 0; // about when this run of the server began
  #remembered = new Map(); // sequence -> what it said
  #waiting = null; // messages that wait until it is known which of them are news
  #newsAfter = 0; // events up to here happened while this page was away
  #reason = ""; // why the list is read anew
  #book;
  #on;

  constructor(book, on) {
    this.#book = book;
    this.#on = on;
    this.state = "connecting";
    this.sequence = null; // the last event taken in; null: the orders must be listed
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
    if (this.state === "live" || this.retryAt === null) return;
    this.#connect();
  }

  /** Gives this connection up and makes another; the first time it may do so at once. */
  drop(atOnce = false) {
    this.#close();
    this.#brokenAt ||= now();
    if (this.#liveSince && now() - this.#liveSince > waits.stableMilliseconds) this.#failures = 0;
    this.#liveSince = 0;
    const span = Math.min(waits.retryMaxMilliseconds, waits.retryFirstMilliseconds * 2 ** this.#failures);
    // Never quite the same, so that a crowd does not come back all at once.
    const wait = atOnce && this.#failures === 0 ? 0 : span * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.retryAt = now() + wait;
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#show("reconnecting");
  }

  /** What is known may be wrong: list again. */
  relist(reason) {
    this.sequence = null;
    this.#reason = reason;
    this.drop(true);
  }

  async #connect() {
    this.#close();
    this.retryAt = null;
    this.#show(this.state === "connecting" ? "connecting" : "reconnecting");
    const { signal } = (this.#abort = new AbortController());
    const resumed = this.sequence !== null;
    if (!resumed) {
      try {
        const { entries, sequence } = await server.list("", signal);
        if (signal.aborted) return;
        this.sequence = sequence;
        this.#remembered.clear();
        this.#startedAt = 0;
        this.#on.listed(entries, sequence, this.#reason);
        this.#reason = "";
      } catch {
        if (!signal.aborted) this.drop();
        return;
      }
    }
    this.#follow(signal, resumed);
  }

  #follow(signal, resumed) {
    const from = Math.max(0, this.sequence - limits.overlapEvents);
    const socket = new WebSocket(`${socketOrigin}/ws?since=${from}`);
    this.#socket = socket;
    this.#waiting = [];
    this.#timer = setTimeout(() => this.drop(), waits.connectMilliseconds);
    socket.onopen = () => {
      clearTimeout(this.#timer);
      socket.onclose = ({ code }) => (code === 1012 ? this.relist("the market was reset") : this.drop());
      this.#join(signal, resumed);
    };
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = () => this.#refused(signal, from);
  }

  /** A script is not told why a handshake failed: ask the feed's other form. */
  async #refused(signal, from) {
    let problem = null;
    try {
      await ask(`/events?since=${from}`, { signal });
    } catch (fault) {
      problem = fault;
    }
    if (signal.aborted) return;
    if (problem && problem.status >= 400 && problem.status < 500) this.relist(problem.message);
    else this.drop();
  }

  /**
   * The socket is open. Whether this is still the run of the server that was listened to, and which events
   * are news, is known when the end of its list is.
   */
  async #join(signal, resumed) {
    try {
      const after = Math.max(0, (this.#book.sorted.at(-1)?.id ?? 0) - limits.checkedOrders);
      const [{ entries, sequence }, health] = await Promise.all([
        server.list(`?after=${after}&limit=${limits.checkedOrders}`, signal), server.health(signal)]);
      if (signal.aborted) return;
      if (sequence < this.sequence || this.#isAnotherRun(entries, health)) {
        return void this.relist("the server was restarted");
      }
      this.#newsAfter = sequence;
      this.#on.health(health);
      if (resumed) this.#on.resumed(this.sequence, sequence - this.sequence, now() - this.#brokenAt);
    } catch {
      if (!signal.aborted) this.drop();
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const { entry, time } of waiting) {
      this.#take(entry, time);
      if (signal.aborted) return;
    }
    this.#liveSince = this.#heardAt = now();
    this.#brokenAt = 0;
    this.#show("live");
  }

  #isAnotherRun(entries, health) {
    const last = this.#book.sorted.at(-1)?.id;
    if (this.#book.contradicts(entries)) return true;
    if (last !== undefined && !entries.some(({ id }) => id === last)) return true;
    const startedAt = Date.now() - health.uptimeSeconds * 1_000;
    this.#startedAt ||= startedAt;
    return Math.abs(startedAt - this.#startedAt) > waits.startSlackMilliseconds;
  }

  #hear(data) {
    this.#heardAt = now();
    let entry = null;
    try {
      entry = entryFrom(JSON.parse(data));
    } catch {
      // Not JSON: not for us. The feed may learn to say more than this page knows.
    }
    if (!entry || !Number.isSafeInteger(entry.sequence)) return;
    if (!this.#waiting) this.#take(entry, this.#heardAt);
    else if (this.#waiting.push({ entry, time: this.#heardAt }) > limits.waitingMax) this.drop();
  }

  #take(entry, time) {
    const { sequence, id, status } = entry;
    const said = `${id} ${status}`;
    const known = this.#remembered.get(sequence) ?? said;
    if (known !== said) return this.relist("the server was restarted");
    const isOld = sequence <= this.sequence;
    if (!isOld && sequence !== this.sequence + 1) return this.relist("the feed had a gap");
    const isHeardFirst = !this.#remembered.has(sequence);
    const via = isOld ? "old" : sequence > this.#newsAfter ? "event" : "gap";
    this.#remembered.set(sequence, said);
    this.#remembered.delete(sequence - limits.rememberedEvents);
    if (!isOld) this.sequence = sequence;
    if (isHeardFirst) this.#on.event(entry, via, time);
  }

  /** A dead peer closes no socket. Any answer at all shows that someone is there. */
  async #probe() {
    if (this.state !== "live" || document.hidden) return;
    this.#heardAt = now();
    const { signal } = this.#abort;
    try {
      await server.health(signal);
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

/** Fetches the text of orders that the feed named and nobody here placed, one part of the list at a time. */
export class Details {
  #book;
  #link;
  #timer = 0;
  #asking = false;

  constructor(book, link) {
    this.#book = book;
    this.#link = link;
  }

  want(milliseconds = waits.detailsMilliseconds) {
    if (!this.#timer && !this.#asking) this.#timer = setTimeout(() => this.#fetch(), milliseconds);
  }

  async #fetch() {
    this.#timer = 0;
    const { unknown, edition } = this.#book;
    if (unknown.size === 0 || this.#link.state !== "live") return;
    let [first, last] = [Infinity, 0];
    for (const id of unknown) [first, last] = [Math.min(first, id), Math.max(last, id)];
    const query = `?after=${first - 1}&limit=${Math.min(limits.pageOrders, last - first + 1)}`;
    const started = now();
    let wait = waits.detailsMilliseconds;
    this.#asking = true;
    try {
      const { entries } = await server.list(query);
      if (edition === this.#book.edition) this.#take(entries, first);
      // Under a busy feed: never spend more than a part of the time on reading lists.
      wait = Math.max(wait, now() - started);
    } catch {
      wait = 2_000;
    }
    this.#asking = false;
    if (this.#book.unknown.size > 0) this.want(wait);
  }

  #take(entries, first) {
    // An order that was announced and is not there: this is not the server that announced it.
    if (entries[0]?.id !== first) return this.#link.relist("the server was restarted");
    for (const entry of entries) {
      // An order that the feed has not named yet is named in a moment: leave it to the feed.
      if (this.#book.get(entry.id)) this.#book.record(entry, "list", now());
    }
  }
}
