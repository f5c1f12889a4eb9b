"""Whatever a provider says, judging it ends in a verdict: a recorded conversation, bent thousands of ways.

The short form bends it a hundred times; UNDERSTUDY_LONG=1 makes it 20,000.
"""

from __future__ import annotations

import asyncio
import copy
import io
import json
import os
import random
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account

from understudy.contracts.checks import judge
from understudy.contracts.har import from_har, to_har
from understudy.contracts.report import brief, build, exit_code
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target
from understudy.contracts.trace import Conversation, Response
from understudy.specs.report import emit, parse_targets

if TYPE_CHECKING:
    from understudy.contracts.trace import Delivery, Exchange

TARGET = read_target("canonical")
TIMES = 20_000 if os.environ.get("UNDERSTUDY_LONG") else 100
# Half a character, other kinds of values, numbers beyond every calendar, control characters.
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**400, -(10**19), 1e308, "", "\ud800", "a\x00b", "\u202egnp.exe", [], {},
    [[]], {"a": {"b": [1]}}, ["x"], "9" * 5000, "http://[::1", "http://:0/", "javascript:1", "1e999999",
    {"task_id": {}}, [None], "\x1b]0;title\x07", "é" * 300,
)  # fmt: skip
LOCATIONS = ("http://[", "//", "http://\udcff/", "ftp://x", "\x00", "/" * 5000)


@pytest.fixture(scope="module")
def conversation() -> Conversation:
    with mock_account(rate=8.0) as mock:
        options = Options(
            url=mock.url, api_key="mutation-key", other_api_key="mutation-other", budget=Decimal(4),
            families=("multi-image2image",),
            generated=0, pace=0.05, grace=0.5, linger=0.1, settle=0.2, timeout=30.0,
        )  # fmt: skip
        return asyncio.run(hold(options, TARGET))


def bent_value(value: Any, rng: random.Random) -> Any:
    """The value with one place in it replaced, dropped or doubled."""
    value = copy.deepcopy(value)
    holders = [value]
    places: list[tuple[Any, Any]] = []
    while holders:
        holder = holders.pop()
        inside = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, inner in list(inside):
            places.append((holder, key))
            if isinstance(inner, dict | list):
                holders.append(inner)
    if not places:
        return rng.choice(ODD)
    holder, key = rng.choice(places)
    action = rng.randrange(4)
    if action == 0 and isinstance(holder, dict):
        del holder[key]
    elif action == 1 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = rng.choice(ODD)
    return value


def bent_body(body: bytes, rng: random.Random) -> bytes:
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict | list) or rng.random() < 0.1:
        place = rng.randrange(len(body) + 1)
        return body[:place] + rng.randbytes(rng.randrange(4)) + body[place + rng.randrange(3) :]
    return json.dumps(bent_value(value, rng)).encode()


def bent_exchange(one: Exchange, rng: random.Random) -> Exchange:
    action = rng.randrange(8)
    if one.response is None or action == 0:
        return replace(one, response=None, problem="no answer within 30 s")
    if action == 1:
        status = rng.choice([0, 100, 200, 204, 301, 401, 404, 429, 500, 503, 599, 600, 999])
        return replace(one, response=replace(one.response, status=status))
    if action == 2:
        headers = (
            ("Location", rng.choice(LOCATIONS)),
            ("Retry-After", rng.choice(["-1", "9" * 400, "²", "x"])),
        )
        kind = rng.choice(["text/html", "", "application/json\udcff", ";;;", "image/png"])
        return replace(one, response=replace(one.response, headers=(*headers, ("Content-Type", kind))))
    if action == 3:
        case = {
            **one.case,
            "media": rng.choice([None, one.case.get("media")]),
            "sha256": "x",
            "damage": "half",
        }
        return replace(one, case=case)
    if action == 4:
        return replace(one, started=rng.choice([0.0, 1.0]), ended=rng.choice([0.0, 4e12]))
    return replace(
        one, response=Response(one.status, one.response.headers, bent_body(one.response.body, rng))
    )


def bent_delivery(one: Delivery, rng: random.Random) -> Delivery:
    if rng.randrange(3) == 0:
        return replace(one, method=rng.choice(["GET", "PUT"]), query=rng.choice(["", "a=%ff", "=&="]))
    return replace(one, body=bent_body(one.body, rng))


def bent(conversation: Conversation, rng: random.Random) -> Conversation:
    """The conversation with a few of its exchanges and callbacks bent."""
    exchanges, deliveries = list(conversation.exchanges), list(conversation.deliveries)
    for _ in range(rng.randrange(1, 6)):
        place = rng.randrange(len(exchanges))
        exchanges[place] = bent_exchange(exchanges[place], rng)
        if deliveries and rng.randrange(2):
            place = rng.randrange(len(deliveries))
            deliveries[place] = bent_delivery(deliveries[place], rng)
    return replace(conversation, exchanges=exchanges, deliveries=deliveries, notes=list(conversation.notes))


def test_every_bent_conversation_is_judged(conversation: Conversation) -> None:
    assert conversation.stopped == ""
    for number in range(TIMES):
        one = bent(conversation, random.Random(number))
        judgements = judge(one, TARGET, secrets=("whsec_x",))
        assert exit_code(judgements, one) in (0, 1, 3), number


def test_a_bent_conversation_is_reported_and_kept_whole(conversation: Conversation) -> None:
    for number in range(max(20, TIMES // 200)):
        one = bent(conversation, random.Random(f"report {number}"))
        report = build(judge(one, TARGET), one, TARGET)
        for form in ("terminal", "json", "junit", "html", "sarif", "markdown", "github"):
            emit(brief(report), parse_targets([form]), stream=io.StringIO())
        again = from_har(json.loads(json.dumps(to_har(one))))
        verdicts = [(j.promise.id, j.family, j.verdict) for j in judge(again, TARGET)]
        assert verdicts == [(j.promise.id, j.family, j.verdict) for j in judge(one, TARGET)], number
