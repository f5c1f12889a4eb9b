"""Callbacks handed to an application in this process: the bytes and headers are those that were signed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.contracts.plugin.test_handle import BODY, IMAGES, ask

from understudy import Answered, adeliver, deliver, mock_server


@pytest.fixture(scope="module")
def server():
    with mock_server() as running:
        yield running


@pytest.fixture
def callbacks(server):
    """The callbacks of a task whose URL nobody listens at."""
    account = server.account(rate=0)
    ask(account, "POST", IMAGES, BODY | {"callback_url": "http://127.0.0.1:9/hooks?of=17"})
    account.clock.advance(600)
    return account.callbacks


def signed(secret, headers, raw):
    """Whether Standard Webhooks' HMAC-SHA256 over id.timestamp.body is among the signatures."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), raw])
    ours = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return f"v1,{ours}" in headers["webhook-signature"].split()


def test_application_gets_the_bytes_and_headers_that_were_signed(server, callbacks):
    async def hook(request):
        raw = await request.body()
        if not signed(server.webhook_secret, request.headers, raw):
            return Response(status_code=401)
        return JSONResponse({"order": request.query_params["of"], "status": json.loads(raw)["task_status"]})

    app = Starlette(routes=[Route("/hooks", hook, methods=["POST"])])
    answers = [deliver(app, callback) for callback in callbacks]
    assert [(a.status, json.loads(a.body)["order"]) for a in answers] == [(200, "17")] * 3
    assert [json.loads(a.body)["status"] for a in answers] == [c["status"] for c in callbacks]
    assert answers[0].headers["content-type"] == "application/json"
    changed = {**callbacks[0], "raw": callbacks[0]["raw"] + b" "}
    assert deliver(app, changed).status == 401


def test_raw_bytes_are_the_body_and_not_a_copy_written_anew(callbacks):
    assert [json.loads(c["raw"]) for c in callbacks] == [c["body"] for c in callbacks]
    assert callbacks[0]["raw"] != json.dumps(callbacks[0]["body"]).encode()


def test_path_of_the_application_may_be_another_one(callbacks):
    seen = []

    async def app(scope, receive, send):
        seen.append((scope["path"], scope["query_string"]))
        assert (await receive())["body"] == callbacks[0]["raw"]
        await send({"type": "http.response.start", "status": 204, "headers": [(b"X-Took", b"1")]})
        await send({"type": "http.response.body"})
        assert (await receive())["type"] == "http.disconnect"

    assert deliver(app, callbacks[0], path="/other%20place?a=b") == Answered(204, {"x-took": "1"}, b"")
    assert seen == [("/other place", b"a=b")]


def test_coroutines_use_the_same_helper_and_exceptions_come_through(callbacks):
    async def app(scope, receive, send):
        raise LookupError("planted")

    with pytest.raises(LookupError, match="planted"):
        asyncio.run(adeliver(app, callbacks[0]))
