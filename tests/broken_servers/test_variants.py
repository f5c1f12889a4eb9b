"""Faithful servers that look unusual: nothing of what they do breaks a promise.

The short form serves results of 3 MB; UNDERSTUDY_LONG=1 makes them 70 MB.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import struct
import zlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest
from aiohttp import web
from PIL import Image
from tests.broken_servers.bugs import results
from tests.broken_servers.proxy import SECRET, BrokenServer, Bug, Call, Callback
from tests.mocks import mock_account

from understudy.contracts.checks import judge
from understudy.contracts.failures import Verdict
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.strategies.values import bare
from understudy.contracts.target import read_target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from understudy.contracts.handle import Account
    from understudy.contracts.trace import Conversation

TARGET = read_target("canonical")
FAMILY = TARGET.family("multi-image2image")
LARGE = 70 * 1024**2 if os.environ.get("UNDERSTUDY_LONG") else 3 * 1024**2
OLDER = 600


def everywhere(bend: Callable[[dict[str, Any], dict[str, Any]], None]) -> dict[str, Any]:
    """Hooks that bend each record, (record, state), in answers and callbacks alike."""

    def after(call: Call) -> None:
        for record in call.records:
            bend(record, call.state)

    def callbacks(callback: Callback, state: dict[str, Any]) -> list[Callback]:
        body = callback.body
        bend(body, state)
        callback.body = body
        return [callback]

    return {"after": after, "callbacks": callbacks}


def lead(record: dict[str, Any], state: dict[str, Any]) -> None:
    """Let the record's results be fetched from the proxy."""
    for item in results(record):
        own = item["url"].partition("?")[0].rpartition("/results/")[2].replace("/", "-")
        state.setdefault("real", {}).setdefault(own, item["url"])
        item["url"] = f"{state['url']}/files/{own}"


def resigned(record: dict[str, Any], state: dict[str, Any]) -> None:
    state["signed"] = state.get("signed", 0) + 1
    for item in results(record):
        item["url"] += f"{'&' if '?' in item['url'] else '?'}signature={state['signed']}"


def five_minutes_off(record: dict[str, Any], state: dict[str, Any]) -> None:
    record["created_at"] += 290_000
    record["updated_at"] += 290_000


def as_format(form: str) -> Callable[[web.Request, bytes], web.Response]:
    def serve(request: web.Request, data: bytes) -> web.Response:
        out = io.BytesIO()
        Image.open(io.BytesIO(data)).convert("RGB").save(out, form, quality=90)
        return web.Response(body=out.getvalue(), content_type=f"image/{form.lower()}")

    return serve


def padded(request: web.Request, data: bytes) -> web.Response:
    """The picture with an ancillary chunk that makes it large (PNG, 5.4)."""
    body = b"paDd" + bytes(LARGE)
    chunk = struct.pack(">I", LARGE) + body + struct.pack(">I", zlib.crc32(body))
    return web.Response(body=data[:-12] + chunk + data[-12:], content_type="image/png")


def slowly(request: web.Request, data: bytes) -> web.Response:
    async def pieces() -> AsyncIterator[bytes]:
        for place in range(0, len(data), len(data) // 8 + 1):
            await asyncio.sleep(0.1)
            yield data[place : place + len(data) // 8 + 1]

    return web.Response(body=pieces(), content_type="image/png")


def doubled(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    return [callback, Callback(callback.url, callback.headers, callback.raw, delay=0.3)]


def counted(call: Call) -> int:
    call.state["asked"] = call.state.get("asked", 0) + 1
    return int(call.state["asked"])


def sometimes_502(call: Call) -> None:
    if counted(call) % 37 == 0:
        call.status, call.answer_raw = 502, b"<h1>Bad Gateway</h1>"
        call.answer_headers = {"Content-Type": "text/html"}


def sometimes_too_many(call: Call) -> None:
    number = counted(call)
    if call.kind == "create" and number % 5 == 0:
        call.refuse(429, 1303, "parallel task over resource pack limit")
    elif number % 23 == 0:
        call.refuse(429, 1302, "too fast")


def create(url: str, key: str) -> None:
    headers = {"Authorization": key, "Content-Type": "application/json"}
    body = json.dumps(bare(FAMILY)).encode()
    urlopen(Request(url + FAMILY.create_path, body, headers)).close()


def another_client(call: Call) -> None:
    """Somebody else with the same key orders a task whenever lists are read."""
    key = f"Bearer {call.state['key']}"
    if call.kind == "list" and call.headers.get("Authorization") == key and counted(call) % 2 == 0:
        create(call.state["upstream"], key)


VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "600 older tasks": {},
    "another client at work": {"before": another_client},
    "URLs signed anew for each query": everywhere(resigned),
    "JPEG": {**everywhere(lead), "serve": as_format("JPEG")},
    "WebP": {**everywhere(lead), "serve": as_format("WEBP")},
    "a clock five minutes off": everywhere(five_minutes_off),
    "callbacks doubled": {"callbacks": doubled},
    "429 and 1303 in between": {"before": sometimes_too_many},
    "large results": {**everywhere(lead), "serve": padded},
    "slow downloads": {**everywhere(lead), "serve": slowly},
    "a few 502": {"before": sometimes_502},
}


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(pace="fast", rate=2.0, webhook_secrets=(SECRET,), journal=0) as running:
        yield running


async def run(mock: Account, name: str) -> Conversation:
    key = f"variant-{name.replace(' ', '-')}"
    if name == "600 older tasks":
        for _ in range(OLDER):
            await asyncio.to_thread(create, mock.url, f"Bearer {key}")
    async with BrokenServer(mock.url, Bug(name, "", **VARIANTS[name])) as server:
        server.state.update(upstream=mock.url, key=key)
        options = Options(
            url=server.url, api_key=key, other_api_key=f"{key}-other", families=(FAMILY.name,),
            budget=Decimal(8), pace=0.1, generated=0, grace=2.0, linger=0.2, settle=1.0, timeout=120.0,
        )  # fmt: skip
        return await hold(options, TARGET)


@pytest.fixture(scope="module")
def conversations(mock: Account) -> dict[str, Conversation]:
    """A run mostly waits, so several go on at once."""

    async def all_runs() -> dict[str, Conversation]:
        gate = asyncio.Semaphore(4)

        async def one(name: str) -> Conversation:
            async with gate:
                return await run(mock, name)

        return dict(zip(VARIANTS, await asyncio.gather(*(one(n) for n in VARIANTS)), strict=True))

    return asyncio.run(all_runs())


@pytest.mark.parametrize("name", VARIANTS)
def test_faithful_variant_is_clean(name: str, conversations: dict[str, Conversation]) -> None:
    conversation = conversations[name]
    found = [
        (one.promise.id, one.verdict.value, str(one.failures[:1] or one.reason))
        for one in judge(conversation, TARGET, secrets=(SECRET,))
        if one.verdict in (Verdict.BROKEN, Verdict.ARGUABLE)
    ]
    assert (conversation.stopped, found) == ("", [])
