"""What reaches the callback URL: every change, once it is true, as it is true."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import itertools
from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.checks.answers import short
from contracts.checks.lifecycle import documented
from contracts.checks.table import CALLBACKS, SECRET, promise
from contracts.failures import Failure, Inconclusive, Kept
from contracts.shapes import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.checks.view import Sighting, TaskTrace, View
    from contracts.failures import Outcome

# Two machines' networks: an answer and a callback sent in order may overtake each other by this much.
EARLY_MS = 100.0
LATE_MS = 1000.0
SKEW_SECONDS = 300


def _expecting(view: View) -> list[TaskTrace]:
    """Tasks that were created with a callback URL."""
    pointer = view.family.task["request"].get("callback_url", "")
    return [t for t in view.tasks if at(t.body, pointer)]


def _silent(view: View) -> bool:
    """Whether nothing came at all from afar: a closed port on the way looks the same as a broken promise."""
    return not view.deliveries and not view.conversation.reachable


@promise(
    "callback-on-each-change",
    area="callbacks",
    operation="callback",
    sentence="Every change of status reaches the callback URL.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_on_each_change(view: View) -> Iterator[Outcome]:
    for task in _expecting(view):
        if _silent(view):
            yield Inconclusive("no callback came in at all: is the callback URL reachable from outside?")
            continue
        told = {task.status(s) for s in task.callbacks}
        initial = view.family.task["initial"]
        seen = {task.status(s) for s in task.asked} - {initial}
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
    "callback-shape",
    area="callbacks",
    operation="callback",
    sentence="A callback is the bare task record, as JSON.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_shape(view: View) -> Iterator[Outcome]:
    shape = view.family.callback
    if shape is None:
        return
    task = view.family.task
    for delivery in view.deliveries:
        body = delivery.json()
        own = (task["status"], task["created_at"], task["updated_at"])
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
def callback_agrees_with_query(view: View) -> Iterator[Outcome]:
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
        "id": str(task.get(sighting, "id")),
        "created_at": task.get(sighting, "created_at"),
        "reason": task.get(sighting, "reason") or "",
        "result": documented(task, sighting) or None,
    }


def _agree(task: TaskTrace, callback: Sighting, poll: Sighting | None) -> Outcome:
    ours = {"id": task.id, "created_at": task.get(task.sightings[0], "created_at")}
    said = _facts(task, callback)
    truth = _facts(task, poll) if poll else {**said, **{k: v for k, v in ours.items() if v is not None}}
    differ = [name for name in truth if said[name] != truth[name]]
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
def callback_order(view: View) -> Iterator[Outcome]:
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
    sentence="A callback that comes again says the same again.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_repeats_agree(view: View) -> Iterator[Outcome]:
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
def callback_after_create(view: View) -> Iterator[Outcome]:
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


@promise(
    "callback-signature",
    area="callbacks",
    operation="callback",
    sentence="A signed callback's signature fits the bytes that came (Standard Webhooks).",
    source="callbacks/taskChanged",
    needs=SECRET,
)
def callback_signature(view: View) -> Iterator[Outcome]:
    for delivery in view.deliveries:
        problem = wrong_signature(delivery, view.webhook_secrets)
        if not problem:
            yield Kept(delivery.number)
        else:
            yield Failure(
                "a callback's signature does not fit",
                expected="v1,<HMAC-SHA256 over id.timestamp.body> in webhook-signature",
                found=problem,
                deliveries=(delivery.number,),
                task=delivery.task,
            )


def wrong_signature(delivery: trace.Delivery, secrets: tuple[str, ...]) -> str:
    """What is wrong with a delivery's signature; "" when any secret fits (Standard Webhooks, "Verifying")."""
    get = {n: trace.header(delivery.headers, f"webhook-{n}") for n in ("id", "timestamp", "signature")}
    missing = [f"webhook-{n}" for n, value in get.items() if not value]
    if missing:
        return f"no {missing[0]}"
    if not get["timestamp"].isdecimal():
        return f"webhook-timestamp is {get['timestamp']!r}"
    if abs(int(get["timestamp"]) - delivery.received / 1000) > SKEW_SECONDS:
        return f"webhook-timestamp {get['timestamp']} is more than five minutes off"
    signed = f"{get['id']}.{get['timestamp']}.".encode() + delivery.body
    offered = get["signature"].split()
    return "" if any(f"v1,{sign(signed, s)}" in offered for s in secrets) else short(get["signature"])


def sign(data: bytes, secret: str) -> str:
    """HMAC-SHA256 of `data` as Base64; the key is the Base64 after `whsec_`."""
    text = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = text.encode()
    return base64.b64encode(hmac.new(key, data, hashlib.sha256).digest()).decode()
