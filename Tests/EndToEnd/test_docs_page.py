"""The page of the API in a real browser: all that is described can be read, and tried."""

from __future__ import annotations

import json
import re
import time

import pytest
from playwright.sync_api import expect

from kit.page import NARROW, expect_no_sideways_scrolling, expect_readable, luminance, screenshot


@pytest.fixture
def open_docs(open_page):
    def open_docs(server, **options):
        page = open_page(server, "/docs", **options)
        expect(page.locator("section.op").first).to_be_visible()
        return page

    return open_docs


def operation(page, method, path):
    """The section of a request; its method is WS or SSE for the feeds."""
    title = page.locator("h3").filter(has_text=re.compile(rf"^{method} {re.escape(path)}$"))
    return page.locator("section.op").filter(has=title)


def trial(page, method, path):
    section = operation(page, method, path)
    section.locator(".try > summary").click()
    return section.locator("form.trial")


def field(form, name):
    return form.locator(f'[name="{name}"]')


def test_everything_described_is_there(server, open_docs):
    description = server.ask("GET", "/openapi.json").json()
    page = open_docs(server)
    for path, item in description["paths"].items():
        for method in set(item) & {"get", "post", "put", "delete"}:
            verb = r"(WS|SSE|GET)" if method == "get" else method.upper()
            section = operation(page, verb, path)
            expect(section).to_have_count(1)
            expect(section).to_contain_text(item[method]["summary"])
            for status in item[method]["responses"]:
                expect(section.locator(".code-number", has_text=status)).to_have_count(1)
    for name in description["components"]["schemas"]:
        expect(page.locator(f"#schema-{name.lower()}")).to_have_count(1)
    for address in page.addresses:
        assert address.startswith(server.url("/")), address
    assert page.complaints == []


def test_the_contents_lead_to_the_requests(server, open_docs):
    page = open_docs(server)
    links = page.locator("#contents a")
    assert links.count() >= 8
    for link in links.all():
        target = link.get_attribute("href")
        expect(page.locator(target)).to_have_count(1)
    links.first.click()
    expect(page.locator("section.op:target")).to_have_count(1)
    # Opened anew at that place, too.
    page.reload()
    expect(page.locator("section.op:target")).to_be_in_viewport()


def test_an_order_is_placed_and_read(server, open_docs):
    page = open_docs(server)
    form = trial(page, "POST", "/orders")
    body = form.locator("textarea")
    assert set(json.loads(body.input_value())) == {"stocks", "quantity"}
    body.fill('{"stocks": "It\'s", "quantity": 7}')
    expect(form.locator(".curl")).to_contain_text("curl -i")
    expect(form.locator(".curl")).to_contain_text(r"It'\''s")
    expect(form.locator(".curl")).to_contain_text(server.url("/orders"))
    form.locator(".send").click()
    expect(form.locator(".trial-state")).to_contain_text("201 Created")
    expect(form.locator(".answer-head")).to_contain_text("location: /orders/4")
    expect(form.locator(".answer-body")).to_contain_text('"orderId": 4')
    assert server.order(4)["stocks"] == "It's"
    form.evaluate("form => form.scrollIntoView()")
    screenshot(page, "docs", full_page=False)

    form = trial(page, "GET", "/orders")
    field(form, "status").select_option("PENDING")
    field(form, "limit").fill("1")
    expect(form.locator(".curl")).to_contain_text("'")
    form.locator(".send").click()
    expect(form.locator(".trial-state")).to_contain_text("200 OK")
    expect(form.locator(".answer-body")).to_contain_text('"orderId": 1')
    expect(form.locator(".answer-body")).not_to_contain_text('"orderId": 4')
    assert page.complaints == []


def test_a_fault_is_shown_as_it_comes(server, open_docs):
    page = open_docs(server)
    form = trial(page, "POST", "/orders")
    form.locator("textarea").fill('{"stocks": "", "quantity": 0}')
    form.locator(".send").click()
    expect(form.locator(".trial-state")).to_contain_text("400 Bad Request")
    expect(form.locator(".answer-head")).to_contain_text("application/problem+json")
    expect(form.locator(".answer-body")).to_contain_text("detail")


