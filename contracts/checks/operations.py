"""What some APIs offer beside create, query and list: results of their own, cancelling, deleting, events,
several tasks at once, waiting creates, repeated keys.

A promise here is made only by an API whose description has the axis. `contracts.runner.operations` asks.
"""

from __future__ import annotations

import itertools
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.offered import about, broken, judged, stopping, wrong
from understudy.contracts.checks.table import offer
from understudy.contracts.failures import Inconclusive, Kept
from understudy.specs.behaviour.axes import Reply
from understudy.specs.behaviour.template_reading import values_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome
    from understudy.specs.behaviour.axes import (
        Axes,
        BatchRule,
        EndingRule,
        IdempotencyRule,
        ResultsRule,
        StreamRule,
        WaitRule,
    )

RESULTS_EARLY, VARIANTS = "results-wait-for-the-end", "result-variants"
CANCEL, CANCEL_LATE, DELETE = "cancel-ends-the-task", "cancel-of-ended-task", "delete-removes-the-task"
STREAM, SEVERAL = "stream-tells-states", "several-at-once"
WAIT, SAME_KEY = "create-waits-for-the-end", "repeated-key"
EVENTS = "text/event-stream"
# Milliseconds by which an answer may come before the time is over that it was to wait.
EARLY_MS = 500.0
OK = 200


# --- results of their own


@offer(
    RESULTS_EARLY,
    area="operations",
    operation="result",
    sentence="Who asks for results before the end is answered as documented.",
    source="/x-behaviour",
    offered=lambda axes: axes.results is not None,
)
def results_wait_for_the_end(view: TaskView) -> Iterator[Outcome]:
    rule = _axes(view).results
    if rule is not None:
        yield from judged(about(view, RESULTS_EARLY), partial(_early, view, rule))


def _early(view: TaskView, rule: ResultsRule, exchange: trace.Exchange) -> Outcome | None:
    lifecycle = view.family.behaviour.lifecycle
    open_states = [state.name for state in lifecycle.states if not state.kind.terminal]
    problems = [wrong(view, exchange, rule.call.replies.of(state)) for state in open_states]
    if ("", "") in problems:
        return Kept(exchange.number)
    seen = about(view, RESULTS_EARLY, "after", exchange.case.get("id"))
    if any(view.family.terminal(_state(view, one)) for one in seen):
        return None  # it had ended by then
    return broken("results before the end are answered otherwise", exchange, *problems[0])


@offer(
    VARIANTS,
    area="operations",
    operation="result",
    sentence="Each variant of a result is of the documented type.",
    source="/x-behaviour",
    offered=lambda axes: axes.results is not None and bool(axes.results.variants),
)
def result_variants(view: TaskView) -> Iterator[Outcome]:
    rule = _axes(view).results
    if rule is not None:
        yield from judged(about(view, VARIANTS), partial(_variant, rule))


def _variant(rule: ResultsRule, exchange: trace.Exchange) -> Outcome:
    name = str(exchange.case.get("variant"))
    headers = exchange.response.headers if exchange.response else ()
    kind = trace.header(headers, "content-type").partition(";")[0].strip().lower()
    if exchange.status == OK and kind == rule.variants.get(name, ""):
        return Kept(exchange.number)
    found = f"{exchange.status} {kind}".strip()
    return broken(f"the variant {name} is of another type", exchange, rule.variants.get(name, ""), found)


# --- the end before its time


@offer(
    CANCEL,
    area="operations",
    operation="query",
    sentence="A task that is cancelled ends in the documented state, and the answer is the documented one.",
    source="/x-behaviour",
    offered=lambda axes: stopping(axes) is not None,
)
def cancel_ends_the_task(view: TaskView) -> Iterator[Outcome]:
    rule = stopping(_axes(view))
    if rule is not None:
        yield from judged(about(view, CANCEL), partial(_cancelled, view, rule))


def _cancelled(view: TaskView, rule: EndingRule, exchange: trace.Exchange) -> Outcome | None:
    name = exchange.case.get("id")
    before, seen = (about(view, CANCEL, step, name)[-1:] for step in ("before", "after"))
    state, ended = (_state(view, found[0]) if found else None for found in (before, seen))
    expected, found = wrong(view, exchange, rule.call.replies.of(str(state)))
    if state not in rule.states or (expected and ended in view.family.success):
        return None  # it was too late for it
    if expected:
        return broken("a cancel is not answered as documented", exchange, expected, found)
    if ended != rule.becomes:
        numbers = (one.number for one in seen)
        return broken(
            "a cancelled task ends in another state", exchange, rule.becomes, short(ended), *numbers
        )
    return Kept(exchange.number)


