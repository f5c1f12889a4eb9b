"""A running mock as a test holds it: the server, an account of it, and the account's clock.

All of it goes over the control plane, so it is the same for a server in this process and for one elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import quote, urlencode

from understudy.contracts.conversation_text import conversation
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

CONTROL = "/__understudy__"
CONTROL_KEY = "X-Understudy-Control-Key"
TIMEOUT_SECONDS = 60.0
MOST_ENTRIES = 100_000
TASKS_A_PAGE = 1_000
# pytest shows where a test called, not how the call was made: no frame of this module.
__tracebackhide__ = True
Entry = dict[str, Any]


class Callback(TypedDict):
    """A callback that the mock sent: of which task, with which status, to which URL.

    raw       the body as it was sent, to the byte: a signature is over these; `body` is its JSON value
    headers   as they were sent, signature headers among them
    due       milliseconds since 1970, by the account's clock
    genuine   false for one that a scenario forges
    state     waiting, delivered, or given up
    attempts  each with `at` (real milliseconds since 1970), `status` (of HTTP, or None) and `error`
    """

    task: str
    index: int
    status: str
    url: str
    due: int
    genuine: bool
    state: str
    attempts: list[Entry]
    headers: dict[str, str]
    body: Any
    raw: bytes


class MockServer:
    """A running mock server. `url` serves its first provider; the others are below /NAME."""

    def __init__(self, url: str, *, webhook_secret: str = "", control_key: str = "") -> None:
        self.url = url.rstrip("/")
        # The control key of a server whose control plane is closed (`--control-key`); "" when it is open.
        self._control_key = control_key
        # The secret that callbacks are signed with ("whsec_…"); "" when they are not signed.
        self.webhook_secret = webhook_secret
        # Proxies of the environment are not used to reach the mock.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def profiles(self) -> list[str]:
        """The providers that this server plays; the first one is at the root."""
        names: list[str] = self.call("GET", "/")["profiles"]
        return names

    def scenarios(self) -> list[Entry]:
        """Every scenario with a sentence and its parameters."""
        rows: list[Entry] = self.call("GET", "/scenarios")
        return rows

    def account(
        self,
        provider: str = "",
        *,
        key: str = "",
        scenario: str = "",
        pace: str = "",
        rate: float | None = None,
    ) -> Account:
        """A fresh account (or that of `key`) at `provider`, by default the first.

        `scenario` and `pace` as the control plane takes them; `rate` gives it a clock of its own: 1 real
        time, N accelerated, 0 by hand. Raises UnderstudyError for what does not exist.
        """
        known = self.profiles()
        if provider and provider not in known:
            raise UnderstudyError(f"unknown provider {provider!r}", advice=f"known: {', '.join(known)}")
        url = self.url if provider in ("", known[0]) else f"{self.url}/{provider}"
        account = Account(self, url, key or f"key-{secrets.token_hex(12)}")
        if rate is not None:
            account.clock.rate = rate
        if pace:
            account.pace(pace)
        if scenario:
            account.scenario(scenario)
        return account

    def tasks(self, key: str = "") -> list[Entry]:
        """Every task of the account of `key`, of all accounts without one; newest first."""
        rows: list[Entry] = []
        whose = {"account": key} if key else {}
        while True:
            query = {"limit": TASKS_A_PAGE, "before": rows[-1]["id"] if rows else "", **whose}
            page: list[Entry] = self.call("GET", "/tasks", query=query, key=key)
            rows += page
            if len(page) < TASKS_A_PAGE:
                return rows

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        key: str = "",
    ) -> Any:
        """One request to the control plane with `key`; raises UnderstudyError when it is refused."""
        url = f"{self.url}{CONTROL}{path}" + (f"?{urlencode(query)}" if query else "")
        request = urllib.request.Request(url, method=method)  # noqa: S310 - the server's own URL
        if self._control_key:
            request.add_header(CONTROL_KEY, self._control_key)
        elif key:
            request.add_header("Authorization", f"Bearer {key}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise UnderstudyError(_words(error.read()), where=f"{method} {CONTROL}{path}") from None
        except (OSError, ValueError) as error:
            raise UnderstudyError(f"no answer from the mock: {error}", where=self.url) from None


class AccountClock:
    """An account's time. It never goes back."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""
        return int(self._account.control("GET", "/clock")["now"])

    @property
    def rate(self) -> float:
        """1 real time, N accelerated, 0 by hand. Setting it gives the account a clock of its own."""
        return float(self._account.control("GET", "/clock")["rate"])

    @rate.setter
    def rate(self, rate: float) -> None:
        self._account.control("POST", "/clock", {"rate": rate})

    def advance(self, seconds: float) -> None:
        """Go forward. Callbacks that fall due have been sent, in order, when this returns."""
        self._account.control("POST", "/clock/advance", {"seconds": seconds})

    def advance_to_next(self) -> bool:
        """Go to the next change of a task; False when there is none to come."""
        return bool(self._account.control("POST", "/clock/advance", {"to": "next"})["changed"])


