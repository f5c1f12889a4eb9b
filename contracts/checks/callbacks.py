"""What reaches the callback URL: every change, once it is true, as it is true."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.lifecycle import cost_said, documented
from understudy.contracts.checks.table import CALLBACKS, REFUSED, promise
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.specs.pointers import at, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import Sighting, TaskTrace, TaskView
    from understudy.contracts.failures import Outcome

# Two machines' networks: an answer and a callback sent in order may overtake each other by this much.
EARLY_MS = 100.0
LATE_MS = 1000.0
# A callback is late by so much (ms), and by so much of the time that the task took.
TARDY_MS, TARDY = 2500.0, 0.2
# What keeps our machine from running for long keeps the senders on it, too: they get so many times that.
STALLED = 4.0
SERVER_ERROR = 500


def _expecting(view: TaskView) -> list[TaskTrace]:
    """Tasks that were created with a callback URL."""
    return [t for t in view.tasks if t.called_back]


def _silent(view: TaskView) -> bool:
    """Whether nothing came at all from afar: a closed port on the way looks the same as a broken promise."""
    return not view.deliveries and not view.conversation.reachable


@promise(
    "callback-on-each-change",
    area="callbacks",
    operation="callback",
    sentence="Every change of status is reported to the callback URL.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_on_each_change(view: TaskView) -> Iterator[Outcome]:
    for task in _expecting(view):
        if _silent(view):
            yield Inconclusive("no callback arrived at all: is the callback URL reachable from outside?")
            continue
        told = {task.status(s) for s in task.callbacks}
        initial = view.family.behaviour.lifecycle.initial
        wanted = view.family.behaviour.called_back(task.body)
        seen = ({task.status(s) for s in task.asked} - {initial}) & wanted
        for status in sorted(s for s in seen if s in view.family.states):
            if status in told:
                yield Kept(task.create.number)
            else:
                witness = next(s for s in task.asked if task.status(s) == status)
                yield Failure(
                    f"no callback said that the task is {status}",
                    expected=f"a callback with {status}",
                    found=", ".join(sorted(str(s) for s in told)) or "no callback at all",
                    exchanges=(task.create.number, witness.number),
                    task=task.label,
                )


@promise(
    "callback-in-time",
    area="callbacks",
    operation="callback",
    sentence="A callback comes when the status changes, not long after a query has shown it.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_in_time(view: TaskView) -> Iterator[Outcome]:
    # Behind a callback that was answered 500, the others of its task may wait.
    held = {d.task for d in view.deliveries if refused(d)}
    for task in [t for t in _expecting(view) if t.label not in held]:
        for callback in task.callbacks:
            status = task.status(callback)
            poll = next((s for s in task.asked if task.status(s) == status and s.via != "create"), None)
            if poll is None:
                continue
            late = callback.at - poll.at
            again = any(s is not callback and task.status(s) == status and s.at < callback.at
                        for s in task.callbacks)  # fmt: skip
            allowed = max(TARDY_MS, TARDY * (poll.at - task.create.ended))
            if again or late <= allowed:
                yield Kept(callback.number)
            elif late > allowed + view.conversation.stalled(poll.asked - TARDY_MS, callback.at, STALLED):
                yield Failure(
                    f"the callback with {status} comes late",
                    expected=f"when the task is {status}",
                    found=f"{late / 1000:.1f} s after a query said so",
                    deliveries=(callback.number,),
                    exchanges=(poll.number,),
                    task=task.label,
                )


def refused(delivery: trace.Delivery) -> bool:
    """Whether our receiver answered a callback with an error, on purpose."""
    return delivery.answered >= SERVER_ERROR


def came_again(delivery: trace.Delivery, conversation: trace.Conversation) -> bool:
    """Whether a callback with the same body came to the same URL later on."""
    return any(
        d.number > delivery.number and d.url == delivery.url and d.body == delivery.body
        for d in conversation.deliveries
    )


@promise(
    "callback-is-retried",
    area="callbacks",
    operation="callback",
    sentence="A callback that was answered 500 is repeated (on request: --callback-retry).",
    source="callbacks/taskChanged",
    needs=REFUSED,
)
def callback_is_retried(view: TaskView) -> Iterator[Outcome]:
    for delivery in [d for d in view.deliveries if refused(d)]:
        if came_again(delivery, view.conversation):
            yield Kept(delivery.number)
        else:
            yield Failure(
                "a callback that was answered 500 is not repeated",
                expected="the same callback, some time later",
                found="nothing within half a minute",
                deliveries=(delivery.number,),
                task=delivery.task,
            )


@promise(
    "callback-url-is-kept",
    area="callbacks",
    operation="callback",
    sentence="A callback is a POST to the very URL that was given, its query string included.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_url_is_kept(view: TaskView) -> Iterator[Outcome]:
    for delivery in view.deliveries:
        if delivery.method != "POST":
            message, expected, found = "a callback is not a POST", "POST", delivery.method
        elif _of_another(view, delivery):
            message = "a callback of another task came to this URL"
            named = view.family.id_of(view.family.called_back(delivery.json()))
            expected, found = "callbacks of its own task", short(named)
        elif not _same_query(delivery.query, urlsplit(delivery.url).query):
            message = "the query string of the callback URL is not kept"
            expected, found = f"?{urlsplit(delivery.url).query}", f"?{delivery.query}"
        else:
            yield Kept(delivery.number)
            continue
        yield Failure(
            message, expected=expected, found=found, deliveries=(delivery.number,), task=delivery.task
        )


def _same_query(one: str, other: str) -> bool:
    """Whether two query strings say the same, in whichever of the ways that there are to write it."""
    first, second = (parse_qsl(text, keep_blank_values=True) for text in (one, other))
    return first == second


def _of_another(view: TaskView, delivery: trace.Delivery) -> bool:
    """Whether a callback names a task of ours that was not given this URL."""
    label = view.every_id.get(view.family.id_of(view.family.called_back(delivery.json())))
    # The same create, sent again and taken, has a task of its own and the same URL.
    creates = [e for e in view.conversation.exchanges if e.role in trace.CREATES]
    given = {e.request.body for e in creates if e.task == delivery.task}
    same = any(e.task == label and e.request.body in given for e in creates)
    # Of a recorded run nobody knows which create was given which URL.
    return bool(given) and label is not None and label != delivery.task and not same


@promise(
    "callback-shape",
    area="callbacks",
    operation="callback",
    sentence="A callback is the bare task record, as JSON.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_shape(view: TaskView) -> Iterator[Outcome]:
    shape = view.family.callback
    if shape is None:
        return
    places = view.family.behaviour.places
    for delivery in view.deliveries:
        body = delivery.json()
        own = {text_of(p) for p in (places.status, places.created_at, places.updated_at)}
        errors = [e for e in shape.errors(body) if not (e[0] in own and e[1] != "required")]
        content = trace.header(delivery.headers, "content-type")
        if "json" not in content:
            errors = [("", "content-type", f"content-type is {content!r}")]
        for pointer, keyword, sentence in errors[:1]:
            yield Failure(
                f"{pointer or 'the callback'}: {sentence}",
                expected=f"{keyword} as documented",
                found=short(at(body, pointer)),
                deliveries=(delivery.number,),
                task=delivery.task,
            )
        if not errors:
            yield Kept(delivery.number)


@promise(
    "callback-agrees-with-query",
    area="callbacks",
    operation="callback",
    sentence="A callback says what a query says: the same task, times and result, never a later status.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_agrees_with_query(view: TaskView) -> Iterator[Outcome]:
    for task in _expecting(view):
        for callback in task.callbacks:
            asked = [s for s in task.asked if s.via != "create" and task.status(s) == task.status(callback)]
            yield _agree(task, callback, asked[0] if asked else None)
            behind = [s for s in task.asked if s.asked > callback.at + LATE_MS]
            for poll in behind:
                old, new = task.status(callback), task.status(poll)
                if {old, new} <= set(view.family.states) and not view.family.reachable(old, new):
                    yield Failure(
                        f"a callback said {old}, a later query says {new}",
                        expected=old,
                        found=new,
                        deliveries=(callback.number,),
                        exchanges=(poll.number,),
                        task=task.label,
                    )


def _facts(task: TaskTrace, sighting: Sighting) -> dict[str, Any]:
    return {
        "id": task.family.id_of(sighting.record),
        "created_at": task.get(sighting, "created_at"),
        "reason": task.get(sighting, "reason") or "",
        "result": documented(task, sighting) or None,
        "updated_at": task.get(sighting, "updated_at"),
        "external id": task.get(sighting, "external_id") or "",
        "cost": cost_said(task, sighting),
    }


def _agree(task: TaskTrace, callback: Sighting, poll: Sighting | None) -> Outcome:
    ours = {"id": task.id, "created_at": task.get(task.sightings[0], "created_at")}
    said = _facts(task, callback)
    truth = _facts(task, poll) if poll else {**said, **{k: v for k, v in ours.items() if v is not None}}
    # A callback with a body of its own need not hold the result.
    told = truth if task.family.behaviour.calls_back_records else ("id",)
    silent = [one for one in ("created_at", "updated_at") if not task.family.behaviour.tells("query", one)]
    differ = [name for name in told if name not in silent and said[name] != truth[name]]
    if not differ:
        return Kept(callback.number)
    return Failure(
        f"a callback and a query disagree about {differ[0]}",
        expected=short(truth[differ[0]]),
        found=short(said[differ[0]]),
        deliveries=(callback.number,),
        exchanges=(poll.number,) if poll else (task.create.number,),
        task=task.label,
    )


@promise(
    "callback-order",
    area="callbacks",
    operation="callback",
    sentence="Callbacks of one task arrive in the order of its changes.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_order(view: TaskView) -> Iterator[Outcome]:
    for task in _expecting(view):
        told: list[Sighting] = []
        for callback in task.callbacks:
            status = task.status(callback)
            if status not in view.family.states or status in [task.status(s) for s in told]:
                continue  # an unknown status, or a repetition
            told.append(callback)
        for before, after in itertools.pairwise(told):
            old, new = task.status(before), task.status(after)
            if view.family.reachable(old, new):
                yield Kept(after.number)
            else:
                yield Failure(
                    f"the callback with {new} came after the one with {old}",
                    expected=f"{new}, then {old}",
                    found=f"{old}, then {new}",
                    deliveries=(after.number, before.number),
                    task=task.label,
                )


@promise(
    "callback-repeats-agree",
    area="callbacks",
    operation="callback",
    sentence="A callback that is repeated says the same again.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_repeats_agree(view: TaskView) -> Iterator[Outcome]:
    for task in _expecting(view):
        first: dict[Any, Sighting] = {}
        for callback in task.callbacks:
            status = task.status(callback)
            if status not in view.family.states:
                continue  # status-known, or callback-shape, says so
            before = first.setdefault(repr(status), callback)
            if before is callback or _facts(task, before) == _facts(task, callback):
                yield Kept(callback.number)
            else:
                yield Failure(
                    f"the callback with {status} came twice and said different things",
                    expected=short(before.record),
                    found=short(callback.record),
                    deliveries=(callback.number, before.number),
                    task=task.label,
                )


@promise(
    "callback-after-create",
    area="callbacks",
    operation="callback",
    sentence="No callback comes before the create is answered.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_after_create(view: TaskView) -> Iterator[Outcome]:
    for task in _expecting(view):
        for callback in task.callbacks:
            if callback.at >= task.create.ended - EARLY_MS:
                yield Kept(callback.number)
            else:
                yield Failure(
                    "a callback came before the create was answered",
                    expected="after the answer",
                    found=f"{task.create.ended - callback.at:.0f} ms before it",
                    deliveries=(callback.number,),
                    exchanges=(task.create.number,),
                    task=task.label,
                )
