"""The check that requests are refused where, and only where, the description forbids them."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

import schemathesis
from schemathesis.core.failures import Failure

from kit.description import Description

DESCRIPTION = Description.from_file()


def read(text, schema):
    """A parameter's text as a value of its schema's type."""
    is_integer = DESCRIPTION.resolved(schema).get("type") == "integer"
    return int(text) if is_integer and re.fullmatch("-?[0-9]+", text) else text


def texts(parameter, path, request):
    """What the request has of a parameter."""
    name, url = parameter["name"], urlsplit(request.url)
    if parameter["in"] == "path":
        return [unquote(url.path.rsplit("/", 1)[1])]
    if parameter["in"] == "query":
        return parse_qs(url.query, keep_blank_values=True).get(name, [])
    value = request.headers.get(name)
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return [] if text is None else [text.strip(" \t")]


def parameter_faults(path, method, request):
    item = DESCRIPTION.document["paths"][path]
    described = item.get("parameters", []) + item[method].get("parameters", [])
    names = set()
    for parameter in map(DESCRIPTION.resolved, described):
        names.add(parameter["name"])
        schema, given = parameter["schema"], texts(parameter, path, request)
        is_list = DESCRIPTION.resolved(schema).get("type") == "array"
        if not given and parameter.get("required"):
            yield f"{parameter['name']} is missing"
        if is_list and given:
            values = [read(text, schema["items"]) for text in given]
            yield from DESCRIPTION.complaints(schema, values)
        elif len(given) > 1:
            yield f"{parameter['name']} is there twice"
        elif given:
            yield from DESCRIPTION.complaints(schema, read(given[0], schema))
    # Others pass over parameters that they do not know.
    if method == "delete":
        yield from set(parse_qs(urlsplit(request.url).query, keep_blank_values=True)) - names


def field_faults(request):
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
            yield f"{name} holds a control byte"


def body_faults(operation, request):
    described = operation.get("requestBody")
    if described is None:
        return
    if not request.body:
        if described.get("required"):
            yield "there is no body"
        return
    try:
        text = request.body.decode("utf-8") if isinstance(request.body, bytes) else request.body
        value = json.loads(text)
    except ValueError:
        yield "the body is not JSON"
        return
    yield from DESCRIPTION.complaints(described["content"]["application/json"]["schema"], value)
    if isinstance(value, dict):
        stocks = value.get("stocks")
        # What schemas have no words for.
        if isinstance(stocks, str) and len(stocks.encode("utf-8", "replace")) > 64:
            yield "stocks has more than 64 bytes"
        if isinstance(value.get("quantity"), float):
            yield "quantity has a fraction or an exponent"


def depends_on_what_is_there(request):
    """Whether nobody can say by the request alone: `delayMinMs` is compared with what was set before."""
    return request.url.endswith("/control/faults") and b"delayM" in (request.body or b"")


def complaint(case, title, message):
    return Failure(operation=case.operation.label, title=title, message=message)


@schemathesis.check
def refused_where_forbidden(ctx, response, case):
    path, method, request = case.operation.path, case.operation.method.lower(), response.request
    if request.method.lower() != method or depends_on_what_is_there(request):
        return
    operation = DESCRIPTION.document["paths"][path][method]
    faults = [*parameter_faults(path, method, request), *field_faults(request)]
    faults += body_faults(operation, request)
    if faults and response.status_code < 400 and method != "options":
        raise complaint(case, "What is forbidden was accepted", str(faults))
    if not faults and response.status_code == 400:
        raise complaint(case, "What is allowed was refused", response.text)
