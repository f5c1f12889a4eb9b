"""The one way out to the provider: keeps the pace, repeats what may be repeated, writes everything down.

Keys never leave this module: what is written down names the environment variable instead.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from contracts import trace
from contracts.checks import media
from contracts.problems import problem_of, read_whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from contracts.budget import Rate
    from contracts.target import Target

OWN, OTHER = "own", "other"
# A shorter key is a word that answers may hold for other reasons ("k", "test"); blotting it would spoil them.
SHORTEST_SECRET = 8
VARIABLES = {OWN: "$UNDERSTUDY_API_KEY", OTHER: "$UNDERSTUDY_OTHER_API_KEY"}
MOST_BYTES = 16 * 1024 * 1024
MOST_DOWNLOAD = 64 * 1024 * 1024
KEPT_OF_DOWNLOAD = 64
TOO_MANY, SERVER_ERROR, TIMED_OUT = 429, 500, 504
# How many requests in a row may fail before we say that the network is gone.
PATIENCE = 4
# How often a create is repeated while others' tasks alone can hold the account's slots.
MOST_CROWDED = 3


class Stopped(Exception):  # noqa: N818 - not an error: the run ends early, with a reason for the report
    """The conversation cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for one answer, and in all for repeating a request that came too fast."""

    answer: float = 30.0
    patience: float = 120.0
    backoff: float = 1.0


@dataclass
class Client:
    """Sends requests and appends each exchange to `conversation`. `now` gives Unix seconds."""

    session: aiohttp.ClientSession
    conversation: trace.Conversation
    target: Target
    keys: Mapping[str, str]
    rate: Rate
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    progress: Callable[[], None] = lambda: None
    # Whether a task of ours is under way: then a slot may become free.
    busy: Callable[[], bool] = lambda: True
    # Why a request is about to be repeated, for a person who wonders why nothing happens.
    waiting: str = ""
    _failures: int = 0

    async def send(
        self,
        method: str,
        url: str,
        *,
        family: str,
        role: str,
        account: str = OWN,
        authorization: str | None = None,
        body: bytes | None = None,
        task: str = "",
        case: Mapping[str, Any] | None = None,
        within: float | None = None,
    ) -> trace.Exchange:
        """Send a request until it is answered for good, and return that exchange.

        `authorization` replaces the account's bearer key ("" sends none). `within`: seconds for an answer
        that stands; no answer and a 5xx are taken as they are. Raises Stopped when several requests in a row
        got no answer from the provider.
        """
        headers = {} if body is None else {"Content-Type": "application/json"}
        shown = dict(headers)
        if role != trace.DOWNLOAD:
            value = f"Bearer {self.keys.get(account, '')}" if authorization is None else authorization
            headers |= {"Authorization": value} if value else {}
            named = f"Bearer {VARIABLES.get(account, '')}" if authorization is None else authorization
            shown |= {"Authorization": named} if named else {}
        request = trace.Request(method, url, tuple(shown.items()), body)
        blank = trace.Exchange(-1, family, role, account, request, None, 0.0, 0.0, "", task, case or {})
        begun = self.now()
        for attempt in range(1, 1000):
            await self.rate.turn()
            exchange, unsent = await self._once(blank, headers, within or self.limits.answer)
            wait = self._again(exchange, attempt, self.now() - begun, within, unsent=unsent)
            exchange = dataclasses.replace(exchange, superseded=wait is not None)
            self._keep(exchange)
            if within is None:
                self._mind(exchange)
            if wait is None:
                break
            self.waiting = (
                f"{exchange.status or exchange.problem}{self._said(exchange)}, again in {wait:.0f} s"
            )
            await self.sleep(wait)
            self.waiting = ""
        return self.conversation.exchanges[-1] if exchange.number < 0 else exchange

    def _keep(self, exchange: trace.Exchange) -> None:
        self.conversation.exchanges.append(exchange)
        self.progress()

    def _mind(self, exchange: trace.Exchange) -> None:
        self._failures = 0 if self._answered(exchange) else self._failures + 1
        if self._failures >= PATIENCE:
            raise Stopped(self._reason(exchange))

    def _answered(self, exchange: trace.Exchange) -> bool:
        """Whether the provider itself seems to have spoken."""
        if exchange.response is None:
            return False
        content = trace.header(exchange.response.headers, "content-type")
        return exchange.role == trace.DOWNLOAD or "html" not in content

    def _reason(self, exchange: trace.Exchange) -> str:
        where = exchange.request.url.split("?")[0]
        if exchange.response is None:
            return f"no answer from {where}: {exchange.problem}"
        return f"{where} answers HTML, status {exchange.status}: something else answers for the provider"

    async def _once(
        self, blank: trace.Exchange, headers: Mapping[str, str], seconds: float
    ) -> tuple[trace.Exchange, bool]:
        """One attempt, and whether it never left: then it can be repeated, whatever it was."""
        started = self.now() * 1000
        response, problem, described = None, None, dict(blank.case)
        most = MOST_DOWNLOAD if blank.role == trace.DOWNLOAD else MOST_BYTES
        try:
            async with self.session.request(
                blank.request.method,
                blank.request.url,
                data=blank.request.body,
                headers=headers,
                allow_redirects=blank.role == trace.DOWNLOAD,
                timeout=aiohttp.ClientTimeout(total=seconds),
            ) as answer:
                data = await read_whole(answer, most)
                response = trace.Response(
                    answer.status, tuple((n, self._blot_text(v)) for n, v in answer.headers.items()), data
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = problem_of(error, seconds)
        ended = self.now() * 1000
        if response is not None and blank.role == trace.DOWNLOAD:
            found = media.inspect(response.body)
            described["media"] = dataclasses.asdict(found) if found else None
            described["bytes"] = len(response.body)
            response = dataclasses.replace(response, body=response.body[:KEPT_OF_DOWNLOAD])
        elif response is not None:
            response = dataclasses.replace(response, body=self._blot(response.body))
        number = len(self.conversation.exchanges)
        unsent = problem is not None and problem.unsent
        exchange = dataclasses.replace(
            blank,
            number=number,
            response=response,
            started=started,
            ended=ended,
            problem=self._blot_text(problem.text) if problem else "",
            case=described | ({"unsent": True} if unsent else {}),
        )
        return exchange, unsent

    def _blot(self, data: bytes) -> bytes:
        for account, key in self.keys.items():
            if len(key) >= SHORTEST_SECRET:
                data = data.replace(key.encode(), VARIABLES.get(account, "***").encode())
        return data

    def _blot_text(self, text: str) -> str:
        return self._blot(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")

    def _again(
        self, exchange: trace.Exchange, attempt: int, waited: float, within: float | None, *, unsent: bool
    ) -> float | None:
        """Seconds until the request should be repeated, or None when its answer stands."""
        pause = self.limits.backoff * 2 ** min(attempt - 1, 5)
        create = exchange.role in trace.CREATES
        if within is not None and (exchange.response is None or exchange.status >= SERVER_ERROR):
            return None
        if exchange.response is None:
            # A create whose answer was lost may have made a task: sending it again could pay twice.
            return pause / 4 if attempt < 3 and (unsent or not create) else None
        if self.target.crowded(exchange.response) and not self.busy() and attempt > MOST_CROWDED:
            return None
        if self._too_many(exchange) and not self.target.permanent(exchange.response):
            wait = max(retry_after(exchange.response), pause)
            return wait if waited + wait < (within or self.limits.patience) else None
        if exchange.status >= SERVER_ERROR and attempt < 2:
            may_exist = create and exchange.status == TIMED_OUT
            return None if may_exist else max(retry_after(exchange.response), pause / 4)
        return None

    def _said(self, exchange: trace.Exchange) -> str:
        body = exchange.response.json() if exchange.response else None
        message = body.get("message") if isinstance(body, dict) else None
        return f" {message[:80]}" if isinstance(message, str) and message else ""

    def _too_many(self, exchange: trace.Exchange) -> bool:
        """Whether we came too fast: HTTP 429, or its code at a provider that says everything under 200."""
        if exchange.status == TOO_MANY:
            return True
        body = exchange.response.json() if exchange.response else None
        code = body.get("code") if isinstance(body, dict) else None
        row = self.target.refusals.get(self.target.situation_of(code))
        return row is not None and row.situation.startswith("too_many") and row.status == exchange.status


def retry_after(response: trace.Response) -> float:
    """The seconds that a Retry-After header asks for (RFC 9110, section 10.2.3); 0.0 for none or a date."""
    value = trace.header(response.headers, "retry-after").strip()
    return min(float(value), 60.0) if value.isdecimal() else 0.0