@offer(
    CANCEL_LATE,
    area="operations",
    operation="query",
    sentence="A cancel of a task that has ended is answered as documented, and changes nothing.",
    source="/x-behaviour",
    offered=lambda axes: axes.cancel is not None,
)
def cancel_of_ended_task(view: TaskView) -> Iterator[Outcome]:
    rule = _axes(view).cancel
    if rule is not None:
        yield from judged(about(view, CANCEL_LATE), partial(_cancelled_late, view, rule))


def _cancelled_late(view: TaskView, rule: EndingRule, exchange: trace.Exchange) -> Outcome:
    state = _ended_in(view, exchange)
    allowed = rule.call.replies.of(state) if state in rule.states else None
    expected, found = wrong(view, exchange, allowed or rule.otherwise or Reply(situation="task_ended"))
    seen = about(view, CANCEL_LATE, "after", exchange.case.get("id"))[-1:]
    after = _state(view, seen[0]) if seen else state
    if expected:
        return broken("a cancel after the end is not answered as documented", exchange, expected, found)
    if after != state:
        return broken("a cancel has changed a task that had ended", exchange, state, short(after))
    return Kept(exchange.number)


@offer(
    DELETE,
    area="operations",
    operation="query",
    sentence="A task that is deleted is unknown afterwards, and the answer is the documented one.",
    source="/x-behaviour",
    offered=lambda axes: axes.delete is not None and axes.delete.removes,
)
def delete_removes_the_task(view: TaskView) -> Iterator[Outcome]:
    rule = _axes(view).delete
    if rule is not None:
        yield from judged(about(view, DELETE), partial(_deleted, view, rule))


def _deleted(view: TaskView, rule: EndingRule, exchange: trace.Exchange) -> Outcome | None:
    state, axes = _ended_in(view, exchange), _axes(view)
    if state not in rule.states:
        return None
    expected, found = wrong(view, exchange, rule.call.replies.of(state))
    if expected:
        return broken("a delete is not answered as documented", exchange, expected, found)
    gone = axes.unknown_reply or Reply(situation=axes.unknown)
    for seen in about(view, DELETE, "after", exchange.case.get("id")):
        expected, found = wrong(view, seen, gone)
        if expected:
            return broken("a deleted task is not unknown", exchange, expected, found, seen.number)
    return Kept(exchange.number)


# --- more than one answer, or one that waits


@offer(
    STREAM,
    area="operations",
    operation="query",
    sentence="The stream of events tells a task's states, in their order, to its end.",
    source="/x-behaviour",
    offered=lambda axes: axes.stream is not None,
)
def stream_tells_states(view: TaskView) -> Iterator[Outcome]:
    rule = _axes(view).stream
    if rule is not None:
        yield from judged(about(view, STREAM), partial(_streamed, view, rule))


def _streamed(view: TaskView, rule: StreamRule, exchange: trace.Exchange) -> Outcome:
    headers, body = (exchange.response.headers, exchange.response.body) if exchange.response else ((), b"")
    kind = trace.header(headers, "content-type").partition(";")[0].strip()
    if exchange.status != OK or kind != EVENTS:
        found = f"{exchange.status} {kind}".strip()
        return broken("the answer is not a stream of events", exchange, f"{OK} {EVENTS}", found)
    events = list(_events(body))
    told = [view.family.get(view.family.record(value) or value, "status") for _, value in events]
    others = sorted({name for name, _ in events} - {rule.event})
    if not told or not view.family.terminal(told[-1]):
        found = short(told[-1]) if told else "no event"
        return broken("the stream does not end with the task", exchange, "a terminal state", found)
    if rule.event and others:
        return broken("an event has another name", exchange, rule.event, short(others[0]))
    if any(not view.family.reachable(one, other) for one, other in itertools.pairwise(told)):
        return broken("the stream tells states out of order", exchange, "documented transitions", short(told))
    return Kept(exchange.number)


def _events(data: bytes) -> Iterator[tuple[str, Any]]:
    """(name, the data's JSON value) of each event (the HTML standard, 9.2.6)."""
    for block in data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n\n"):
        lines = [line.partition(":") for line in block.split("\n") if line]
        said = "\n".join(value.removeprefix(" ") for name, _, value in lines if name == "data")
        if said:
            name = next((value.strip() for field, _, value in lines if field == "event"), "")
            try:
                yield name, json.loads(said)
            except ValueError:
                yield name, None