class Account:
    """One account at one provider: what a client is given (`url`, `api_key`), and what it did."""

    def __init__(self, server: MockServer, url: str, api_key: str) -> None:
        self.server = server
        self.url = url
        self.api_key = api_key
        self.clock = AccountClock(self)
        self.aio = AsyncAccount(self)

    @property
    def webhook_secret(self) -> str:
        return self.server.webhook_secret

    def scenario(self, text: str) -> None:
        """Apply a scenario to every request: "fail:reason=internal+latency:ms=200"; "" for none."""
        self.control("POST", "/scenario", {"scenario": text})

    def fault(self, text: str, next: int = 1) -> None:  # noqa: A002 - the control plane's word
        """Apply the scenario `text` to the `next` requests that it can affect."""
        self.control("POST", "/faults", {"scenario": text, "next": next})

    def pace(self, text: str) -> None:
        """How fast new tasks run: instant, fast, realistic, "after 3 polls"."""
        self.control("POST", "/pace", {"pace": text})

    def limits(self, **limits: int) -> None:
        """Tasks at once by pool, and requests per_second: limits(image=5, per_second=10); none lifts them."""
        self.control("POST", "/limits", limits)

    def finish(self, task_id: str, status: str = "", reason: str = "") -> None:
        """Bring a task to a terminal state now: success, unless `status` says otherwise."""
        body = {"status": status, "reason": reason}
        self.control("POST", f"/tasks/{quote(task_id, safe='')}/finish", body)

    @property
    def journal(self) -> list[Entry]:
        """Every request and its answer, oldest first, with the verdict on it."""
        return self.requests_to()

    def requests_to(self, operation: str = "", **filters: str) -> list[Entry]:
        """Requests to `operation` (create, query, list, result); filters: verdict, task, field, status."""
        query = {"operation": operation, "limit": MOST_ENTRIES, **filters}
        rows: list[Entry] = self.control("GET", "/journal", query={k: v for k, v in query.items() if v})
        return rows

    def count(self, operation: str = "", **filters: str) -> int:
        """How many requests there were to `operation`, or in all; filters as in `requests_to`."""
        query = {"operation": operation, **filters}
        return int(
            self.control("GET", "/journal/count", query={k: v for k, v in query.items() if v})["count"]
        )

    @property
    def callbacks(self) -> list[Callback]:
        """The callbacks sent, in the order of their first attempts."""
        return [
            cast("Callback", {**row, "raw": row["raw"].encode()})
            for row in self.control("GET", "/deliveries", query={"limit": MOST_ENTRIES})
        ]

    @property
    def tasks(self) -> list[Entry]:
        """The account's tasks: id, status, plan, and what each would have cost (`units`)."""
        return self.server.tasks(self.api_key)

    @property
    def units(self) -> float:
        """What the account's tasks would have cost at the provider; failed ones cost nothing."""
        return float(sum(task["units"] for task in self.tasks))

    def reset(self) -> None:
        """Forget the account's tasks, journal, scenarios and time."""
        self.control("POST", "/reset", {})

    def conversation(self) -> str:
        """The requests and callbacks as text, one line each."""
        return conversation(self.journal, self.callbacks)

    def control(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        """One request to the control plane about this account."""
        return self.server.call(
            method, path, body, {**(query or {}), "account": self.api_key}, key=self.api_key
        )


class AsyncClock:
    """An account's time, for coroutines."""

    def __init__(self, clock: AccountClock) -> None:
        self._clock = clock

    @property
    def now(self) -> Awaitable[int]:
        """Milliseconds since 1970."""
        return asyncio.to_thread(lambda: self._clock.now)

    @property
    def rate(self) -> Awaitable[float]:
        """1 real time, N accelerated, 0 by hand."""
        return asyncio.to_thread(lambda: self._clock.rate)

    async def set_rate(self, rate: float) -> None:
        """Give the account a clock of its own: 1 real time, N accelerated, 0 by hand."""
        await asyncio.to_thread(setattr, self._clock, "rate", rate)

    async def advance(self, seconds: float) -> None:
        """Go forward. Callbacks that fall due have been sent, in order, when this is done."""
        await asyncio.to_thread(self._clock.advance, seconds)

    async def advance_to_next(self) -> bool:
        """Go to the next change of a task; False when there is none to come."""
        return await asyncio.to_thread(self._clock.advance_to_next)


class AsyncAccount:
    """An account, for coroutines: `await account.aio.clock.advance(30)`, `await account.aio.journal`.

    The same calls, without holding up the event loop.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clock = AsyncClock(account.clock)

    @property
    def url(self) -> str:
        return self._account.url

    @property
    def api_key(self) -> str:
        return self._account.api_key

    @property
    def webhook_secret(self) -> str:
        return self._account.webhook_secret

    @property
    def journal(self) -> Awaitable[list[Entry]]:
        """Every request and its answer, oldest first."""
        return asyncio.to_thread(self._account.requests_to)

    @property
    def callbacks(self) -> Awaitable[list[Callback]]:
        """The callbacks sent, in the order of their first attempts."""
        return asyncio.to_thread(lambda: self._account.callbacks)

    @property
    def tasks(self) -> Awaitable[list[Entry]]:
        """The account's tasks: id, status, plan."""
        return asyncio.to_thread(lambda: self._account.tasks)

    @property
    def units(self) -> Awaitable[float]:
        """What the account's tasks would have cost at the provider."""
        return asyncio.to_thread(lambda: self._account.units)

    async def scenario(self, text: str) -> None:
        await asyncio.to_thread(self._account.scenario, text)

    async def fault(self, text: str, next: int = 1) -> None:  # noqa: A002 - the control plane's word
        await asyncio.to_thread(self._account.fault, text, next)

    async def pace(self, text: str) -> None:
        await asyncio.to_thread(self._account.pace, text)

    async def limits(self, **limits: int) -> None:
        await asyncio.to_thread(lambda: self._account.limits(**limits))

    async def finish(self, task_id: str, status: str = "", reason: str = "") -> None:
        await asyncio.to_thread(self._account.finish, task_id, status, reason)

    async def requests_to(self, operation: str = "", **filters: str) -> list[Entry]:
        return await asyncio.to_thread(lambda: self._account.requests_to(operation, **filters))

    async def count(self, operation: str = "", **filters: str) -> int:
        return await asyncio.to_thread(lambda: self._account.count(operation, **filters))

    async def conversation(self) -> str:
        return await asyncio.to_thread(self._account.conversation)

    async def reset(self) -> None:
        await asyncio.to_thread(self._account.reset)


def _words(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body[:200].decode("utf-8", "replace")
