"""Orders placed below, at the gateway, and followed to their end: a well-behaved client that sees all."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from understudy.contracts.checks.signatures import wrong_signature
from understudy.contracts.gateway_verifier.ledger import told_by_record
from understudy.contracts.gateway_verifier.seen import FetchedResult, PlacedOrder, Sight
from understudy.contracts.sample_request import SampleRequest, create_request, query_request
from understudy.contracts.shapes import expand
from understudy.contracts.strategies.values import example
from understudy.contracts.trace import header
from understudy.specs.behaviour.signed import HMAC, STANDARD, wrong_hmac
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from understudy.contracts.callback_listener import CallbackListener, ReceivedCallback
    from understudy.contracts.target import Target
    from understudy.specs.behaviour import RefusalForm, TaskFamily

# Of an answer or a result so much is read.
MOST_BYTES = 64 * 1024 * 1024
MOST_TEXT = 4096
ANSWER_SECONDS = 30.0
HTTP_ERROR = 400
# After the end a client may ask again: what is billed or given back at each look shows so. The last look is
# for gateways that ask upstream now and then, when they are asked.
PAUSES_AFTER_THE_END = (0.15, 0.6)
# What ends in nothing after its end was reported is waited for so long.
SETTLE_SECONDS = 3.0
POLL_SECONDS = 0.15
# A download that fails is tried again.
DOWNLOADS = 3
# The same again for the other account, by its own id of the order: one that nobody else can know.
BY_ID, BY_EXTERNAL_ID = "by the task's id", "by the other's own id of it"


@dataclass(frozen=True, slots=True)
class GatewayApi:
    """The API that the gateway speaks below: one family of it, where it stands, and how its records read."""

    url: str
    family: TaskFamily
    refusals: RefusalForm
    plainest: Any

    @classmethod
    def of(cls, target: Target, family: str, url: str) -> GatewayApi:
        """Raises TargetError for a family that the provider does not have."""
        one = target.family(family) if family else target.asked()[0]
        content = one.behaviour.operations.create.raw["requestBody"]["content"]
        schema = content.get("application/json", next(iter(content.values())))["schema"]
        return cls(
            url.rstrip("/"),
            one.behaviour,
            target.behaviour.refusals,
            expand(schema, target.document),
        )

    def body(self, token: str) -> dict[str, Any]:
        """The plainest order with `token` in it, in every place that reaches the provider as it is."""
        made: dict[str, Any] = copy.deepcopy(example(self.plainest, f"https://example.com/{token}.png"))
        places = self.family.request
        if places.get("prompt"):
            put(made, places["prompt"], f"{token} a cat in a red hat on the moon")
        if places.get("external_id"):
            put(made, places["external_id"], token)
        return made

    @property
    def calls_back(self) -> bool:
        axes = self.family.axes
        return bool(self.family.request.get("callback_url") or (axes and axes.callback))


@dataclass(frozen=True, slots=True)
class BelowAnswer:
    """What came back: HTTP status (None: nothing came), JSON or None, and the text that it was read from."""

    status: int | None
    body: Any = None
    text: str = ""


class GatewayDriver:
    """Places orders at one gateway. `now` gives milliseconds since the run began; calls_back: whether the
    gateway is asked for callbacks.
    """

    def __init__(
        self,
        api: GatewayApi,
        session: aiohttp.ClientSession,
        listener: CallbackListener,
        now: Callable[[], int],
        *,
        patience_seconds: float,
        calls_back: bool = True,
        callback_secret: str = "",
    ) -> None:
        self._api = api
        self._session = session
        self._listener = listener
        self._now = now
        self._patience = patience_seconds
        self._asks_for_callbacks = calls_back and api.calls_back
        self._secrets = (callback_secret,) if callback_secret else ()
        # How many creates have been answered.
        self.answered = 0

    async def order(self, account: str, key: str, stranger: str, token: str) -> PlacedOrder:
        """One order of the account with `key`, to its end or for as long as there is patience.

        stranger: the key of another account, which must not be shown it.
        """
        api = self._api
        body = api.body(token)
        url = f"{self._listener.url}/{token}" if self._asks_for_callbacks else ""
        placed = PlacedOrder(
            account=account,
            token=token,
            units=float(api.family.units(body)),
            at_ms=self._now(),
            called=bool(url),
        )
        answer = await self._send(create_request(api.family, key, body, url))
        self.answered += 1
        record = api.family.record(answer.body) if _good(answer) else None
        task_id = api.family.id_of(record) if record else ""
        placed = replace(
            placed,
            answered_ms=self._now(),
            create_status=answer.status,
            task_id=task_id,
            refusal="" if task_id else api.refusals.message_in(answer.body),
            refused_with="" if task_id else answer.text,
        )
        if not task_id:
            return placed
        shown = await self._shown_to(stranger, task_id, token)
        polls = await self._followed(key, task_id)
        shown += await self._shown_to(stranger, task_id, token)
        ended = next((sight for sight in polls if sight.final), None)
        results: list[FetchedResult] = []
        if ended is not None:
            links = self.links(ended.record)
            results = [await self._fetch(link, key) for link in links]
        return replace(
            placed, polls=tuple(polls), results=tuple(results), shown_to=tuple(dict.fromkeys(shown))
        )

    async def called_back(self, placed: PlacedOrder) -> PlacedOrder:
        """The order with what the gateway called back about it, after a moment for what is under way."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            sights = tuple(self._sight_of(one) for one in self._calls_for(placed.token))
            ended = any(sight.final for sight in sights) or placed.end is None or not placed.called
            if ended or time.monotonic() >= deadline:
                return replace(placed, callbacks=sights)
            await asyncio.sleep(POLL_SECONDS)

    def _calls_for(self, token: str) -> Sequence[ReceivedCallback]:
        path = urlsplit(self._listener.url).path
        return [one for one in list(self._listener.received) if one.path == f"{path}/{token}"]

    def _sight_of(self, one: ReceivedCallback) -> Sight:
        family = self._api.family
        record = one.body if family.calls_back_records else family.record(one.body)
        sight = self._sight(200, record if isinstance(record, dict) else None)
        return replace(sight, unsigned=self._wrong_signature(one))

    def _wrong_signature(self, one: ReceivedCallback) -> str | None:
        """What is wrong with it; None when nobody named the secret, or the API signs in another way."""
        rule = self._api.family.signature
        if not self._secrets or (rule is not None and rule.scheme not in (STANDARD, HMAC)):
            return None
        headers = tuple(one.headers.items())
        if rule is not None and rule.scheme == HMAC:
            return wrong_hmac(rule, lambda name: header(headers, name), one.raw, self._secrets)
        return wrong_signature(headers, one.raw, one.at * 1000, self._secrets)

    async def _followed(self, key: str, task_id: str) -> list[Sight]:
        """Polls until the end was reported, and some more."""
        deadline = time.monotonic() + self._patience
        polls = [await self.looked(key, task_id)]
        while not polls[-1].final and time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            polls.append(await self.looked(key, task_id))
        for pause in PAUSES_AFTER_THE_END if polls[-1].final else ():
            await asyncio.sleep(pause)
            polls.append(await self.looked(key, task_id))
        return polls

    async def looked(self, key: str, task_id: str) -> Sight:
        """What a poll shows."""
        answer = await self._send(query_request(self._api.family, key, task_id))
        family = self._api.family
        record = family.record_in(answer.status or 0, answer.body, task_id) if _good(answer) else None
        return self._sight(answer.status, record)

    def _sight(self, status: int | None, record: Any) -> Sight:
        family = self._api.family
        told = str(family.status_of(record) or "") if record else ""
        return Sight(
            at_ms=self._now(),
            status=status,
            told=told,
            final=bool(told) and family.lifecycle.is_terminal(told),
            record=record,
        )

    async def _shown_to(self, stranger: str, task_id: str, token: str) -> list[str]:
        """How another account was shown the order, "" for none."""
        family = self._api.family
        asked = [(BY_ID, task_id)]
        if family.axes is None and family.request.get("external_id"):
            asked.append((BY_EXTERNAL_ID, token))
        shown = []
        for how, name in asked:
            answer = await self._send(query_request(family, stranger, name))
            record = family.record_in(answer.status or 0, answer.body, name) if _good(answer) else None
            if record and family.status_of(record) is not None:
                shown.append(how)
        return shown

    def links(self, record: Any) -> list[str]:
        """Where the results in a record can be fetched."""
        items = self._api.family.items_of(record) if record else []
        found = [item.get("url") for item in items]
        return [urljoin(f"{self._api.url}/", link) for link in found if isinstance(link, str) and link]

    async def _fetch(self, link: str, key: str) -> FetchedResult:
        """A result; with the account's key, where it is the gateway's own address that is asked."""
        if urlsplit(link).scheme not in ("http", "https"):
            return FetchedResult(url=link, status=None)
        ours = urlsplit(link).netloc == urlsplit(self._api.url).netloc
        headers = dict(query_request(self._api.family, key, "").headers) if ours else {}
        fetched = FetchedResult(url=link, status=None)
        for _ in range(DOWNLOADS):
            try:
                async with self._session.get(link, headers=headers) as answer:
                    raw = await _read(answer)
            except (aiohttp.ClientError, TimeoutError, ValueError):
                continue
            fetched = FetchedResult(
                url=link, status=answer.status, size=len(raw), digest=hashlib.sha256(raw).hexdigest()
            )
            if fetched.good:
                break
        return fetched

    async def _send(self, request: SampleRequest) -> BelowAnswer:
        try:
            async with self._session.request(
                request.method,
                self._api.url + request.target,
                headers=dict(request.headers),
                json=request.body,
            ) as answer:
                raw = await _read(answer)
                return BelowAnswer(answer.status, _json(raw), raw[:MOST_TEXT].decode("utf-8", "replace"))
        except (aiohttp.ClientError, TimeoutError):
            return BelowAnswer(None)


def session() -> aiohttp.ClientSession:
    """For requests to the gateway: no proxy of the surroundings leads to it."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS), trust_env=False)


def billed_by_record(api: GatewayApi, placed: PlacedOrder) -> float | None:
    """What the last record of an order says that it cost; 0 for an order that was refused."""
    if not placed.accepted:
        return 0.0
    records = [sight.record for sight in placed.polls if sight.final and sight.record]
    told = [told_by_record(api.family, record) for record in records]
    if not told:
        return None
    # A record that can tell the cost and does not: nothing was billed.
    return told[-1] if told[-1] is not None else (0.0 if api.family.cost.at else None)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body, of a long one its beginning."""
    raw = bytearray()
    async for part in answer.content.iter_any():
        raw += part
        if len(raw) >= MOST_BYTES:
            break
    return bytes(raw)


def _good(answer: BelowAnswer) -> bool:
    return answer.status is not None and answer.status < HTTP_ERROR


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
