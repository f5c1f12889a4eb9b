"""Tasks as rows of a table, and back: every value is looked at before it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.store.tasks import ALL_DELIVERED, Task, TaskRequest, plan

if TYPE_CHECKING:
    from understudy.mockserver.store.tasks import TaskPlan


def encode_plan(p: TaskPlan) -> str:
    return orjson.dumps((p.statuses, p.offsets, p.reason, p.polls, p.rest)).decode()


def decode_plan(text: str) -> TaskPlan:
    """The plan in a row; raises ValueError or TypeError when it is damaged."""
    statuses, offsets, reason, polls, rest = orjson.loads(text)
    texts = all(isinstance(one, str) for one in (reason, *statuses, *rest))
    numbers = all(type(one) is int for one in (polls, *offsets))
    if not texts or not numbers or sorted(offsets) != offsets or not 0 < len(statuses) == len(offsets):
        raise ValueError("its plan is damaged")
    return plan(tuple(statuses), tuple(offsets), reason, polls, tuple(rest))


def decode_request(text: str) -> TaskRequest:
    """What was asked for, in a row; raises ValueError or TypeError when it is damaged."""
    found = TaskRequest(*orjson.loads(text))
    texts = all(isinstance(one, str) for one in (found.aspect_ratio, found.duration, found.text, found.model))
    numbers = type(found.results) is int and type(found.slots) is int
    if not texts or not numbers or found.watermark not in (None, True, False):
        raise ValueError("what it asks for is damaged")
    float(found.duration or 0)
    return found


def as_row(task: Task) -> tuple[Any, ...]:
    return (
        task.id,
        task.account,
        task.profile,
        task.family,
        task.external_id,
        task.created_at,
        encode_plan(task.plan),
        orjson.dumps(tuple(task.request)).decode(),
        task.callback_url,
        task.origin,
        task.scenario,
        task.polled,
        task.delivered,
    )


def as_task(row: tuple[Any, ...]) -> Task:
    """The task of a row; raises ValueError or TypeError when it is damaged."""
    id_, account, profile, family, external_id, created_at, plan_text, request, *rest = row
    callback_url, origin, scenario, polled, delivered = rest
    texts = (id_, account, profile, family, external_id, callback_url, origin, scenario)
    if not all(isinstance(one, str) for one in texts) or not id_.isdecimal():
        raise ValueError("a text is damaged")
    if not all(type(one) is int for one in (created_at, polled, delivered)) or delivered < ALL_DELIVERED:
        raise ValueError("a number is damaged")
    return Task(
        id_,
        account,
        profile,
        family,
        external_id,
        created_at,
        decode_plan(plan_text),
        decode_request(request),
        *rest,
    )
