// Three pictures of what happens, on canvases: how many orders, how long each takes, how that is spread.

import { $, grouped, now, write } from "./page.js";
import { STATUSES } from "./book.js";

const limits = Object.freeze({
  tapePointsMax: 6_000, // past it every second point is dropped: the picture stays the same
  climbingDrawnMax: 2_000, // of more pending orders every n-th is drawn
});
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** A canvas that is drawn when it has something new to show, at most so often. */
class Chart {
  #frame = 0;
  #drawnAt = -Infinity;
  #size = { width: 0, height: 0 };

  constructor(id, pauseMilliseconds) {
    this.canvas = $(id);
    this.pauseMilliseconds = pauseMilliseconds;
    new ResizeObserver(([{ contentRect }]) => {
      this.#size = contentRect;
      this.wake();
    }).observe(this.canvas);
  }

  /** Takes the colours from the style sheet. They change with the theme only, and asking costs a layout. */
  restyle() {
    const inkOf = (selector) => getComputedStyle(document.querySelector(selector)).color;
    this.faint = inkOf(".tape-name");
    this.ink = Object.fromEntries(STATUSES.map((status) => [status, inkOf(`[data-ink="${status}"]`)]));
    this.font = `10px ${getComputedStyle(this.canvas).fontFamily}`;
    this.wake();
  }

  wake() {
    this.#frame ||= requestAnimationFrame((time) => this.#step(time));
  }

  #step(time) {
    this.#frame = 0;
    const pause = calm.matches ? Math.max(1_000, this.pauseMilliseconds) : this.pauseMilliseconds;
    if (time - this.#drawnAt < pause) return this.wake();
    this.#drawnAt = time;
    const ratio = devicePixelRatio;
    const { canvas } = this;
    const { width, height } = this.#size;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = this.font;
    pen.fillStyle = pen.strokeStyle = this.faint;
    if (this.draw(pen, width, height, now())) this.wake();
  }

  /** Thin lines, each from one point to another. */
  lines(pen, ...lines) {
    pen.globalAlpha = 0.35;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const [fromX, fromY, toX, toY] of lines) {
      pen.moveTo(fromX, fromY);
      pen.lineTo(toX, toY);
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }
}

/** The first of 1, 2, 5, 10, 20, … that is at least as great. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].find((step) => step * power >= value) * power;
}

/** Orders placed, executed and cancelled in each of the last sixty seconds, as the feed tells it. */
export class Rate extends Chart {
  #seconds = new Map(); // second -> [placed, executed, cancelled]

  constructor() {
    super("rate", 250);
  }

  heard(status, time) {
    const second = Math.floor(time / 1000);
    let counts = this.#seconds.get(second);
    if (!counts) this.#seconds.set(second, counts = [0, 0, 0]);
    counts[STATUSES.indexOf(status)] += 1;
    this.wake();
  }

  draw(pen, width, height, time) {
    const last = Math.floor(time / 1000);
    for (const second of this.#seconds.keys()) if (second < last - 60) this.#seconds.delete(second);
    let most = 0;
    for (const [placed, executed, cancelled] of this.#seconds.values()) {
      most = Math.max(most, placed, executed + cancelled);
    }
    const top = roundUp(most);
    const base = height - 5;
    const heightOf = (count) => (count / top) * (height - 16);
    const left = 4 + pen.measureText(grouped.format(top)).width;
    const step = (width - left) / 60;
    const y = Math.round(base - heightOf(top)) + 0.5;
    this.lines(pen, [left, base + 0.5, width, base + 0.5], [left, y, width, y]);
    pen.fillText(grouped.format(top), 0, y + 3.5);
    pen.strokeStyle = this.ink.PENDING;
    for (const [second, [placed, executed, cancelled]] of this.#seconds) {
      const x = width - (last - second + 1) * step;
      pen.fillStyle = this.ink.EXECUTED;
      pen.fillRect(x, base - heightOf(executed), Math.max(1, step - 1), heightOf(executed));
      pen.fillStyle = this.ink.CANCELLED;
      pen.fillRect(x, base - heightOf(executed + cancelled), Math.max(1, step - 1), heightOf(cancelled));
      if (placed) pen.strokeRect(x - 0.5, base - heightOf(placed), Math.max(2, step), heightOf(placed));
    }
    this.#summary(last);
    return this.#seconds.size > 0;
  }

  #summary(last) {
    const [placed, executed] = this.#seconds.get(last - 1) ?? [0, 0];
    const text = (count) => `${grouped.format(count)}/s`;
    write($("rate-summary"), `${text(placed)} placed · ${text(executed)} executed`);
  }
}

/**
 * The last minute as a picture: each pending order climbs at the right edge while it waits; settled, it
 * stays at the height it reached and drifts left. Only times that were really seen are drawn.
 */
export class Tape extends Chart {
  #climbing = new Map(); // id -> pending since
  #points = []; // { at, took, status }, oldest first

