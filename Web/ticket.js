// The ticket: one order, or many alike.

import { $, copies, enter, grouped, plural, quoted, sentence, write } from "./page.js";
import { newKey } from "./link.js";

const limits = Object.freeze({
  stocksBytesMax: 64, // the server's limit, in UTF-8
  quantityMax: Number.MAX_SAFE_INTEGER, // the server's limit: every integer up to it is exact in JSON
  ordersMax: 10_000, // at once, from here
  ordersInFlightMax: 4, // of the six connections that a browser makes to one server
  triesMax: 6, // of one order among many
});
const retryMilliseconds = 500;

const bytesOf = (text) => new TextEncoder().encode(text).length;

function stocksFault(stocks) {
  if (stocks === "") return "Say which stocks.";
  const bytes = bytesOf(stocks);
  if (bytes <= limits.stocksBytesMax) return "";
  return `This is ${bytes} bytes in UTF-8; at most ${limits.stocksBytesMax}.`;
}

/** A number as typed, 1,000 or 1 000 too, as an integer; otherwise why not. */
function integerFrom(typed, most) {
  const text = typed.trim();
  const digits = /^\d{1,3}(?:[,_\s]\d{3})+$/.test(text) ? text.replace(/\D/g, "") : text;
  if (digits === "") return { fault: "Say how many." };
  if (!/^[+-]?\d+$/.test(digits)) return { fault: "Must be a whole number." };
  const value = BigInt(digits.replace("+", ""));
  if (value < 1n) return { fault: "Must be at least 1." };
  if (value > BigInt(most)) return { fault: `At most ${grouped.format(most)}.` };
  return { value: Number(value), fault: "" };
}

/** The form. It catches what is plainly wrong before it is sent; what is sent, the server judges. */
export class Ticket {
  #fields = ["stocks", "quantity", "count"];
  #busy = false;
  #key = null; // of an order that was sent and not answered
  #sent = ""; // that order
  #stopped = false;
  #place;

  /** `place(body, key)` places one order; throws a Problem where that fails. */
  constructor(place) {
    this.#place = place;
    $("stop").addEventListener("click", () => (this.#stopped = true));
    $("place-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    for (const name of this.#fields) {
      $(name).addEventListener("input", () => {
        this.#show(name, "");
        if (this.#fields.every((field) => $(`${field}-error`).hidden)) write($("form-error"), "");
        this.#hint();
        this.#drawCurl();
        write($("place"), this.#verb());
      });
    }
    copies($("copy"), $("curl"));
    this.#drawCurl();
  }

  async #submit() {
    if (this.#busy) return;
    const stocks = $("stocks").value;
    const quantity = integerFrom($("quantity").value, limits.quantityMax);
    const count = this.#count();
    const faults = { stocks: stocksFault(stocks), quantity: quantity.fault, count: count.fault };
    if (Object.values(faults).some(Boolean)) return this.#refuse("The order was not sent.", faults);
    this.#refuse("", {});
    this.#setBusy(true);
    const body = JSON.stringify({ stocks, quantity: quantity.value });
    try {
      if (count.value > 1) await this.#placeMany(body, count.value);
      else await this.#placeOne(body);
      enter($("stocks")); // typing replaces it, Enter repeats it
    } catch (problem) {
      this.#judged(problem);
    }
    this.#setBusy(false);
  }

  /** What was sent and not answered goes out with the same key again, and is not placed twice. */
  async #placeOne(body) {
    if (this.#sent !== body) this.#key = null;
    this.#sent = body;
    this.#key ??= newKey();
    try {
      await this.#place(body, this.#key);
      this.#key = null;
    } catch (problem) {
      if (problem.status !== 0) this.#key = null;
      throw problem;
    }
  }

  /** Some at a time, until all are placed, someone stops it, or the server refuses for good. */
  async #placeMany(body, count) {
    let [begun, placed] = [0, 0];
    let fault = null;
    this.#stopped = false;
    $("many").hidden = false;
    $("progress").max = count;
    const draw = () => {
      $("progress").value = placed;
      write($("many-text"), `${grouped.format(placed)} of ${grouped.format(count)}`);
    };
    const work = async () => {
      while (begun < count && !this.#stopped && !fault) {
        begun += 1;
        try {
          await this.#placeSurely(body);
          placed += 1;
        } catch (problem) {
          if (!this.#stopped) fault ??= problem;
        }
      }
    };
    draw();
    const timer = setInterval(draw, 100);
    await Promise.all(Array.from({ length: limits.ordersInFlightMax }, work));
    clearInterval(timer);
    if ($("many").contains(document.activeElement)) $("stocks").focus();
    $("many").hidden = true;
    const done = `${grouped.format(placed)} of ${plural(count, "order")} placed`;
    if (fault) throw Object.assign(fault, { message: `${sentence(fault.message)} ${done}.` });
    write($("many-done"), `${this.#stopped ? "Stopped: " : ""}${done}.`);
  }

  /** A server that is busy, or an answer that is lost, is no reason to give up: the key makes it safe. */
  async #placeSurely(body) {
    const key = newKey();
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#place(body, key);
      } catch (problem) {
        const isPassing = problem.status === 0 || problem.status === 503;
        if (!isPassing || tries === limits.triesMax || this.#stopped) throw problem;
        const wait = Math.max(problem.retryAfterSeconds * 1_000, retryMilliseconds * tries);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  #count() {
    return integerFrom($("count").value || "1", limits.ordersMax);
  }

  #verb() {
    const { value } = this.#count();
    return value > 1 ? `Place ${grouped.format(value)} orders` : "Place order";
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
    const unsure = this.#key && problem.status === 0 ? " It may have the order or not; placing it again is safe." : "";
    this.#refuse([sentence(problem.message) + unsure, ...rest].join(" "), faults);
  }

  #refuse(text, faults) {
    write($("many-done"), "");
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
    write($("place"), busy ? "Placing…" : this.#verb());
  }

  /** The order on the ticket as a curl command. */
  #drawCurl() {
    const quantity = integerFrom($("quantity").value, limits.quantityMax);
    const order = { stocks: $("stocks").value || "AAPL", quantity: quantity.value ?? 10 };
    write($("curl"), `curl -d ${quoted(JSON.stringify(order))} ${location.origin}/orders`);
  }
}
