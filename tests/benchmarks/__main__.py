"""How fast the mock is, what it weighs, and how both change as work grows.

\b
    python -m tests.benchmarks            # everything; about seven minutes
    python -m tests.benchmarks --short    # every row, from rounds too short to mean much; a few seconds
    python -m tests.benchmarks --only rates --only flights

Run it at the root of the repository. It needs wrk (apt-get install wrk). The servers are processes of their
own, one worker each, with default settings (memory store, journal on); so is the load. All of them run at
once and are hit in turns, and each figure is the median of its rounds, so that what else the machine does
strikes all alike. `of bare` compares requests a second; `by CPU` compares the CPU time that the server's
process spent on a request, which depends far less on what else the machine does. Where the two differ much,
the machine was busy: believe `by CPU`, or let the benchmark go first (Linux, as root):

\b
    setsid -w sh -c 'echo -15 > /proc/self/autogroup; exec python -m tests.benchmarks'

Rows: `bare` is a raw ASGI app that reads nothing and answers ready-made bytes, on the same uvicorn (uvloop,
httptools); `checked` also reads the body, parses it with orjson, validates it with jsonschema-rs against the
same schema, and encodes its answer; `prism` is the mock server of that name, when it is installed
(npm install -g @stoplight/prism-cli), with the same document. `--beside` adds a server of yours, such as this
one before a change, from another checkout:

\b
    git worktree add /tmp/before main && python -m tests.benchmarks --only rates --only start \\
      --beside 'before=env PYTHONPATH=/tmp/before/.package python -m understudy serve --port 0'

Targets, with one worker on a quiet machine: create at least 0.5 and query at least 0.6 of bare; with a
million tasks within 20 % of a thousand; at most 700 bytes a task beyond what the client sent; callbacks of
10,000 lifecycles of two seconds, begun within two seconds, within 250 ms (p99) of their time, on SQLite
500 ms, none lost; first answer within 0.7 s of starting the process, with less than 70 MB. Nothing here
fails on a figure.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shlex
import statistics
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tests.benchmarks import board, growth, inside, lifecycles, replicas
from tests.benchmarks.load import Reading, hit, median, wrk
from tests.benchmarks.servers import (
    BARE,
    CHECKED,
    UNDERSTUDY,
    BenchmarkError,
    Server,
    prism,
    running,
    running_prism,
)
from tests.mockserver.postgres import programs, running_postgres

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PARTS = ("rates", "start", "growth", "flights", "replicas", "board")


@dataclass(frozen=True)
class Scale:
    """How long to measure: rounds of so many seconds, sizes in tasks; the commands of further servers."""

    rounds: int
    seconds: float
    starts: int
    sizes: tuple[int, ...]
    lifecycles: int
    spread: float
    shown: int
    watched: float
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)


FULL = Scale(
    rounds=7,
    seconds=1.5,
    starts=5,
    sizes=(1_000, 100_000, 1_000_000),
    lifecycles=10_000,
    spread=2.0,
    shown=10_000,
    watched=15.0,
)
SHORT = Scale(
    rounds=1,
    seconds=0.1,
    starts=1,
    sizes=(100, 1_000),
    lifecycles=100,
    spread=0.2,
    shown=50,
    watched=0.3,
)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a title, the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    click.echo(f"\n{title}")
    for row in (columns, *rows):
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        click.echo("  " + "  ".join(cells).rstrip())


# -- rates -------------------------------------------------------------------------------------------------


def reading_row(name: str, reading: Reading, bare: Reading) -> list[str]:
    note = f" ({reading.refused} refused)" if reading.refused else ""
    return [
        name + note,
        f"{reading.rate / bare.rate:.2f}",
        f"{bare.cpu / reading.cpu:.2f}",
        f"{reading.rate:,.0f}",
        f"{reading.cpu:.1f}",
        f"{reading.p50:.2f}",
        f"{reading.p99:.2f}",
    ]


def rates(scale: Scale, folder: Path) -> None:
    """create, query, list, and whole lifecycles with callbacks."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running(n, c)) for n, c in (("bare", BARE), ("checked", CHECKED))]
        servers.append(stack.enter_context(running("understudy", UNDERSTUDY)))
        stored = (*UNDERSTUDY, "--store", str(folder / "tasks.sqlite"))
        servers.append(stack.enter_context(running("the same on SQLite", stored)))
        beside = [stack.enter_context(running(name, command)) for name, command in scale.beside.items()]
        servers += beside
        instant = stack.enter_context(running("understudy", (*UNDERSTUDY, "--pace", "instant")))
        found = prism()
        if found is not None:
            servers.append(stack.enter_context(running_prism(found, folder)))
        # One page of tasks for the list, and ids for the queries; they succeed within two seconds.
        ids = {}
        for server in servers[2 : 4 + len(beside)]:
            ids[server.name] = folder / f"ids of {server.name}"
            ids[server.name].write_text("\n".join(str(server.create()) for _ in range(100)))
        any_ids = ids[servers[2].name]
        first = {s.name: s.rss() for s in servers}
        got: dict[tuple[str, str], list[Reading]] = {}
        whole: dict[str, list[tuple[float, float]]] = {}
        for turn in range(scale.rounds):
            for server in servers[turn % len(servers) :] + servers[: turn % len(servers)]:
                for operation in ("create", "query", "list"):
                    # Tasks that a round creates belong to another key, and leave the list alone.
                    key = "creator" if operation == "create" else "bench-key"
                    got.setdefault((operation, server.name), []).append(
                        hit(server, operation, scale.seconds, key, ids.get(server.name, any_ids))
                    )
            for server in (*servers[:2], instant):
                ours = server is instant
                whole.setdefault(server.name, []).append(
                    lifecycles.rate(server, scale.seconds, callbacks=ours)
                )
        for operation in ("create", "query", "list"):
            show_rates(operation, servers, {s.name: median(got[operation, s.name]) for s in servers})
        show_lifecycles(whole)
        show_memory(servers, first)
    if found is None:
        click.echo("  (no prism here: npm install -g @stoplight/prism-cli)")


