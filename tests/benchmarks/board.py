"""The live board under load: what it costs the server, and how a browser with ten thousand tasks answers."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.load import hit
from tests.benchmarks.servers import KEY, UNDERSTUDY, running
from tests.browser import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from tests.benchmarks.load import Reading
    from tests.benchmarks.servers import Server

EVENTS = "/__understudy__/board/events"
CHANGES = 200  # a second: every task has three
CLICKS = 30
WATCH = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as events:
    while events.read1(65536):
        pass
"""


class Waits(NamedTuple):
    """Milliseconds of several clicks: the median and the longest."""

    p50: float
    most: float


@dataclass(frozen=True)
class Shown:
    """A page that shows so many tasks while 200 states change a second: its JavaScript heap in MB, the memory
    of its process in MB (proportional set size: what it shares with other processes counts in part), and the
    milliseconds from a click on a card until the frame with its answer, and until all details are there."""

    tasks: int
    heap_mb: float
    process_mb: float
    answered: Waits
    detailed: Waits


@contextlib.contextmanager
def watched(server: Server) -> Iterator[None]:
    """An open board: a process that reads the events, so that reading them is not the server's time."""
    reader = subprocess.Popen([sys.executable, "-c", WATCH, server.url + EVENTS])
    try:
        time.sleep(0.3)
        yield
    finally:
        reader.kill()
        reader.wait()


def cost(rounds: int, seconds: float, folder: Path) -> dict[str, tuple[list[Reading], list[Reading]]]:
    """operation -> (readings without a board, with one), in turns on one server."""
    got: dict[str, tuple[list[Reading], list[Reading]]] = {"create": ([], []), "query": ([], [])}
    with running("understudy", UNDERSTUDY) as server:
        ids = folder / "ids of the board's server"
        ids.write_text("\n".join(str(server.create()) for _ in range(100)))
        for _ in range(rounds):
            for operation, (closed, opened) in got.items():
                closed.append(hit(server, operation, seconds, KEY, ids))
                with watched(server):
                    opened.append(hit(server, operation, seconds, KEY, ids))
    return got


def page(tasks: int, seconds: float) -> Shown | None:
    """A real page with so many tasks, under changes for so many seconds; None without a browser."""
    if CHROMIUM is None:
        return None
    from playwright.sync_api import sync_playwright

    with running("understudy", UNDERSTUDY) as server, sync_playwright() as playwright:
        for _ in range(tasks):
            server.create()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            shown = browser.new_page(viewport={"width": 1440, "height": 900})
            shown.goto(server.url)
            shown.locator(".card").first.wait_for(timeout=60_000)
            with changing(server):
                taken = list(clicks(shown, seconds))
                session = shown.context.new_cdp_session(shown)
                session.send("HeapProfiler.collectGarbage")
                heap = shown.evaluate("performance.memory.usedJSHeapSize") / 1e6
                process = renderer_mb(browser)
        finally:
            browser.close()
    answered, detailed = (Waits(statistics.median(one), max(one)) for one in zip(*taken, strict=True))
    return Shown(tasks, heap, process, answered, detailed)


def renderer_mb(browser: Browser) -> float:
    """The memory of the browser's largest page process in MB (PSS), as Linux counts it."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return max(pss(one["id"]) for one in processes if one["type"] == "renderer") / 1e6


def pss(process: int) -> int:
    """The proportional set size of a process, in bytes."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def clicks(shown: Page, seconds: float) -> Iterator[tuple[float, float]]:
    """Milliseconds from a click on a card until a frame shows the task, and until one has all of it."""
    for turn in range(CLICKS):
        answered, detailed = shown.evaluate(
            """async turn => {
                const detail = document.querySelector('#detail'), cards = document.querySelectorAll('.card');
                detail.replaceChildren();
                const began = performance.now();
                const frame = () => new Promise(requestAnimationFrame);
                const until = async (there) => {
                    while (!there()) {
                        if (performance.now() - began > 20000) throw new Error('no details after 20 s');
                        await frame();
                    }
                    // The frame after the one that draws it has begun: it was seen.
                    await frame();
                    return performance.now() - began;
                };
                cards[turn % cards.length].click();
                const answered = await until(() => detail.children.length);
                return [answered, Math.max(answered, await until(() => detail.querySelector('.events')))];
            }""",
            turn,
        )
        yield answered, detailed
        time.sleep(seconds / CLICKS)


@contextlib.contextmanager
def changing(server: Server) -> Iterator[None]:
    """New tasks meanwhile, so many that CHANGES states change a second."""
    ends = threading.Event()

    def create() -> None:
        while not ends.wait(3 / CHANGES):
            server.create()

    thread = threading.Thread(target=create)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()
