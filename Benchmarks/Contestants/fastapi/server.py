"""The trading platform's essentials on FastAPI and uvicorn: `python server.py PORT`."""

import asyncio
import os
import random
import sys
from enum import Enum
from typing import Annotated

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

MIN_DELAY_SECONDS = int(os.environ.get("MIN_DELAY_MS", "1000")) / 1000
MAX_DELAY_SECONDS = int(os.environ.get("MAX_DELAY_MS", "5000")) / 1000


class Status(str, Enum):
    PENDING = "PENDING"
    EXECUTED = "EXECUTED"
    CANCELLED = "CANCELLED"


class OrderRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    stocks: Annotated[StrictStr, Field(min_length=1, max_length=64)]
    quantity: Annotated[StrictInt, Field(ge=1, le=9007199254740991)]


class Order(BaseModel):
    orderId: int
    orderStatus: Status
    stocks: str
    quantity: int


app = FastAPI(openapi_url=None)
# An order's id is its place in the list.
orders = [
    Order(orderId=1, orderStatus=Status.PENDING, stocks="AAPL", quantity=10),
    Order(orderId=2, orderStatus=Status.EXECUTED, stocks="MSFT", quantity=5),
    Order(orderId=3, orderStatus=Status.CANCELLED, stocks="GOOG", quantity=20),
]
subscribers: set[WebSocket] = set()
# The event loop holds tasks weakly: those that send are kept here until they are done.
sending: set[asyncio.Task] = set()


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    faults = [{"field": str(fault["loc"][-1]), "message": fault["msg"]} for fault in error.errors()]
    return JSONResponse({"status": 400, "errors": faults}, status_code=400)


async def announce(order: Order) -> None:
    if not subscribers:
        return
    text = f'{{"orderId": {order.orderId}, "orderStatus": "{order.orderStatus.value}"}}'
    for subscriber in list(subscribers):
        try:
            await subscriber.send_text(text)
        except (RuntimeError, WebSocketDisconnect):
            subscribers.discard(subscriber)


def execute(order: Order) -> None:
    order.orderStatus = Status.EXECUTED
    if subscribers:
        task = asyncio.create_task(announce(order))
        sending.add(task)
        task.add_done_callback(sending.discard)


@app.get("/orders/{order_id}")
async def get_order(order_id: int) -> Order:
    if not 1 <= order_id <= len(orders):
        raise HTTPException(404, "There is no such order.")
    return orders[order_id - 1]


@app.post("/orders", status_code=201)
async def place_order(request: OrderRequest, response: Response) -> Order:
    order = Order(
        orderId=len(orders) + 1, orderStatus=Status.PENDING, stocks=request.stocks, quantity=request.quantity
    )
    orders.append(order)
    delay = random.uniform(MIN_DELAY_SECONDS, MAX_DELAY_SECONDS)
    asyncio.get_running_loop().call_later(delay, execute, order)
    await announce(order)
    response.headers["Location"] = f"/orders/{order.orderId}"
    return order


@app.websocket("/ws")
async def subscribe(subscriber: WebSocket) -> None:
    await subscriber.accept()
    subscribers.add(subscriber)
    try:
        while True:
            await subscriber.receive()
    except (RuntimeError, WebSocketDisconnect):
        pass
    finally:
        subscribers.discard(subscriber)


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]) if len(sys.argv) > 1 else 8000,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        backlog=4096,
        timeout_keep_alive=75,
        access_log=False,
        log_level="warning",
    )
