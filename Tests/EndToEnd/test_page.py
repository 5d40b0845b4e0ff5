"""The page in a real browser. Screenshots are kept in the folder that TRADELOOP_SCREENSHOTS names."""

from __future__ import annotations

import os
import pathlib
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from kit.browser import browser_arguments, browser_executable
from kit.relay import Relay

# What a busy machine may need to draw something.
TIMEOUT_MS = 20_000
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser():
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_executable(), headless=True, args=browser_arguments()
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Opens the server's page. Whatever the browser complains about is collected in `page.complaints`."""
    contexts = []

    def open_page(server, viewport=WIDE, **options):
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.complaints, page.addresses = [], []
        page.on(
            "console",
            lambda message: (
                page.complaints.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.addresses.append(request.url))
        page.on("websocket", lambda websocket: page.addresses.append(websocket.url))
        page.goto(server.url("/"))
        expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def slow_server(start):
    """Long enough to see PENDING, short enough to wait for EXECUTED."""
    return start("--min-delay-ms", 3_000, "--max-delay-ms", 3_000)


def screenshot(page, name):
    folder = os.environ.get("TRADELOOP_SCREENSHOTS")
    if folder:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(pathlib.Path(folder) / f"{name}.png"), full_page=True)


def row(page, order_id):
    return page.locator(f'tr[data-order-id="{order_id}"]')


def expect_status(page, order_id, status):
    expect(row(page, order_id)).to_have_attribute("data-status", status)
    expect(row(page, order_id).locator(".status")).to_contain_text(re.compile(status, re.I))


def place(page, stocks, quantity):
    page.fill("#stocks", stocks)
    page.fill("#quantity", str(quantity))
    page.click("#place")


def test_the_starting_orders_without_a_complaint(server, open_page):
    page = open_page(server)
    for order_id, status in ((1, "PENDING"), (2, "EXECUTED"), (3, "CANCELLED")):
        expect_status(page, order_id, status)
    for order in server.orders():
        expect(row(page, order["orderId"])).to_contain_text(order["stocks"])
    assert page.title()
    screenshot(page, "start")
    assert page.complaints == []


def test_nothing_is_fetched_from_elsewhere(server, open_page):
    page = open_page(server)
    page.reload()
    expect_status(page, 1, "PENDING")
    assert f"ws://{server.authority}/ws" in page.addresses
    for address in page.addresses:
        assert re.match(rf"(http|ws)://{re.escape(server.authority)}/|data:|blob:", address), address


def test_place_and_see_it_executed(slow_server, open_page):
    page = open_page(slow_server)
    place(page, "AAPL", 10)
    expect_status(page, 4, "PENDING")
    expect(row(page, 4)).to_contain_text("AAPL")
    expect(row(page, 4)).to_contain_text("10")
    screenshot(page, "placed")
    expect_status(page, 4, "EXECUTED")
    expect(row(page, 4).locator("button.cancel:visible:enabled")).to_have_count(0)
    screenshot(page, "executed")
    assert slow_server.order(4) == {"orderId": 4, "orderStatus": "EXECUTED", "stocks": "AAPL", "quantity": 10}
    assert page.complaints == []


def test_cancel(server, open_page):
    page = open_page(server)
    place(page, "MSFT", 5)
    expect_status(page, 4, "PENDING")
    row(page, 4).locator("button.cancel").click()
    expect_status(page, 4, "CANCELLED")
    expect(row(page, 4).locator("button.cancel:visible:enabled")).to_have_count(0)
    expect_status(page, 1, "PENDING")
    assert server.order(4)["orderStatus"] == "CANCELLED"
    assert page.complaints == []


def test_only_what_is_pending_can_be_cancelled(server, open_page):
    page = open_page(server)
    expect(row(page, 1).locator("button.cancel:visible:enabled")).to_have_count(1)
    for order_id in (2, 3):
        expect(row(page, order_id)).to_be_visible()
        expect(row(page, order_id).locator("button.cancel:visible:enabled")).to_have_count(0)


def test_with_the_keyboard_alone(server, open_page):
    page = open_page(server)
    page.focus("#stocks")
    page.keyboard.type("NVDA")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "quantity"
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect_status(page, 4, "PENDING")
    assert server.order(4) == {"orderId": 4, "orderStatus": "PENDING", "stocks": "NVDA", "quantity": 7}
    row(page, 4).locator("button.cancel").focus()
    page.keyboard.press("Enter")
    expect_status(page, 4, "CANCELLED")


