"""When nothing can be said of the provider: exit 3 with the reason, no traceback, no false alarm."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from tests.broken_servers.proxy import NONE, BrokenServer, Bug, Call
from tests.mocks import mock_account

from understudy import mock_server
from understudy.contracts.checks import judge
from understudy.contracts.failures import Verdict
from understudy.contracts.report import brief, build, exit_code
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target
from understudy.contracts.trace import Exchange, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.contracts.handle import Account
    from understudy.contracts.trace import Conversation

TARGET = read_target("canonical")
JSON = (("Content-Type", "application/json"),)


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(pace="fast", rate=5.0) as running:
        yield running


def options(url: str, **changes: Any) -> Options:
    given: dict[str, Any] = {
        "url": url, "api_key": "v-1", "families": ("multi-image2image",), "budget": Decimal(4), "pace": 0.04,
        "generated": 0, "grace": 0.3, "linger": 0.05, "timeout": 10.0, "answer_timeout": 2.0,
    }  # fmt: skip
    return Options(**{**given, **changes})


def verdicts(conversation: Conversation) -> tuple[int, set[Verdict]]:
    judgements = judge(conversation, TARGET)
    return exit_code(judgements, conversation), {j.verdict for j in judgements}


def held(mock: Account, bug: Bug, **changes: Any) -> Conversation:
    async def run() -> Conversation:
        async with BrokenServer(mock.url, bug) as server:
            return await hold(options(server.url, **changes), TARGET)

    return asyncio.run(run())


def nothing_but(answer: Callable[[web.Request], web.StreamResponse]) -> Conversation:
    """A run against a server that answers everything alike."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return answer(request)

    async def run() -> Conversation:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            return await hold(options(f"http://127.0.0.1:{runner.addresses[0][1]}"), TARGET)
        finally:
            await runner.cleanup()

    return asyncio.run(run())


@pytest.mark.parametrize("limited", ["plain", "charset", "client"])
def test_probes_are_answered_too_many_requests(limited: str, mock: Account) -> None:
    """What the rate limit answers is not what a provider says to a content type, or to a client."""
    promises = frozenset({"any-client-is-answered", "content-type-with-charset"})
    conversation = held(mock, NONE, budget=Decimal(0), promises=promises)
    refused = Response(
        429, (("Content-Type", "application/json"),), b'{"code": 1302, "message": "slow down"}'
    )
    conversation.exchanges[:] = [
        replace(e, response=refused) if e.case.get("purpose") == limited else e
        for e in conversation.exchanges
    ]
    assert verdicts(conversation)[1] & {Verdict.BROKEN, Verdict.ARGUABLE} == set()


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [(JSON, Verdict.BROKEN), ((*JSON, ("Retry-After", "1")), Verdict.KEPT)],
    ids=["not there", "slow down"],
)
def test_one_in_five_is_told_to_come_back_later(
    headers: tuple[tuple[str, str], ...], verdict: Verdict, mock: Account
) -> None:
    promise = "answers-without-internal-errors"
    conversation = held(mock, NONE, budget=Decimal(0), promises=frozenset({promise, "unknown-task-refused"}))
    answered = conversation.exchanges[-1]
    busy = replace(answered, response=Response(503, headers, b"{}"), superseded=True)
    run = [busy if n % 5 == 0 else answered for n in range(60)]
    conversation.exchanges[:] = [replace(e, number=n) for n, e in enumerate(run)]
    assert [j.verdict for j in judge(conversation, TARGET) if j.promise.id == promise] == [verdict]


def test_nobody_listens() -> None:
    conversation = asyncio.run(hold(options("http://127.0.0.1:9"), TARGET))
    code, found = verdicts(conversation)
    assert code == 3
    assert found <= {Verdict.UNCLEAR, Verdict.UNCHECKED}
    assert conversation.stopped.startswith("http://127.0.0.1:9: connection refused")
    assert (len(conversation.exchanges), conversation.spent) == (1, "0")


