"""The HTTP client for the provider: limits the rate, retries what may be retried, records everything.

Keys never leave this module: what is written down names the environment variable instead.
"""

from __future__ import annotations

import asyncio
import dataclasses
import io
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

from understudy.contracts import trace
from understudy.contracts.problems import problem_of, read_whole
from understudy.specs.behaviour import SituationKind
from understudy.specs.behaviour.forms import written
from understudy.specs.behaviour.told_apart import apart

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from understudy.contracts.fetching import Fetcher
    from understudy.contracts.rate import Rate
    from understudy.contracts.target import Target

OWN, OTHER = "own", "other"
# A shorter key is a word that answers may hold for other reasons ("k", "test"); blotting it would spoil them.
SHORTEST_SECRET = 8
VARIABLES = {OWN: "$UNDERSTUDY_API_KEY", OTHER: "$UNDERSTUDY_OTHER_API_KEY"}
# From so many bytes on aiohttp warns of a body that is sent at once.
LARGE_BODY = 2**20
MOST_BYTES = 16 * 1024 * 1024
# Of a result that a query is answered with.
BEGINNING = 64 * 1024
TOO_MANY, SERVER_ERROR, TIMED_OUT = 429, 500, 504
REDIRECTS = range(300, 400)
# How many requests in a row may fail before we say that the network is gone.
PATIENCE = 4
MOST_OF_ONE = 40
# How often a create is repeated while others' tasks alone can hold the account's slots.
MOST_CROWDED = 3