@offer(
    SEVERAL,
    area="operations",
    operation="query",
    sentence="A query for several tasks is answered with all of them.",
    source="/x-behaviour",
    offered=lambda axes: axes.batch is not None,
)
def several_at_once(view: TaskView) -> Iterator[Outcome]:
    rule = _axes(view).batch
    if rule is not None:
        yield from judged(about(view, SEVERAL), partial(_several, view, rule))


def _several(view: TaskView, rule: BatchRule, exchange: trace.Exchange) -> Outcome:
    body = exchange.response.json() if exchange.response else None
    listed = values_in(rule.body, body).get("records")
    told = [view.family.id_of(one) for one in listed] if isinstance(listed, list) else []
    asked = exchange.case.get("names", ())
    if set(told) == set(asked):
        return Kept(exchange.number)
    return broken(
        "a task that was asked for is missing from the answer", exchange, short([*asked]), short(told)
    )


@offer(
    WAIT,
    area="operations",
    operation="create",
    sentence="A create that may wait is answered when its task has ended, or when the time is over.",
    source="/x-behaviour",
    offered=lambda axes: axes.create.wait is not None,
)
def create_waits_for_the_end(view: TaskView) -> Iterator[Outcome]:
    rule = _axes(view).create.wait
    if rule is not None:
        yield from judged(_creates(view, WAIT), partial(_waited, view, rule))


def _waited(view: TaskView, rule: WaitRule, exchange: trace.Exchange) -> Outcome | None:
    usual, took = _axes(view).create.reply.status, exchange.ended - exchange.started
    state = _state(view, exchange)
    ended = exchange.status == rule.status and (
        view.family.terminal(state) if state is not None else rule.status not in (usual, rule.open_status)
    )
    over = exchange.status == rule.open_status and took >= float(exchange.case["seconds"]) * 1000 - EARLY_MS
    if ended or over:
        return Kept(exchange.number)
    if state is None and rule.status in (usual, rule.open_status):
        return None  # neither its status nor its body tells
    if not view.accepted(exchange):
        return Inconclusive(f"the create was answered {exchange.status}", exchange.number)
    found = f"{exchange.status} after {took / 1000:.1f} s"
    return broken("a create did not wait", exchange, f"{rule.status} and the end", found)


@offer(
    SAME_KEY,
    area="operations",
    operation="create",
    sentence="The same create with the same idempotency key is answered as documented.",
    source="/x-behaviour",
    offered=lambda axes: axes.service.idempotency is not None,
)
def repeated_key(view: TaskView) -> Iterator[Outcome]:
    rule = _axes(view).service.idempotency
    if rule is not None:
        yield from judged(_creates(view, SAME_KEY), partial(_repeated, view, rule))


def _repeated(view: TaskView, rule: IdempotencyRule, exchange: trace.Exchange) -> Outcome:
    first = view.conversation.exchanges[int(exchange.case["first"])]
    if not view.accepted(first):
        return Inconclusive("the first create was refused", first.number)
    one, other = (view.family.id_of(view.family.record_of(e)) for e in (first, exchange))
    found = "reject" if not view.accepted(exchange) else "replay" if one == other else "ignore"
    if found == rule.same:
        return Kept(exchange.number)
    words = {"replay": "the first task", "reject": "a refusal", "ignore": "a second task"}
    message = "the same create with the same key is not answered as documented"
    return broken(message, exchange, words[rule.same], words[found], first.number)


# --- what they have in common


def _axes(view: TaskView) -> Axes:
    """The axes of an API that makes these promises."""
    axes = view.family.behaviour.axes
    if axes is None:
        raise ValueError(f"{view.family.name} is of no described API")
    return axes


def _creates(view: TaskView, promise_id: str) -> list[trace.Exchange]:
    return [e for e in view.role(trace.OPERATED) if e.case.get("about") == promise_id]


def _state(view: TaskView, exchange: trace.Exchange) -> Any:
    return view.family.get(view.family.record_of(exchange), "status")


def _ended_in(view: TaskView, exchange: trace.Exchange) -> str:
    """The state in which the task had ended that a request is about, "" for none."""
    name = exchange.case.get("id")
    ends = [t.status(t.terminal) for t in view.followed if t.terminal is not None and t.id == name]
    return str(ends[0]) if ends else ""
