"""The mock in tests: a handle on a server, and one on an account of it. For pytest, unittest, asyncio.

    with understudy() as mock:                      # a server in a thread, on a free port
        provider = mock.provider(scenario="fail")   # a fresh account: its own key, tasks, time and journal
        run_my_client(provider.url, provider.api_key)
        provider.clock.advance(120)
        assert len(provider.requests_to("create")) == 1

In coroutines `await provider.aio.clock.advance(120)`: the same calls, without holding up the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import secrets
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CONTROL = "/__understudy__"
TIMEOUT_SECONDS = 60.0
MOST_ENTRIES = 100_000
Entry = dict[str, Any]


class Understudy:
    """A running mock server. `url` is where its first profile stands, the others below /NAME."""

    def __init__(self, url: str, *, webhook_secret: str = "") -> None:
        self.url = url.rstrip("/")
        # What callbacks are signed with ("whsec_…"); "" when they are not.
        self.webhook_secret = webhook_secret
        # No proxy of the surroundings leads to the mock.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def profiles(self) -> list[str]:
        """The providers that this server plays; the first stands at the root."""
        names: list[str] = self.call("GET", "/")["profiles"]
        return names

    def scenarios(self) -> list[Entry]:
        """Every scenario with a sentence and its parameters."""
        rows: list[Entry] = self.call("GET", "/scenarios")
        return rows

    def provider(
        self,
        name: str = "",
        *,
        key: str = "",
        scenario: str = "",
        pace: str = "",
        rate: float | None = None,
    ) -> Provider:
        """A fresh account (or that of `key`) at the provider `name`, by default the first.

        `scenario` and `pace` as the control plane takes them; `rate` gives it a clock of its own: 1 real
        time, N accelerated, 0 by hand. Raises UnderstudyError for what does not exist.
        """
        known = self.profiles()
        if name and name not in known:
            raise UnderstudyError(f"no provider {name!r} is played here", advice=f"known: {', '.join(known)}")
        url = self.url if name in ("", known[0]) else f"{self.url}/{name}"
        account = Provider(self, url, key or f"key-{secrets.token_hex(12)}")
        if rate is not None:
            account.clock.rate = rate
        if pace:
            account.pace(pace)
        if scenario:
            account.scenario(scenario)
        return account

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        """One request to the control plane; raises UnderstudyError with its words when it refuses."""
        url = f"{self.url}{CONTROL}{path}" + (f"?{urlencode(query)}" if query else "")
        request = urllib.request.Request(url, method=method)  # noqa: S310 - the server's own URL
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
            raise UnderstudyError(f"no answer from the mock: {error}", where=self.url) from error


class Clock:
    """An account's time. It goes forward only."""

    def __init__(self, account: Provider) -> None:
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


class Provider:
    """One account at one provider: what a client is given (`url`, `api_key`), and what it did."""

    def __init__(self, server: Understudy, url: str, api_key: str) -> None:
        self.server = server
        self.url = url
        self.api_key = api_key
        self.clock = Clock(self)
        self.aio = Aio(self)

    @property
    def webhook_secret(self) -> str:
        return self.server.webhook_secret

    def scenario(self, text: str) -> None:
        """Play `text` to every request from now on: "fail:reason=internal+latency:ms=200"; "" for none."""
        self.control("POST", "/scenario", {"scenario": text})

    def fault(self, text: str, next: int = 1) -> None:  # noqa: A002 - the control plane's word
        """Play `text` to the next so many requests that it can strike."""
        self.control("POST", "/faults", {"scenario": text, "next": next})

    def pace(self, text: str) -> None:
        """How fast new tasks run: instant, fast, realistic, "after 3 polls"."""
        self.control("POST", "/pace", {"pace": text})

    def limits(self, **limits: int) -> None:
        """Slots by pool, and requests per_second: limits(image=5, per_second=10); none lifts them."""
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
    def callbacks(self) -> list[Entry]:
        """The callbacks sent, in the order in which they were begun: task, status, body, attempts."""
        rows: list[Entry] = self.control("GET", "/deliveries")
        return rows

    @property
    def tasks(self) -> list[Entry]:
        """The account's tasks: id, status, plan."""
        rows: list[Entry] = self.control("GET", "/tasks")
        return rows

    def reset(self) -> None:
        """Forget the account's tasks, journal, scenarios and time."""
        self.control("POST", "/reset", {})

    def conversation(self) -> str:
        """What was said, a line each, for a person to read."""
        return conversation(self.journal, self.callbacks)

    def control(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        """One request to the control plane about this account."""
        return self.server.call(method, path, body, {**(query or {}), "account": self.api_key})


class Aio:
    """The same calls as coroutines: `await provider.aio.clock.advance(30)`, `await provider.aio.journal`."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        if isinstance(inspect.getattr_static(type(self._target), name, None), property):
            return asyncio.to_thread(getattr, self._target, name)
        value = getattr(self._target, name)
        if isinstance(value, Clock):
            return Aio(value)
        if not callable(value):
            return value

        async def call(*args: Any, **options: Any) -> Any:
            return await asyncio.to_thread(value, *args, **options)

        return call


def conversation(entries: list[Entry], deliveries: list[Entry]) -> str:
    """One line for each request and each attempt of a callback, by time; times in seconds since the first."""
    said = [(entry["at"], _request_line(entry)) for entry in entries]
    said += [
        (attempt["at"], _callback_line(one, attempt)) for one in deliveries for attempt in one["attempts"]
    ]
    said.sort(key=lambda line: line[0])
    if not said:
        return "nothing was said"
    first = said[0][0]
    return "\n".join(f"{(at - first) / 1000:8.3f} s  {line}" for at, line in said)


def _request_line(entry: Entry) -> str:
    answer = entry["answer"] if isinstance(entry["answer"], dict) else {}
    parts = [f"{entry['method']} {entry['target']} → {entry['status'] or 'no answer'}"]
    if entry["verdict"] != "accepted":
        parts.append(f"{entry['verdict']}: {answer.get('message', '')}".rstrip(": "))
    record = answer.get("data")
    if isinstance(record, dict):
        parts += [str(value) for name, value in record.items() if name.endswith("status")]
    if entry["scenario"]:
        parts.append(f"[{entry['scenario']}]")
    return "  ".join(parts)


def _callback_line(delivery: Entry, attempt: Entry) -> str:
    answer = attempt["status"] or attempt["error"] or "no answer"
    return f"callback {delivery['status']} of {delivery['task']} to {delivery['url']} → {answer}"


def _words(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body[:200].decode("utf-8", "replace")


@contextlib.contextmanager
def understudy(
    *providers: str,
    pace: str = "fast",
    journal: int = 20_000,
    rate: float = 1.0,
    wall: Callable[[], int] = time.time_ns,
) -> Iterator[Understudy]:
    """A mock server in a thread, on a free loopback port, for as long as the block lasts.

    It plays `providers`, by default all there are, the canonical one at the root; it signs its callbacks with
    a secret of its own, and remembers the last `journal` requests of each account. Time runs at `rate` in
    accounts without a clock of their own; `wall` (nanoseconds since 1970) dates signatures.
    """
    import base64

    from mockserver.server import understudy_server
    from specs.library import profiles

    names = providers or tuple(profiles())
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with understudy_server(
        names[0], pace, profiles=names, webhook_secrets=(secret,), journal=journal, rate=rate, wall=wall
    ) as mock:
        yield Understudy(mock.url, webhook_secret=secret)
