"""The handle without pytest: from unittest, from coroutines, from many threads at once."""

from __future__ import annotations

import asyncio
import json
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp import web

from understudy import MockServer, UnderstudyError, mock_server
from understudy.contracts import handle
from understudy.contracts.conversation_text import conversation

IMAGES = "/v1/images/multi-image2image"
BODY = {"subject_image_list": [{"subject_image": "https://example.com/cat.png"}]}


def ask(account, method, path, body=None):
    request = urllib.request.Request(account.url + path, method=method)
    request.add_header("Authorization", f"Bearer {account.api_key}")
    request.data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["data"]


@pytest.fixture(scope="module")
def server():
    with mock_server() as running:
        yield running


def test_unittest_uses_the_same_handle(server):
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.mock = cls.enterClassContext(mock_server())

        def test_it(self):
            account = self.mock.account(rate=0)
            task = ask(account, "POST", IMAGES, BODY)["task_id"]
            account.clock.advance(120)
            self.assertEqual(ask(account, "GET", f"{IMAGES}/{task}")["task_status"], "succeed")  # noqa: PT009 - a unittest is what this is

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


def test_coroutines_do_not_hold_up_the_loop_that_answers_their_callbacks(server):
    """The receiver runs in the same event loop as the test: a blocking call would wait for itself."""
    got = []

    async def take(request):
        got.append((await request.json())["task_status"])
        return web.Response()

    async def test():
        app = web.Application()
        app.router.add_post("/", take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        account = server.account(rate=0)
        body = BODY | {"callback_url": f"http://127.0.0.1:{port}/"}
        await asyncio.to_thread(ask, account, "POST", IMAGES, body)
        await account.aio.clock.advance(60)
        journal = await account.aio.journal
        sent = await account.aio.callbacks
        await account.aio.scenario("fail")
        assert account.aio.url == account.url
        await runner.cleanup()
        return [e["operation"] for e in journal], [c["status"] for c in sent]

    operations, sent = asyncio.run(asyncio.wait_for(test(), 20))
    assert got == sent == ["submitted", "processing", "succeed"]
    assert operations == ["create"]


def test_twenty_threads_each_have_their_own_time_and_tasks(server):
    def one(n):
        account = server.account(rate=0, pace="realistic")
        first = account.clock.now
        task = ask(account, "POST", IMAGES, BODY)["task_id"]
        for _ in range(n):
            account.clock.advance(10)
        return account.clock.now - first, [t["id"] for t in account.tasks] == [task], len(account.journal)

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(one, range(20))) == [(10_000 * n, True, 1) for n in range(20)]


def test_conversation_tells_requests_and_callbacks_by_time():
    entry = {
        "at": 1500,
        "method": "POST",
        "target": "/v1/things",
        "status": 0,
        "verdict": "accepted",
        "scenario": "reset",
        "answer": None,
    }
    refused = entry | {
        "at": 2000,
        "status": 429,
        "verdict": "too_many_tasks",
        "scenario": "",
        "answer": {"code": 1303, "message": "too many"},
    }
    polled = entry | {
        "at": 3250,
        "status": 200,
        "scenario": "",
        "answer": {"code": 0, "data": {"task_id": "7", "task_status": "failed"}},
    }
    delivery = {
        "task": "7",
        "status": "failed",
        "url": "http://127.0.0.1:1/",
        "attempts": [
            {"at": 2500, "status": None, "error": "refused"},
            {"at": 3000, "status": 200, "error": ""},
        ],
    }
    assert conversation([entry, refused, polled], [delivery]).splitlines() == [
        "   0.000 s  POST /v1/things → no answer  [reset]",
        "   0.500 s  POST /v1/things → 429  too_many_tasks: too many",
        "   1.000 s  callback failed of 7 to http://127.0.0.1:1/ → refused",
        "   1.500 s  callback failed of 7 to http://127.0.0.1:1/ → 200",
        "   1.750 s  POST /v1/things → 200  failed",
    ]
    assert conversation([], []) == "nothing was said"


def test_what_the_mock_refuses_is_told_in_its_words(server):
    account = server.account()
    with pytest.raises(UnderstudyError) as error:
        account.pace("slowly")
    assert str(error.value).startswith("POST /__understudy__/pace: ")
    assert "instant, fast, realistic" in str(error.value)


def test_all_tasks_are_read_page_by_page(server, monkeypatch):
    monkeypatch.setattr(handle, "TASKS_A_PAGE", 2)
    account = server.account(rate=0)
    made = [ask(account, "POST", IMAGES, BODY)["task_id"] for _ in range(5)]
    assert [task["id"] for task in account.tasks] == made[::-1]


def test_server_that_is_not_there_is_told_by_its_address():
    with pytest.raises(UnderstudyError, match=r"^http://127\.0\.0\.1:9: no answer from the mock: "):
        MockServer("http://127.0.0.1:9/").account()


def test_server_that_lets_in_one_key_is_steered_by_the_handle_all_the_same():
    with mock_server("canonical", keys=["mine"]) as closed:
        account = closed.account(key="mine", scenario="fail")
        task = ask(account, "POST", IMAGES, BODY)["task_id"]
        assert [one["id"] for one in account.tasks] == [task]
        assert len(closed.call("GET", "/journal")) == 1
        own = MockServer(closed.url).account(key="mine")
        assert [one["id"] for one in own.tasks] == [task]
        with pytest.raises(UnderstudyError, match="control key"):
            MockServer(closed.url).call("GET", "/journal")
