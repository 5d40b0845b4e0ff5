"""The contract's texts, and what every answer of a kind must have."""

from __future__ import annotations

import json

QUANTITY_MAX = 9_007_199_254_740_991


def order_text(order_id, status, stocks, quantity):
    """An order exactly as the contract writes it (for `stocks` that need no escape in JSON)."""
    return (
        f'{{"orderId": {order_id}, "orderStatus": "{status}", '
        f'"stocks": {json.dumps(stocks, ensure_ascii=False)}, "quantity": {quantity}}}'
    ).encode("utf-8")


def event_text(order_id, status):
    """A status message of the feed exactly as the contract writes it."""
    return f'{{"orderId": {order_id}, "orderStatus": "{status}"}}'


def assert_order(value):
    assert isinstance(value, dict), value
    assert list(value) == ["orderId", "orderStatus", "stocks", "quantity"], value
    assert type(value["orderId"]) is int and value["orderId"] >= 1, value
    assert value["orderStatus"] in ("PENDING", "EXECUTED", "CANCELLED"), value
    assert isinstance(value["stocks"], str) and 1 <= len(value["stocks"].encode("utf-8")) <= 64, value
    assert type(value["quantity"]) is int and 1 <= value["quantity"] <= QUANTITY_MAX, value


def assert_json(response, status):
    assert response.status == status, response
    assert response.media_type == "application/json", response
    return response.json()


def assert_problem(response, status):
    """RFC 9457, with a sentence that a person understands."""
    assert response.status == status, response
    assert response.media_type == "application/problem+json", response
    problem = response.json()
    assert isinstance(problem["type"], str) and problem["type"], response
    assert isinstance(problem["title"], str) and problem["title"], response
    assert type(problem["status"]) is int and problem["status"] == status, response
    detail = problem["detail"]
    assert isinstance(detail, str) and " " in detail and detail.rstrip()[-1] in ".!?", response
    return problem


def fault_fields(problem):
    """The `field` of every entry of `errors`, each of which must also have a message."""
    entries = problem["errors"]
    assert isinstance(entries, list) and entries, problem
    for entry in entries:
        assert isinstance(entry["field"], str), problem
        assert isinstance(entry["message"], str) and entry["message"].strip(), problem
    return [entry["field"] for entry in entries]
