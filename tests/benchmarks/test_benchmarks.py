"""The benchmark runs, prints every row, and judges callbacks rightly. No test asserts a time."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys

import click
import orjson
import pytest
from tests.benchmarks.__main__ import further
from tests.benchmarks.lifecycles import Flight, cut, judge
from tests.benchmarks.load import interrupted
from tests.browser import needs_chromium
from tests.mockserver.postgres import programs


@needs_chromium
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_the_short_form_prints_every_row() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--short"], capture_output=True, text=True, timeout=900
    )
    assert (done.returncode, done.stderr) == (0, "")
    # Titles begin a line, rows are indented; figures aside, and without what only some machines have.
    lines = [re.split(r"\s{2,}", line.strip())[0] for line in done.stdout.splitlines() if line]
    lines = [line for line in lines if "prism" not in line and not line.startswith(("Python", "of bare"))]
    servers = ["bare", "checked", "understudy"]
    rates = [*servers, "the same on SQLite"]
    several = ["memory", "SQLite, one process", "a file, two workers"]
    several += ["PostgreSQL, one replica", "PostgreSQL, two workers"] if programs() is not None else []
    stores = ["memory", "SQLite", *(["PostgreSQL"] if programs() is not None else [])]
    heads = r"(seconds|at first|of the first|of memory|of none open|all|lifecycles|p50|heap MB)$"
    assert [line for line in lines if not re.match(heads, line)] == [
        *("create", *rates, "query", *rates, "list", *rates),
        *("lifecycle: create, three callbacks, query (bare and checked: create and query only)", *servers),
        *("memory, MB (understudy keeps the tasks that were created, the others nothing)", *rates),
        *("start to first answer", "bare", "checked", "understudy serve"),
        *("create as tasks pile up", "100 tasks", "1,000 tasks"),
        *("query as tasks pile up", "100 tasks", "1,000 tasks"),
        *("create: CPU of single requests inside the process, µs", "100 tasks", "1,000 tasks"),
        *("query: CPU of single requests inside the process, µs", "100 tasks", "1,000 tasks"),
        *("memory a task, bytes", "100 tasks", "1,000 tasks"),
        *("callbacks, three for each lifecycle of two seconds", *stores),
        *("create by several processes, 128 connections", *several),
        *("query by several processes, 128 connections", *several),
        *("the server under an open board", "create, a board is open", "query, a board is open"),
        *("the page, 200 changes a second", "50 tasks"),
    ]
    flown = [
        line for line in done.stdout.splitlines() if re.match(r"  (memory|SQLite|PostgreSQL) +100 ", line)
    ]
    assert [line.split()[6:9] for line in flown] == [["0", "0", "0"]] * len(stores)


def test_a_further_server_is_a_name_and_a_command() -> None:
    assert further("before=env 'A=b c' python -m understudy serve") == (
        "before",
        ["env", "A=b c", "python", "-m", "understudy", "serve"],
    )


@pytest.mark.parametrize("value", ["before", "=python", "before=", "before='"])
def test_a_further_server_without_a_name_or_a_command_is_refused(value: str) -> None:
    with pytest.raises(click.BadParameter):
        further(value)


def test_a_load_that_does_not_listen_yet_is_interrupted_again() -> None:
    program = "import signal as s; [s.sigwait({s.SIGINT}) for n in range(2)]; print('the summary')"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=blocked,  # noqa: PLW1509 - one thread
    )
    assert interrupted(process) == (b"the summary\n", b"")


def blocked() -> None:
    """Interrupts wait until they are asked for, as if each came to a program that was not yet there."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def came(task: str, ms: int, late: int) -> tuple[int, bytes]:
    return (ms + late) * 1_000_000, orjson.dumps({"task_id": task, "updated_at": ms})


def test_callbacks_that_are_lost_doubled_late_or_in_disorder_are_counted() -> None:
    arrived = [
        came("a", 0, 5),
        came("b", 0, 5),
        came("b", 2000, 5),
        came("b", 500, 1600),
        came("a", 500, 10),
        came("a", 500, 20),
    ]
    assert judge(arrived, ["a", "b"], 1.0) == Flight(
        lifecycles=2, begun_seconds=1.0, p50=7.5, p99=1600.0, most=1600.0, lost=1, again=1, out_of_order=1
    )


@pytest.mark.parametrize(
    ("buffer", "parts"),
    [
        (
            b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nabc",
            (b"post / http/1.1\r\ncontent-length: 2", b"ab", b"c"),
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (b"http/1.1 204 no content", b"", b"")),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na", None),
        (b"POST / HTTP/1.1\r\nContent-Len", None),
    ],
)
def test_messages_are_cut_where_they_end(buffer: bytes, parts: tuple[bytes, ...] | None) -> None:
    assert cut(buffer) == parts
