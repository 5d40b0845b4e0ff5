// The trading platform's essentials on Node's http and ws: `node server.js PORT`.
"use strict";

const http = require("node:http");
const { WebSocketServer } = require("ws");

const port = Number(process.argv[2] ?? 8000);
const minDelayMilliseconds = Number(process.env.MIN_DELAY_MS ?? 1000);
const maxDelayMilliseconds = Number(process.env.MAX_DELAY_MS ?? 5000);
const bodyBytesMax = 65536;

// An order's id is its place in the list.
const orders = [
  { orderId: 1, orderStatus: "PENDING", stocks: "AAPL", quantity: 10 },
  { orderId: 2, orderStatus: "EXECUTED", stocks: "MSFT", quantity: 5 },
  { orderId: 3, orderStatus: "CANCELLED", stocks: "GOOG", quantity: 20 },
];

const feed = new WebSocketServer({ noServer: true, clientTracking: true });

function announce({ orderId, orderStatus }) {
  if (feed.clients.size === 0) return;
  // A buffer is encoded once; a string would be for each client.
  const text = Buffer.from(JSON.stringify({ orderId, orderStatus }));
  for (const client of feed.clients) client.send(text, { binary: false });
}

function place(stocks, quantity) {
  const order = { orderId: orders.length + 1, orderStatus: "PENDING", stocks, quantity };
  orders.push(order);
  announce(order);
  const delay = minDelayMilliseconds + Math.random() * (maxDelayMilliseconds - minDelayMilliseconds);
  setTimeout(execute, delay, order);
  return order;
}

function execute(order) {
  order.orderStatus = "EXECUTED";
  announce(order);
}

function isValid(request) {
  return (
    typeof request === "object" && request !== null && !Array.isArray(request) &&
    Object.keys(request).length === 2 &&
    typeof request.stocks === "string" &&
    request.stocks.length > 0 && Buffer.byteLength(request.stocks) <= 64 &&
    Number.isSafeInteger(request.quantity) && request.quantity >= 1
  );
}

function answer(response, status, body, location) {
  const text = JSON.stringify(body);
  const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
  if (location !== undefined) headers.Location = location;
  response.writeHead(status, headers);
  response.end(text);
}

function receive(request, response) {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (part) => {
    text += part;
    if (text.length > bodyBytesMax) request.destroy();
  });
  request.on("end", () => {
    let body;
    try {
      body = JSON.parse(text);
    } catch {
      return answer(response, 400, { status: 400, detail: "The body is not JSON." });
    }
    if (!isValid(body)) return answer(response, 400, { status: 400, detail: "The body is not an order." });
    const order = place(body.stocks, body.quantity);
    answer(response, 201, order, `/orders/${order.orderId}`);
  });
}

const server = http.createServer((request, response) => {
  const { method, url } = request;
  if (url.startsWith("/orders/") && method === "GET") {
    const id = Number(url.slice("/orders/".length));
    if (!Number.isInteger(id)) {
      return answer(response, 400, { status: 400, detail: "The id is not an integer." });
    }
    const order = orders[id - 1];
    if (order === undefined) return answer(response, 404, { status: 404, detail: "There is no such order." });
    answer(response, 200, order);
  } else if (url === "/orders" && method === "POST") {
    receive(request, response);
  } else {
    answer(response, 404, { status: 404, detail: "There is nothing here." });
  }
});

server.on("upgrade", (request, socket, head) => {
  if (request.url !== "/ws") return socket.destroy();
  feed.handleUpgrade(request, socket, head, (client) => client.on("error", () => client.terminate()));
});

server.keepAliveTimeout = 75_000;
server.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`node-trading listens on http://127.0.0.1:${port}`);
});
