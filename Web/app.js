// TradeLoop's live blotter.
//
//   Link ── orders, then events ──> Book ── changes ──> Blotter (rows), Tape and Spread (charts), Announcer
//     │                              ^── Details: the text of orders placed by someone else
//     └── events ──> EventLog, Rate (chart)
//   Ticket (the form) and the cancel buttons speak HTTP and record what the server answered in the Book.
//
// The Book is the only state of the orders. All that is drawn is drawn from it, at most once a frame.

import { $, enter, grouped, notice, now, plural, sentence, Theme } from "./page.js";
import { Book, STATUSES } from "./book.js";
import { Details, Link, server } from "./link.js";
import { Blotter, durationText } from "./blotter.js";
import { Rate, Spread, Tape } from "./charts.js";
import { Ticket } from "./ticket.js";
import { Announcer, confirmed, Controls, EventLog, LinkLamp, listenToAsk, listenToKeys } from "./desk.js";

let titleTimer = 0;
let delays = { min: 1_000, max: 5_000 }; // as the server is set, which its /health tells
let speed = 1; // of the market's clock

const book = new Book((order, before) => {
  blotter.touch();
  tape.changed(order, before);
  spread.changed(order, before);
  announcer.changed(order, before);
  if (order.stocks === undefined) details.want();
  titleTimer ||= setTimeout(drawTitle, 1_000);
});

const link = new Link(book, {
  listed(entries, sequence, reason) {
    const isFirst = book.edition === 0;
    const dropped = book.replace(entries, now());
    tape.restart(book, dropped > 0);
    if (dropped > 0) spread.restart();
    blotter.loaded();
    drawTitle();
    log.note(`${plural(entries.length, "order")} listed${isFirst ? "" : " anew"}, as of event ${sequence}`);
    if (isFirst) return;
    const gone = dropped > 0 ? ` ${plural(dropped, "order")} of before left the list.` : "";
    notice(`The orders were listed anew: ${sentence(reason || "the feed could not be resumed")}${gone}`);
  },
  resumed(sequence, missed, milliseconds) {
    log.note(`Resumed after event ${sequence}: ${plural(missed, "event")} to catch up with`);
    const happened = missed ? `${plural(missed, "event")} happened meanwhile` : "nothing happened meanwhile";
    notice(`The feed was resumed after ${durationText(milliseconds, 1)}: ${happened}, none was missed.`);
  },
  event(entry, via, time) {
    log.event(entry, via);
    if (via === "old") return;
    book.record(entry, via, time);
    if (via === "event") rate.heard(entry.status, time);
  },
  health(health) {
    if (health.maxDelayMs !== undefined) delays = { min: health.minDelayMs, max: health.maxDelayMs };
    spread.expect(delays.min / speed, delays.max / speed);
    controls.look(health);
  },
  state() {
    lamp.show(announcer);
    if (link.state === "live" && book.unknown.size) details.want();
  },
});

async function place(body, key) {
  const { edition } = book;
  const entry = await server.place(body, key);
  // Answered while the orders are listed anew: the list or the feed tells.
  if (entry && link.sequence !== null && edition === book.edition) {
    book.record({ ...entry, mine: true }, "event", now());
  }
}

async function cancel(id) {
  const order = book.get(id);
  if (!order || order.status !== "PENDING" || order.cancelling) return;
  const { edition } = book;
  const record = (status) => edition === book.edition && book.record({ id, status }, "event", now());
  order.cancelling = true;
  book.touch(order);
  try {
    await server.cancel(id);
    record("CANCELLED");
  } catch (problem) {
    notice(`Order ${id} was not cancelled. ${sentence(problem.message)}`);
    if (problem.status === 409) {
      order.note = "too late";
      record("EXECUTED");
    } else if (problem.status === 404 && edition === book.edition) {
      link.relist("the server was restarted");
    }
  }
  order.cancelling = false;
  book.touch(order);
}

async function cancelAll() {
  const pending = (stocks) => !stocks ? book.counts.PENDING
    : book.sorted.filter((order) => order.status === "PENDING" && order.stocks === stocks).length;
  const stocks = await confirmed({
    title: "Cancel pending orders?",
    text: (typed) => `${plural(pending(typed), "order")} ${pending(typed) === 1 ? "is" : "are"} pending`
      + `${typed ? ` for exactly these stocks.` : ", whether shown or not."}`,
    verb: (typed) => `Cancel ${grouped.format(pending(typed))}`,
    field: blotter.stocks,
  });
  if (stocks === null) return;
  try {
    const count = await server.cancelAll(stocks);
    notice(`${plural(count, "order")} cancelled.`);
  } catch (problem) {
    notice(`Whether the orders were cancelled, the list shows. ${sentence(problem.message)}`);
  }
}

function drawTitle() {
  titleTimer = 0;
  document.title = book.counts.PENDING
    ? `${grouped.format(book.counts.PENDING)} pending · TradeLoop` : "TradeLoop";
}

const announcer = new Announcer();
const rate = new Rate();
const tape = new Tape();
const spread = new Spread();
const log = new EventLog();
const blotter = new Blotter(book, cancel);
const details = new Details(book, link);
const lamp = new LinkLamp(link);
const controls = new Controls((clock) => {
  // Delays are measured by this page's clock: with another speed they are others.
  speed = clock.speed;
  book.forgetTimes();
  tape.restart(book, false);
  spread.expect(delays.min / speed, delays.max / speed);
  spread.restart();
});
new Theme(() => [rate, tape, spread].forEach((chart) => chart.restyle()));
new Ticket(place);
$("cancel-all").addEventListener("click", cancelAll);
listenToAsk();

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
