// What stands around the table: the lamp, speech, the event log, the market's controls, questions, keys.

import { $, grouped, make, notice, now, plural, sentence, settings, write } from "./page.js";
import { server } from "./link.js";

const limits = Object.freeze({ eventsMax: 300 });
const waits = Object.freeze({
  speechMilliseconds: 4_000,
  logMilliseconds: 200,
  controlMilliseconds: 1_000,
});

/** Speaks to screen readers, at most one sentence every few seconds: the trader's own orders by name. */
export class Announcer {
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


/** Shows the link's state, counts down to the next attempt. */
export class LinkLamp {
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

/** The last events with their numbers, newest first. While someone reads further down, it holds still. */
export class EventLog {
  #list = $("log-list");
  #new = []; // not drawn yet, oldest first
  #timer = 0;
  #clock = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3,
  });

  constructor() {
    $("log").addEventListener("toggle", () => this.#want());
    this.#list.addEventListener("scroll", () => this.#want(), { passive: true });
    $("log-newer").addEventListener("click", () => {
      this.#list.scrollTop = 0;
      this.#list.focus();
      this.#draw();
    });
  }

  event({ sequence, id, status }, via) {
    const when = { old: "before", gap: "meanwhile" }[via] ?? this.#clock.format(Date.now());
    this.#add({ sequence, id, status, when });
  }

  /** Something that is not an event: that the feed was resumed, or the orders listed anew. */
  note(text) {
    this.#add({ text });
  }

  #add(entry) {
    this.#new.push(entry);
    if (this.#new.length > 2 * limits.eventsMax) this.#new.splice(0, limits.eventsMax);
    this.#want();
  }

  #want() {
    this.#timer ||= setTimeout(() => this.#draw(), waits.logMilliseconds);
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!$("log").open) return;
    const isRead = this.#list.scrollTop > 2;
    $("log-newer").hidden = !isRead || this.#new.length === 0;
    write($("log-newer"), `${grouped.format(this.#new.length)} newer ↑`);
    if (isRead) return;
    const rows = this.#new.splice(0).slice(-limits.eventsMax).map((entry) => this.#row(entry));
    this.#list.prepend(...rows.reverse());
    while (this.#list.childElementCount > limits.eventsMax) this.#list.lastElementChild.remove();
  }

  #row({ sequence, id, status, when, text }) {
    if (text) return make("li", "log-note", text);
    const row = make("li", "", make("span", "log-number", String(sequence)), make("span", "status", status),
      make("span", "", `#${id}`), make("span", "log-time", when));
    row.dataset.status = status;
    return row;
  }
}

/** Asks before something that cannot be undone; resolves to null, or to what was typed in its field. */
export function confirmed({ title, text, verb, field = null }) {
  const dialog = $("ask");
  const draw = () => {
    write($("ask-text"), text($("ask-input").value));
    write($("ask-yes"), verb($("ask-input").value));
  };
  write($("ask-title"), title);
  $("ask-field").hidden = field === null;
  $("ask-input").value = field ?? "";
  $("ask-input").oninput = draw;
  draw();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === "yes" ? $("ask-input").value : null);
  });
}

export function listenToAsk() {
  const dialog = $("ask");
  $("ask-yes").addEventListener("click", () => dialog.close("yes"));
  $("ask-no").addEventListener("click", () => dialog.close(""));
  $("ask-input").addEventListener("keydown", (event) => event.key === "Enter" && dialog.close("yes"));
}

/** The speeds of the slider: 1, 2, 5, 10, … in thousandths. */
const speeds = [];
for (let power = 0.001; power < 500; power *= 10) speeds.push(...[1, 2, 5].map((step) => step * power));
speeds.push(1_000);

/** Clock, faults and reset of a market that was started with --control. */
export class Controls {
  #timer = 0;
  #shown = null; // the document that is drawn
  #changed;

