"""`understudy serve --workers N` and `--store postgresql://…`."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.mockserver.errors import MockError
from understudy.mockserver.replicas.app import ReplicaApp
from understudy.mockserver.replicas.serving import check, is_shared, shared_database
from understudy.mockserver.replicas.workers import Supervisor
from understudy.mockserver.server.running import Server
from understudy.mockserver.store import MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.settings import Settings
    from understudy.mockserver.state import ServerState

logger = logging.getLogger("understudy")


def serve_shared(settings: Settings, workers: int, announce: Callable[[ServerState, str], None]) -> None:
    """Serve until a signal; raises MockError. `announce` is called when every worker answers."""
    if "://" in settings.store and not is_shared(settings.store):
        raise MockError(
            f"unknown store {settings.store.partition('://')[0]}://…", where="--store",
            advice="memory, tasks.sqlite, or postgresql://user@host/base",
        )  # fmt: skip
    with contextlib.ExitStack() as stack:
        if settings.store == MEMORY:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="understudy-"))
            settings = replace(settings, store=str(Path(folder) / "tasks.sqlite"))
            logger.warning(
                "understudy: %d workers share %s, which goes when they end; --store keeps what they do",
                workers, settings.store,
            )  # fmt: skip
        check(settings.store)
        app = ReplicaApp(settings, shared_database(settings.store))
        if workers > 1:
            code = Supervisor(settings, workers, lambda url: announce(app.state, url)).run()
        else:
            code = 0
            server = Server(app)
            server.on_started = lambda: announce(app.state, server.url)
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_for_ever()
    if code < 0:
        # As any process that a signal ends, and as one server does.
        signal.signal(-code, signal.SIG_DFL)
        signal.raise_signal(-code)
    elif code:
        sys.exit(code)