def show_rates(operation: str, servers: Sequence[Server], got: dict[str, Reading]) -> None:
    table(
        operation,
        ("", "of bare", "by CPU", "requests/s", "CPU µs", "p50 ms", "p99 ms"),
        [reading_row(s.name, got[s.name], got["bare"]) for s in servers],
    )


def show_lifecycles(whole: dict[str, list[tuple[float, float]]]) -> None:
    figures = {
        name: [statistics.median(column) for column in zip(*runs, strict=True)]
        for name, runs in whole.items()
    }
    bare_rate, bare_cpu = figures["bare"]
    table(
        "lifecycle: create, three callbacks, query (bare and checked: create and query only)",
        ("", "of bare", "by CPU", "lifecycles/s", "CPU µs"),
        [
            [name, f"{rate / bare_rate:.2f}", f"{bare_cpu / cpu:.2f}", f"{rate:,.0f}", f"{cpu:.0f}"]
            for name, (rate, cpu) in figures.items()
        ],
    )


def show_memory(servers: Sequence[Server], first: dict[str, int]) -> None:
    table(
        "memory, MB (understudy keeps the tasks that were created, the others nothing)",
        ("", "at first", "after all of this"),
        [[s.name, f"{first[s.name] / 1e6:.0f}", f"{s.rss() / 1e6:.0f}"] for s in servers],
    )


# -- the rest ----------------------------------------------------------------------------------------------


def start(scale: Scale, folder: Path) -> None:
    """From starting the process to the first answer."""
    rows = []
    commands = {"bare": BARE, "checked": CHECKED, "understudy serve": UNDERSTUDY, **scale.beside}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(scale.starts):
        for name, command in commands.items():
            with running(name, command) as server:
                taken[name].append((server.seconds, server.rss() / 1e6))
    for name, pairs in taken.items():
        seconds, megabytes = (statistics.median(column) for column in zip(*pairs, strict=True))
        rows.append([name, f"{seconds:.2f}", f"{megabytes:.0f}"])
    found = prism()
    if found is not None:
        with running_prism(found, folder) as server:
            rows.append(["prism", f"{server.seconds:.2f}", f"{server.rss() / 1e6:.0f}"])
    table("start to first answer", ("", "seconds", "RSS MB"), rows)


def grow(scale: Scale, folder: Path) -> None:
    """The same work with ever more tasks there."""
    # More and shorter rounds: a p99 is soon spoiled by what else the machine does, and a median mends that.
    sizes = growth.measure(scale.sizes, scale.rounds * 3, max(0.1, scale.seconds / 3), folder)
    least = sizes[0]
    for operation in ("create", "query"):
        rows = []
        for size in sizes:
            reading, base = getattr(size, operation), getattr(least, operation)
            rows.append(
                [
                    f"{size.tasks:,} tasks",
                    f"{reading.rate / base.rate:.2f}",
                    f"{base.cpu / reading.cpu:.2f}",
                    f"{reading.p99 / base.p99:.2f}",
                    f"{reading.rate:,.0f}",
                    f"{reading.cpu:.1f}",
                    f"{reading.p50:.2f}",
                    f"{reading.p99:.2f}",
                ]
            )
        columns = ("", "of the first", "by CPU", "p99 of it", "requests/s", "CPU µs", "p50 ms", "p99 ms")
        table(f"{operation} as tasks pile up", columns, rows)
    inside_rows = inside.run(scale.sizes)
    for operation in ("create", "query"):
        table(
            f"{operation}: CPU of single requests inside the process, µs",
            ("", "p50", "p99", "p99.9", "most"),
            [[f"{r['tasks']:,} tasks", *(f"{value:.1f}" for value in r[operation])] for r in inside_rows],
        )
    table(
        "memory a task, bytes",
        ("", "all", "beyond what was sent"),
        [[f"{s.tasks:,} tasks", f"{s.bytes_each:.0f}", f"{s.bytes_each - growth.SENT:.0f}"] for s in sizes],
    )