  constructor() {
    super("tape", 50);
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

  /** What climbs is what the book says; what was drawn stays, unless it is to be forgotten. */
  restart(book, forget) {
    this.#climbing.clear();
    for (const order of book.sorted) {
      if (order.status === "PENDING" && order.exact) this.#climbing.set(order.id, order.pendingSince);
    }
    if (forget) this.#points = [];
    this.wake();
  }

  #settled({ took, status }) {
    this.#points.push({ at: now(), took, status });
    if (this.#points.length > limits.tapePointsMax) this.#points = this.#points.filter((_, at) => at % 2);
  }

  draw(pen, width, height, time) {
    while (this.#points.length && time - this.#points[0].at > 60_000) this.#points.shift();
    const top = this.#top();
    const edge = width - 26; // right of it, orders climb side by side
    const yOf = (took) => height - 5 - Math.min(1, took / top) * (height - 10);
    this.#drawGrid(pen, width, edge, top, yOf);
    for (const { at, took, status } of this.#points) {
      pen.fillStyle = this.ink[status];
      const x = edge - ((time - at) / 60_000) * edge;
      if (status === "EXECUTED") pen.fillRect(x - 1.75, yOf(took) - 1.75, 3.5, 3.5);
      else pen.fillRect(x - 3, yOf(took) - 0.75, 6, 1.5);
    }
    pen.lineWidth = 1;
    pen.strokeStyle = this.ink.PENDING;
    const each = Math.ceil(this.#climbing.size / limits.climbingDrawnMax);
    for (const [id, since] of this.#climbing) {
      if (id % each === 0) pen.strokeRect(edge + 4 + (id / each % 5) * 4, yOf(time - since) - 1.5, 3, 3);
    }
    return this.#points.length > 0 || this.#climbing.size > 0;
  }

  #drawGrid(pen, width, edge, top, yOf) {
    const marks = [1 / 6, 5 / 6].map((part) => ({ part, y: Math.round(yOf(top * part)) + 0.5 }));
    this.lines(pen, ...marks.map(({ y }) => [26, y, width, y]), [edge + 0.5, 2, edge + 0.5, yOf(0) + 3]);
    for (const { part, y } of marks) pen.fillText(`${(top * part) / 1000} s`, 0, y + 3.5);
  }

  /** The scale: six times 1, 2, 5 or 10 of a unit, whichever first holds the longest time drawn. */
  #top() {
    let longest = 0;
    for (const { took } of this.#points) longest = Math.max(longest, took);
    const tops = [60, 600, 6_000, 12_000, 30_000, 60_000, 120_000, 300_000, 600_000, 3_600_000];
    return longest ? tops.find((top) => longest <= top) ?? tops.at(-1) : 6_000;
  }
}

/** How many orders were executed after how long, beside what equal chances from min to max let expect. */
export class Spread extends Chart {
  #bins = new Uint32Array(24); // min and max lie four bins from the ends, as far as there is room below
  #from = 0;
  #width = 250;
  #seen = { count: 0, sum: 0, inside: 0 };
  #min = 1_000;
  #max = 5_000;

  constructor() {
    super("spread", 100);
  }

  /** What is expected; another expectation begins anew. */
  expect(min, max) {
    if (min === this.#min && max === this.#max) return;
    this.#min = min;
    this.#max = max;
    this.#width = (max > min ? max - min : Math.max(400, max / 2)) / 16;
    this.#from = Math.max(0, min - 4 * this.#width);
    this.restart();
  }

  restart() {
    this.#bins.fill(0);
    this.#seen = { count: 0, sum: 0, inside: 0 };
    this.wake();
  }

  changed(order, before) {
    if (before === order.status || order.status !== "EXECUTED") return;
    if (order.tookBound || order.took === null) return;
    const bin = Math.floor((order.took - this.#from) / this.#width);
    this.#bins[Math.min(this.#bins.length - 1, Math.max(0, bin))] += 1;
    const seen = this.#seen;
    seen.count += 1;
    seen.sum += order.took;
    // The way through the network and this page costs some milliseconds.
    if (order.took > this.#min - 60 && order.took < this.#max + 60) seen.inside += 1;
    this.wake();
  }

  draw(pen, width, height) {
    const { count } = this.#seen;
    const share = this.#max > this.#min ? this.#width / (this.#max - this.#min) : 1;
    const mean = count * share;
    // Nineteen of twenty bins lie within two standard deviations (of the binomial distribution).
    const spread = 2 * Math.sqrt(mean * (1 - share));
    const top = Math.max(4, ...this.#bins, mean + spread) * 1.08;
    const base = height - 13;
    const yOf = (value) => base - (value / top) * (base - 2);
    const xOf = (milliseconds) => ((milliseconds - this.#from) / (this.#width * this.#bins.length)) * width;
    const [left, right] = [xOf(this.#min), xOf(this.#max)];
    pen.globalAlpha = 0.16;
    const [high, low] = [yOf(mean + spread), yOf(mean - spread)];
    pen.fillRect(left, high, right - left, low - high);
    pen.globalAlpha = 1;
    pen.fillStyle = this.ink.EXECUTED;
    const step = width / this.#bins.length;
    this.#bins.forEach((value, at) => {
      const y = yOf(value);
      pen.fillRect(at * step + 0.5, y, step - 1, base - y);
    });
    pen.fillStyle = this.faint;
    this.lines(pen, [0, base + 0.5, width, base + 0.5], [left, 2, left, base], [right, 2, right, base]);
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.moveTo(left, yOf(mean));
    pen.lineTo(right, yOf(mean));
    pen.stroke();
    pen.setLineDash([]);
    pen.textAlign = "center";
    for (const at of new Set([this.#min, this.#max])) {
      const text = `${Number((at / 1000).toPrecision(3))} s`;
      const half = pen.measureText(text).width / 2;
      pen.fillText(text, Math.min(width - half, Math.max(half, xOf(at))), height - 2);
    }
    pen.textAlign = "start";
    this.#summary();
  }

  #summary() {
    const { count, sum, inside } = this.#seen;
    const seconds = (milliseconds) => Number((milliseconds / 1000).toPrecision(3));
    const range = [...new Set([seconds(this.#min), seconds(this.#max)])].join("–");
    write($("spread-name"), `Delays, expected ${range} s`);
    if (count === 0) return write($("spread-summary"), "nothing executed yet");
    write($("spread-summary"), `${grouped.format(count)} executed, mean ${seconds(sum / count)} s, `
      + `${Math.floor((100 * inside) / count)} % within`);
  }
}