@pytest.mark.parametrize("status", [200, 404, 502])
def test_something_else_answers_html(status: int) -> None:
    page = "<!doctype html><p>Welcome</p>"
    conversation = nothing_but(lambda _: web.Response(text=page, content_type="text/html", status=status))
    code, found = verdicts(conversation)
    assert code == 3
    assert Verdict.BROKEN not in found
    assert "text/html" in conversation.stopped


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("null", 200),
        ("[]", 200),
        ('"x"', 200),
        ("{}", 500),
        ('{"code": 1002, "message": "no"}', 401),
        ("", 200),
    ],
)
def test_any_json_is_answered_without_a_traceback(body: str, status: int) -> None:
    conversation = nothing_but(
        lambda _: web.Response(text=body, content_type="application/json", status=status)
    )
    assert verdicts(conversation)[0] == 3


def test_a_refused_key_stops_the_run_at_once() -> None:
    body = '{"code": 1002, "message": "Authorization is invalid", "request_id": "r"}'
    conversation = nothing_but(lambda _: web.Response(text=body, content_type="application/json", status=401))
    assert conversation.stopped.startswith("the provider refuses the key: 401 Authorization is invalid\n")
    assert len(conversation.exchanges) == 1
    assert verdicts(conversation)[0] == 3


@pytest.mark.parametrize("after", [5, 30, 60, 75])
def test_the_network_dies_in_the_middle(after: int, mock: Account) -> None:
    def count(call: Call) -> None:
        call.state["calls"] = call.state.get("calls", 0) + 1
        if call.state["calls"] > after:
            raise ConnectionResetError

    class Dead(BrokenServer):
        async def _take(self, request: web.Request) -> web.StreamResponse:
            try:
                return await super()._take(request)
            except ConnectionResetError:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()

    async def run() -> Conversation:
        async with Dead(mock.url, Bug("dead", "", before=count)) as server:
            return await hold(options(server.url), TARGET)

    conversation = asyncio.run(run())
    code, found = verdicts(conversation)
    assert code == 3
    assert Verdict.BROKEN not in found
    assert conversation.stopped.startswith("no answer from http://127.0.0.1:")


def test_why_a_run_was_stopped_is_said_once(mock: Account) -> None:
    conversation = held(mock, Bug("none", ""))
    del conversation.exchanges[40:]
    conversation.stopped = "no answer from http://h: connection refused"
    report = brief(build(judge(conversation, TARGET), conversation, TARGET))
    assert dict(report.facts)["stopped"] == conversation.stopped
    assert not [row for row in report.rows if conversation.stopped in row.title]
    assert [row for row in report.rows if "the run was stopped before, see above" in row.title]


def test_tasks_that_never_end_are_could_not_tell(mock: Account) -> None:
    def for_ever(call: Call) -> None:
        for record in call.records:
            record.update(task_status="processing", task_result={}, task_status_msg="")

    started = time.monotonic()
    conversation = held(
        mock,
        Bug("for-ever", "", after=lambda c: for_ever(c) if c.kind == "query" else None,
            callbacks=lambda callback, state: []),
        timeout=2.0,
    )  # fmt: skip
    judgements = judge(conversation, TARGET)
    unclear = {j.promise.id: j.reason for j in judgements if j.verdict is Verdict.UNCLEAR}
    assert "did not end in time" in unclear["result-count"]
    assert time.monotonic() - started < 9


def test_a_budget_used_up_by_bad_requests_that_were_taken_stops_there(mock: Account) -> None:
    def take_everything(call: Call) -> None:
        if (
            call.kind == "create"
            and call.status == 400
            and call.headers.get("Authorization", "").endswith("v-1")
        ):
            call.state["made"] = call.state.get("made", 0) + 1
            record = {"task_id": str(call.state["made"]), "task_status": "submitted", "task_info": {}}
            record |= {"created_at": 1795252588381, "updated_at": 1795252588381}
            call.status, call.answer = 200, {"code": 0, "message": "", "request_id": "x", "data": record}

    conversation = held(mock, Bug("takes-all", "", after=take_everything), budget=Decimal(4))
    code, found = verdicts(conversation)
    assert code == 1
    assert Verdict.BROKEN in found
    assert Decimal(conversation.spent) <= 10  # one bad request may ask for ten results at once
    taken = [e for e in conversation.exchanges if e.role == "refuse" and e.status == 200]
    assert 1 <= len(taken) <= 4