def several(scale: Scale, folder: Path) -> None:
    """Several processes beside one."""
    for operation, rows in replicas.measure(scale.rounds, scale.seconds, folder).items():
        columns = ("", "of memory", "requests/s", "p50 ms", "p99 ms")
        table(f"{operation} by several processes, {replicas.CONNECTIONS} connections", columns, rows)


def flights(scale: Scale, folder: Path) -> None:
    """Many lifecycles of two seconds at once, on every store."""
    stores = {"memory": UNDERSTUDY, "SQLite": (*UNDERSTUDY, "--store", str(folder / "tasks.sqlite"))}
    with contextlib.ExitStack() as stack:
        if programs() is not None:
            url = stack.enter_context(running_postgres()).url
            stores["PostgreSQL"] = (*UNDERSTUDY, "--store", url)
        rows = [flown(scale, store, command) for store, command in stores.items()]
    late = ("late p50 ms", "p99 ms", "most ms")
    columns = ("", "lifecycles", "begun in s", *late, "lost", "twice", "disordered", "MB more")
    table("callbacks, three for each lifecycle of two seconds", columns, rows)


def flown(scale: Scale, store: str, command: Sequence[str]) -> list[str]:
    """A row: so many lifecycles on one store."""
    with running(store, command) as server:
        before = server.rss()
        one = lifecycles.flight(server, scale.lifecycles, scale.spread)
        return [
            store,
            f"{one.lifecycles:,}",
            f"{one.begun_seconds:.1f}",
            f"{one.p50:.0f}",
            f"{one.p99:.0f}",
            f"{one.most:.0f}",
            f"{one.lost}",
            f"{one.again}",
            f"{one.out_of_order}",
            f"{(server.rss() - before) / 1e6:.0f}",
        ]


def seen(scale: Scale, folder: Path) -> None:
    """What an open board costs the server, and a page with many tasks."""
    rows = []
    for operation, (closed, opened) in board.cost(scale.rounds, scale.seconds, folder).items():
        without, with_one = median(closed), median(opened)
        ratios = f"{with_one.rate / without.rate:.2f}", f"{without.cpu / with_one.cpu:.2f}"
        rows.append(
            [f"{operation}, a board is open", *ratios, f"{with_one.rate:,.0f}", f"{with_one.p99:.2f}"]
        )
    table("the server under an open board", ("", "of none open", "by CPU", "requests/s", "p99 ms"), rows)
    shown = board.page(scale.shown, scale.watched)
    if shown is None:
        click.echo("  (no chromium here: the page was not measured)")
        return
    values = (shown.heap_mb, shown.process_mb, *shown.answered, *shown.detailed)
    figures = [f"{value:.0f}" for value in values]
    columns = ("", "heap MB", "process MB", "click answered ms", "most", "all details ms", "most")
    table(f"the page, {board.CHANGES} changes a second", columns, [[f"{shown.tasks:,} tasks", *figures]])


def machine() -> str:
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {load}"


def further(value: str) -> tuple[str, list[str]]:
    """(name, command) of NAME=COMMAND."""
    name, equals, command = value.partition("=")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}") from None
    if not (name and equals and words):
        raise click.BadParameter(f"{value!r} is not NAME=COMMAND")
    return name, words


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--short", is_flag=True, help="Every row from rounds too short to mean much.")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="Only this part; again for more.")
@click.option(
    "--beside",
    metavar="NAME=COMMAND",
    multiple=True,
    callback=lambda _context, _option, values: dict(further(value) for value in values),
    help="A further server for rates and start; again for more. It prints its url in JSON, like serve.",
)
def main(*, short: bool, only: tuple[str, ...], beside: Mapping[str, Sequence[str]]) -> None:
    scale = replace(SHORT if short else FULL, beside=beside)
    try:
        wrk()
        click.echo(machine())
        for name, part in zip(PARTS, (rates, start, grow, flights, several, seen), strict=True):
            if not only or name in only:
                with tempfile.TemporaryDirectory() as folder:
                    part(scale, Path(folder))
        click.echo(f"\n{machine()}")
    except BenchmarkError as error:
        click.echo(f"benchmarks: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
