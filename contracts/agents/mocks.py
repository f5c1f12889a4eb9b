"""The mocks of one session: started here, or running elsewhere and attached to. Each has a name."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.contracts.callback_listener import CallbackListener
from understudy.contracts.sample import SampleClient
from understudy.contracts.testing import MockServer, mock_server
from understudy.specs.errors import UnderstudyError, known_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.contracts.testing import Account

# Each is a thread with a server, and a listener for callbacks.
MOST_MOCKS = 16


@dataclass(frozen=True, slots=True)
class HeldMock:
    """One mock: its server, the account that tools act on, a place for callbacks, and how it is ended.

    `providers` are as they were given: names or folders, in the order of the server's `profiles()`.
    """

    name: str
    server: MockServer
    account: Account
    listener: CallbackListener
    providers: tuple[str, ...]
    started_here: bool
    _end: contextlib.ExitStack = field(repr=False)

    def client(self, provider: str = "", family: str = "") -> SampleClient:
        """A plain client of `provider`, by default the one at the root."""
        account = self.server.account(provider, key=self.account.api_key) if provider else self.account
        return SampleClient(account, provider, family)

    def provider_of(self, target: str) -> tuple[str, str]:
        """Whose path a request's `target` is: the name that the server has for it, and what was given."""
        names = self.server.profiles()
        first = target.split("/")[1] if target.startswith("/") else ""
        place = names.index(first) if first in names[1:] else 0
        return names[place], self.providers[place]

    def shown(self) -> dict[str, Any]:
        """What an agent needs to know of it."""
        return {
            "mock": self.name,
            "url": self.server.url,
            "api_key": self.account.api_key,
            "providers": self.server.profiles(),
            "operations": self.server.call("GET", "/")["operations"],
            "clock": self.account.control("GET", "/clock"),
            "callbacks_to": self.listener.url,
            "started_here": self.started_here,
        }


class Mocks:
    """The mocks of a session, by name; `close` ends those that were started here."""

    def __init__(self) -> None:
        self._held: dict[str, HeldMock] = {}

    def __iter__(self) -> Iterator[HeldMock]:
        return iter(list(self._held.values()))

    def start(self, providers: Sequence[str], name: str = "", *, pace: str, rate: float) -> HeldMock:
        """A new mock in a thread of this process. Raises UnderstudyError for a provider that is not known."""
        name = self._free(name or "mock")
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(mock_server(*providers))
            account = server.account(pace=pace, rate=rate)
            return self._hold(name, account, stack, tuple(providers), started_here=True)

    def attach(self, url: str, name: str = "", *, api_key: str = "", control_key: str = "") -> HeldMock:
        """A mock that runs elsewhere (`understudy serve`). Raises UnderstudyError when none answers there.

        `api_key`: the account to act on, by default a new one; `control_key` opens a control plane that is
        closed.
        """
        server = MockServer(url, control_key=control_key)
        providers = tuple(server.profiles())
        account = server.account(key=api_key)
        account.control("GET", "/clock")  # whether the keys open it is told now
        with contextlib.ExitStack() as stack:
            free = self._free(name or "mock")
            return self._hold(free, account, stack, providers, started_here=False)

    def _hold(
        self,
        name: str,
        account: Account,
        stack: contextlib.ExitStack,
        providers: tuple[str, ...],
        *,
        started_here: bool,
    ) -> HeldMock:
        listener = stack.enter_context(CallbackListener())
        held = HeldMock(name, account.server, account, listener, providers, started_here, stack.pop_all())
        self._held[name] = held
        return held

    def get(self, name: str = "") -> HeldMock:
        """The mock of that name; without one, the only mock. Raises UnderstudyError."""
        if not self._held:
            raise UnderstudyError("no mock is running", advice="start one with start_mock")
        if not name and len(self._held) == 1:
            return next(iter(self._held.values()))
        if name not in self._held:
            what = f"unknown mock {name!r}" if name else "several mocks are running: name one"
            raise UnderstudyError(what, where="mock", advice=known_names(name, self._held))
        return self._held[name]

    def stop(self, name: str = "") -> str:
        """End a mock (one that was attached goes on); gives its name."""
        held = self.get(name)
        del self._held[held.name]
        held._end.close()
        return held.name

    def close(self) -> None:
        for held in self:
            self.stop(held.name)

    def _free(self, name: str) -> str:
        if len(self._held) >= MOST_MOCKS:
            raise UnderstudyError(f"{MOST_MOCKS} mocks are running", advice="end one with stop_mock")
        if name == "mock":
            return next(n for i in range(1, MOST_MOCKS + 1) if (n := f"mock-{i}") not in self._held)
        if name in self._held:
            raise UnderstudyError(f"a mock named {name!r} is running", advice="stop_mock, or another name")
        return name
