"""What the demonstration does, as steps; how they are shown is the command's."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from understudy.contracts.callback_listener import CallbackListener
from understudy.contracts.client_verifier.card import GradeCard, grade
from understudy.contracts.client_verifier.runner import GradingPlan, run_all
from understudy.contracts.client_verifier.scenarios import choose
from understudy.contracts.demo import careless_client
from understudy.contracts.sample import SampleAnswer, SampleClient
from understudy.contracts.sample_request import create_request, query_request
from understudy.contracts.testing import mock_server
from understudy.specs.behaviour import SituationKind
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Iterator

RETRY_AFTER_SECONDS = 2
# How long a task takes for the client that is graded, in milliseconds.
GRADED_TASK_MS = 300
KEY, TASK = "{api_key}", "TASK_ID"
CARELESS = Path(careless_client.__file__)


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One line of a step: what is said, who says it, and how it ended."""

    kind: Literal["request", "answer", "callback", "control", "good", "bad", "quote"]
    text: str


@dataclass(frozen=True, slots=True)
class DemoStep:
    title: str
    lines: tuple[DemoLine, ...]


def play(provider: str) -> Iterator[DemoStep]:
    """The whole conversation with `provider`, a step at a time. Raises UnderstudyError for an unknown one."""
    with mock_server(provider) as server, CallbackListener() as listener:
        client = SampleClient(server.account(rate=0, pace="realistic"))
        task = client.id_of(created := client.create(client.request(callback_url=listener.url)))
        client.account.clock.advance(0)  # sends what is due now
        yield DemoStep(
            f"A client asks {provider} for {client.family.name}, on {server.url}",
            (*_said(client, created, body=True), *_callbacks(client, listener)),
        )
        yield from _until_the_end(client, listener, task)
        yield from _trouble(client)
        if _is_plain(client, created, client.query(task)):
            yield _graded(client, provider)
        else:
            yield DemoStep(f"No client is graded here: what {provider} answers is not plain", (NOT_PLAIN,))


NOT_PLAIN = DemoLine(
    "quote",
    "the id or the end of a task stands in no one place of an answer, where the demonstration's client looks",
)


def _is_plain(client: SampleClient, created: SampleAnswer, ended: SampleAnswer) -> bool:
    """Whether answers have the task's id, and the name of its last state, where the plan says."""
    plan = _plan(client)
    ident = at(created.body, tuple(plan["id"]))
    return ident == client.id_of(created) and at(ended.body, tuple(plan["status"])) in plan["ends"]


def _until_the_end(client: SampleClient, listener: CallbackListener, task: str) -> Iterator[DemoStep]:
    """Time is moved to each change of the task: the callback, then what a query says, then the result."""
    life = client.family.lifecycle
    while True:
        before, told = client.account.clock.now, len(listener.received)
        if not client.account.clock.advance_to_next():
            break
        seconds = (client.account.clock.now - before) / 1000
        asked = client.query(task)
        lines = [
            DemoLine("control", f"the clock goes on by {seconds:.1f} s at once"),
            *_callbacks(client, listener, told),
            *_said(client, asked),
        ]
        for link in client.links(asked):
            fetched = client.fetch(link)
            kind = fetched.headers.get("content-type", "")
            lines += [
                DemoLine("request", f"GET {_path(client, link)}"),
                DemoLine("answer", f"{fetched.status}  {kind}, {len(fetched.body):,} bytes"),
            ]
        status = client.status_of(asked)
        title = "The task is done: the result can be fetched" if life.is_terminal(status) else "It runs"
        yield DemoStep(title, tuple(lines))
        if life.is_terminal(status):
            return


def _trouble(client: SampleClient) -> Iterator[DemoStep]:
    """A refusal, and a task that fails: what clients meet too seldom to be written for."""
    account = client.account
    refusals = client.behaviour.refusals.situations.values()
    pace = next((one for one in refusals if one.kind is SituationKind.PACE and not one.permanent), None)
    if pace is not None:
        scenario = f"{pace.name}:retry_after={RETRY_AFTER_SECONDS}"
        account.fault(scenario)
        refused = client.create()
        retry = refused.headers.get("retry-after", "")
        yield DemoStep(
            "The next request is refused, because a test asked for it",
            (
                DemoLine("control", f"fault {scenario}"),
                *_said(client, refused),
                DemoLine("answer", f"Retry-After: {retry}"),
            ),
        )
    account.fault("fail")
    task = client.id_of(client.create())
    while account.clock.advance_to_next():
        pass
    yield DemoStep(
        "And a task that fails", (DemoLine("control", "fault fail"), *_said(client, client.query(task)))
    )


