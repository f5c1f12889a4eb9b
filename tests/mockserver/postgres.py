"""A real PostgreSQL for the tests: Debian's package, its own data folder and port, stopped afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "postgres"


def programs() -> Path | None:
    """Where initdb, pg_ctl and postgres are; None where there is no PostgreSQL."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "pg_ctl").exists()), None)


class PostgresServer:
    """A running server. `url` opens its database; `url_of` one with a schema of its own."""

    def __init__(self, folder: Path, port: int, place: Path) -> None:
        self.folder = folder
        self.url = f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        self._place = place
        self._options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"

    def url_of(self, schema: str) -> str:
        self.run(
            "psql", "-q", "-h", str(self.folder), *self._options.split()[:2], "-c", f"CREATE SCHEMA {schema}"
        )
        return f"{self.url}?search_path={schema}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs as the user it belongs to: PostgreSQL does not run as root."""
        other = {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}
        subprocess.run(
            [str(self._place / program), *arguments], check=True, timeout=300, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **other,
        )  # fmt: skip

    def start(self, *options: str) -> None:
        data, log = str(self.folder / "data"), str(self.folder / "log")
        whole = " ".join([self._options, *options])
        self.run("pg_ctl", "-D", data, "-l", log, "-o", whole, "-w", "-t", "120", "start")

    def stop(self, how: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", how, "-w", "-t", "120", "stop")


@contextlib.contextmanager
def running_postgres(*options: str) -> Iterator[PostgresServer]:
    """A new server; `options` are postgres' own (`-c fsync=off`). There must be `programs`."""
    place = programs()
    assert place is not None
    # Not below pytest's folder, which is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="understudy-postgres-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = PostgresServer(folder, port, place)
    try:
        if os.getuid() == 0:
            owner = pwd.getpwnam(USER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = str(folder / "data")
        server.run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        server.start(*options)
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)
