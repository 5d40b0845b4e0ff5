"""The page in a real browser. Screenshots are kept in the folder that TRADELOOP_SCREENSHOTS names."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from kit.page import (
    NARROW,
    expect_live,
    expect_lost,
    expect_no_sideways_scrolling,
    expect_readable,
    expect_status,
    luminance,
    place,
    row,
    screenshot,
)
from kit.relay import Relay


@pytest.fixture
def slow_server(start):
    """Long enough to see PENDING, short enough to wait for EXECUTED."""
    return start("--min-delay-ms", 3_000, "--max-delay-ms", 3_000)


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
    assert any(address.startswith(f"ws://{server.authority}/ws?since=") for address in page.addresses)
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
    expect_no_sideways_scrolling(page)


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


def place_through(server, count, stocks="S"):
    """Places many orders over one connection; all must be taken."""
    with server.connect() as connection:
        for start in range(0, count, 100):
            part = range(start, min(start + 100, count))
            for number in part:
                body = f'{{"stocks":"{stocks}{number}","quantity":{number + 1}}}'
                connection.send_request("POST", "/orders", body=body)
            for _ in part:
                assert connection.read_response().status == 201


def expect_count(page, status, count):
    expect(page.locator(f'[data-count="{status}"]').first).to_have_text(f"{count:,}")


def fetched(page, since=0):
    """The paths and queries that the page asked for, from the given place of its list on."""
    return [re.sub(r"^\w+://[^/]+", "", address) for address in page.addresses[since:]]


@pytest.mark.limit(180)
def test_twenty_thousand_orders(server, open_page):
    """Half of them are there before the page is, half come while it looks on; few rows are drawn."""
    place_through(server, 10_000)
    page = open_page(server)
    expect_count(page, "ALL", 10_003)
    place_through(server, 10_000, stocks="LATE")
    expect_count(page, "PENDING", 20_001)
    rows = page.locator("#rows tr")
    expect(page.locator("#orders")).to_have_attribute("aria-rowcount", "20004")
    expect(row(page, 20_003)).to_contain_text("LATE9999")
    expect(row(page, 20_003)).to_have_attribute("aria-rowindex", "2")
    assert rows.count() < 100

    # To the end by keyboard, back to the top with the wheel, to the middle by hand.
    row(page, 20_003).focus()
    page.keyboard.press("End")
    expect(row(page, 1)).to_be_focused()
    expect(row(page, 1)).to_have_attribute("aria-rowindex", "20004")
    assert rows.count() < 100
    page.locator("#region").hover()
    page.mouse.wheel(0, -1_000_000)
    expect(row(page, 20_003)).to_be_visible()
    page.evaluate("""() => {
        const region = document.getElementById("region");
        region.scrollTop = region.scrollHeight / 2;
    }""")
    expect(row(page, 10_003)).to_be_visible()
    expect(row(page, 10_003)).to_contain_text("S9999")
    assert rows.count() < 100
    assert page.complaints == []


@pytest.mark.limit(120)
def test_it_scrolls_without_a_stutter_while_orders_come(start, open_page):
    """Frames go on being drawn while the list is scrolled from end to end and orders come and go."""
    server = start("--min-delay-ms", 0, "--max-delay-ms", 2_000)
    place_through(server, 20_000)
    page = open_page(server)
    page.evaluate("""() => {
        const region = document.getElementById("region");
        window.frames = { count: 0, most: 0 };
        
        const step = (time) => {
            region.scrollTop = (region.scrollHeight * (window.frames.count % 100)) / 100;
            window.frames.count += 1;
            const rows = document.querySelectorAll("#rows tr").length;
            window.frames.most = Math.max(window.frames.most, rows);
            requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
    }""")
    place_through(server, 3_000)
    expect_count(page, "EXECUTED", 23_001)
    frames = page.evaluate("window.frames")
    # What a frame takes depends on the machine; that none takes all is what is asked for here.
    assert frames["count"] > 10, frames
    assert frames["most"] < 100, frames


def test_find_by_number_and_by_stocks(server, open_page):
    for stocks in ("ALPHA", "BETA", "Alphabet"):
        server.place(stocks, 1)
    page = open_page(server)
    visible = page.locator("tr[data-order-id]:visible")
    for text, ids in (("#4", ["4"]), ("alph", ["6", "4"]), ("5", ["5"]), ("nothing", [])):
        page.fill("#search", text)
        expect(visible).to_have_count(len(ids))
        assert [each.get_attribute("data-order-id") for each in visible.all()] == ids
    expect(page.locator("#empty")).to_contain_text("No order matches")
    page.click("#clear")
    expect(visible).to_have_count(6)


def test_cancel_all_that_is_pending(server, open_page):
    for stocks in ("ALPHA", "BETA", "ALPHA"):
        server.place(stocks, 1)
    page = open_page(server)
    button, dialog = page.locator("#cancel-all"), page.locator("#ask")
    button.click()
    expect(dialog).to_contain_text("4 orders are pending")
    screenshot(page, "cancel-all")
    page.click("#ask-no")
    expect(dialog).to_be_hidden()
    expect_count(page, "PENDING", 4)

    # Those of some stocks: what is searched for is offered.
    page.fill("#search", "ALPHA")
    button.click()
    expect(page.locator("#ask-input")).to_have_value("ALPHA")
    expect(dialog).to_contain_text("2 orders are pending")
    page.click("#ask-yes")
    expect(page.locator("#notices")).to_contain_text("2 orders cancelled")
    page.fill("#search", "")
    expect_count(page, "PENDING", 2)
    expect_status(page, 5, "PENDING")

    button.click()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    button.click()
    page.click("#ask-yes")
    expect_count(page, "PENDING", 0)
    expect(button).to_be_disabled()
    assert [order["orderStatus"] for order in server.orders()].count("CANCELLED") == 5
    assert page.complaints == []


@pytest.mark.limit(120)
def test_place_many(server, open_page):
    page = open_page(server)
    page.fill("#count", "120")
    expect(page.locator("#place")).to_have_text("Place 120 orders")
    place(page, "MANY", 7)
    expect(page.locator("#many-done")).to_have_text("120 of 120 orders placed.", timeout=60_000)
    expect_count(page, "PENDING", 121)
    assert len(server.orders()) == 123
    page.fill("#count", "10001")
    place(page, "MANY", 7)
    expect(page.locator("#count-error")).to_contain_text("At most 10,000")
    assert len(server.orders()) == 123
    assert page.complaints == []


def test_place_many_and_stop(server, open_page):
    page = open_page(server)
    page.fill("#count", "10000")
    place(page, "MANY", 7)
    expect(page.locator("#many-text")).to_have_text(re.compile(r"^[1-9][\d,]* of 10,000$"))
    screenshot(page, "place-many")
    page.click("#stop")
    done = page.locator("#many-done")
    expect(done).to_have_text(re.compile(r"^Stopped: [\d,]+ of 10,000 orders placed\.$"))
    placed = int(re.sub(r"\D", "", done.inner_text().split(" of ")[0]))
    assert 0 < placed < 10_000
    assert len(server.orders()) == 3 + placed
    expect_count(page, "PENDING", 1 + placed)
    expect(page.locator("#place")).to_be_enabled()
    assert page.complaints == []


def log_numbers(page):
    return [int(each) for each in page.locator("#log-list .log-number").all_inner_texts()]


def test_the_feed_is_resumed_without_a_gap(server, open_page):
    with Relay(server) as relay:
        page = open_page(relay)
        server.place("BEFORE", 1)
        expect_status(page, 4, "PENDING")
        relay.cut()
        expect_lost(page)
        asked = len(page.addresses)
        for number in range(20):
            server.place(f"MEANWHILE{number}", 2)
        assert server.ask("DELETE", "/orders/4").status == 204
        relay.mend()
        expect_live(page)
        expect(page.locator("#notices")).to_contain_text("resumed")
        expect(page.locator("#notices")).to_contain_text("21 events happened meanwhile, none was missed")
        expect_status(page, 4, "CANCELLED")
        expect(row(page, 24)).to_contain_text("MEANWHILE19")
        server.place("AFTER", 3)
        expect_status(page, 25, "PENDING")
        # All 23 events, each once; and the list was not asked for again as a whole.
        expect(page.locator("#log-list .log-number")).to_have_count(23)
        assert log_numbers(page) == list(range(23, 0, -1))
        assert "/orders" not in fetched(page, asked)
        assert "/ws?since=0" in fetched(page, asked)
        screenshot(page, "resumed")
        page.close()


@pytest.mark.limit(180)
def test_away_for_longer_than_the_log_it_lists_anew(server, open_page):
    with Relay(server) as relay:
        page = open_page(relay)
        server.place("BEFORE", 1)
        expect_status(page, 4, "PENDING")
        relay.cut()
        expect_lost(page)
        # More than the 131,072 events that the log holds: each order is placed and cancelled.
        place_through(server, 66_000)
        assert server.ask("DELETE", "/orders?status=PENDING").json() == {"cancelled": 66_002}
        relay.mend()
        expect_live(page)
        expect(page.locator("#notices")).to_contain_text("listed anew")
        expect_count(page, "CANCELLED", 66_003)
        server.place("AFTER", 3)
        expect_status(page, 66_005, "PENDING")
        page.close()


def test_it_says_that_another_run_was_found(start, open_page):
    first = start("--min-delay-ms", 600_000, "--max-delay-ms", 600_000)
    page = open_page(first)
    place(page, "SAME", 1)
    expect_status(page, 4, "PENDING")
    first.stop()
    second = start("--port", first.port, "--min-delay-ms", 600_000, "--max-delay-ms", 600_000)
    # As many events and more: a number alone says nothing.
    for stocks in ("OTHER", "MORE"):
        second.place(stocks, 2)
    expect_live(page)
    expect(page.locator("#notices")).to_contain_text("listed anew")
    expect(row(page, 4)).to_contain_text("OTHER")
    expect(row(page, 5)).to_contain_text("MORE")


def test_no_controls_without_the_flag(server, open_page):
    page = open_page(server)
    expect(page.locator("#log-list .log-note")).to_have_count(1)
    expect(page.locator("#controls")).to_be_hidden()
    assert page.complaints == []


@pytest.fixture
def market(start):
    return start("--control", "--min-delay-ms", 60_000, "--max-delay-ms", 60_000)


def test_the_market_is_paused_advanced_and_reset(market, open_page):
    page = open_page(market)
    page.click("#controls summary")
    page.click("#clock-pause")
    expect(page.locator("#clock-pause")).to_have_text("Resume")
    assert market.ask("GET", "/control").json()["clock"]["paused"] is True
    place(page, "LATER", 1)
    expect_status(page, 4, "PENDING")
    page.click('[data-advance="1000"]')
    expect(page.locator("#clock-now")).to_contain_text("the next in 59.0 s")
    screenshot(page, "controls")
    page.click("#clock-step")
    expect_status(page, 4, "EXECUTED")
    expect(page.locator("#clock-now")).to_contain_text("nothing is due")

    page.click("#market-reset")
    expect(page.locator("#ask")).to_contain_text("Reset the market?")
    page.click("#ask-yes")
    expect(page.locator("#notices")).to_contain_text("listed anew")
    expect_count(page, "ALL", 3)
    expect_status(page, 1, "PENDING")
    expect(page.locator("#clock-pause")).to_have_text("Pause")
    market.place("NEW", 1)
    expect_status(page, 4, "PENDING")


def test_a_fast_market(market, open_page):
    page = open_page(market)
    page.click("#controls summary")
    page.locator("#clock-speed").focus()
    page.keyboard.press("End")
    expect(page.locator("#controls-mark")).to_contain_text("1000×")
    assert market.ask("GET", "/control").json()["clock"]["speed"] == 1_000
    place(page, "FAST", 1)
    expect_status(page, 4, "EXECUTED")
    expect(page.locator("#spread-name")).to_contain_text("0.06 s")


def test_faults_of_the_market(market, open_page):
    page = open_page(market)
    page.click("#controls summary")
    refuse = page.locator('[data-fault="refuse"]')
    refuse.focus()
    page.keyboard.press("End")
    expect(page.locator("#controls-mark")).to_contain_text("1 fault on")
    place(page, "REFUSED", 1)
    expect(page.locator("#form-error")).to_contain_text(re.compile(r"\w+ \w+"))
    page.click("#faults-off")
    expect(page.locator("#controls-mark")).to_have_text("")
    place(page, "TAKEN", 1)
    expect_status(page, 4, "PENDING")
    # A follower that is dropped comes back, and misses nothing.
    drop = page.locator('[data-fault="dropSubscriber"]')
    drop.focus()
    page.keyboard.press("End")
    expect(page.locator("#controls-mark")).to_contain_text("1 fault on")
    market.place("DROPPED", 1)
    expect(page.locator("#connection")).to_have_attribute("data-state", "reconnecting")
    page.click("#faults-off")
    expect(page.locator("#controls-mark")).to_have_text("")
    expect_live(page)
    expect(row(page, 5)).to_contain_text("DROPPED")


def test_many_are_placed_though_some_are_refused(market, open_page):
    """A refusal that passes is asked again, with the same key: each order is placed once."""
    page = open_page(market)
    faults = '{"seed": 7, "refuse": 0.3}'
    assert market.ask("POST", "/control/faults", body=faults).status == 200
    page.fill("#count", "12")
    place(page, "SURELY", 1)
    expect(page.locator("#many-done")).to_have_text("12 of 12 orders placed.", timeout=60_000)
    assert market.ask("POST", "/control/faults", body='{"refuse": 0}').status == 200
    assert [order["stocks"] for order in market.orders()].count("SURELY") == 12


def test_the_charts_are_told_in_words(start, open_page):
    server = start("--min-delay-ms", 200, "--max-delay-ms", 600)
    page = open_page(server)
    page.fill("#count", "20")
    place(page, "AAPL", 1)
    expect(page.locator("#spread-summary")).to_contain_text("20 executed")
    expect(page.locator("#spread-name")).to_have_text("Delays, expected 0.2–0.6 s")
    expect(page.locator("#rate-summary")).to_contain_text("/s executed")
    for name in ("rate", "tape", "spread"):
        colours = page.evaluate(
            """id => {
            const canvas = document.getElementById(id);
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return new Set(new Uint32Array(data.buffer)).size;
        }""",
            name,
        )
        assert colours > 2, name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_readable(market, open_page, scheme):
    page = open_page(market, color_scheme=scheme)
    page.click("#controls summary")
    place(page, "AAPL", 10)
    expect_status(page, 4, "PENDING")
    page.locator('[data-filter="PENDING"]').click()
    expect_readable(page)


def test_the_links_lead_to_the_documentation(server, open_page):
    page = open_page(server)
    page.get_by_role("link", name="API docs").click()
    page.wait_for_url(server.url("/docs"))


@pytest.mark.limit(120)
def test_pictures_of_a_busy_market(start, open_page):
    """What the README shows."""
    server = start("--delay-seed", 4)
    pages = [open_page(server), open_page(server, viewport=NARROW, device_scale_factor=2)]
    for page in pages:
        page.locator("#stocks").focus()
    names = ("AAPL", "MSFT", "GOOG", "NVDA", "SIE.DE", "7203.T", "ASML", "Ørsted", "TSLA", "SAP", "AMZN")
    for number in range(240):
        server.place(names[number * 7 % len(names)], 5 + number * 37 % 400)
        if number % 9 == 4:
            server.ask("DELETE", f"/orders/{number}")
        pages[0].wait_for_timeout(60)
    for page, name in zip(pages, ("blotter", "phone")):
        expect(row(page, 243).locator("bdi")).not_to_have_text("…")
        screenshot(page, name, full_page=False)
        assert page.complaints == []