def test_orders_of_others_appear(server, open_page):
    page = open_page(server)
    server.place("Siemens Energy", 42)
    expect_status(page, 4, "PENDING")
    expect(row(page, 4)).to_contain_text("Siemens Energy")
    expect(row(page, 4)).to_contain_text("42")
    assert server.ask("DELETE", "/orders/4").status == 204
    expect_status(page, 4, "CANCELLED")


def test_two_pages_show_the_same(server, open_page):
    first, second = open_page(server), open_page(server)
    place(first, "AAPL", 1)
    expect_status(second, 4, "PENDING")
    row(second, 4).locator("button.cancel").click()
    expect_status(first, 4, "CANCELLED")


def test_text_is_shown_and_never_run(server, open_page):
    text = "<img src=x onerror=\"console.error('run')\"><b>&amp;"
    server.place(text, 1)
    page = open_page(server)
    expect(row(page, 4)).to_contain_text(text)
    later = "<script>console.error('run')</script>"
    server.place(later, 2)
    expect(row(page, 5)).to_contain_text(later)
    assert page.complaints == []


def test_the_greatest_quantity_is_shown_to_the_digit(server, open_page):
    page = open_page(server)
    place(page, "株式会社", 9_007_199_254_740_991)
    expect_status(page, 4, "PENDING")
    assert server.order(4)["quantity"] == 9_007_199_254_740_991
    digits = re.sub(r"\D", "", row(page, 4).inner_text())
    assert "9007199254740991" in digits


@pytest.mark.parametrize(
    "stocks, quantity",
    [
        ("", "1"),
        ("AAPL", ""),
        ("AAPL", "0"),
        ("AAPL", "-1"),
        ("AAPL", "1.5"),
        ("AAPL", "9007199254740992"),
        ("é" * 33, "1"),
    ],
)
def test_a_readable_error(server, open_page, stocks, quantity):
    page = open_page(server)
    place(page, stocks, quantity)
    error = page.locator("#form-error")
    expect(error).to_be_visible()
    expect(error).to_contain_text(re.compile(r"\w+ \w+"))
    assert len(server.orders()) == 3
    if stocks == "AAPL" and quantity == "0":
        screenshot(page, "error")
    # The next good order clears it.
    place(page, "AAPL", 10)
    expect_status(page, 4, "PENDING")
    expect(error).not_to_contain_text(re.compile(r"\w"))


def test_counts_filters_and_search(server, open_page):
    for stocks in ("ALPHA", "BETA", "GAMMA"):
        server.place(stocks, 1)
    server.ask("DELETE", "/orders/6")
    page = open_page(server)
    expect_status(page, 6, "CANCELLED")
    for status, count in (("PENDING", 3), ("EXECUTED", 1), ("CANCELLED", 2)):
        expect(page.locator(f'[data-count="{status}"]').first).to_have_text(
            re.compile(rf"(^|\D){count}(\D|$)")
        )
    visible = page.locator("tr[data-order-id]:visible")
    expect(visible).to_have_count(6)
    page.click('[data-filter="PENDING"]')
    expect(visible).to_have_count(3)
    screenshot(page, "filtered")
    # What stops being pending leaves the list, and the count follows.
    server.ask("DELETE", "/orders/1")
    expect(visible).to_have_count(2)
    expect(page.locator('[data-count="PENDING"]').first).to_have_text(re.compile(r"(^|\D)2(\D|$)"))
    page.fill("#search", "beta")
    expect(visible).to_have_count(1)
    expect(visible).to_have_attribute("data-order-id", "5")


