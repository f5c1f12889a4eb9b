"""The mock in tests: a handle on a server, and one on an account of it. For pytest, unittest, asyncio.

    with mock_server() as server:                  # a server in a thread, on a free port
        account = server.account(scenario="fail")  # a fresh account: its own key, tasks, time and journal
        run_my_client(account.url, account.api_key)
        account.clock.advance(120)
        assert len(account.requests_to("create")) == 1

In coroutines `await account.aio.clock.advance(120)`: the same calls, without holding up the event loop.
`from understudy import …` gives all of this.
"""

from __future__ import annotations

import base64
import contextlib
import secrets
import time
from typing import TYPE_CHECKING

from understudy.contracts.conversation_text import conversation
from understudy.contracts.handle import (
    Account,
    AccountClock,
    AsyncAccount,
    AsyncClock,
    Callback,
    Entry,
    MockServer,
)
from understudy.contracts.in_process import Answered, adeliver, deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "Account",
    "AccountClock",
    "Answered",
    "AsyncAccount",
    "AsyncClock",
    "Callback",
    "Entry",
    "MockServer",
    "adeliver",
    "conversation",
    "deliver",
    "mock_server",
]


@contextlib.contextmanager
def mock_server(
    *providers: str,
    pace: str = "fast",
    journal: int = 20_000,
    rate: float = 1.0,
    wall: Callable[[], int] = time.time_ns,
    keys: Sequence[str] = (),
) -> Iterator[MockServer]:
    """A mock server in a thread, on a free loopback port, for as long as the block lasts.

    It plays `providers`, by default all there are, the canonical one at the root; it signs its callbacks with
    a secret of its own, and remembers the last `journal` requests of each account. Time runs at `rate` in
    accounts without a clock of their own; `wall` (nanoseconds since 1970) dates signatures. Any API key is
    accepted, or only `keys`.
    """
    # Here, so that a handle on a server elsewhere does not load the server.
    from understudy.mockserver.server import serve_in_thread
    from understudy.specs.library import profiles

    names = providers or tuple(profiles())
    # A key opens only its own account; the control key opens all.
    control_key = secrets.token_hex(16) if keys else ""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with serve_in_thread(
        names[0],
        pace,
        profiles=names,
        webhook_secrets=(secret,),
        journal=journal,
        rate=rate,
        wall=wall,
        keys=tuple(keys),
        control_key=control_key,
    ) as server:
        yield MockServer(server.url, webhook_secret=secret, control_key=control_key)