def test_a_provider_that_is_too_busy_is_met_with_patience(mock: Account) -> None:
    def busy(call: Call) -> None:
        call.state["n"] = call.state.get("n", 0) + 1
        if call.state["n"] % 7 == 0:
            call.refuse(429, 1302, "too fast")

    judgements = judge(held(mock, Bug("busy", "", before=busy), pace=0.02), TARGET)
    assert not [j for j in judgements if j.verdict in (Verdict.BROKEN, Verdict.UNCLEAR)]


def test_an_account_without_money_is_no_broken_promise(mock: Account) -> None:
    def poor(call: Call) -> None:
        if call.kind == "create" and call.status == 200:
            call.refuse(429, 1102, "Account balance not enough")

    conversation = held(mock, Bug("poor", "", after=poor))
    code, found = verdicts(conversation)
    assert code == 3
    assert Verdict.BROKEN not in found
    assert conversation.spent == "0"


def reasons(conversation: Conversation) -> dict[str, str]:
    """Promise -> why it was not checked."""
    return {j.promise.id: j.reason for j in judge(conversation, TARGET) if j.verdict is Verdict.UNCHECKED}


def test_a_run_whose_tasks_all_fail_says_that_results_were_not_seen(mock: Account) -> None:
    """Failing is no broken promise, but a green run would say that results were looked at."""

    def fail(call: Call) -> None:
        for record in call.records:
            if record.get("task_status") == "succeed":
                record.update(task_status="failed", task_status_msg="risk control", task_result={})

    conversation = held(
        mock,
        Bug("fail", "", after=lambda c: fail(c) if c.kind == "query" else None, callbacks=lambda c, s: []),
    )
    assert exit_code(judge(conversation, TARGET, promises={"result-count"}), conversation) == 3
    why = reasons(conversation)["result-count"]
    assert why == "not seen: every task failed (risk control); another picture may pass: --image"


def test_a_create_whose_answer_cannot_be_read_is_counted_as_spent(mock: Account) -> None:
    def garble(call: Call) -> None:
        if call.kind == "create" and call.status == 200:
            call.answer, call.answer_raw = None, b'{"code": 0, "data": {"task_'

    conversation = held(mock, Bug("garbled", "", after=garble))
    assert conversation.spent == "4"
    assert (
        "creates got no answer that can be read: their tasks may exist, so 4 units" in conversation.notes[0]
    )
    assert reasons(conversation)["result-count"].startswith("not seen: no create was accepted; the last was")


RECORD = b'{"code": 0, "data": {"task_id": "7", "task_status": "submitted"}}'


@pytest.mark.parametrize(
    ("status", "body", "case", "taken"),
    [
        (200, RECORD, {}, True),
        (200, b'{"code": 0, "data": {"task_', {}, True),
        (200, b'{"code": 1102, "message": "no money"}', {}, False),
        (400, b"garbage", {}, False),
        (503, b"{}", {}, False),
        (504, b'{"code": 5002}', {}, True),
        (0, b"", {}, True),
        (0, b"", {"unsent": True}, False),
    ],
)
def test_what_a_create_may_have_cost(status: int, body: bytes, case: dict[str, Any], taken: bool) -> None:
    """A lost or unreadable answer may hide a task; a request that never left cannot."""
    response = Response(status, (), body) if status else None
    one = Exchange(0, "multi-image2image", "create", "own", Request("POST", "u"), response, 0, 0, case=case)
    assert TARGET.may_have_taken(TARGET.family("multi-image2image"), one) is taken


def test_an_account_with_one_slot_is_asked_for_one_result_at_a_time() -> None:
    with mock_server("canonical") as server:
        account = server.account()
        account.limits(image=1)
        given = options(server.url, api_key=account.api_key, budget=Decimal(2))
        conversation = asyncio.run(hold(given, TARGET))
    few = "no task with more than 2 results is bought: multi-image2image (2 of at most 9)"
    assert conversation.notes == [
        "the account has no room for 2 results at once: one was asked for",
        f"{few}; a larger --budget buys one",
    ]
    assert verdicts(conversation) == (3, {Verdict.KEPT, Verdict.UNCHECKED})
    assert "result-count" not in reasons(conversation)