  /** `changed(clock)`: the market's clock goes another way than before. */
  constructor(changed) {
    this.#changed = changed;
    $("controls").addEventListener("toggle", () => this.#poll());
    $("clock-pause").addEventListener("click", () => this.#clock({ paused: !this.#shown?.clock.paused }));
    $("clock-speed").addEventListener("input", () => this.#writeSpeed(speeds[$("clock-speed").value]));
    $("clock-speed").addEventListener("change", () => this.#clock({ speed: speeds[$("clock-speed").value] }));
    $("clock-step").addEventListener("click", () => {
      const { nextDueMs, clock } = this.#shown;
      if (nextDueMs !== null) this.#clock({ advanceMs: Math.max(0, Math.ceil(nextDueMs - clock.nowMs) + 1) });
    });
    for (const button of document.querySelectorAll("[data-advance]")) {
      button.addEventListener("click", () => this.#clock({ advanceMs: Number(button.dataset.advance) }));
    }
    for (const input of document.querySelectorAll("[data-fault]")) {
      const { fault } = input.dataset;
      input.addEventListener("input", () => this.#writeFault(fault, Number(input.value)));
      input.addEventListener("change", () => input.reportValidity()
        && this.#send("/faults", { [fault]: Number(input.value) }));
    }
    $("faults-off").addEventListener("click", () => this.#send("/faults", {
      refuse: 0, delay: 0, reset: 0, dropSubscriber: 0,
    }));
    $("market-reset").addEventListener("click", () => this.#reset());
  }

  /** Shows itself where the server has controls. */
  async look(health) {
    if (health.control === false) return void ($("controls").hidden = true);
    try {
      this.#draw(await server.control());
      $("controls").hidden = false;
      this.#poll();
    } catch (problem) {
      if (problem.status) $("controls").hidden = true;
    }
  }

  #poll() {
    clearTimeout(this.#timer);
    if (!$("controls").open || $("controls").hidden) return;
    this.#timer = setTimeout(async () => {
      if (!document.hidden) await server.control().then((state) => this.#draw(state), () => {});
      this.#poll();
    }, waits.controlMilliseconds);
  }

  #clock(change) {
    return this.#send("/clock", change);
  }

  async #send(what, change) {
    try {
      const state = await server.control(what, change);
      if ("advanceMs" in change) this.#changed(state.clock);
      this.#draw(state);
      return true;
    } catch (problem) {
      notice(`The market was not changed. ${sentence(problem.message)}`);
      return false;
    }
  }

  async #reset() {
    const answer = await confirmed({
      title: "Reset the market?",
      text: () => "All orders and events are gone then, and the three orders of the beginning are back. "
        + "The clock starts at 0, faults are off, and everyone who follows the feed is disconnected.",
      verb: () => "Reset",
    });
    if (answer !== null && await this.#send("/reset", {})) notice("The market was reset.");
  }

  #draw(state) {
    const { clock, faults, nextDueMs, pendingDelays } = state;
    const before = this.#shown?.clock ?? { speed: 1, paused: false };
    this.#shown = state;
    if (before.speed !== clock.speed || before.paused !== clock.paused) this.#changed(clock);
    const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
    const due = nextDueMs === null ? "nothing is due"
      : `${plural(pendingDelays, "order")} due, the next in ${seconds(Math.max(0, nextDueMs - clock.nowMs))}`;
    write($("clock-now"), `${clock.paused ? "Paused at" : "At"} ${seconds(clock.nowMs)} · ${due}`);
    write($("clock-pause"), clock.paused ? "Resume" : "Pause");
    $("clock-step").disabled = nextDueMs === null;
    const slider = $("clock-speed");
    if (document.activeElement !== slider || speeds[slider.value] === clock.speed) {
      const at = speeds.findIndex((speed) => speed >= clock.speed * 0.999);
      slider.value = at < 0 ? speeds.length - 1 : at;
      this.#writeSpeed(clock.speed);
    }
    for (const input of document.querySelectorAll("[data-fault]")) {
      if (input === document.activeElement) continue;
      input.value = faults[input.dataset.fault] ?? 0;
      this.#writeFault(input.dataset.fault, Number(input.value));
    }
    const on = ["refuse", "delay", "reset", "dropSubscriber"].filter((name) => faults[name] > 0);
    const marks = [clock.paused && "paused", clock.speed !== 1 && `${clock.speed}×`,
      on.length && `${plural(on.length, "fault")} on`].filter(Boolean);
    write($("controls-mark"), marks.join(", "));
  }

  #writeSpeed(speed) {
    const text = `${grouped.format(speed)}×`.replace(/^0×/, `${speed}×`);
    write($("clock-speed-text"), text);
    $("clock-speed").setAttribute("aria-valuetext", text);
  }

  #writeFault(name, value) {
    const output = document.querySelector(`[data-fault-text="${name}"]`);
    if (!output) return;
    const text = `${Number((value * 100).toFixed(1))} %`;
    write(output, text);
    document.querySelector(`[data-fault="${name}"]`).setAttribute("aria-valuetext", text);
  }
}

/** Single keys, outside of text fields; they can be switched off, since speech input types them too. */
export function listenToKeys(actions) {
  const box = $("keys-on");
  box.checked = settings.get("keys") !== "off";
  box.addEventListener("change", () => settings.set("keys", box.checked ? null : "off"));
  $("keys").addEventListener("click", () => $("help").showModal());
  $("help-close").addEventListener("click", () => $("help").close());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
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
