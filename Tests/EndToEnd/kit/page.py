"""What the tests of the pages do and look for in a browser."""

from __future__ import annotations

import os
import pathlib
import re

from playwright.sync_api import expect

from .browser import browser_arguments, browser_executable

# What a busy machine may need to draw something.
TIMEOUT_MS = 20_000
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 360, "height": 780}


def launch(playwright):
    expect.set_options(timeout=TIMEOUT_MS)
    return playwright.chromium.launch(
        executable_path=browser_executable(), headless=True, args=browser_arguments()
    )


def open_page(browser, server, path="/", viewport=WIDE, **options):
    """Opens a page of the server. Whatever the browser complains about is collected in `page.complaints`."""
    context = browser.new_context(viewport=viewport, **options)
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
    page.goto(server.url(path))
    if path == "/":
        expect_live(page)
    return page


def expect_lost(page):
    expect(page.locator("#connection")).to_have_attribute("data-state", re.compile("reconnecting|offline"))


def expect_live(page):
    # A page that lost its connection may wait for some seconds before it tries again.
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=2 * TIMEOUT_MS)


def screenshot(page, name, full_page=True):
    folder = os.environ.get("TRADELOOP_SCREENSHOTS")
    if folder:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(pathlib.Path(folder) / f"{name}.png"), full_page=full_page)


def row(page, order_id):
    return page.locator(f'tr[data-order-id="{order_id}"]')


def expect_status(page, order_id, status):
    expect(row(page, order_id)).to_have_attribute("data-status", status)
    expect(row(page, order_id).locator(".status")).to_contain_text(re.compile(status, re.I))


def place(page, stocks, quantity):
    page.fill("#stocks", stocks)
    page.fill("#quantity", str(quantity))
    page.click("#place")


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


def expect_no_sideways_scrolling(page):
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), "the page scrolls sideways"


def expect_readable(page):
    """All text that is seen has the contrast of WCAG 2.2, 1.4.3 (AA): 4.5 to 1, and large text 3 to 1."""
    page.wait_for_timeout(1_500)  # what lights up has gone out
    faint = page.evaluate("""() => {
        const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
        const pixel = (colours) => {
            context.clearRect(0, 0, 1, 1);
            for (const colour of colours) {
                context.fillStyle = colour;
                context.fillRect(0, 0, 1, 1);
            }
            return Array.from(context.getImageData(0, 0, 1, 1).data).slice(0, 3);
        };
        const light = (colour) => colour.map((part) => part / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
            .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
        const seen = (element) => element.checkVisibility({ visibilityProperty: true })
            && !element.closest(".unseen, :disabled, [aria-disabled=true]");
        const faults = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !seen(element)) continue;
            const behind = [];
            for (let at = element; at; at = at.parentElement) {
                behind.unshift(getComputedStyle(at).backgroundColor);
            }
            const style = getComputedStyle(element);
            const [one, other] = [light(pixel([...behind, style.color])), light(pixel(behind))];
            const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            const size = parseFloat(style.fontSize);
            const isLarge = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
            const text = walker.currentNode.data.trim();
            if (ratio < (isLarge ? 3 : 4.5)) faults.push(`${ratio.toFixed(2)}: ${text}`);
        }
        return faults;
    }""")
    assert faint == []