class Stopped(Exception):  # noqa: N818 - not an error: the run ends early, with a reason for the report
    """The conversation cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for one answer, for the wait after a 429, and for all such waits together."""

    answer: float = 30.0
    patience: float = 120.0
    backoff: float = 1.0
    in_all: float = 300.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request about to be sent, and why (`role`, `case`, as in `contracts.trace`).

    `authorization` replaces the account's bearer key ("" sends none), and `shown` stands for it in what is
    written down. `headers` are further ones; a Content-Type replaces that of JSON. `within`: seconds for an
    answer that stands; no answer and a 5xx are taken as they are. `without`: names of required headers that
    are left out.
    """

    method: str
    url: str
    family: str
    role: str
    account: str = OWN
    authorization: str | None = None
    body: bytes | None = None
    task: str = ""
    case: Mapping[str, Any] | None = None
    within: float | None = None
    headers: tuple[tuple[str, str], ...] = ()
    shown: str | None = None
    without: tuple[str, ...] = ()


@dataclass
class Client:
    """Sends requests and appends each exchange to `conversation`. `now` gives Unix seconds."""

    session: aiohttp.ClientSession
    conversation: trace.Conversation
    target: Target
    keys: Mapping[str, str]
    rate: Rate
    limits: Limits = field(default_factory=Limits)
    fetcher: Fetcher | None = None
    proxy: str = ""
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    progress: Callable[[], None] = lambda: None
    # Whether a task of ours is under way: then a slot may become free.
    busy: Callable[[], bool] = lambda: True
    # Why a request is about to be repeated, for a person who wonders why nothing happens.
    waiting: str = ""
    # Seconds that were waited because the provider asked for it, or was not well.
    waited: float = 0.0
    # How many requests wait now, and since when: waits at once count once.
    _waiters: int = 0
    _since: float = 0.0
    # What was asked (family, method, role): of the last requests that got no answer of the provider's; of all
    # that got one.
    _streak: list[tuple[str, str, str]] = field(default_factory=list)
    _fine: set[tuple[str, str, str]] = field(default_factory=set)

    async def send(self, out: Outgoing) -> trace.Exchange:
        """Send a request, retrying it where that is allowed, and return the final exchange.

        Raises Stopped when several requests in a row got no answer from the provider.
        """
        out, meant = self._as_form(out)
        real = self._written(out, self.keys, out.authorization)
        named = out.authorization if out.shown is None else out.shown
        shown = self._written(out, VARIABLES, named)
        address = self._blot_text(shown[0])
        request = trace.Request(out.method, address, tuple(shown[1].items()), out.body, meant=meant)
        blank = trace.Exchange(
            -1, out.family, out.role, out.account, request, None, 0.0, 0.0, "", out.task, out.case or {}
        )
        begun = self.now()
        for attempt in range(1, 1000):
            await self.rate.turn()
            exchange, unsent = await self._once(blank, out, real)
            wait = self._again(exchange, attempt, self.now() - begun, out.within, unsent=unsent)
            exchange = dataclasses.replace(exchange, superseded=wait is not None)
            self._keep(exchange)
            if out.within is None:
                self._mind(exchange)
            if wait is None:
                break
            self.waiting = (
                f"{exchange.status or exchange.problem}{self._said(exchange)}, again in {wait:.0f} s"
            )
            await self._wait(wait)
            self.waiting = ""
        return self.conversation.exchanges[-1] if exchange.number < 0 else exchange

    async def _wait(self, seconds: float) -> None:
        if not self._waiters:
            self._since = self.now()
        self._waiters += 1
        try:
            await self.sleep(seconds)
        finally:
            self._waiters -= 1
            if not self._waiters:
                self.waited += self.now() - self._since

    def _may_wait(self, seconds: float) -> bool:
        """Whether the run has so many seconds left for waits that the provider asks for."""
        so_far = self.waited + (self.now() - self._since if self._waiters else 0.0)
        return so_far + seconds <= self.limits.in_all

    def _as_form(self, out: Outgoing) -> tuple[Outgoing, bytes | None]:
        """A create as its family takes it, and the JSON that was written as a form; None for any other."""
        form = self.target.family(out.family).form if out.family and out.body is not None else ""
        if not form or any(name == "Content-Type" for name, _ in out.headers):
            return out, None
        family, value = self.target.family(out.family), _value(out.body)
        path = apart(family.create_path)[0]
        creates = out.method == family.create_method and urlsplit(out.url).path.endswith(path)
        if not creates or not isinstance(value, dict):
            return out, None
        kind, data = written(form, value, family.request)
        headers = (*out.headers, ("Content-Type", kind))
        return dataclasses.replace(out, body=data, headers=headers), out.body

    def _written(
        self, out: Outgoing, keys: Mapping[str, str], given: str | None
    ) -> tuple[str, dict[str, str]]:
        """The URL and the headers of a request, with a key of `keys` wherever the API has its key."""
        headers = {} if out.body is None else {"Content-Type": "application/json"}
        if "#" in out.url:
            url, told = apart(out.url)
            marked = told.headers if told is not None else {}
            out = dataclasses.replace(out, url=url, headers=(*out.headers, *marked.items()))
        headers |= dict(out.headers)
        if out.role in trace.FILES and out.account not in keys:
            return out.url, headers
        rule = self.target.account
        value = rule.written(keys.get(out.account, "")) if given is None else given
        headers |= {n: v for n, v in self.target.headers.items() if n not in out.without}
        if not value:
            return out.url, headers
        if rule.place == "header":
            return out.url, headers | {rule.name: value}
        mark = "&" if "?" in out.url else "?"
        return f"{out.url}{mark}{rule.name}={quote(value, safe='$')}", headers

    def _keep(self, exchange: trace.Exchange) -> None:
        self.conversation.exchanges.append(exchange)
        self.progress()

    def _mind(self, exchange: trace.Exchange) -> None:
        if exchange.role in trace.FILES:
            return  # another host, perhaps: what is wrong with it is a finding about the result
        asked = exchange.family, exchange.request.method, exchange.role
        if self._answered(exchange):
            self._streak.clear()
            self._fine.add(asked)
            return
        self._streak.append(asked)
        if exchange.response is None:
            self._fine.add(asked)  # silence is the network's
        # Web pages on one operation are that operation's, and so are those of what never was answered in
        # another way; on several that were, or without end, they are all there is.
        gone = [one for one in self._streak if one in self._fine]
        several = len(set(gone)) > 1 or exchange.response is None
        if (len(gone) >= PATIENCE and several) or len(self._streak) >= MOST_OF_ONE:
            raise Stopped(self._reason(exchange))

    def _answered(self, exchange: trace.Exchange) -> bool:
        """Whether the provider itself seems to have spoken."""
        if exchange.response is None:
            return False
        content = trace.header(exchange.response.headers, "content-type")
        page = "html" in content and exchange.response.json() is None
        return exchange.role in trace.FILES or not page or exchange.status in REDIRECTS

    def _reason(self, exchange: trace.Exchange) -> str:
        where = exchange.request.url.split("?")[0]
        if exchange.response is None:
            return f"no answer from {where}: {exchange.problem}"
        return (
            f"{where} answers HTML, status {exchange.status}: something else answers in place of the provider"
        )

    async def _once(
        self, blank: trace.Exchange, out: Outgoing, real: tuple[str, Mapping[str, str]]
    ) -> tuple[trace.Exchange, bool]:
        """One attempt, and whether it never left: then it can be repeated, whatever it was."""
        started, seconds = self.now() * 1000, out.within or self.limits.answer
        response, problem, described = None, None, dict(blank.case)
        try:
            if blank.role == trace.DOWNLOAD and self.fetcher is not None:
                response, facts = await self.fetcher.fetch(real[0], real[1], out.method, out.body)
                described |= facts
            else:
                response, facts = await self._asked(out, real, seconds)
                described |= facts
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = problem_of(error, seconds)
        unsent = problem is not None and problem.unsent
        described |= {"problem": problem.kind.value} if problem else {}
        described |= {"unsent": True} if unsent else {}
        exchange = dataclasses.replace(
            blank,
            number=len(self.conversation.exchanges),
            response=response,
            started=started,
            ended=self.now() * 1000,
            problem=self._blot_text(problem.text) if problem else "",
            case=described,
        )
        return exchange, unsent

    async def _asked(
        self, out: Outgoing, real: tuple[str, Mapping[str, str]], seconds: float
    ) -> tuple[trace.Response, dict[str, Any]]:
        """The answer, and {"packed": coding} where its body is not packed as its Content-Encoding says."""
        chunked = "Transfer-Encoding" in real[1]
        async with self.session.request(
            out.method,
            real[0],
            data=_sent(out.body),
            # Whoever names the coding himself is trusted to have applied it.
            headers={n: v for n, v in real[1].items() if n != "Transfer-Encoding"},
            chunked=chunked or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=seconds),
            proxy=self.proxy or None,
        ) as answer:
            coding = answer.headers.get("Content-Encoding", "")
            facts: dict[str, Any] = {}
            try:
                if self._is_file(out, answer):
                    data = await answer.content.read(BEGINNING)
                else:
                    data = await read_whole(answer, MOST_BYTES)
            except aiohttp.ClientPayloadError as error:
                if not coding or not isinstance(error.__cause__, ContentEncodingError):
                    raise
                data, facts = b"", {"packed": coding}
            # A name or a value that is no text must not end a run.
            shown = tuple((n, self._blot_text(v)) for n, v in answer.headers.items())
            return trace.Response(answer.status, shown, self.blot(data)), facts

    def _is_file(self, out: Outgoing, answer: aiohttp.ClientResponse) -> bool:
        """Whether a query is answered with the result itself, which is fetched whole when it is looked at."""
        if out.role not in trace.QUERIES or "json" in answer.content_type:
            return False
        axes = self.target.family(out.family).behaviour.axes
        return axes is not None and False in axes.query.replies.with_json(answer.status)

    def blot(self, data: bytes) -> bytes:
        """Data with the name of a variable in the place of each key."""
        for account, key in self.keys.items():
            if len(key) >= SHORTEST_SECRET:
                data = data.replace(key.encode(), VARIABLES.get(account, "***").encode())
        return data

    def _blot_text(self, text: str) -> str:
        return self.blot(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")

    def _again(
        self, exchange: trace.Exchange, attempt: int, waited: float, within: float | None, *, unsent: bool
    ) -> float | None:
        """Seconds until the request should be retried, or None when its answer is final."""
        pause = self.limits.backoff * 2 ** min(attempt - 1, 5)
        create = exchange.role in trace.BUYING
        if within is not None and (exchange.response is None or exchange.status >= SERVER_ERROR):
            return None
        if exchange.response is None:
            # A create whose answer was lost may have made a task: sending it again could pay twice.
            return pause / 4 if attempt < 3 and (unsent or not create) else None
        if self.target.crowded(exchange.response) and not self.busy() and attempt > MOST_CROWDED:
            return None
        if self._too_many(exchange) and not self.target.permanent(exchange.response):
            wait = max(retry_after(exchange.response), pause)
            patient = waited + wait < (within or self.limits.patience) and self._may_wait(wait)
            return wait if patient else None
        if exchange.status >= SERVER_ERROR and attempt < 3:
            may_exist = create and exchange.status == TIMED_OUT
            return None if may_exist else max(retry_after(exchange.response), pause / 4)
        return None

    def _said(self, exchange: trace.Exchange) -> str:
        body = exchange.response.json() if exchange.response else None
        message = body.get("message") if isinstance(body, dict) else None
        return f" {message[:80]}" if isinstance(message, str) and message else ""

    def _too_many(self, exchange: trace.Exchange) -> bool:
        """Whether the rate limit was hit: HTTP 429, or its code where every answer has status 200."""
        if exchange.status == TOO_MANY:
            return True
        return self.target.of_kind(exchange.response, SituationKind.PACE)


def _value(body: bytes | None) -> Any:
    try:
        return trace.parse(body)
    except ValueError:
        return None


def _sent(body: bytes | None) -> bytes | io.BytesIO | None:
    """A body as aiohttp takes it: of a large one it wants a file, to send it in pieces."""
    return io.BytesIO(body) if body is not None and len(body) > LARGE_BODY else body


def retry_after(response: trace.Response) -> float:
    """The seconds that a Retry-After header asks for (RFC 9110, section 10.2.3); 0.0 for none or a date."""
    value = trace.header(response.headers, "retry-after").strip()
    return min(float(value), 60.0) if value.isdecimal() else 0.0
