"""Several processes: workers on a file, replicas on PostgreSQL, beside one process in memory."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tests.benchmarks import load
from tests.benchmarks.servers import UNDERSTUDY, running
from tests.mockserver.postgres import programs, running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.servers import Server

# A disk is waited for once for all that wait: with few clients a create on PostgreSQL is as slow as the disk.
CONNECTIONS = 128


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[list[Server]]:
    """One process, workers on a file, and replicas on PostgreSQL where it is installed."""
    stores = {
        "memory": (),
        "SQLite, one process": ("--store", str(folder / "one.sqlite")),
        "a file, two workers": ("--store", str(folder / "two.sqlite"), "--workers", "2"),
    }
    with contextlib.ExitStack() as stack:
        if programs() is not None:
            postgres = stack.enter_context(running_postgres())
            url, both = postgres.url_of("one"), postgres.url_of("two")
            stores["PostgreSQL, one replica"] = ("--store", url)
            stores["PostgreSQL, two workers"] = ("--store", both, "--workers", "2")
        yield [
            stack.enter_context(running(name, (*UNDERSTUDY, *options))) for name, options in stores.items()
        ]


def measure(rounds: int, seconds: float, folder: Path) -> dict[str, list[list[str]]]:
    """Rows of create and query, as ratios to memory; all servers are hit in turns."""
    with servers(folder) as running_servers:
        ids = {server.name: folder / f"ids {server.name}" for server in running_servers}
        for server in running_servers:
            ids[server.name].write_text("\n".join(str(server.create()) for _ in range(100)))
        got: dict[tuple[str, str], list[load.Reading]] = {}
        for turn in range(rounds):
            for server in running_servers[:: -1 if turn % 2 else 1]:
                for operation in ("create", "query"):
                    key = "creator" if operation == "create" else "bench-key"
                    reading = load.hit(
                        server, operation, seconds, key, ids[server.name], connections=CONNECTIONS
                    )
                    got.setdefault((operation, server.name), []).append(reading)
        found = {}
        for operation in ("create", "query"):
            medians = {s.name: load.median(got[operation, s.name]) for s in running_servers}
            base = medians["memory"]
            found[operation] = [
                [name, f"{one.rate / base.rate:.2f}", f"{one.rate:,.0f}", f"{one.p50:.2f}", f"{one.p99:.2f}"]
                for name, one in medians.items()
            ]
        return found