def luminance(page):
    """How light the page's background is, from 0 to 255."""
    colour = page.evaluate("""() => {
        for (const element of [document.body, document.documentElement]) {
            const colour = getComputedStyle(element).backgroundColor;
            if (!/^rgba\\(.*, 0\\)$|^transparent$/.test(colour)) return colour;
        }
        return "rgb(255, 255, 255)";
    }""")
    # Ask a canvas, since a colour may be computed in any notation.
    red, green, blue = page.evaluate(
        """colour => {
        const context = new OffscreenCanvas(1, 1).getContext("2d");
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        return Array.from(context.getImageData(0, 0, 1, 1).data).slice(0, 3);
    }""",
        colour,
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_light_and_dark(server, open_page):
    for scheme, is_right in (("light", lambda value: value > 180), ("dark", lambda value: value < 75)):
        page = open_page(server, color_scheme=scheme)
        assert is_right(luminance(page)), (scheme, luminance(page))
        screenshot(page, scheme)


def test_the_theme_can_be_chosen_and_is_kept(server, open_page):
    page = open_page(server, color_scheme="light")
    light = luminance(page)
    theme = page.locator("#theme")
    if theme.evaluate("element => element.tagName") == "SELECT":
        theme.select_option("dark")
    else:
        # A button may offer "as the system" between the two.
        for _ in range(2):
            theme.click()
            page.wait_for_timeout(400)
            if luminance(page) < light:
                break
    page.wait_for_timeout(400)
    dark = luminance(page)
    assert light > 180 and dark < 75, (light, dark)
    page.reload()
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    assert luminance(page) < 75


def test_on_a_telephone(server, open_page):
    page = open_page(server, viewport=NARROW)
    place(page, "AAPL", 10)
    expect_status(page, 4, "PENDING")
    screenshot(page, "narrow")
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), "the page scrolls sideways"


def test_it_reconnects_and_shows_what_is_true_then(start, open_page):
    first = start("--min-delay-ms", 600_000, "--max-delay-ms", 600_000)
    page = open_page(first)
    place(page, "BEFORE", 1)
    expect_status(page, 4, "PENDING")
    first.stop()
    connection = page.locator("#connection")
    expect(connection).to_have_attribute("data-state", re.compile("reconnecting|offline"))
    expect(connection).to_have_text(re.compile(r"\w"))
    screenshot(page, "reconnecting")

    second = start("--port", first.port, "--min-delay-ms", 600_000, "--max-delay-ms", 600_000)
    second.place("AFTER", 2)
    second.ask("DELETE", "/orders/1")
    expect(connection).to_have_attribute("data-state", "live", timeout=40_000)
    expect_status(page, 1, "CANCELLED")
    expect(row(page, 4)).to_contain_text("AFTER")
    expect(page.locator("tr[data-order-id]")).to_have_count(4)
    second.place("LIVE", 3)
    expect_status(page, 5, "PENDING")


def test_what_happened_while_it_was_away_is_shown(server, open_page):
    """The network breaks and comes back; the server lives on, and its orders change meanwhile."""
    server.place("EARLIER", 1)
    with Relay(server) as relay:
        page = open_page(relay)
        expect_status(page, 4, "PENDING")
        relay.cut()
        connection = page.locator("#connection")
        expect(connection).to_have_attribute("data-state", re.compile("reconnecting|offline"))
        server.place("MEANWHILE", 2)
        assert server.ask("DELETE", "/orders/4").status == 204
        relay.mend()
        expect(connection).to_have_attribute("data-state", "live", timeout=40_000)
        expect_status(page, 4, "CANCELLED")
        expect_status(page, 5, "PENDING")
        assert server.ask("DELETE", "/orders/5").status == 204
        expect_status(page, 5, "CANCELLED")
        page.close()


def test_an_order_placed_while_the_server_is_gone_is_refused_in_words(start, open_page):
    server = start()
    page = open_page(server)
    server.stop()
    expect(page.locator("#connection")).to_have_attribute("data-state", re.compile("reconnecting|offline"))
    page.fill("#stocks", "AAPL")
    page.fill("#quantity", "10")
    if page.locator("#place").is_enabled():
        page.click("#place")
        expect(page.locator("#form-error")).to_contain_text(re.compile(r"\w+ \w+"))
    expect(page.locator("tr[data-order-id]")).to_have_count(3)


def test_a_thousand_orders(start, open_page):
    server = start("--min-delay-ms", 0, "--max-delay-ms", 3_000)
    page = open_page(server)
    with server.connect() as connection:
        for _ in range(10):
            for number in range(100):
                connection.send_request("POST", "/orders", body=f'{{"stocks":"S{number}","quantity":1}}')
            for _ in range(100):
                assert connection.read_response().status == 201
    expect(page.locator('[data-count="EXECUTED"]').first).to_have_text(
        re.compile(r"\b1[,. \u00a0\u202f']?001\b")
    )
    place(page, "LAST", 9)
    expect(row(page, 1004)).to_be_visible()
    assert page.complaints == []
