"""A real Chromium for tests, without a network. A conftest takes its fixtures: from tests.browser import …"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
# As in a container without a network: nothing that a browser does by itself.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage",
]  # fmt: skip
# Where screenshots go; they are build output, and nobody compares them.
SHOTS = Path(os.environ.get("UNDERSTUDY_SCREENSHOTS", Path(__file__).parents[1] / ".screenshots"))
# How long a page may take for what it is asked, in milliseconds. On a machine that tests fill, a browser is
# ten times slower than on a free one. Only a test that fails waits for so long.
PATIENCE = 60_000
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # No longer than a module: while it lives, this thread has a running loop, and others want their own.
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


class Visit:
    """One page of a browser; what it complained about, and whom it asked for what."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._said)

    def _said(self, message: Any) -> None:
        # A refused request is what some tests are about; the browser notes each on its console.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def shot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A page of its own, with the options of an indirect parameter; it ends without a complaint."""
    options = request.param if hasattr(request, "param") else {}
    made = Visit(browser, **options)
    yield made
    made.context.close()
    assert made.errors == []


def serious(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core has against a page as it is now: (rule, elements) of serious and critical violations."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave]
