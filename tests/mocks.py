"""A mock server as the tests hold it: through the same handle that users have."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from understudy.contracts.handle import Account, MockServer
from understudy.mockserver.server import serve_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.mockserver.server.running import Server
    from understudy.mockserver.store import Store

# The servers that run now, by URL.
_RUNNING: dict[str, Server] = {}


def inside(account: Account) -> Server:
    """The server of an account, for what no handle shows."""
    return _RUNNING[account.server.url]


@contextlib.contextmanager
def mock_account(
    provider: str = "canonical", pace: str = "fast", *, store: Store | None = None, **options: Any
) -> Iterator[Account]:
    """The account of the usual key on a server of its own; `options` are fields of the mock's `Settings`."""
    with serve_in_thread(provider, pace, store=store, **options) as server:
        settings = server.app.state.settings
        secret = next(iter(settings.webhook_secrets), "")
        handle = MockServer(server.url, webhook_secret=secret, control_key=settings.control_key)
        _RUNNING[handle.url] = server
        try:
            yield Account(handle, server.url, settings.api_key)
        finally:
            del _RUNNING[handle.url]
