// The API's description, /openapi.json, as a page on which each request can be tried.

import { $, ask, copies, make, now, quoted, sentence, socketOrigin, Theme, write } from "./page.js";

const limits = Object.freeze({
  shownCharactersMax: 20_000, // of a body
  messagesMax: 200, // of a feed
  depthMax: 3, // of properties within properties
});
const methods = ["get", "post", "put", "patch", "delete"];
/** Fields that a browser sets itself and lets no script set. */
const browsersOwn = /^(?:connection|upgrade|host|origin|content-length|expect|access-control-.+|sec-.+)$/i;

let description = null;

/** What a `$ref` within the description stands for. */
function resolved(value) {
  let at = value;
  for (let hops = 0; at?.$ref?.startsWith("#/") && hops < 16; hops += 1) {
    const names = at.$ref.slice(2).split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    at = names.reduce((inside, name) => inside?.[name], description);
  }
  return at ?? {};
}

const anchor = (...words) => words.join("-").replace(/[^\w-]+/g, "-").replace(/-+$/, "").toLowerCase();
const code = (text) => make("code", "", text);

// ------------------------------------------------------------------------------------------- words and types

/** The little of Markdown that descriptions use: paragraphs, lists, code, emphasis and links. */
function prose(text = "") {
  const blocks = make("div", "prose");
  for (const part of text.trim().split(/\n{2,}|(?=```)|(?<=\n```)\n/)) {
    const fence = /^```\w*\n([\s\S]*?)\n?```$/.exec(part.trim());
    const lines = part.trim().split("\n");
    if (fence) blocks.append(make("pre", "", fence[1]));
    else if (/^[-*] /.test(lines[0])) blocks.append(listOf(part));
    else if (part.trim()) blocks.append(make("p", "", ...inline(part.trim().replace(/^#+ /, ""))));
  }
  return blocks;
}

function listOf(text) {
  const items = text.trim().split(/\n(?=[-*] )/);
  return make("ul", "", ...items.map((item) => make("li", "", ...inline(item.slice(2)))));
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/).map((part) => {
    if (/^`.+`$/.test(part)) return code(part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return make("b", "", part.slice(2, -2));
    const [, words, address] = /^\[(.+)\]\(((?:https?:|\/|#).*)\)$/.exec(part) ?? [];
    if (!words) return part;
    const link = make("a", "", words);
    link.href = address;
    return link;
  });
}

/** A schema in a few words: text, 1 to 64 characters. */
function typeText(schema) {
  const { type, enum: values, const: only, format, minimum, maximum, minLength, maxLength, pattern, items } =
    resolved(schema);
  if (only !== undefined) return JSON.stringify(only);
  if (values) return values.join(" | ");
  const parts = [[type].flat().filter(Boolean).join(" or ") || "any"];
  if (items) parts[0] = `${parts[0]} of ${schemaName(items) ?? typeText(items)}`;
  if (format) parts.push(`(${format})`);
  const range = (least, limit, unit) => {
    const most = limit > Number.MAX_SAFE_INTEGER ? undefined : limit; // as good as none
    if (least === undefined && most === undefined) return;
    if (least === most) return void parts.push(least + unit);
    const from = most === undefined ? `from ${least}` : least;
    parts.push((least === undefined ? `up to ${most}` : most === undefined ? from : `${from} to ${most}`) + unit);
  };
  range(minimum, maximum, "");
  range(minLength, maxLength, " characters");
  if (pattern) parts.push(`matching ${pattern}`);
  return parts.join(" ");
}

const schemaName = (schema) => /^#\/components\/schemas\/(.+)$/.exec(schema?.$ref ?? "")?.[1];

/** The type, as a link where it has a name of its own. */
function typeOf(schema = {}) {
  const list = resolved(schema).type === "array";
  const name = schemaName(schema) ?? (list ? schemaName(resolved(schema).items) : undefined);
  if (!name) return make("span", "type", typeText(schema));
  const link = make("a", "", name);
  link.href = `#${anchor("schema", name)}`;
  return make("span", "type", list && !schemaName(schema) ? "array of " : "", link);
}

/** Names with types and what they mean: parameters, headers, properties. */
function fields(rows) {
  return make("dl", "fields", ...rows.map((row) => {
    const { name, where, schema, required, text, more, value } = row;
    return make("div", "",
      make("dt", "", code(name), where ? make("span", "where", where) : "", typeOf(schema),
        required ? make("span", "required", "required") : ""),
      make("dd", "", prose(text || resolved(schema).description),
        value === undefined || value === "" ? "" : make("p", "hint", "for example ", code(String(value))), more ?? ""));
  }));
}

function properties(schema, depth = 0) {
  const { properties: inside, required = [], items, allOf, oneOf, anyOf } = resolved(schema);
  const others = allOf ?? oneOf ?? anyOf;
  if (others) return make("div", "", ...others.map((other) => properties(other, depth)).filter(Boolean));
  const isOpen = items && !schemaName(items) && depth < limits.depthMax;
  if (!inside) return isOpen ? properties(items, depth + 1) : null;
  return fields(Object.entries(inside).map(([name, value]) => ({
    name, schema: value, required: required.includes(name), value: exampleOf(value, true),
    more: schemaName(value) || depth >= limits.depthMax ? null : properties(value, depth + 1),
  })));
}

/** An example that the description gives; with `plain` only if it is one word. */
function exampleOf(holder, plain = false) {
  const { example, examples, schema } = resolved(holder);
  const first = Array.isArray(examples) ? examples[0] : resolved(Object.values(examples ?? {})[0]).value;
  const found = example ?? first ?? (schema && !plain ? exampleOf(schema) : undefined);
  return plain && typeof found === "object" ? undefined : found;
}

const pretty = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** All examples of a body: their names, and their texts. */
function examplesOf(media) {
  const named = Object.entries(media?.examples ?? {}).map(([name, each]) => {
    const { summary, value } = resolved(each);
    return { name: summary ?? name, text: pretty(value) };
  });
  if (named.length) return named;
  const only = media && exampleOf(media);
  return only === undefined ? [] : [{ name: "", text: pretty(only) }];
}

/** The body of a request or an answer: its type, what it means, examples. */
function bodyOf(content = {}) {
  return Object.entries(content).map(([type, media]) => make("div", "",
    make("p", "media", code(type), " ", media.schema ? typeOf(media.schema) : ""),
    media.schema && !schemaName(media.schema) ? properties(media.schema) : "",
    ...examplesOf(media).flatMap(({ name, text }) => [
      name ? make("p", "hint", name) : "", make("pre", "", text)])));
}

// ----------------------------------------------------------------------------------------------- one request

class Operation {
  constructor(path, method, shared, operation) {
    this.path = path;
    this.method = method.toUpperCase();
    this.operation = operation;
    this.parameters = [...(shared ?? []), ...(operation.parameters ?? [])].map(resolved);
    this.id = anchor(operation.operationId ?? `${method}-${path}`);
    this.summary = operation.summary ?? "";
    const types = Object.values(operation.responses ?? {})
      .flatMap((each) => Object.keys(resolved(each).content ?? {}));
    this.isStream = types.includes("text/event-stream");
    this.isSocket = path === "/ws" || Boolean(operation.responses?.["101"]);
    this.inputs = [];
  }

  verb() {
    const verb = make("span", "verb", this.isSocket ? "WS" : this.isStream ? "SSE" : this.method);
    verb.dataset.verb = this.isSocket || this.isStream ? "FEED" : this.method;
    return verb;
  }

  section() {
    const { operation, parameters } = this;
    const body = resolved(operation.requestBody);
    const title = make("h3", "", this.verb(), " ", code(this.path));
    title.id = `${this.id}-title`;
    const parts = [title, make("p", "op-summary", this.summary), prose(operation.description)];
    if (parameters.length) {
      parts.push(make("h4", "", "Parameters"), fields(parameters.map((parameter) => ({
        name: parameter.name, where: parameter.in, schema: parameter.schema, required: parameter.required,
        text: parameter.description, value: exampleOf(parameter, true),
      }))));
    }
    if (body.content) {
      parts.push(make("h4", "", "Body"), prose(body.description), ...bodyOf(body.content));
    }
    const answers = Object.entries(operation.responses ?? {});
    // What the description keeps in one place for many requests stands aside.
    const [own, common] = [answers.filter(([, each]) => !each.$ref), answers.filter(([, each]) => each.$ref)];
    parts.push(make("h4", "", "Answers"), ...own.map(answer));
    if (common.length) {
      const numbers = common.map(([status]) => status).join(", ");
      parts.push(make("details", "answer", make("summary", "", `As elsewhere: ${numbers}`),
        ...common.map(answer)));
    }
    parts.push(this.#trial(body));
    const section = make("section", "op", ...parts);
    section.id = this.id;
    section.setAttribute("aria-labelledby", title.id);
    return section;
  }

  /** The form that sends it. */
  #trial(body) {
    const form = make("form", "trial");
    form.noValidate = true;
    for (const parameter of this.parameters) {
      if (parameter.in !== "header" || !browsersOwn.test(parameter.name)) form.append(this.#input(parameter));
    }
    this.body = null;
    const examples = Object.values(body.content ?? {}).slice(0, 1).flatMap(examplesOf);
    if (body.content) {
      this.body = make("textarea");
      this.body.rows = Math.min(12, Math.max(3, examples[0]?.text.split("\n").length ?? 0));
      this.body.spellcheck = false;
      this.body.value = examples[0]?.text ?? "";
      const choice = make("select", "", ...examples.map(({ name }, at) => new Option(name || "example", at)));
      choice.setAttribute("aria-label", "Example");
      choice.addEventListener("change", () => {
        this.body.value = examples[choice.value].text;
        this.#draw();
      });
      if (examples.length > 1) form.append(choice);
      form.append(make("label", "wide", make("span", "", "Body"), this.body));
    }
    this.curl = make("pre", "curl");
    this.curl.tabIndex = 0;
    this.curl.setAttribute("aria-label", "The same from a terminal");
    const copy = make("button", "", "Copy");
    copies(copy, this.curl);
    this.button = make("button", "send", this.isSocket || this.isStream ? "Connect" : "Send");
    this.button.type = "submit";
    this.state = make("p", "trial-state");
    this.state.setAttribute("role", "status");
    this.output = make("div", "output");
    form.append(this.curl, make("p", "buttons", this.button, copy), this.state, this.output);
    form.addEventListener("input", () => this.#draw());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#draw();
    return make("details", "try", make("summary", "", "Try it"), form);
  }

  #input(parameter) {
    const { name, in: where, schema, required } = parameter;
    const { enum: values, type, items } = resolved(schema);
    const isList = type === "array";
    const choices = isList ? null : values;
    const input = make(choices ? "select" : "input");
    if (choices) input.append(...(required ? [] : [""]).concat(choices).map((choice) => new Option(choice)));
    else input.spellcheck = false;
    const example = exampleOf(parameter, true) ?? exampleOf(schema, true) ?? (choices ? choices[0] : 1);
    if (required) input.value = example;
    if (isList) input.placeholder = `${(resolved(items).enum ?? ["one", "another"]).slice(0, 2).join(", ")}`;
    input.name = name;
    this.inputs.push({ name, where, isList, input });
    return make("label", "", make("span", "", code(name), isList ? " several, with commas" : ""), input);
  }

  /** What the form asks for. */
  #request() {
    let { path } = this;
    const query = new URLSearchParams();
    const headers = {};
    for (const { name, where, isList, input } of this.inputs) {
      const { value } = input;
      if (where === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
      else if (value === "") continue;
      else if (where === "header") headers[name] = value;
      else for (const each of isList ? value.split(",") : [value]) query.append(name, each.trim());
    }
    const body = this.body && this.method !== "GET" ? this.body.value : undefined;
    if (body) headers["Content-Type"] = "application/json";
    return { target: `${path}${query.size ? `?${query}` : ""}`, headers, body };
  }

  #draw() {
    const { target, headers, body } = this.#request();
    if (this.isSocket) return write(this.curl, `python3 -m websockets ${quoted(socketOrigin + target)}`);
    const words = ["curl", this.isStream ? "-N" : "-i"];
    if (this.method !== (body ? "POST" : "GET")) words.push("-X", this.method);
    for (const [name, value] of Object.entries(headers)) words.push("-H", quoted(`${name}: ${value}`));
    if (body) words.push("-d", quoted(body));
    write(this.curl, [...words, quoted(location.origin + target)].join(" "));
  }

  async #submit() {
    if (this.connection) return this.#disconnect("Disconnected.");
    const request = this.#request();
    this.output.replaceChildren();
    if (this.isSocket) this.#connectSocket(request);
    else await this.#send(request);
  }

  async #send({ target, headers, body }) {
    const controller = new AbortController();
    const since = now();
    write(this.state, "Sending…");
    try {
      const response = await fetch(target, {
        method: this.method, headers, body, cache: "no-store", signal: controller.signal,
      });
      const took = `${(now() - since).toFixed(0)} ms`;
      write(this.state, `${response.status} ${response.statusText} · ${took}`);
      this.state.dataset.good = String(response.ok);
      const lines = [...response.headers].map((pair) => pair.join(": "));
      this.output.append(make("pre", "answer-head", lines.join("\n")));
      if (this.isStream && response.ok) await this.#stream(response, controller);
      else this.#showBody(await response.text());
    } catch (fault) {
      this.#disconnect(controller.signal.aborted ? "Disconnected."
        : `No answer: ${sentence(fault.message)}`, false);
    }
  }

  #showBody(text) {
    if (text === "") return;
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch { /* not JSON: as it came */ }
    const more = shown.length - limits.shownCharactersMax;
    if (more > 0) shown = `${shown.slice(0, limits.shownCharactersMax)}\n… and ${more} characters more`;
    const body = make("pre", "answer-body", shown);
    body.tabIndex = 0;
    body.setAttribute("aria-label", "The answer's body");
    this.output.append(body);
  }

  // Feeds

  #connectSocket({ target }) {
    const socket = new WebSocket(socketOrigin + target);
    let opened = false;
    this.#connected(() => socket.close(), "Connecting…");
    const list = this.#messages();
    socket.onopen = () => {
      opened = true;
      write(this.state, "Connected.");
      this.state.dataset.good = "true";
    };
    socket.onmessage = ({ data }) => this.#message(list, data);
    socket.onclose = ({ code: number, reason }) => {
      const why = opened ? `Closed with ${number}${reason ? `: ${reason}` : ""}.`
        : "The handshake was refused; the events stream says why with the same parameters.";
      this.#disconnect(why, opened);
    };
  }

  async #stream(response, controller) {
    this.#connected(() => controller.abort(), "Connected.");
    this.state.dataset.good = "true";
    const list = this.#messages();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) this.#message(list, block);
    }
    this.#disconnect("The stream ended.");
  }

  #connected(close, text) {
    this.connection = close;
    write(this.button, "Disconnect");
    write(this.state, text);
  }

  #disconnect(text, isGood = true) {
    const { connection } = this;
    this.connection = null;
    connection?.();
    write(this.button, this.isSocket || this.isStream ? "Connect" : "Send");
    write(this.state, text);
    this.state.dataset.good = String(isGood);
  }

  #messages() {
    const list = make("ol", "messages");
    list.tabIndex = 0;
    list.setAttribute("aria-label", "Messages, newest first");
    this.output.append(list);
    return list;
  }

  #message(list, text) {
    const time = make("time", "", new Date().toLocaleTimeString("en-GB"));
    list.prepend(make("li", "", time, make("span", "", text)));
    if (list.childElementCount > limits.messagesMax) list.lastElementChild.remove();
  }
}

