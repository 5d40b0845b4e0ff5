"""Finds the system's Chromium; the tests never download a browser."""

from __future__ import annotations

import os
import shutil

# Keep equal to has_browser in scripts/setup.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def browser_executable():
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    for place in MAC_PLACES:
        if os.access(place, os.X_OK):
            return place
    raise AssertionError(f"no browser found: none of {', '.join(NAMES)} is in PATH")


def browser_arguments():
    # Chromium refuses to run its sandbox as root, as in a container; /dev/shm is often tiny there.
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--no-sandbox", "--disable-dev-shm-usage"] if as_root else []