def _graded(client: SampleClient, provider: str) -> DemoStep:
    """The grade of a client that orders again when the answer to a create is lost."""
    plan = GradingPlan(
        command=(sys.executable, str(CARELESS), json.dumps(_plan(client)), "{url}"),
        scenarios=choose("create-times-out-at-the-provider"),
        provider=provider,
        timeout_seconds=10.0,
        task_ms=GRADED_TASK_MS,
        pause_seconds=1,
    )
    runs = asyncio.run(run_all(plan, lambda key: mock_server(provider, keys=[key])))
    judged = [(run, frozenset(s.promises)) for run, s in zip(runs, plan.scenarios, strict=True)]
    return DemoStep(
        "A careless client is graded: it orders again when an answer is lost", _card(grade(judged))
    )


def _card(card: GradeCard) -> tuple[DemoLine, ...]:
    lines = []
    for row in card.rows:
        if row.outcome == "broken":
            lines.append(DemoLine("bad", f"broken  {row.promise.sentence}  [{row.promise.id}]"))
            lines += [DemoLine("quote", finding.verdict.text) for finding in row.broken]
            lines += [DemoLine("quote", text) for text in row.broken[0].conversation.splitlines()]
    kept = [row.promise.id for row in card.rows if row.outcome == "kept"]
    return (*lines, DemoLine("good", f"kept    {', '.join(kept)}"))


def _plan(client: SampleClient) -> dict[str, Any]:
    """What the careless client sends where, and where it looks in answers; each run puts its own key in."""
    family, answers = client.family, client.behaviour.answers
    places = family.places
    root = client.account.url
    create = create_request(family, KEY, client.request().body)
    query = query_request(family, KEY, TASK)
    ident = answers.id_place("create", places.record, places.id)
    record = answers.record_place("query", places.record)
    return {
        "create": [
            create.method,
            client.url_of(create).removeprefix(root),
            dict(create.headers),
            create.body,
        ],
        "query": [query.method, client.url_of(query).removeprefix(root), dict(query.headers), query.body],
        "id": list(ident or places.id),
        "status": [*(record or ()), *places.status],
        "ends": [name for name in family.lifecycle.names if family.lifecycle.is_terminal(name)],
        "success": family.lifecycle.success,
    }


def _said(client: SampleClient, answer: SampleAnswer, *, body: bool = False) -> tuple[DemoLine, ...]:
    lines = [DemoLine("request", f"{answer.method} {_path(client, answer.url)}")]
    if body:
        lines.append(DemoLine("quote", _short(json.dumps(client.request().body, ensure_ascii=False))))
    task, status = client.id_of(answer), client.status_of(answer)
    if task and answer.status < 400:
        reason = client.family.reason_of(client.family.record(answer.body) or {})
        lines.append(
            DemoLine("answer", f"{answer.status}  task {task}: {status}" + (f", {reason}" if reason else ""))
        )
    else:
        form = client.behaviour.refusals
        said = f"code {form.code_in(answer.body)}: {form.message_in(answer.body)}"
        lines.append(DemoLine("answer", f"{answer.status}  {said}"))
    return tuple(lines)


def _callbacks(client: SampleClient, listener: CallbackListener, told: int = 0) -> tuple[DemoLine, ...]:
    """The callbacks that have come since `told` of them."""
    lines = []
    for received in listener.received[told:]:
        record = client.family.record(received.body) or received.body
        signed = (
            "signed"
            if any(name.lower() == "webhook-signature" for name in received.headers)
            else "not signed"
        )
        status = client.family.status_of(record) if isinstance(record, dict) else "?"
        lines.append(DemoLine("callback", f"callback: {status} ({signed})"))
    return tuple(lines)


def _path(client: SampleClient, url: str) -> str:
    return _short(url.removeprefix(client.account.server.url))


def _short(text: str, most: int = 96) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