def test_an_order_is_cancelled(server, open_docs):
    page = open_docs(server)
    title = page.locator("h3").filter(has_text=re.compile(r"^DELETE /orders/"))
    section = page.locator("section.op").filter(has=title)
    section.locator(".try > summary").click()
    section.locator("form input").first.fill("1")
    expect(section.locator(".curl")).to_contain_text(f"curl -i -X DELETE {server.url('/orders/1')}")
    section.locator(".send").click()
    expect(section.locator(".trial-state")).to_contain_text("204 No Content")
    assert server.order(1)["orderStatus"] == "CANCELLED"


@pytest.mark.parametrize("verb, path", [("WS", "/ws"), ("SSE", "/events")])
def test_a_feed_is_followed(server, open_docs, verb, path):
    server.place("EARLIER", 1)
    page = open_docs(server)
    form = trial(page, verb, path)
    field(form, "since").fill("0")
    form.locator(".send").click()
    state, messages = form.locator(".trial-state"), form.locator(".messages li")
    expect(state).to_have_text("Connected.")
    expect(messages.filter(has_text='"orderId": 4')).to_have_count(1)
    server.ask("DELETE", "/orders/1")
    expect(messages.filter(has_text='"sequence": 2')).to_contain_text("CANCELLED")
    expect(form.locator(".send")).to_have_text("Disconnect")
    form.locator(".send").click()
    expect(form.locator(".send")).to_have_text("Connect")
    expect(state).to_have_text(re.compile("Disconnected|Closed"))
    count = messages.count()
    server.place("UNHEARD", 1)
    form.locator(".send").click()
    expect(state).to_have_text("Connected.")
    assert count > 0 and page.complaints == []


def test_a_feed_that_ends_says_so(start, open_docs):
    server = start()
    page = open_docs(server)
    forms = [trial(page, "WS", "/ws"), trial(page, "SSE", "/events")]
    for form in forms:
        form.locator(".send").click()
        expect(form.locator(".trial-state")).to_have_text("Connected.")
    server.stop()
    expect(forms[0].locator(".trial-state")).to_contain_text("1001")
    for form in forms:
        expect(form.locator(".send")).to_have_text("Connect")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_and_readable(server, open_docs, scheme):
    page = open_docs(server, color_scheme=scheme)
    assert (luminance(page) > 180) == (scheme == "light")
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    expect_readable(page)
    screenshot(page, f"docs-{scheme}")
    page.click("#theme")
    assert (luminance(page) > 180) == (scheme == "dark")


def test_on_a_telephone(server, open_docs):
    page = open_docs(server, viewport=NARROW)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    expect_no_sideways_scrolling(page)
    screenshot(page, "docs-narrow")


def test_with_the_keyboard_alone(server, open_docs):
    page = open_docs(server)
    section = operation(page, "GET", "/health")
    section.locator(".try > summary").focus()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('send')"):
            break
    page.keyboard.press("Enter")
    expect(section.locator(".trial-state")).to_contain_text("200 OK")


def wait_for_heard(page, count):
    """(The page's policy forbids what Playwright waits for expressions with.)"""
    deadline = time.monotonic() + 20
    while page.evaluate("heard.length") < count:
        assert time.monotonic() < deadline, page.evaluate("heard")
        page.wait_for_timeout(50)


def test_an_event_source_comes_back_by_itself(start, open_docs):
    """A browser that is dropped in the middle of the feed hears what it missed, once and in order."""
    server = start("--control", "--min-delay-ms", 600_000, "--max-delay-ms", 600_000)
    page = open_docs(server)
    page.evaluate(
        """() => {
            window.heard = [];
            const source = new EventSource("/events?status=PENDING");
            source.onmessage = (event) => heard.push([event.lastEventId, JSON.parse(event.data).orderId]);
            return new Promise((resolve) => (source.onopen = resolve));
        }"""
    )
    order = '{"stocks":"AAPL","quantity":10}'
    assert server.ask("POST", "/orders", body=order).status == 201
    wait_for_heard(page, 1)
    assert server.ask("POST", "/control/faults", body='{"dropSubscriber": 1}').status == 200
    assert server.ask("POST", "/orders", body=order).status == 201
    assert server.ask("DELETE", "/orders/4").status == 204
    assert server.ask("POST", "/control/faults", body='{"dropSubscriber": 0}').status == 200
    assert server.ask("POST", "/orders", body=order).status == 201
    wait_for_heard(page, 3)
    assert page.evaluate("heard") == [["1", 4], ["2", 5], ["4", 6]]