/** One status of a request: what it means, its fields, its body. */
function answer([status, response]) {
  const { description: text = "", headers = {}, content } = resolved(response);
  const [first, ...rest] = text.split("\n\n");
  const number = make("span", "code-number", status);
  number.dataset.class = status[0];
  return make("details", "answer",
    make("summary", "", number, " ", ...inline(first)), prose(rest.join("\n\n")),
    Object.keys(headers).length ? fields(Object.entries(headers).map(([name, header]) => ({
      name, schema: resolved(header).schema, text: resolved(header).description,
      value: exampleOf(header, true) ?? exampleOf(resolved(header).schema, true),
    }))) : "", ...bodyOf(content));
}

// -------------------------------------------------------------------------------------------------- the page

function draw() {
  const { info = {}, tags = [], paths = {}, components = {} } = description;
  const operations = Object.entries(paths).flatMap(([path, item]) => methods.filter((method) => item[method])
    .map((method) => new Operation(path, method, item.parameters, item[method])));
  const named = tags.map(({ name }) => name);
  const others = operations.flatMap(({ operation }) => operation.tags?.[0] ?? "Requests");
  document.title = `${info.title ?? "TradeLoop"} API`;
  write($("version"), info.version ?? "");
  $("about").replaceChildren(prose(info.description ?? info.summary));
  for (const name of new Set([...named, ...others])) {
    const group = operations.filter(({ operation }) => (operation.tags?.[0] ?? "Requests") === name);
    if (group.length === 0) continue;
    const links = group.map((each) => {
      const link = make("a", "", each.verb(), code(each.path));
      link.href = `#${each.id}`;
      return make("li", "", link);
    });
    const words = name.charAt(0).toUpperCase() + name.slice(1);
    $("contents").append(make("h2", "", words), make("ul", "", ...links));
    $("operations").append(make("h2", "", words), prose(tags.find((tag) => tag.name === name)?.description),
      ...group.map((each) => each.section()));
  }
  drawSchemas(components.schemas ?? {});
}

function drawSchemas(schemas) {
  if (Object.keys(schemas).length === 0) return;
  $("contents").append(make("h2", "", "Schemas"), make("ul", "", ...Object.keys(schemas).map((name) => {
    const link = make("a", "", code(name));
    link.href = `#${anchor("schema", name)}`;
    return make("li", "", link);
  })));
  $("operations").append(make("h2", "", "Schemas"), ...Object.entries(schemas).map(([name, schema]) => {
    const example = exampleOf(schema);
    const section = make("section", "op",
      make("h3", "", code(name), " ", make("span", "type", typeText(schema))), prose(schema.description), properties(schema) ?? "",
      example === undefined || typeof example !== "object" ? "" : make("pre", "", pretty(example)));
    section.id = anchor("schema", name);
    return section;
  }));
}

new Theme();
try {
  description = await (await ask("/openapi.json")).json();
  draw();
  // What the address points at was not there when the browser looked for it.
  if (location.hash) location.replace(location.hash);
} catch (fault) {
  $("about").replaceChildren(`The description cannot be shown. ${sentence(fault.message)}`);
}
